"""Gradient ascent: what it reaches, that it is deterministic, and that neurons do not disturb each other."""

import dataclasses

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from early_vision.features import features_folder
from early_vision.features.ascent import Renderer, relu
from early_vision.features.held_out import read_held_out
from early_vision.features.recipe import Recipe

SHORT = Recipe(steps=40)


def test_three_steps_raise_the_activation(tiny):
    before = Renderer(tiny, "mixed3a_3x3", Recipe(steps=0)).render(np.arange(4))
    after = Renderer(tiny, "mixed3a_3x3", Recipe(steps=3)).render(np.arange(4))
    assert (after.activations > before.activations + 0.05).all()


def test_images_excite_more_than_any_held_out_patch(tiny, assets):
    highest = read_held_out(tiny, features_folder(assets, tiny))["conv2d2"]
    rendered = Renderer(tiny, "conv2d2", Recipe()).render(np.arange(12))
    assert rendered.images.shape == (12, 1, 19, 19, 3) and rendered.images.dtype == np.uint8
    assert (rendered.activations[:, 0] > highest[:12]).mean() > 0.9


def test_same_seed_same_bytes_other_seed_other_picture(tiny):
    first, again = (Renderer(tiny, "conv2d1", SHORT).render(np.arange(5)) for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    other = Renderer(tiny, "conv2d1", dataclasses.replace(SHORT, seed=1)).render(np.arange(5))
    assert np.abs(first.images.astype(int) - other.images).mean() > 1


def test_a_neuron_does_not_depend_on_its_batch(tiny):
    renderer = Renderer(tiny, "conv2d2", SHORT)
    together, alone = renderer.render(np.arange(6)), renderer.render(np.array([4]))
    assert np.abs(together.images[4].astype(int) - alone.images[0]).max() <= 2
    assert abs(together.activations[4, 0] - alone.activations[0, 0]) < 0.01


def test_the_inhibiting_image_inhibits(tiny):
    rendered = Renderer(tiny, "conv2d1", dataclasses.replace(SHORT, sign=-1)).render(np.arange(8))
    assert (rendered.activations < 0).all()


def test_diverse_images_excite_and_differ(tiny):
    recipe = dataclasses.replace(Recipe(steps=80), images=3)
    alike = Renderer(tiny, "conv2d2", dataclasses.replace(recipe, diversity=0.0)).render(np.arange(8))
    diverse = Renderer(tiny, "conv2d2", recipe).render(np.arange(8))
    assert diverse.images.shape == (8, 3, 19, 19, 3)

    def spread(images):
        return images.astype(float).std(axis=1).mean()

    assert spread(diverse.images) > 1.15 * spread(alike.images)
    assert np.median(diverse.activations / alike.activations) > 0.7


def test_a_filter_over_pixels_is_shown_as_it_is(tiny):
    """conv2d0 is linear: the best image correlates with the filter itself, at its 7x7."""
    rendered = Renderer(tiny, "conv2d0", Recipe()).render(np.arange(64))
    assert rendered.images.shape == (64, 1, 7, 7, 3)
    kernel = tiny.kernel("conv2d0").transpose(3, 0, 1, 2).reshape(64, -1)
    image = rendered.images.reshape(64, -1).astype(float) - 117
    cosine = (kernel * image).sum(1) / np.linalg.norm(kernel, axis=1) / np.linalg.norm(image, axis=1)
    assert np.median(cosine) > 0.65 and cosine.min() > 0.4


def test_redirected_gradient_revives_a_silent_layer():
    value = tf.constant([[[[-1.0, -2.0]]], [[[1.0, -2.0]]]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(value)
        dead = tf.nn.relu(value) * [3.0, -5.0]
        redirected = relu(True)(value) * [3.0, -5.0]
    np.testing.assert_array_equal(tape.gradient(dead, value)[0], [[[0, 0]]])
    gradient = tape.gradient(redirected, value)
    np.testing.assert_array_equal(gradient[0], [[[3, 0]]], "passes where it raises a unit, not where it lowers one")
    np.testing.assert_array_equal(gradient[1], [[[3, 0]]], "an image on which the layer fires has the plain gradient")
