"""What is measured is what the network computes, at the places that are said."""

import numpy as np
import pytest

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Node
from early_vision.network.crop import crops_around
from early_vision.network.weights import Network, hash_tensors
from early_vision.tuning.measures import MEASURES
from early_vision.tuning.responses import (
    Subject,
    canvas_for,
    fields_of,
    measure_layer,
    measure_subjects,
    read_both,
    read_responses,
    scales_of,
    write_responses,
)
from early_vision.tuning.stimuli import Series, draw, scaled

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


@pytest.mark.parametrize(("stride", "reach"), [(1, 1), (2, 2), (4, 4)])
def test_the_best_of_the_grid_of_places(stride, reach):
    one = network(stride)
    grid = range(-reach, reach + 1, max(stride // 2, 1))
    best = np.max([by_hand(one, EDGES, (right, down)) for right in grid for down in grid], axis=0)
    np.testing.assert_allclose(measure_layer(one, "only", (EDGES,))["edge"], best.T, atol=1e-4)


def test_half_contrast_is_half_as_far_from_grey():
    one = network(2)
    (half,) = measure_subjects([Subject(one, 0.5)], "only", (GRATING,))
    bias = one.bias("only")[:, None]
    expected = bias + (by_hand(one, GRATING, (0, 0)).T - bias) / 2
    np.testing.assert_allclose(half["grating"].reshape(3, 2), expected, atol=1e-4)


def test_a_narrow_branch_is_shown_smaller_stimuli_at_places_of_its_own():
    wide, narrow = (
        Node(name, "conv", (INPUT,), kernel=size, channels=2) for name, size in (("wide", 9), ("narrow", 5))
    )
    architecture = Architecture((wide, narrow, Node("both", "concat", ("narrow", "wide"), channels=4)), ("both",))
    random = np.random.default_rng(1)
    weights = {
        f"{node.name}_{part}": (0.01 * random.standard_normal(shape)).astype(np.float32)
        for node in (wide, narrow)
        for part, shape in (("w", (node.kernel, node.kernel, 3, 2)), ("b", (2,)))
    }
    one = Network("branches", architecture, weights, hash_tensors(weights))
    assert [list(field.channels) for field in fields_of(architecture, "both")] == [[2, 3], [0, 1]]
    np.testing.assert_allclose(scales_of(architecture, "both"), [5 / 9, 5 / 9, 1, 1])
    discs = Series("disc", {"radius": (1.8, 3.6), "polarity": (1,)})
    found = measure_layer(one, "both", (discs, EDGES))
    for node, channels, reach in ((narrow, slice(0, 2), 1), (wide, slice(2, 4), 2)):
        at = np.arange(node.kernel) - node.kernel // 2
        for series, scale in ((discs, node.kernel / 9), (EDGES, 1.0)):
            seen = []
            for right, down in [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]:
                x, y = np.meshgrid(at - right, -(at - down))
                images = [draw(series.kind, scaled(parameters, scale), x, y) for parameters in series.stimuli()]
                seen.append(np.einsum("nyxc,yxck->nk", np.stack(images) - 117.0, one.kernel(node.name)))
            best = np.max(seen, axis=0) + one.bias(node.name)
            np.testing.assert_allclose(found[series.kind].reshape(4, -1)[channels], best.T, atol=1e-4)


def test_what_fills_the_picture_is_seen_in_one_place():
    one = network(2)
    found = measure_layer(one, "only", (GRATING,))["grating"]
    assert found.shape == (3, 1, 1, 2)
    np.testing.assert_allclose(found.reshape(3, 2), by_hand(one, GRATING, (0, 0)).T, atol=1e-4)


@pytest.mark.parametrize("layer", INCEPTIONV1.layer_names)
@pytest.mark.parametrize("coarse", [False, True])
def test_the_canvas_is_what_all_positions_see_and_places_span_a_third_of_them(layer, coarse):
    for field in fields_of(INCEPTIONV1, layer):
        canvas, seen = canvas_for(field, coarse), field.seen
        assert canvas.side == crops_around(INCEPTIONV1, field.nodes, canvas.reach)[INPUT].size
        step = seen.stride if coarse else max(seen.stride // 2, 1)
        assert (
            sum(len(showing.places) for showing in canvas.showings) == (2 * field.reach * seen.stride // step + 1) ** 2
        )
        assert abs(2 * field.reach * seen.stride - seen.size / 3) <= 2 * seen.stride


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
    assert read_both(tmp_path, one, "only")[1] == {}
    half = {name: np.array([0.1, 0.2, i]) for i, name in enumerate(MEASURES)}
    write_responses(tmp_path, one, "only", found, {"at half contrast": half})
    (checks,) = read_both(tmp_path, one, "only")[1].items()
    assert checks[0] == "at half contrast"
    np.testing.assert_allclose(checks[1]["hue"], half["hue"], rtol=1e-6)
    write_responses(tmp_path, one, "only", found)
    before = path.read_bytes()
    assert write_responses(tmp_path, one, "only", found).read_bytes() == before
    path.write_bytes(before[:-200])
    with pytest.raises(InputError, match="damaged"):
        read_responses(tmp_path, one, "only")
