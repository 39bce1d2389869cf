"""Stimuli on pages: which are shown, and that what stands at an angle of a figure is the stimulus of that angle."""

from pathlib import Path

import numpy as np
import pytest

from early_vision.drawing.tuning_plots import TITLES
from early_vision.network.known import find_network
from early_vision.site.views.stimuli import COUNT, DISC, REACH, RING, SCALE, LayerStimuli
from early_vision.tuning import load_tuning

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="module")
def stimuli():
    network = find_network("inceptionv1-tiny", ASSETS)
    tuning = load_tuning(network, ASSETS)
    return LayerStimuli(tuning["conv2d2"], network.architecture.layers["conv2d2"].receptive_field)


def test_a_neuron_shows_the_best_of_the_kinds_that_excite_it_most(stimuli):
    drives = stimuli.tuning.drives
    for channel in (0, 17, 111):
        row = stimuli.row(channel)
        best, _ = drives.best_stimulus(channel)
        assert row.stimuli[0].words == best and row.stimuli[0].percent == 100
        shares = [one.percent for one in row.stimuli]
        assert len(row.stimuli) == COUNT and shares == sorted(shares, reverse=True)
        assert len({one.words.split(",")[0] for one in row.stimuli}) == COUNT
        assert row.picture.draw().size == (row.picture.width, row.picture.height)


def test_around_a_figure_stand_the_stimuli_of_its_angles(stimuli):
    for measure in TITLES:
        picture = stimuli.axis(measure)
        assert picture.draw().size == (picture.width, picture.height)
    # An edge that is light on the right stands at the right: the light half of its disc is the outer one.
    pixels = np.asarray(stimuli.axis("edge_direction").draw().convert("L"), float)
    middle = round(REACH * SCALE)
    at = round((REACH + RING) * SCALE)
    half = round(DISC * SCALE / 2)
    assert pixels[middle, at + half] > pixels[middle, at - half] + 60
    assert pixels[2 * middle - at - half, middle] > pixels[2 * middle - at + half, middle] + 60
