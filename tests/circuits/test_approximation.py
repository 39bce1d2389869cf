"""How well expanded weights predict: measured on pictures, exact where nothing is left out."""

import numpy as np
import pytest

from early_vision.circuits.approximation import FILE, compared, measure_approximation, read_approximation
from early_vision.circuits.connections import connect
from early_vision.errors import InputError


@pytest.fixture(scope="module")
def batches():
    smooth = np.random.default_rng(3).uniform(0, 255, (6, 8, 8, 3)).repeat(8, 1).repeat(8, 2)
    return [np.clip(smooth, 0, 255).astype(np.uint8)[:4], np.clip(smooth, 0, 255).astype(np.uint8)[4:]]


@pytest.mark.tensorflow
def test_measured_on_pictures(tiny, batches, tmp_path):
    pytest.importorskip("tensorflow")
    measure_approximation(tiny, batches, tmp_path)
    found = read_approximation(tiny, tmp_path)
    assert found.pictures == 6
    for layer in ("conv2d0", "conv2d1", "conv2d2"):
        assert found.correlation[layer].min() > 0.999, "nothing but normalization lies between these"
    for layer in ("mixed3a", "mixed3b"):
        correlation = found.correlation[layer]
        for branch in tiny.architecture.layers[layer].branches:
            bottleneck = branch.node.endswith(("3x3", "5x5"))
            part = correlation[branch.start : branch.stop]
            assert (0.3 < np.median(part) < 0.999) if bottleneck else part.min() > 0.999
    assert all((values >= 0).all() for values in found.mean_activation.values())


def test_predictions_are_what_the_kernel_says(tiny):
    """By hand: one active position, and the neurons whose kernels reach it."""
    part = connect(tiny, "conv2d1", "conv2d2").branches[0]
    source = np.zeros((1, 6, 6, 64), np.float32)
    source[0, 2, 3, 5] = 2
    real, predicted = compared(part, source, np.zeros((1, 6, 6, 192), np.float32))
    assert real.shape == predicted.shape == (16, 192), "only positions whose kernel lies within the picture"
    at = predicted.reshape(4, 4, 192)
    np.testing.assert_allclose(at[1, 2], 2 * part.weights[1, 1, 5], rtol=1e-6)
    np.testing.assert_allclose(at[0, 1], 2 * part.weights[2, 2, 5], rtol=1e-6)


def test_pooling_takes_the_maximum_of_the_window(tiny):
    part = connect(tiny, "conv2d0", "conv2d1").branches[0]
    source = np.random.default_rng(0).uniform(size=(1, 7, 7, 64)).astype(np.float32)
    _, predicted = compared(part, source, np.zeros((1, 4, 4, 64), np.float32))
    expected = source[0, 2:5, 4:7].max(axis=(0, 1)) @ part.weights[0, 0]
    np.testing.assert_allclose(predicted.reshape(3, 3, 64)[1, 2], expected, rtol=1e-5)


@pytest.mark.tensorflow
def test_no_pictures(tiny, tmp_path):
    pytest.importorskip("tensorflow")
    with pytest.raises(InputError, match="there are no pictures"):
        measure_approximation(tiny, [], tmp_path)
    assert read_approximation(tiny, tmp_path) is None


def test_damage_is_told(tiny, tmp_path):
    (tmp_path / FILE).write_text('{"weights": "other"}')
    with pytest.raises(InputError, match="other weights"):
        read_approximation(tiny, tmp_path)
    (tmp_path / FILE).write_text(f'{{"weights": "{tiny.sha256}", "version": 1, "correlation": {{}}}}')
    with pytest.raises(InputError, match="the artifact is damaged"):
        read_approximation(tiny, tmp_path)
    (tmp_path / FILE).write_text(
        f'{{"weights": "{tiny.sha256}", "version": 1, "pictures": 1, "correlation": {{}}, "mean_activation": {{}}}}'
    )
    with pytest.raises(InputError, match="one value per neuron of conv2d0"):
        read_approximation(tiny, tmp_path)


def test_the_embedded_network_is_measured(tiny, assets):
    found = read_approximation(tiny, assets / "precomputed" / tiny.name / "circuits")
    assert found.pictures == 2000
    assert np.median(found.correlation["mixed3a"]) > 0.8 and np.median(found.correlation["mixed3b"]) > 0.8
