"""Gradient ascent on the images of a batch of neurons that one node computes, mostly a convolution."""

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from early_vision.features.parameterization import FourierImage
from early_vision.features.recipe import Recipe, margin
from early_vision.features.transformations import affine_maps, extents, interpolation
from early_vision.network.architecture import INPUT, Architecture, before_activation
from early_vision.network.crop import crops
from early_vision.network.tensorflow_ops import forward_cropped
from early_vision.network.weights import Network

REDIRECTED_STEPS = 16
"""Steps in which gradients pass where every ReLU of a layer is silent, as in lucid."""


@dataclass(frozen=True)
class Rendered:
    """The images of a batch of neurons.

    Attributes:
        images: uint8 [n, images, size, size, 3]; more than one image per neuron only where diverse ones are wanted.
        activations: float32 [n, images], the neuron's own pre-activation on each image as stored, in 8 bits.
    """

    images: np.ndarray
    activations: np.ndarray


class Renderer:
    """Renders neurons of one convolution of a network: holds its compiled step, so that batches share it.

    Every neuron's image is as large as the neuron's receptive field, and only what that one position sees is computed.

    Args:
        network, convolution: whose neurons.
        recipe: how to render them.
        like: a renderer of the same convolution, whose recipe differs in seed and sign only: their compiled step is one.
    """

    def __init__(self, network: Network, convolution: str, recipe: Recipe, like: "Renderer | None" = None):
        self.network, self.convolution = network, convolution
        self.crops = crops(network.architecture, convolution)
        self.size = self.crops[INPUT].size
        if network.architecture.node(convolution).inputs == (INPUT,):
            # A filter over pixels has one alignment and one best image: transformations would only blur it.
            recipe = dataclasses.replace(
                recipe, steps=recipe.linear_steps, jitter=0.0, scale=0.0, rotation=0.0, images=1
            )
        self.recipe = recipe
        self.canvas = FourierImage(self.size + 2 * margin(recipe, self.size), recipe.cutoff)
        # The same for every batch, so made once: 0.2 s and 110 MB for 91 px.
        self._views = [interpolation(affine, self.size, self.canvas.size) for affine in affine_maps(recipe, self.size)]
        self._steps: dict[bool, Callable] = (
            like._steps if like else {redirected: self._compiled(redirected) for redirected in (True, False)}
        )

    def _compiled(self, redirected: bool) -> Callable:
        """The step as one graph, for batches of any size."""
        n = self.canvas.size
        spectrum, number = tf.TensorSpec([n, n, 3, None]), tf.TensorSpec([])
        view = tf.SparseTensorSpec([self.size**2, n**2], tf.float32)
        signature = [spectrum, spectrum, tf.TensorSpec([None], tf.int32), view, number, number]
        return tf.function(functools.partial(self._ascend, redirected=redirected), input_signature=signature)

    def render(self, channels: np.ndarray) -> Rendered:
        """Render the given channels, int [n], of the convolution. Same channel, same recipe: same images."""
        recipe, name = self.recipe, int.from_bytes(self.convolution.encode(), "big")
        seeds = [(recipe.seed, name, int(channel), image) for channel in channels for image in range(recipe.images)]
        each = np.repeat(channels, recipe.images)
        spectrum, wanted = tf.constant(self.canvas.initial(seeds)), tf.constant(each, tf.int32)
        direction, sign = tf.zeros_like(spectrum), tf.constant(recipe.sign, tf.float32)
        rates = recipe.learning_rate * np.maximum(extents(recipe.steps, recipe.calm), 0.1)
        for i, (view, rate) in enumerate(zip(self._views, rates, strict=True)):
            step = self._steps[i < REDIRECTED_STEPS]
            spectrum, direction = step(spectrum, direction, wanted, view, tf.constant(rate, tf.float32), sign)
        straight = np.array([[1, 0, margin(recipe, self.size)], [0, 1, margin(recipe, self.size)]])
        view = interpolation(straight, self.size, self.canvas.size)
        pixels = self.canvas.seen_through(spectrum, view, self.size).numpy()
        images = np.round(pixels * 255).astype(np.uint8)
        activations = self.activations(images, each)
        shape = (len(channels), recipe.images)
        return Rendered(images.reshape(*shape, *images.shape[1:]), activations.reshape(shape))

    def activations(self, images: np.ndarray, channels: np.ndarray) -> np.ndarray:
        """Pre-activations float32 [n] of channels, int [n], on images [n, size, size, 3], pixel values 0 to 255."""
        values = forward_cropped(self.network, tf.constant(images, tf.float32), self.crops)
        return values[before_activation(self.convolution)].numpy()[np.arange(len(channels)), channels]

    def _ascend(self, spectrum, direction, channels, view, rate, sign, redirected: bool):
        """One step for every neuron of the batch, along its gradient scaled to a root mean square of 1.

        Adam, lucid's optimizer, moves every coefficient about as far, those that the neuron hardly sees too. The plain
        gradient leaves those grey, and reaches higher activations in a third of the steps (benchmarks/README.md).
        """
        with tf.GradientTape() as tape:
            tape.watch(spectrum)
            images = self.canvas.seen_through(spectrum, view, self.size)
            values = forward_cropped(self.network, images * 255.0, self.crops, relu(redirected))
            objective = sign * tf.gather(values[before_activation(self.convolution)], channels, batch_dims=1)
            if self.recipe.images > 1:
                seen = values[what_is_seen(self.network.architecture, self.convolution)]
                objective -= self.recipe.diversity * tf.stop_gradient(tf.abs(objective)) * self._likeness(seen)
        gradient = tape.gradient(objective, spectrum)
        size = tf.sqrt(tf.reduce_sum(gradient**2, axis=[0, 1, 2]) / self.canvas.coefficients)
        keep = self.recipe.momentum
        direction = keep * direction + (1 - keep) * gradient / (size + 1e-12)
        return spectrum + rate * direction, direction

    def _likeness(self, seen: tf.Tensor) -> tf.Tensor:
        """How alike the images of each neuron are to its others, [n * images]: lucid's diversity term.

        The mean cosine between the Gram matrices of what the convolution sees (Olah et al., 2017, "Diversity").
        """
        count, channels = self.recipe.images, seen.shape[-1]
        flat = tf.reshape(seen, [-1, seen.shape[1] * seen.shape[2], channels])
        gram = tf.reshape(tf.matmul(flat, flat, transpose_a=True), [-1, count, channels * channels])
        gram = tf.math.l2_normalize(gram, axis=2)
        alike = tf.reduce_sum(tf.matmul(gram, gram, transpose_b=True), axis=2) - 1.0
        return tf.reshape(alike, [-1]) / (count - 1)


def what_is_seen(architecture: Architecture, name: str) -> str:
    """What the convolution of a node sees; of a node that is none, what the one before it along first inputs sees."""
    node = architecture.node(name)
    while node.op != "conv" and node.inputs[0] != INPUT:
        node = architecture.node(node.inputs[0])
    return node.inputs[0]


def relu(redirected: bool) -> Callable[[tf.Tensor], tf.Tensor]:
    """The ReLU, or one whose gradient, for an image on which a whole layer is silent, passes where it raises a unit.

    lucid's `redirected_relu_grad`: without it an image that starts where every ReLU is silent never moves.
    """
    return _redirected_relu if redirected else tf.nn.relu


@tf.custom_gradient
def _redirected_relu(value: tf.Tensor):
    def backward(upstream: tf.Tensor) -> tf.Tensor:
        plain = tf.where(value < 0, 0.0, upstream)
        silent = tf.reduce_all(plain == 0, axis=[1, 2, 3], keepdims=True)

        def redirect() -> tf.Tensor:
            # In ascent a positive upstream gradient raises the unit.
            raising = tf.where((value < 0) & (upstream < 0), 0.0, upstream)
            return tf.where(silent, raising, plain)

        return tf.cond(tf.reduce_any(silent), redirect, lambda: plain)

    return tf.nn.relu(value), backward
