"""Words to search by: each holds for some neurons and not for most, and says what is measured."""

import numpy as np
import pytest

from early_vision.site.data.words import WORDS, Bound
from early_vision.tuning.measures import MEASURES
from early_vision.tuning.sentence import angle_in_words, sentence


def test_an_arc_may_reach_across_zero():
    bound = Bound("orientation", -15, 15)
    assert bound.holds(np.array([0, 14, 166, 179.9])).all() and not bound.holds(np.array([16, 90, 164])).any()
    assert str(bound) == "orientation 165° to 15°"


def test_a_bound_may_be_open():
    assert Bound("frequency", 0.2).holds(np.array([0.1, 0.2, 0.3])).tolist() == [False, True, True]
    assert Bound("frequency", None, 0.2).holds(np.array([0.1, 0.2, 0.3])).tolist() == [True, True, False]
    assert str(Bound("frequency", 0.1, 0.2)) == "frequency at least 0.1 cycles/px and at most 0.2 cycles/px"


def test_every_word_tells_neurons_apart(tuning):
    for word in WORDS:
        count = sum(len(word.members(layer.measures)) for layer in tuning.values())
        assert 4 <= count <= 528, f"{word.name} holds for {count}"
        assert all(bound.measure in MEASURES for bound in word.bounds)
    names = [name for word in WORDS for name in (word.name, *word.also) if name != "diagonal"]
    assert len(set(names)) == len(names)


def test_a_word_holds_where_its_bounds_do(tuning):
    vertical = next(word for word in WORDS if word.name == "vertical")
    measured = tuning["mixed3a"].measures
    for channel in range(256):
        held = 75 <= measured["orientation"][channel] <= 105 and measured["orientation_selectivity"][channel] >= 0.4
        assert held == (channel in vertical.members(measured))


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("orientation", 179.8, "0° (horizontal)"),
        ("orientation", 91, "91° (vertical)"),
        ("curve_direction", 224, "224° (lower left)"),
        ("hue", 359.6, "0° (red)"),
        ("hue", 61, "61° (yellow)"),
        ("colour_edge_hue", 36, "36°"),
        ("boundary_orientation", 46, "46° (rising)"),
    ],
)
def test_angles_in_words(measure, value, words):
    assert angle_in_words(measure, value) == words


def test_sentences_name_the_family_or_the_best_stimulus(tuning):
    layer = tuning["mixed3a"]
    said = [sentence(layer, channel) for channel in range(layer.neurons)]
    for channel, one in enumerate(said):
        if layer.scores[channel].max() >= 0.5:
            assert f"({layer.scores[channel].max():.2f}): " in one
        else:
            assert layer.drives.best_stimulus(channel)[0] in one
    assert len(set(said)) > 150
