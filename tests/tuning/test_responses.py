"""What is measured is what the network computes, at the places that are said."""

import numpy as np
import pytest

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Node
from early_vision.network.weights import Network, hash_tensors
from early_vision.tuning.responses import REACH, canvas_for, measure_layer, read_responses, write_responses
from early_vision.tuning.stimuli import Series, draw

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

EDGES = Series("edge", {"direction": (0, 40, 200)})
GRATING = Series("grating", {"orientation": (30,), "frequency": (0.11,), "phase": (0, 100)}, everywhere=True)


def network(stride: int, scale: float = 0.001) -> Network:
    """One convolution of three neurons on the picture."""
    architecture = Architecture((Node("only", "conv", (INPUT,), kernel=7, stride=stride, channels=3),), ("only",))
    random = np.random.default_rng(5)
    weights = {
        "only_w": (scale * random.standard_normal((7, 7, 3, 3))).astype(np.float32),
        "only_b": np.ones(3, np.float32),
    }
    return Network("one-layer", architecture, weights, hash_tensors(weights))


def by_hand(one: Network, series: Series, displacement: tuple[int, int]) -> np.ndarray:
    """Responses [stimuli, neurons] before the ReLU to a stimulus displaced from the middle of the field."""
    at = np.arange(7) - 3.0
    x, y = np.meshgrid(at - displacement[0], -(at - displacement[1]))
    images = np.stack([draw(series.kind, parameters, x, y) for parameters in series.stimuli()]) - 117.0
    return np.einsum("nyxc,yxck->nk", images, one.kernel("only")) + one.bias("only")


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_the_best_of_the_grid_of_places(stride):
    one = network(stride)
    step = max(stride // 2, 1)
    grid = [(step * i, step * j) for i in range(-REACH, REACH + 1) for j in range(-REACH, REACH + 1)]
    best = np.max([by_hand(one, EDGES, place) for place in grid], axis=0)
    np.testing.assert_allclose(measure_layer(one, "only", (EDGES,))["edge"], best.T, atol=1e-4)


def test_what_fills_the_picture_is_seen_in_one_place():
    one = network(2)
    found = measure_layer(one, "only", (GRATING,))["grating"]
    assert found.shape == (3, 1, 1, 2)
    np.testing.assert_allclose(found.reshape(3, 2), by_hand(one, GRATING, (0, 0)).T, atol=1e-4)


@pytest.mark.parametrize("layer", INCEPTIONV1.layer_names)
def test_all_receptive_fields_lie_on_the_canvas(layer):
    canvas, seen = canvas_for(INCEPTIONV1, layer), INCEPTIONV1.receptive_fields[layer]
    reach = max(abs(step) for showing in canvas.showings for place in showing.places for step in place)
    assert seen.start + (canvas.middle - reach) * seen.stride >= 0
    assert seen.start + (canvas.middle + reach) * seen.stride + seen.size <= canvas.side
    assert sum(len(showing.places) for showing in canvas.showings) == (2 * REACH + 1) ** 2


def test_a_response_that_is_not_finite_is_refused_by_name():
    with (
        pytest.raises(InputError, match=r"neuron only:\d responds to a stimulus \(edge, direction 0°\)"),
        np.errstate(all="ignore"),
    ):
        measure_layer(network(1, scale=1e38), "only", (EDGES,))


def test_artifacts_are_read_back_refused_for_other_weights_and_written_alike(tmp_path, monkeypatch):
    monkeypatch.setattr("early_vision.tuning.responses.series_for", lambda receptive_field: (EDGES, GRATING))
    one, other = network(2), network(2, scale=0.002)
    with pytest.raises(InputError, match="not measured.*python build.py measure --network one-layer"):
        read_responses(tmp_path, one, "only")
    found = measure_layer(one, "only", (EDGES, GRATING))
    path = write_responses(tmp_path, one, "only", found)
    np.testing.assert_allclose(read_responses(tmp_path, one, "only").responses["edge"], found["edge"], rtol=1e-3)
    with pytest.raises(InputError, match="other weights or an older version.*python build.py measure"):
        read_responses(tmp_path, other, "only")
    before = path.read_bytes()
    assert write_responses(tmp_path, one, "only", found).read_bytes() == before
    path.write_bytes(before[:-200])
    with pytest.raises(InputError, match="damaged"):
        read_responses(tmp_path, one, "only")
