"""Neurons of known truth are recovered: family, orientation, phase, hue, direction; with noise on the weights too."""

from dataclasses import replace

import numpy as np
import pytest
from hand_built import DIRECTIONS, HUES, MIDDLE, ORIENTATIONS, hand_built

from early_vision.tuning.drives import Drives, distance
from early_vision.tuning.families import ENOUGH, FAMILIES, degrees
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.measures import MEASURES, tuning_of
from early_vision.tuning.responses import layer_series

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module", params=[0.0, 0.05], ids=["exact", "noisy"])
def truth(request) -> tuple[dict[str, LayerTuning], dict[str, dict[str, list[int]]]]:
    """The tuning of each layer of the hand-built network, and which neurons are what."""
    from early_vision.tuning.responses import measure_layer

    network, kinds = hand_built(noise=request.param, seed=3)
    tuning = {}
    for layer in network.architecture.layer_names:
        series = layer_series(network, layer)
        tuning[layer] = LayerTuning(
            layer, Drives(measure_layer(network, layer, series), {one.kind: one for one in series})
        )
    return tuning, kinds


def families_of(tuning: LayerTuning, neurons: list[int]) -> set[str]:
    assert (tuning.scores[neurons].max(1) >= ENOUGH).all()
    return {FAMILIES[index].name for index in tuning.scores[neurons].argmax(1)}


def families_or_none(tuning: LayerTuning, neurons: list[int]) -> set[str]:
    named = [neuron for neuron in neurons if tuning.scores[neuron].max() >= ENOUGH]
    return {FAMILIES[index].name for index in tuning.scores[named].argmax(1)}


def test_gabor_bank(truth):
    tuning, neurons = truth[0]["simple"], truth[1]["simple"]["gabors"]
    expected = np.repeat(ORIENTATIONS, 4)
    assert families_of(tuning, neurons) == {"Gabor Filters"}
    assert distance(tuning.measures["orientation"][neurons], expected, 180.0).max() < 5
    assert tuning.measures["phase_modulation"][neurons].min() > 1.3
    np.testing.assert_allclose(tuning.measures["frequency"][neurons], MIDDLE, rtol=0.1)


def test_complex_cells(truth):
    tuning, neurons = truth[0]["complex"], truth[1]["complex"]["complex"]
    assert families_of(tuning, neurons) == {"Complex Gabor"}
    assert distance(tuning.measures["orientation"][neurons], ORIENTATIONS, 180.0).max() < 5
    assert tuning.measures["phase_modulation"][neurons].max() < 0.5


def test_single_lines_are_not_complex(truth):
    tuning, neurons = truth[0]["complex"], truth[1]["complex"]["light lines"]
    assert tuning.measures["phase_modulation"][neurons].min() > 1
    assert tuning.measures["line_polarity"][neurons].min() > 0.2


def test_uniform_hues_and_centre_surround(truth):
    tuning = truth[0]["simple"]
    hues, spots = truth[1]["simple"]["hues"], truth[1]["simple"]["spots"]
    assert families_of(tuning, hues) == {"Color"}
    assert families_of(tuning, spots) == {"Color Center-Surround"}
    for neurons in (hues, spots):
        assert distance(tuning.measures["hue"][neurons], HUES, 360.0).max() < 5
    assert tuning.measures["colour_surround"][spots].min() > 0.5 > tuning.measures["colour_surround"][hues].max()


def test_black_and_white_against_colour(truth):
    tuning, neurons = truth[0]["complex"], truth[1]["complex"]["bw"]
    assert families_of(tuning, neurons) == {"BW vs Color"}
    assert tuning.measures["least_chromatic_inhibition"][neurons].min() > 0.2


def test_a_cell_that_pools_two_places_of_a_period_is_not_complex(truth):
    tuning, kinds = truth[0]["complex"], truth[1]["complex"]
    modulation = tuning.measures["phase_modulation"]
    assert modulation[kinds["two places"]].min() > 0.6 > modulation[kinds["complex"]].max()
    assert "Complex Gabor" not in families_or_none(tuning, kinds["two places"])


def test_a_cross_has_to_exceed_the_sum_of_its_lines(truth):
    tuning, cells = truth[0]["arranged"], truth[1]["arranged"]["both lines"]
    # More ink drives it more, but no more than both lines do.
    assert tuning.measures["cross_over_lines"][cells].max() < 0.05
    assert "Crosses / Diverging Lines" not in families_or_none(tuning, cells)
    line = tuning.drives.by("line", "orientation", "polarity", width=tuning.drives.values("line", "width")[1])
    crossed = 2 * (line[:, :6] + line[:, 6:])[:, :, None] + tuning.drives.grey[:, None, None, None]
    drives = replace(tuning.drives, responses={**tuning.drives.responses, "cross": crossed})
    np.testing.assert_allclose(tuning_of(drives)["cross_over_lines"][cells], 1 / 3, atol=0.01)


def test_inhibition_by_colour_and_lost_excitation_come_apart(truth):
    inhibited, bereft = truth[0]["complex"], truth[0]["arranged"]
    cells, readers = truth[1]["complex"]["bw"], truth[1]["arranged"]["bw by its input"]
    for tuning, neurons in ((inhibited, cells), (bereft, readers)):
        assert families_of(tuning, neurons) == {"BW vs Color"}
        assert tuning.measures["least_chromatic_inhibition"][neurons].min() > 0.2
    assert inhibited.measures["hue_below_grey"][cells].min() > 0.2
    assert np.abs(bereft.measures["hue_below_grey"][readers]).max() < 0.01


def test_arcs_and_discs_come_apart(truth):
    tuning, kinds = truth[0]["simple"], truth[1]["simple"]
    arcs, discs = kinds["curved borders"], kinds["light spots"]
    names = [family.name for family in FAMILIES]
    # A single filter is not very selective: what counts is which of the two it is.
    assert {names[index] for index in tuning.scores[arcs].argmax(1)} == {"Curves"}
    assert distance(tuning.measures["curve_direction"][arcs], DIRECTIONS, 360.0).max() < 10
    assert not tuning.scores[arcs, names.index("Circles")].any()
    assert families_of(tuning, discs) == {"Circles"}
    assert not tuning.scores[discs, names.index("Curves")].any()


def test_a_family_has_to_hold_at_half_contrast_as_well(truth):
    tuning, neurons = truth[0]["complex"], truth[1]["complex"]["complex"]
    half = {name: values.copy() for name, values in tuning.measures.items()}
    half["orientation_selectivity"][neurons[0]] = 0.0
    both = LayerTuning("complex", tuning.drives, checks={"at half contrast": half})
    index = [family.name for family in FAMILIES].index("Complex Gabor")
    assert both.scores[neurons[0], index] == 0 < both.scores[neurons[1], index]


def test_a_neuron_that_never_fires_belongs_nowhere(truth):
    tuning = truth[0]["complex"]
    silent = {kind: values - 1000 for kind, values in tuning.drives.responses.items()}
    assert (LayerTuning("complex", replace(tuning.drives, responses=silent)).scores == 0).all()


def test_curves_assembled_from_lines(truth):
    tuning, neurons = truth[0]["arranged"], truth[1]["arranged"]["curves"]
    assert families_of(tuning, neurons) == {"Curves"}
    assert distance(tuning.measures["curve_direction"][neurons], DIRECTIONS, 360.0).max() < 5


def test_high_low_frequency(truth):
    tuning, neurons = truth[0]["arranged"], truth[1]["arranged"]["high-low"]
    assert families_of(tuning, neurons) == {"High-Low Frequency"}
    assert distance(tuning.measures["high_low_direction"][neurons], DIRECTIONS, 360.0).max() < 10


def test_every_measure_is_finite_and_in_its_range(truth):
    for tuning in truth[0].values():
        for name, measure in MEASURES.items():
            values = tuning.measures[name]
            assert values.shape == (tuning.neurons,) and np.isfinite(values).all(), name
            assert measure.low is None or values.min() >= measure.low - 1e-9, name
            assert measure.high is None or values.max() <= measure.high + 1e-9, name


def test_a_silent_neuron_belongs_nowhere(truth):
    drives = truth[0]["complex"].drives
    silent = Drives({kind: np.zeros_like(values) for kind, values in drives.responses.items()}, drives.series)
    tuning = LayerTuning("complex", silent)
    assert all(np.isfinite(values).all() for values in tuning_of(silent).values())
    assert (tuning.scores < ENOUGH).all()


def test_a_score_is_that_of_the_weakest_condition(truth):
    tuning = truth[0]["complex"]
    for index, family in enumerate(FAMILIES):
        np.testing.assert_array_equal(tuning.scores[:, index], degrees(family, tuning.measures).min(1))
