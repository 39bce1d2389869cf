"""Rules in words pick inputs; what they cannot pick is told, with the nearest valid thing."""

import numpy as np
import pytest

from early_vision.circuits.selection import AtLeast, Listed, Strongest, parse_rule, select
from early_vision.circuits.strengths import Kind, strengths, strongest
from early_vision.errors import InputError

MAGNITUDES = np.array([0.1, 1.0, 0.4, 0.25, 0.4])
KINDS = np.array([1, 1, -1, -1, 1])


@pytest.mark.parametrize(
    ("written", "rule", "channels"),
    [
        ("the 2 strongest", Strongest(2), (1, 2)),
        ("the 2  strongest exciting", Strongest(2, "exciting"), (1, 4)),
        ("the 1 strongest inhibiting", Strongest(1, "inhibiting"), (2,)),
        ("at least 30% of the largest", AtLeast(30), (1, 2, 4)),
        ("at least 25 % of the largest", AtLeast(25), (1, 2, 4, 3)),
        ("inhibiting at least 25% of the largest", AtLeast(25, "inhibiting"), (2, 3)),
        ("at least 0% of the largest", AtLeast(0), (1, 2, 4, 3, 0)),
        ("3, conv2d0:1", Listed((3, 1)), (3, 1)),
        ("4", Listed((4,)), (4,)),
        (4, Listed((4,)), (4,)),
        ([2, "conv2d0:0"], Listed((2, 0)), (2, 0)),
    ],
)
def test_rules(written, rule, channels):
    assert parse_rule(written, "conv2d0") == rule
    assert select(rule, MAGNITUDES, KINDS, "conv2d0") == channels


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("the 16 strogest", 'does not say which inputs. Did you mean "the 16 strongest"?'),
        ("at leest 30% of the largest", 'Did you mean "at least 30% of the largest"?'),
        ("30% of the largest", 'Did you mean "at least 30% of the largest"?'),
        ("whatever", 'Write for example "the 16 strongest"'),
        ("the many strongest", "Did you mean"),
        (["conv2d1:3"], "conv2d1:3 is not in conv2d0, which the inputs are in. Write conv2d0:3"),
        (["three"], '"three" is no neuron. Write its channel'),
        (["-1"], "is no neuron"),
        ([True], "is no neuron"),
    ],
)
def test_words_that_are_no_rule(written, message):
    with pytest.raises(InputError) as caught:
        parse_rule(written, "conv2d0")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (AtLeast(120), "no input has 120% of the largest. The largest itself has 100%"),
        (
            AtLeast(50, "inhibiting"),
            "no inhibiting input has 50% of the largest. The strongest inhibiting input has 40%",
        ),
        (Strongest(0), "this selects no input"),
        (Strongest(6), "there are not 6 inputs. There are 5 in conv2d0"),
        (Strongest(4, "exciting"), "there are not 4 exciting inputs. There are 3 in conv2d0"),
        (Listed(()), "no inputs are listed"),
        (Listed((1, 5)), "there is no neuron 5 in conv2d0. Its neurons are 0 to 4"),
        (Listed((1, 2, 1)), "input 1 is listed twice"),
    ],
)
def test_selections_that_cannot_be(rule, message):
    with pytest.raises(InputError) as caught:
        select(rule, MAGNITUDES, KINDS, "conv2d0")
    assert message in str(caught.value)


def test_no_weights_select_nothing():
    with pytest.raises(InputError, match="no input has 10% of the largest"):
        select(AtLeast(10), np.zeros(3), np.ones(3, int), "conv2d0")


def test_strengths_by_hand():
    weights = np.zeros((2, 2, 1, 2))
    weights[..., 0, 0] = [[3, 0], [0, -4]]
    known = strengths(weights)
    assert known.norm[0].tolist() == [5, 0]
    assert known.largest[0].tolist() == [-4, 0]
    assert (known.excitation[0, 0], known.inhibition[0, 0]) == (3, -4)
    assert known.kinds[0].tolist() == [Kind.MIXED, Kind.EXCITING]
    assert known.by("largest")[0].tolist() == [4, 0]


def test_equals_are_ranked_by_channel():
    assert strongest(np.array([1.0, 2.0, 2.0, 1.0])).tolist() == [1, 2, 0, 3]
