"""The parameterization is lucid's, and the transformations do what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from early_vision.features.parameterization import (
    COLOR_CORRELATION_SQRT,
    INITIAL_DEVIATION,
    FourierImage,
    to_rgb,
)
from early_vision.features.recipe import Recipe, margin
from early_vision.features.transformations import affine_maps, extents, interpolation


def lucid_image(canvas: FourierImage, seed: tuple[int, ...]) -> np.ndarray:
    """The image [3, size, size] that lucid's parameterization makes of this seed's noise: complex coefficients, irfft2."""
    width = canvas.size // 2 + 1
    noise = np.random.default_rng(seed).standard_normal((3, canvas.size, 2 * width), np.float32)
    frequency = np.hypot(np.fft.fftfreq(canvas.size)[:, None], np.fft.rfftfreq(canvas.size)[None])
    frequency = np.maximum(frequency, 1 / canvas.size)
    amplitude = canvas.size / 4 / frequency / np.sqrt(1 + (frequency / canvas.cutoff) ** 4)
    parts = INITIAL_DEVIATION * (noise[..., :width] + 1j * noise[..., width:])
    return np.fft.irfft2(parts * amplitude, s=(canvas.size, canvas.size))


@pytest.mark.parametrize("size", [7, 12, 31])
@pytest.mark.parametrize("cutoff", [np.inf, 0.2])
def test_the_first_image_is_lucids(size, cutoff):
    canvas, seeds = FourierImage(size, cutoff), [(0, 1), (0, 2)]
    found = canvas.colors(tf.constant(canvas.initial(seeds))).numpy().reshape(size, size, 3, 2)
    for i, seed in enumerate(seeds):
        expected = lucid_image(canvas, seed)
        np.testing.assert_allclose(found[..., i].transpose(2, 0, 1), expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("size", [7, 12])
def test_a_step_along_the_gradient_is_the_same_one_in_lucids_coefficients(size):
    """Real coefficients are lucid's complex ones but for a rotation: what a step of the same length changes is the same."""
    canvas, width = FourierImage(size, 0.2), size // 2 + 1
    spectrum = tf.constant(canvas.initial([(3,)]))
    upstream = np.random.default_rng(5).normal(size=(size, size, 3)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(spectrum)
        excitation = tf.reduce_sum(tf.reshape(canvas.colors(spectrum), [size, size, 3]) * upstream)
    gradient = tape.gradient(excitation, spectrum)
    assert canvas.coefficients == 3 * size * 2 * width

    frequency = np.maximum(np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]), 1 / size)
    amplitude = size / 4 / frequency / np.sqrt(1 + (frequency / canvas.cutoff) ** 4)

    def image(coefficients):
        parts = coefficients[..., :width] + 1j * coefficients[..., width:]
        return np.fft.irfft2(parts * amplitude, s=(size, size))

    # The synthesis is linear, so its gradient is its transpose: what each unit coefficient adds to the excitation.
    each = image(np.eye(size * 2 * width).reshape(-1, size, 2 * width))
    theirs = np.einsum("kyx,yxc->ck", each, upstream).reshape(3, size, 2 * width)
    np.testing.assert_allclose(tf.norm(gradient), np.linalg.norm(theirs), rtol=1e-4)
    stepped, expected = canvas.colors(gradient).numpy().reshape(size, size, 3), image(theirs).transpose(1, 2, 0)
    np.testing.assert_allclose(stepped, expected, atol=1e-4 * np.abs(expected).max())


def test_amplitudes_without_cutoff_are_lucids():
    frequency = np.abs(np.fft.fftfreq(8))[[0, 1, 1, 2, 2, 3, 3, 4]]
    expected = 8 / 4 / np.maximum(np.hypot(frequency[:, None], frequency[None]), 1 / 8)
    np.testing.assert_allclose(FourierImage(8).amplitudes(), expected, rtol=1e-6)
    damped = FourierImage(8, cutoff=0.2).amplitudes() / expected
    assert damped[0, 0] > 0.92 and damped[7, 7] < 0.1


def test_colors_are_lucids():
    """to_valid_rgb(decorrelate=True, sigmoid=True), written out."""
    colors = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    matrix = COLOR_CORRELATION_SQRT / np.max(np.linalg.norm(COLOR_CORRELATION_SQRT, axis=0))
    np.testing.assert_allclose(to_rgb(tf.constant(colors)), 1 / (1 + np.exp(-colors @ matrix.T)), rtol=1e-5)


def test_start_depends_on_the_neuron_alone():
    canvas = FourierImage(9)
    together, alone = canvas.initial([(0, 1, 2), (0, 1, 3)]), canvas.initial([(0, 1, 3)])
    np.testing.assert_array_equal(together[..., 1], alone[..., 0])
    assert np.abs(together[..., 0] - together[..., 1]).max() > 0.001


@given(st.integers(7, 20), st.integers(0, 5), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_an_upright_map_cuts_out_the_middle(size, edge, step):
    canvas = size + 2 * edge
    pixels = np.random.default_rng(step).uniform(size=(canvas, canvas)).astype(np.float32)
    view = interpolation(np.array([[1, 0, edge], [0, 1, edge]]), size, canvas)
    taken = tf.sparse.sparse_dense_matmul(view, pixels.reshape(-1, 1)).numpy().reshape(size, size)
    np.testing.assert_allclose(taken, pixels[edge : edge + size, edge : edge + size], rtol=1e-6)


@pytest.mark.parametrize("step", [0, 40, 120])
def test_maps_follow_a_linear_image_exactly(step):
    """Bilinear interpolation of a plane is the plane, so what is seen tells where each pixel was taken from."""
    size, recipe = 30, Recipe()
    edge = margin(recipe, size)
    canvas, affine = size + 2 * edge, affine_maps(recipe, size)[step]
    y, x = np.mgrid[:canvas, :canvas].astype(np.float32)
    planes = np.stack([x.ravel(), y.ravel()], 1)
    seen = tf.sparse.sparse_dense_matmul(interpolation(affine, size, canvas), planes).numpy().reshape(size, size, 2)
    rows, columns = np.mgrid[:size, :size]
    places = np.einsum("ij,jyx->yxi", affine, np.stack([columns, rows, np.ones_like(rows)]))
    inside = ((places >= 0) & (places <= canvas - 1)).all(axis=2)
    assert inside.mean() > 0.97
    np.testing.assert_allclose(seen[inside], places[inside], atol=1e-3)


@pytest.mark.parametrize("size", [11, 59, 91])
def test_transformations_stay_within_their_extents_and_calm_down(size):
    recipe = Recipe()
    maps = affine_maps(recipe, size)
    zoom, turn = np.hypot(maps[:, 0, 0], maps[:, 1, 0]), np.degrees(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))
    middle = maps @ [(size - 1) / 2, (size - 1) / 2, 1] - (size - 1) / 2 - margin(recipe, size)
    assert np.abs(zoom - 1).max() <= recipe.scale + 1e-9 and np.abs(turn).max() <= recipe.rotation + 1e-9
    assert np.abs(middle).max() <= recipe.jitter * size + 1e-9 and np.abs(middle).max() > 0.8 * recipe.jitter * size
    np.testing.assert_allclose(maps[-1, :, :2], np.eye(2), atol=1e-9)
    assert extents(100, 0.4)[:60].min() == 1 and extents(100, 0.4)[-1] == 0
