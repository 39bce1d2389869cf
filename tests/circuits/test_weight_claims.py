"""Claims on weights are held against the weights."""

import numpy as np
import pytest

from early_vision.article.weight_claims import alike, check_weights
from early_vision.errors import InputError, did_you_mean


def measure(layer, name):
    if name != "colour_selectivity":
        raise InputError(f'there is no measure "{name}"', hint=did_you_mean(name, ["colour_selectivity"]))
    return np.linspace(0, 1, {"conv2d0": 64, "conv2d2": 192}[layer])


def check(tiny, connected, claim):
    return check_weights(claim, tiny.architecture, connected, measure)


@pytest.mark.parametrize(
    ("claim", "holds", "measured"),
    [
        ("weights conv2d0:31 to conv2d1:41 sum is 0.23", True, "0.23"),
        ("weights conv2d0:31 to conv2d1:41 sum is 0.24", False, "0.23"),
        ("weights conv2d0:61 to conv2d1:41 sum is -0.34", True, "-0.34"),
        ("weights conv2d0:31 to conv2d1:41 share is 67%", True, "67%"),
        ("weights conv2d0:31 to conv2d1:41 share at least 70%", False, "66.97%"),
        ("weights conv2d2:115 to mixed3a:90 upper left is 0.15", True, "0.15"),
        ("weights conv2d2:115 to mixed3a:90 upper right is -0.12", True, "-0.12"),
        ("weights conv2d2:115 to mixed3a:90 middle at most 0.01", True, "0.00"),
        ("weights mixed3a:52 inhibiting of the 16 strongest is 12", True, "12"),
        ("weights mixed3a:52 inhibiting of the 11 strongest is 11", True, "11"),
        ("weights mixed3b:207 and mixed3b:295 mirrored is 0.58", True, "0.58"),
        ("weights mixed3b:207 and mixed3b:295 correlation is -0.37", True, "-0.37"),
    ],
)
def test_claims(tiny, connected, claim, holds, measured):
    found = check(tiny, connected, claim)
    assert (found.holds, found.measured) == (holds, measured)


def test_measures_of_inputs_are_averaged(tiny, connected):
    found = check(tiny, connected, "weights mixed3a:52 colour_selectivity of inhibiting of the 2 strongest is 0.65")
    channels = [152, 97]
    assert found.holds == (
        round(float(np.mean([measure("conv2d2", "colour_selectivity")[c] for c in channels])), 2) == 0.65
    )


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("weights of all kinds", "cannot be understood. Write for example"),
        (
            "weights conv2d0:31 to mixed3a:41 sum is 1",
            "conv2d0:31 is not in the layer right before mixed3a:41. What leads to mixed3a comes from conv2d2",
        ),
        ("weights conv2d0:99 to conv2d1:41 sum is 1", "there is no neuron 99 in conv2d0"),
        ("weights conv2d0:9 to conv2d1:41 som is 1", '"som" is nothing that a connection has. Did you mean "sum"?'),
        ("weights mixed3a:52 colour of the 3 strongest is 1", 'there is no measure "colour"'),
    ],
)
def test_claims_that_make_no_sense(tiny, connected, claim, message):
    with pytest.raises(InputError) as caught:
        check(tiny, connected, claim)
    assert message in str(caught.value)


def test_likeness_by_hand():
    a = np.zeros((3, 3, 1))
    a[1, 0], a[1, 2] = 1, -1
    assert alike(a, a, mirrored=False) == pytest.approx(1)
    assert alike(a, a, mirrored=True) == pytest.approx(-1)
    assert alike(a, np.zeros_like(a), mirrored=True) == 0
