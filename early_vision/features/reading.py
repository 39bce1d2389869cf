"""What neurons read in pictures: how each answers, and what every one of its inputs gives it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from early_vision.network.architecture import INPUT, Architecture, before_activation
from early_vision.network.crop import crops
from early_vision.network.weights import Network

BATCH = 32


@dataclass(frozen=True)
class Reading:
    """What the neurons of a convolution read in some images each.

    Attributes:
        activations: float32 [neurons, images], before the ReLU.
        given: float32 [neurons, images, inputs]: of each input at each place that the neuron sees, its activation times the
            weight that it meets. Of a convolution their sum and the bias are the activation.
    """

    activations: np.ndarray
    given: np.ndarray


Read = Callable[[str, np.ndarray], Reading]
"""read(node, images): images uint8 [neurons, images, size, size, 3], those of each of the node's channels in order."""


def reader(network: Network) -> Read:
    """A function that reads images with a network's neurons. Imports TensorFlow."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward_cropped

    def read(name: str, images: np.ndarray) -> Reading:
        held, inputs = crops(network.architecture, name), read_by(network.architecture, name)
        neurons, each = images.shape[:2]
        flat, channels = images.reshape(-1, *images.shape[2:]), np.repeat(np.arange(neurons), each)
        answers, given = [], []
        for start in range(0, len(flat), BATCH):
            part = slice(start, start + BATCH)
            with tf.GradientTape() as tape:
                pixels = tf.constant(flat[part], tf.float32)
                tape.watch(pixels)
                values = forward_cropped(network, pixels, held)
                answer = tf.gather(values[before_activation(name)], channels[part], axis=1, batch_dims=1)
            # Of a convolution the gradient is the weights; with an activation behind it, those where it is not silent.
            weights = tape.gradient(answer, [values[one] for one in inputs], unconnected_gradients="zero")
            parts = [weight * values[one] for weight, one in zip(weights, inputs, strict=True)]
            given.append(np.concatenate([one.numpy().reshape(len(answer), -1) for one in parts], axis=1))
            answers.append(answer.numpy())
        shape = neurons, each
        return Reading(np.concatenate(answers).reshape(shape), np.concatenate(given).reshape(*shape, -1))

    return read


def read_by(architecture: Architecture, name: str) -> tuple[str, ...]:
    """What a node reads: the inputs of the convolution that it is, or of those that lead to it, as to a normalization, an
    activation or a sum."""
    node = architecture.node(name)
    if node.op == "conv" or INPUT in node.inputs:
        return node.inputs
    return tuple(dict.fromkeys(source for one in node.inputs for source in read_by(architecture, one)))
