"""Shares of kinds with intervals, and which layers are held against each other."""

import pytest

from early_vision.comparison.family_shares import share_differences, shares
from early_vision.comparison.pairing import depths, named_pairs, pair_layers
from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.catalogue import read_catalogue

LAYER = ["Lines"] * 30 + ["Curves"] * 10 + [None] * 60


def test_a_share_lies_in_its_interval_which_is_that_of_a_binomial():
    found = shares(LAYER, ["Lines", "Curves", "Color"])
    assert found["Lines"].value == 0.3
    # 1.96 standard errors of 0.046.
    assert found["Lines"].low == pytest.approx(0.21, abs=0.02)
    assert found["Lines"].high == pytest.approx(0.39, abs=0.02)
    assert (found["Color"].value, found["Color"].low, found["Color"].high) == (0, 0, 0)
    assert found == shares(LAYER, ["Lines", "Curves", "Color"])


def test_a_difference_is_sure_only_where_it_is_large():
    other = ["Lines"] * 5 + ["Curves"] * 12 + [None] * 83
    apart = share_differences(LAYER, other, ["Lines", "Curves"])
    assert apart["Lines"].value == pytest.approx(0.25)
    assert apart["Lines"].sure
    assert not apart["Curves"].sure


def test_layers_are_paired_by_what_they_see_and_how_deep_they_are(root):
    catalogue = read_catalogue(root / "assets")
    squeezenet, resnet = (catalogue[name].architecture for name in ("squeezenet", "resnet18-binary"))
    assert depths(squeezenet) == {"conv1": 1, "fire2": 3, "fire3": 5, "fire4": 7, "fire5": 9}
    assert pair_layers(INCEPTIONV1, INCEPTIONV1) == {name: name for name in INCEPTIONV1.layer_names}
    assert pair_layers(INCEPTIONV1, squeezenet) == {
        "conv2d0": "conv1", "conv2d1": "fire2", "conv2d2": "fire2", "mixed3a": "fire4", "mixed3b": "fire5",
    }  # fmt: skip
    assert pair_layers(INCEPTIONV1, resnet) == {
        "conv2d0": "conv0", "conv2d1": "conv0", "conv2d2": "stage1", "mixed3a": "stage1", "mixed3b": "stage2",
    }  # fmt: skip


def test_pairs_can_be_named(root):
    other = read_catalogue(root / "assets")["squeezenet"].architecture
    assert named_pairs("conv2d0=conv1, mixed3b=fire4", INCEPTIONV1, other) == {"conv2d0": "conv1", "mixed3b": "fire4"}
    with pytest.raises(InputError) as wrong:
        named_pairs("conv2d0=fire6", INCEPTIONV1, other)
    assert "fire6" in str(wrong.value)
    assert "fire" in wrong.value.hint
