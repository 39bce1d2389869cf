"""The network's arithmetic in TensorFlow. Imports TensorFlow: only stages that run the network import this module."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import tensorflow as tf

from early_vision.network.architecture import (
    ACTIVATIONS,
    INPUT,
    Architecture,
    Lrn,
    Node,
    before_activation,
    output_size,
)
from early_vision.network.crop import Crop, needed_of_input
from early_vision.network.weights import Network

Activations = dict[str, tf.Tensor]
NO_CROPS: Mapping[str, Crop] = {}
ONE_POSITION = Crop(0, 0)
Activate = Callable[[tf.Tensor], tf.Tensor]


def forward(network: Network, images: tf.Tensor, wanted: Iterable[str]) -> Activations:
    """Activations of whole images, padded as the architecture says.

    Args:
        images: float32 [n, height, width, 3], pixel values 0 to 255.
        wanted: names of nodes, or of nodes before their activation (`before_activation`).

    Returns:
        name to float32 [n, height, width, channels], for the wanted names.
    """
    wanted = tuple(wanted)
    values: Activations = {INPUT: images - network.architecture.input_mean}
    for node in network.architecture.nodes:
        _compute(network, node, [values[name] for name in node.inputs], values)
    for node in network.architecture.nodes:
        if (before := before_activation(node.name)) in wanted and before not in values:
            values[before] = _before(node, values, network.architecture)
    return {name: values[name] for name in wanted}


def forward_cropped(
    network: Network,
    images: tf.Tensor,
    crops: dict[str, Crop],
    relu: Activate = tf.nn.relu,
) -> Activations:
    """What one position of a node sees of every node, on images of exactly its receptive field.

    Args:
        images: float32 [n, size, size, 3], pixel values 0 to 255.
        crops: what `early_vision.network.crop.crops` gives for the node (the last name in it).
        relu: the ReLU to use on the way to the node.

    Returns:
        name to float32 [n, side, side, channels] for the nodes before it, and its own value before its activation under
        `before_activation(name)`: float32 [n, channels].
    """
    architecture, target = network.architecture, list(crops)[-1]
    values: Activations = {INPUT: images - architecture.input_mean}
    for name in list(crops)[1:]:
        node = architecture.node(name)
        needed = needed_of_input(node, crops[name])
        inputs = [_crop(values[source], needed, crops[source]) for source in node.inputs]
        _compute(network, node, inputs, values, relu, cropped=True)
    values[before_activation(target)] = _before(architecture.node(target), values, architecture, crops)[:, 0, 0, :]
    return values


def forward_around(
    networks: Sequence[Network], images: tf.Tensor, crops: Mapping[str, Crop], targets: Sequence[str], reach: int
) -> list[tf.Tensor]:
    """Values before their activation of some nodes at all positions at most `reach` from one position.

    Args:
        networks: of one architecture, with the same weights but in the targets: what comes before is computed once.
        images: float32 [n, side, side, 3], pixel values 0 to 255, exactly what these positions see together.
        crops: what `early_vision.network.crop.crops_around` gives for targets and reach.
        targets: of which none depends on another.

    Returns:
        for each network float32 [n, 2 reach + 1, 2 reach + 1, channels], those of the targets one after the other.
    """
    architecture, around = networks[0].architecture, Crop(-reach, reach)
    values: Activations = {INPUT: images - architecture.input_mean}
    results: list[list[tf.Tensor]] = [[] for _ in networks]
    for name in [*(name for name in list(crops)[1:] if name not in targets), *targets]:
        node = architecture.node(name)
        needed = needed_of_input(node, crops[name])
        inputs = [_crop(values[source], needed, crops[source]) for source in node.inputs]
        if name not in targets:
            _compute(networks[0], node, inputs, values, cropped=True)
            continue
        for network, result in zip(networks, results, strict=True):
            own = dict(values)
            _compute(network, node, inputs, own, cropped=True)
            result.append(_before(node, own, architecture, crops, around))
    return [tf.concat(result, 3) for result in results]


def continue_cropped(network: Network, given: Mapping[str, tf.Tensor], crops: dict[str, Crop]) -> tf.Tensor:
    """What one position of a node gives after its activation when some of the nodes before it have other values.

    Args:
        given: float32 [n, side, side, channels] of nodes on the way, as `forward_cropped` gives them, edited or not:
            all that `held_for` names. Nodes that follow from these alone are computed.
        crops: as for `forward_cropped`.

    Returns:
        float32 [n, channels].
    """
    values: Activations = dict(given)
    for name, crop in crops.items():
        node = None if name == INPUT else network.architecture.node(name)
        if node and name not in given and all(source in values for source in node.inputs):
            needed = needed_of_input(node, crop)
            inputs = [_crop(values[source], needed, crops[source]) for source in node.inputs]
            _compute(network, node, inputs, values, cropped=True)
    return values[list(crops)[-1]][:, 0, 0, :]


def held_for(architecture: Architecture, source: str, crops: Mapping[str, Crop]) -> tuple[str, ...]:
    """The nodes whose values are needed to go on from `source`: itself, and what passes by it, as in a residual block."""
    after = {source}
    for node in architecture.nodes:
        if after.intersection(node.inputs):
            after.add(node.name)
    beside = (name for node in architecture.nodes if node.name in after & set(crops) - {source} for name in node.inputs)
    return tuple(dict.fromkeys((source, *(name for name in beside if name not in after))))


def _compute(
    network: Network,
    node: Node,
    inputs: list[tf.Tensor],
    values: Activations,
    relu: Activate = tf.nn.relu,
    cropped: bool = False,
) -> None:
    """Put a node's value among `values`, and a convolution's before its activation.

    Args:
        inputs: what it sees of its inputs; where it is `cropped`, with nothing left to pad.
    """
    if node.op == "conv":
        before = values[before_activation(node.name)] = _conv(network, node, inputs[0], cropped)
        values[node.name] = _activated(node.activation, before, node.slope, relu)
    elif node.op == "concat":
        values[node.name] = tf.concat(inputs, 3)
    elif node.op == "add":
        values[node.name] = sum(inputs[1:], start=inputs[0])
    elif node.op == "scale":
        values[node.name] = inputs[0] * network.kernel(node.name) + network.bias(node.name)
    elif node.op == "lrn":
        values[node.name] = _local_response_normalization(inputs[0], node.lrn)
    elif node.op == "max_pool":
        values[node.name] = _max_pool(node, inputs[0], cropped)
    elif node.op == "avg_pool":
        value, padding = _padded(node, inputs[0], 0.0, cropped)
        values[node.name] = tf.nn.avg_pool2d(value, node.kernel, node.stride, padding)
    else:
        values[node.name] = _activated(node.op, inputs[0], node.slope, relu)


def _before(
    node: Node,
    values: Activations,
    architecture: Architecture,
    crops: Mapping[str, Crop] = NO_CROPS,
    wanted: Crop = ONE_POSITION,
) -> tf.Tensor:
    """See `before_activation`; of the wanted positions of the target where values are cropped."""
    if node.op == "concat" and INPUT not in node.inputs:
        parts = [_before(architecture.node(name), values, architecture, crops, wanted) for name in node.inputs]
        return tf.concat(parts, 3)
    held = node.inputs[0] if node.op in ACTIVATIONS else node.name
    value = values[before_activation(held) if node.op == "conv" else held]
    return _crop(value, wanted, crops[held]) if crops else value


def _activated(activation: str, value: tf.Tensor, slope: float, relu: Activate) -> tf.Tensor:
    if activation == "relu":
        return relu(value)
    if activation == "relu6":
        return tf.minimum(relu(value), 6.0)
    if activation == "leaky_relu":
        return tf.nn.leaky_relu(value, slope)
    return _ACTIVATIONS[activation](value)


@tf.custom_gradient
def sign(value: tf.Tensor):
    """+1 where a value is 0 or more, else -1.

    Its derivative is 0 everywhere, so a gradient cannot pass. Instead it is the straight-through one of Hubara et al.,
    Binarized Neural Networks (NIPS 2016, section 1.3): what comes from above, where the value lies in [-1, 1], else 0.
    That is how such networks are trained.
    """
    return tf.where(value >= 0, 1.0, -1.0), lambda upstream: tf.where(tf.abs(value) <= 1, upstream, 0.0)


_ACTIVATIONS: dict[str, Activate] = {
    "linear": tf.identity,
    "elu": tf.nn.elu,
    "silu": tf.nn.silu,
    "gelu": tf.nn.gelu,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "sign": sign,
}


def _crop(value: tf.Tensor, needed: Crop, held: Crop) -> tf.Tensor:
    if needed == held:
        return value
    before, after = needed.start - held.start, held.stop - needed.stop
    return _inner(value, before, after)


def _inner(value: tf.Tensor, before: int, after: int) -> tf.Tensor:
    """A square without some of its margin. The gradient of a slice with strides takes ten times as long."""
    size = value.shape[1] - before - after
    return tf.slice(value, [0, before, before, 0], [-1, size, size, -1])


def _conv(network: Network, node: Node, value: tf.Tensor, cropped: bool) -> tf.Tensor:
    kernel, bias = network.kernel(node.name), tf.constant(network.bias(node.name))
    channels = value.shape[-1]
    if cropped and node.stride == 2 and node.inputs == (INPUT,) and node.groups == 1:
        return tf.nn.bias_add(_strided_conv(value, kernel), bias)
    value, padding = _padded(node, value, node.padding_value, cropped)
    if node.groups == 1:
        value = tf.nn.conv2d(value, tf.constant(kernel), node.stride, padding)
    elif node.groups == channels:
        kernel = kernel.reshape(node.kernel, node.kernel, channels, node.channels // channels)
        value = tf.nn.depthwise_conv2d(value, tf.constant(kernel), [1, node.stride, node.stride, 1], padding)
    else:
        # On a CPU TensorFlow has no gradient of a convolution in groups.
        kernels = np.split(kernel, node.groups, axis=3)
        parts = zip(tf.split(value, node.groups, 3), kernels, strict=True)
        value = tf.concat([tf.nn.conv2d(part, tf.constant(one), node.stride, padding) for part, one in parts], 3)
    return tf.nn.bias_add(value, bias)


def _max_pool(node: Node, value: tf.Tensor, cropped: bool) -> tf.Tensor:
    if cropped or not node.ceil:
        value, padding = _padded(node, value, value.dtype.min, cropped)
        return tf.nn.max_pool2d(value, node.kernel, node.stride, padding)
    before, after = node.padding if isinstance(node.padding, tuple) else (0, 0)
    # See `Node.ceil`: windows that begin before this end count.
    height, width = (-(-(size + before) // node.stride) for size in _sides(value))
    pads = [before, after + node.stride - 1]
    value = tf.pad(value, [[0, 0], pads, pads, [0, 0]], constant_values=value.dtype.min)
    return tf.nn.max_pool2d(value, node.kernel, node.stride, "VALID")[:, :height, :width]


def _padded(node: Node, value: tf.Tensor, fill: float, cropped: bool) -> tuple[tf.Tensor, str]:
    """A node's input with what padding TensorFlow's own SAME and VALID do not give, and which of these is left."""
    if cropped or node.padding == "valid":
        return value, "VALID"
    if isinstance(node.padding, tuple):
        pads = [list(node.padding)] * 2
    elif fill == 0.0 or node.op == "max_pool":
        return value, "SAME"
    else:
        lacking = [
            tf.maximum((output_size(node, size) - 1) * node.stride + node.kernel - size, 0) for size in _sides(value)
        ]
        pads = [[total // 2, total - total // 2] for total in lacking]
    return tf.pad(value, [[0, 0], *pads, [0, 0]], constant_values=fill), "VALID"


def _sides(value: tf.Tensor) -> list:
    """Height and width: numbers where they are known when the graph is made, else tensors."""
    return [
        size if size is not None else tf.shape(value)[axis] for axis, size in ((1, value.shape[1]), (2, value.shape[2]))
    ]


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
    """The names of the layers' values before their activations, in the order of the layers."""
    return tuple(map(before_activation, architecture.layer_names))
