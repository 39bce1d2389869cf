"""The network's arithmetic in TensorFlow. Imports TensorFlow: only stages that run the network import this module."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import tensorflow as tf

from early_vision.network.architecture import INPUT, Architecture, Lrn, Node
from early_vision.network.crop import Crop, needed_of_input
from early_vision.network.weights import Network

Activations = dict[str, tf.Tensor]


def forward(network: Network, images: tf.Tensor, wanted: Iterable[str]) -> Activations:
    """Activations of whole images, padded as the architecture says.

    Args:
        images: float32 [n, height, width, 3], pixel values 0 to 255.
        wanted: names of nodes, or of convolutions' `<name>_pre_relu` and layers' `<name>_pre_relu`.

    Returns:
        name to float32 [n, height, width, channels], for the wanted names.
    """
    values: Activations = {INPUT: images - network.architecture.input_mean}
    for node in network.architecture.nodes:
        inputs = [values[name] for name in node.inputs]
        if node.op == "conv":
            values[f"{node.name}_pre_relu"] = _conv(network, node, inputs[0], node.padding.upper())
            values[node.name] = tf.nn.relu(values[f"{node.name}_pre_relu"])
        elif node.op == "concat":
            before = [values.get(f"{name}_pre_relu") for name in node.inputs]
            if all(value is not None for value in before):
                values[f"{node.name}_pre_relu"] = tf.concat(before, 3)
            values[node.name] = tf.concat(inputs, 3)
        else:
            values[node.name] = _pool_or_normalize(node, inputs[0], node.padding.upper())
    return {name: values[name] for name in wanted}


def forward_cropped(
    network: Network,
    images: tf.Tensor,
    crops: dict[str, Crop],
    relu: Callable[[tf.Tensor], tf.Tensor] = tf.nn.relu,
) -> Activations:
    """What one position of a convolution sees of every node, on images of exactly its receptive field.

    Args:
        images: float32 [n, size, size, 3], pixel values 0 to 255.
        crops: what `early_vision.network.crop.crops` gives for the convolution (the last name in it).
        relu: the ReLU to use between the convolutions.

    Returns:
        name to float32 [n, side, side, channels] for the nodes before the convolution, and its own pre-activations
        under `<name>_pre_relu`: float32 [n, channels].
    """
    architecture, target = network.architecture, list(crops)[-1]
    values: Activations = {INPUT: images - architecture.input_mean}
    for name in list(crops)[1:]:
        node = architecture.node(name)
        needed = needed_of_input(node, crops[name])
        inputs = [_crop(values[source], needed, crops[source]) for source in node.inputs]
        if name == target:
            values[f"{name}_pre_relu"] = _cropped_conv(network, node, inputs[0])[:, 0, 0, :]
        elif node.op == "conv":
            values[name] = relu(_cropped_conv(network, node, inputs[0]))
        elif node.op == "concat":
            values[name] = tf.concat(inputs, 3)
        else:
            values[name] = _pool_or_normalize(node, inputs[0], "VALID")
    return values


def _crop(value: tf.Tensor, needed: Crop, held: Crop) -> tf.Tensor:
    if needed == held:
        return value
    before, after = needed.start - held.start, held.stop - needed.stop
    return _inner(value, before, after)


def _inner(value: tf.Tensor, before: int, after: int) -> tf.Tensor:
    """A square without some of its margin. The gradient of a slice with strides takes ten times as long."""
    size = value.shape[1] - before - after
    return tf.slice(value, [0, before, before, 0], [-1, size, size, -1])


def _conv(network: Network, node: Node, value: tf.Tensor, padding: str) -> tf.Tensor:
    value = tf.nn.conv2d(value, tf.constant(network.kernel(node.name)), node.stride, padding)
    return tf.nn.bias_add(value, tf.constant(network.bias(node.name)))


def _cropped_conv(network: Network, node: Node, value: tf.Tensor) -> tf.Tensor:
    if node.stride == 2 and node.inputs == (INPUT,):
        return tf.nn.bias_add(_strided_conv(value, network.kernel(node.name)), tf.constant(network.bias(node.name)))
    return _conv(network, node, value, "VALID")


def _strided_conv(value: tf.Tensor, kernel: np.ndarray) -> tf.Tensor:
    """A VALID convolution of stride 2 as one of stride 1 over 2x2 blocks of pixels.

    The few channels of an image leave vector units idle: with four times as many, forward and backward take 0.6 of the
    time (benchmarks/README.md). Odd sizes are padded by a pixel that meets only zero weights.
    """
    size, _, channels, out = kernel.shape
    blocks = -(-size // 2)
    padded = np.pad(kernel, ((0, 2 * blocks - size), (0, 2 * blocks - size), (0, 0), (0, 0)))
    kernel = padded.reshape(blocks, 2, blocks, 2, channels, out).transpose(0, 2, 1, 3, 4, 5)
    kernel = kernel.reshape(blocks, blocks, 4 * channels, out)
    odd = value.shape[1] % 2
    value = tf.nn.space_to_depth(tf.pad(value, [[0, 0], [0, odd], [0, odd], [0, 0]]), 2)
    return tf.nn.conv2d(value, tf.constant(kernel), 1, "VALID")


def _pool_or_normalize(node: Node, value: tf.Tensor, padding: str) -> tf.Tensor:
    if node.op == "max_pool":
        return tf.nn.max_pool2d(value, node.kernel, node.stride, padding)
    return _local_response_normalization(value, node.lrn)


def _local_response_normalization(value: tf.Tensor, lrn: Lrn) -> tf.Tensor:
    """See `Lrn`.

    XLA makes one pass of it each way. TensorFlow's own operation takes thirteen times as long, a product with a band
    matrix three times.
    """

    forward, backward = _normalization(lrn, value.shape[-1])

    @tf.custom_gradient
    def normalize(value: tf.Tensor):
        result, energy = forward(value)
        result.set_shape(value.shape)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            through = backward(value, energy, upstream)
            through.set_shape(value.shape)
            return through

        return result, gradient

    return normalize(value)


@lru_cache
def _normalization(lrn: Lrn, channels: int) -> tuple[Callable, Callable]:
    """Values to normalized values and the energies between them; values, energies and upstream gradient to gradient."""
    spec = tf.TensorSpec([None, None, None, channels])

    def factor(energy: tf.Tensor) -> tf.Tensor:
        # For a beta of 1/2 a reciprocal square root: a general power takes longer.
        return tf.math.rsqrt(energy) if lrn.beta == 0.5 else energy**-lrn.beta

    @tf.function(input_signature=[spec], jit_compile=True)
    def forward(value: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        energy = lrn.bias + lrn.alpha * _sum_over_neighbours(value * value, lrn.depth_radius)
        return value * factor(energy), energy

    @tf.function(input_signature=[spec, spec, spec], jit_compile=True)
    def backward(value: tf.Tensor, energy: tf.Tensor, upstream: tf.Tensor) -> tf.Tensor:
        # The factor's derivative with respect to the energy is -beta * factor / energy.
        through = _sum_over_neighbours(upstream * value * factor(energy) / energy, lrn.depth_radius)
        return upstream * factor(energy) - 2 * lrn.alpha * lrn.beta * value * through

    return forward, backward


def _sum_over_neighbours(value: tf.Tensor, radius: int) -> tf.Tensor:
    """The sum over the channels at most `radius` away, zero beyond the first and the last."""
    channels = value.shape[-1]
    padded = tf.pad(value, [[0, 0], [0, 0], [0, 0], [radius, radius]])
    return sum(padded[..., i : i + channels] for i in range(2 * radius + 1))


def layer_node_names(architecture: Architecture) -> tuple[str, ...]:
    """The names of the layers' values before the ReLU, in the order of the layers."""
    return tuple(f"{name}_pre_relu" for name in architecture.layer_names)
