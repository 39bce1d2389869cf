"""Null networks keep what they are said to keep, and lose the rest."""

from pathlib import Path

import numpy as np
import pytest

from early_vision.network.known import find_network
from early_vision.network.nulls import NULLS, _statistics, null_network, reference_pictures

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@pytest.fixture(scope="module")
def trained():
    return find_network("inceptionv1-tiny", ASSETS)


def test_shuffling_keeps_the_weights_of_every_neuron_and_its_bias(trained):
    null = null_network(trained, "shuffled", 0)
    for node in trained.architecture.convolutions:
        kernel, shuffled = trained.kernel(node.name), null.kernel(node.name)
        assert not np.array_equal(kernel, shuffled)
        columns, others = (array.reshape(-1, array.shape[-1]) for array in (kernel, shuffled))
        np.testing.assert_array_equal(np.sort(columns, axis=0), np.sort(others, axis=0))
        np.testing.assert_array_equal(trained.bias(node.name), null.bias(node.name))


def test_only_the_convolutions_of_one_layer_are_shuffled(trained):
    null = null_network(trained, "last", 0, "mixed3a")
    changed = {
        n.name for n in trained.architecture.convolutions if (null.kernel(n.name) != trained.kernel(n.name)).any()
    }
    assert changed == {"mixed3a_1x1", "mixed3a_3x3", "mixed3a_5x5", "mixed3a_pool_reduce"}
    with pytest.raises(ValueError, match="needs a layer"):
        null_network(trained, "last", 0)


def test_a_seed_gives_one_network_and_another_seed_another(trained):
    for kind in NULLS[:2]:
        first, again, other = (null_network(trained, kind, seed, "conv2d2").sha256 for seed in (1, 1, 2))
        assert first == again != other
        assert first != trained.sha256


@pytest.mark.tensorflow
def test_an_untrained_network_has_the_means_and_deviations_of_the_trained_one(trained):
    pytest.importorskip("tensorflow")
    from early_vision.network.tensorflow_ops import forward

    null = null_network(trained, "untrained", 3)
    assert null.sha256 == null_network(trained, "untrained", 3).sha256
    names = [f"{node.name}_pre_relu" for node in trained.architecture.convolutions]
    pictures = reference_pictures()
    ours, theirs = (forward(network, pictures, names) for network in (trained, null))
    for name in names:
        mean, deviation = _statistics(ours[name].numpy())
        other_mean, other_deviation = _statistics(theirs[name].numpy())
        np.testing.assert_allclose(other_deviation, deviation, rtol=1e-2, atol=1e-6)
        np.testing.assert_allclose(other_mean, mean, atol=1e-2 * deviation.max())
    # Nothing of what was learned is left.
    kernel, drawn = trained.kernel("conv2d2").ravel(), null.kernel("conv2d2").ravel()
    assert abs(np.corrcoef(kernel, drawn)[0, 1]) < 0.02


def test_reference_pictures_are_pixels_with_more_brightness_than_colour():
    pictures = reference_pictures()
    assert pictures.min() >= 0 and pictures.max() <= 255
    light = pictures.mean(3)
    assert light.std() > 2 * (pictures - light[..., None]).std()
