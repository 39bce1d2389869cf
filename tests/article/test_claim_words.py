"""Claims read as sentences."""

import numpy as np
import pytest

from early_vision.article.claim_words import claim_sentence
from early_vision.drawing.claim_strips import draw_strip


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("conv2d2:17 orientation near 45 within 10", "conv2d2:17 has an orientation within 10° of 45°."),
        (
            "conv2d2:17 orientation_selectivity highest",
            "conv2d2:17 has the highest orientation selectivity of its layer.",
        ),
        (
            'mixed3a:110 "High-Low Frequency" at least 0.8',
            "mixed3a:110 has a score for “High-Low Frequency” of at least 0.8.",
        ),
        (
            "separation g high_low at least 0.9",
            "In at least 90% of pairs, a neuron of “Curves” has a larger value of “high low” than one of the rest of its layer.",
        ),
        ("every g phase_modulation at most 0.3", "Every neuron of “Curves” has a phase modulation of at most 0.3."),
        (
            "count conv2d0 orientation_selectivity at least 0.5 is 17",
            "17 neurons of conv2d0 have an orientation selectivity of at least 0.5.",
        ),
        (
            'share mixed3a "Curves" at least 0.5 is 8%',
            "8% of the neurons of mixed3a have a score for “Curves” of at least 0.5.",
        ),
        (
            'chance mixed3a "Curves" is 7 against 6',
            "7 neurons fit the rule of “Curves” in mixed3a, as strict as null networks make it, and at most 6 in any of these.",
        ),
        (
            "photographs mixed3a:52 tint exceeds chance",
            "On photographs, the value of mixed3a:52 in the test “tint” is larger than chance makes it.",
        ),
        ("mixed3a:20 inhibited by uniform_hue hue=240", "mixed3a:20 is inhibited by uniform hue (hue 240)."),
        (
            "weights conv2d0:31 to conv2d1:41 sum is -0.23",
            "The weights from conv2d0:31 to conv2d1:41 add up to −0.23.",
        ),
        (
            "weights conv2d2:115 to mixed3a:90 upper is 0.15",
            "The weight from conv2d2:115 to mixed3a:90 at the top is 0.15.",
        ),
        (
            "weights mixed3a:52 inhibiting of the 16 strongest is 12",
            "Of the 16 strongest inputs of mixed3a:52, 12 inhibit it.",
        ),
        (
            "weights mixed3a:52 colour_selectivity of inhibiting of the 16 strongest is 0.75",
            "Those of the 16 strongest inputs of mixed3a:52 that inhibit it have a mean colour selectivity of 0.75.",
        ),
        (
            "weights mixed3b:207 and mixed3b:295 mirrored is 0.58",
            "The weights of mixed3b:207, mirrored left to right, and those of mixed3b:295 have a cosine of 0.58.",
        ),
        (
            "ablation mixed3a:90 without the 6 strongest falls by 15% against 8%",
            "Without its 6 strongest inputs, the response of mixed3a:90 falls by 15%, against 8% without as much weight "
            "of other inputs.",
        ),
    ],
)
def test_sentences(claim, sentence):
    assert claim_sentence(claim, {"g": "Curves"}) == sentence


def test_a_strip_has_a_tick_for_each_value_and_its_bounds_within():
    strip = draw_strip(np.array([0.0, 0.5, 1.0, 0.5]), [2], [1.5], "words")
    assert (strip.others, strip.marked) == ("M2 8.5v9m105.3-9v9", "M212.7 3v20")
    assert strip.bounds == (318.0,) and (strip.low, strip.high) == ("0", "1.5")
