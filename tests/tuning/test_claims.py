"""Claims are read as they are meant, held against the measurements, and refused with the nearest name."""

import re

import pytest

from early_vision.article.tuning_claims import check_claim
from early_vision.errors import InputError

TRUE = [
    "conv2d1:22 orientation near 0 within 10",
    "conv2d1:22 orientation near 180 within 10",
    "conv2d1:22 orientation_selectivity at least 0.9",
    'conv2d1:0 "Complex Gabor" at least 0.65',
    "every group_conv2d1_complex_gabor phase_modulation at most 0.3",
    "median conv2d1 phase_modulation at most 0.15",
    "most conv2d1 phase_modulation at most 0.15",
    "count group_mixed3b_rows_of_bars orientation near 90 within 10 is 7",
    "share group_mixed3b_rows_of_bars orientation near 90 within 10 is 100%",
    "separation group_mixed3a_high_low_frequency high_low at least 0.8",
    "conv2d1:31 excited by uniform_hue hue=120",
    "mixed3a:20 inhibited by uniform_hue hue=240",
]


@pytest.mark.parametrize("claim", TRUE)
def test_true_claims_hold(claim, tuning, groups):
    checked = check_claim(claim, tuning, groups)
    assert checked.holds, checked.measured


@pytest.mark.parametrize(
    "claim, measured",
    [
        ("conv2d1:22 orientation near 45 within 10", r"conv2d1:22 orientation = \d+°"),
        ("conv2d1:22 orientation_selectivity at most 0.5", r"orientation_selectivity = 0\.97"),
        ("conv2d1:22 frequency highest", r"cycles/px"),
        ("every conv2d1 phase_modulation at most 0.3", r"conv2d1:\d+ phase_modulation"),
        ("median conv2d1 phase_modulation at least 1", "median phase_modulation = 0.12"),
        ("count group_mixed3b_rows_of_bars orientation near 90 within 10 is 6", "7 of 7"),
        ("separation group_conv2d1_complex_gabor phase_modulation at least 0.9", r"\d\.\d% of pairs"),
        ("share conv2d1 phase_modulation at least 0 is 99%", r"64 of 64, 100\.0%"),
        ("conv2d1:31 inhibited by uniform_hue hue=120", "gives .* to grey"),
    ],
)
def test_false_claims_are_told_what_was_measured(claim, measured, tuning, groups):
    checked = check_claim(claim, tuning, groups)
    assert not checked.holds
    assert re.search(measured, checked.measured)


@pytest.mark.parametrize(
    "claim, said",
    [
        ("prefers edges", "cannot be read"),
        ("conv2d1:22 orientation", "cannot be read"),
        ("conv2d9:22 orientation highest", 'no layer "conv2d9".*conv2d'),
        ("conv2d1:64 orientation highest", "conv2d1:0 to conv2d1:63"),
        ("conv2d1:x orientation highest", "names no neuron"),
        ("conv2d1:2 orientatoin highest", 'Did you mean "orientation"'),
        ('conv2d1:2 "Curvs" at least 1', 'Did you mean "Curves"'),
        ("every group_conv2d1_complx_gabor frequency at least 0", 'Did you mean "group_conv2d1_complex_gabor"'),
        ("conv2d1 frequency at least 0", "does not say how many"),
        ("every conv2d1:2 frequency at least 0", "does not say how many"),
        ("count conv2d1 frequency at least 0", "`is` and a number"),
        ("median conv2d1 orientation at least 0", "median of an angle"),
        ("separation group_conv2d1_complex_gabor orientation at least 0", "which of two angles"),
        ("separation group_conv2d1_complex_gabor frequency highest", "at least or at most"),
        ("separation conv2d1 frequency at least 0.5", "a whole layer with nothing"),
        ("conv2d1:2 excited by gratin", 'Did you mean "grating"'),
        ("conv2d1:2 excited by grating hu=3", "has no parameter"),
        ("conv2d1:2 excited by uniform_hue hue=45", "Values of hue: 0, 30"),
    ],
)
def test_what_cannot_be_checked_is_refused(claim, said, tuning, groups):
    with pytest.raises(InputError) as caught:
        check_claim(claim, tuning, groups)
    assert re.search(said, str(caught.value)), str(caught.value)


def test_separation_is_the_area_under_the_curve(tuning, groups):
    layer, neurons = groups["group_conv2d1_complex_gabor"]
    values = tuning[layer].measure("orientation_selectivity")
    inside = set(neurons)
    pairs = [(values[a], values[b]) for a in inside for b in range(len(values)) if b not in inside]
    share = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
    for claim, holds in ((f"at least {share - 0.001:.4f}", True), (f"at least {share + 0.001:.4f}", False)):
        name = f"separation group_conv2d1_complex_gabor orientation_selectivity {claim}"
        assert check_claim(name, tuning, groups).holds == holds
