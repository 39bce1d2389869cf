"""What Keras's layers become. Imports Keras.

Each function takes a layer and the values of its inputs, and gives the layer's value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from early_vision.network.architecture import ACTIVATIONS, INPUT, ConvActivation, Node, Op, Padding
from early_vision.network.weights import in_one_group

NEVER_NEGATIVE = ("relu", "relu6", "sigmoid")
"""Of these the maximum with a padding of zeros is that without."""


@dataclass(frozen=True)
class Pixels:
    """The input, after so much of scaling: `scale * pixel + offset` per colour, pixels 0 to 255."""

    scale: np.ndarray
    offset: np.ndarray


@dataclass(frozen=True)
class Translated:
    """A node of ours.

    Attributes:
        node: the operation.
        kernel, bias: of a conv [k, k, in, out] and [out], of a scale [channels] both, else None.
        pixels: how the image is scaled that a conv sees; None for what sees no image.
        open: whether it is a conv that can still take in a batch norm or an activation: nothing else uses it.
    """

    node: Node
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    pixels: Pixels | None = None
    open: bool = False


@dataclass(frozen=True)
class Padded:
    """A value with zeros around it: what follows has to pad."""

    value: "Pixels | Translated"
    padding: tuple[int, int]


Value = Pixels | Translated | Padded


class Unsupported(Exception):
    """A layer that has no counterpart here; the message says why, after the layer's name."""


def _node(value: Value) -> Node:
    if isinstance(value, Padded):
        raise Unsupported("comes after a padding; only convolutions and pools may")
    if isinstance(value, Pixels):
        raise Unsupported("takes in the image itself; only convolutions may")
    return value.node


def _unpadded(layer, value: Value) -> tuple[Pixels | Translated, Padding]:
    """What a convolution or a pool sees, and how it pads that."""
    if layer.data_format != "channels_last":
        raise Unsupported("has its channels first")
    if layer.padding not in ("same", "valid"):
        raise Unsupported(f"has {layer.padding} padding")
    if not isinstance(value, Padded):
        return value, layer.padding
    if layer.padding != "valid":
        raise Unsupported("pads what has been padded already")
    return value.value, value.padding


def _square(layer, attribute: str) -> int:
    sides = set(getattr(layer, attribute))
    if len(sides) != 1:
        raise Unsupported(
            f"has the {attribute.replace('_', ' ')} {tuple(getattr(layer, attribute))}, which is not square"
        )
    return int(sides.pop())


def _conv(layer, inputs: list[Value]) -> Value:
    value, padding = _unpadded(layer, inputs[0])
    if set(layer.dilation_rate) != {1}:
        raise Unsupported("is dilated")
    kernel = np.asarray(layer.kernel, np.float64)
    size, stride = _square(layer, "kernel_size"), _square(layer, "strides")
    if isinstance(padding, tuple) and max(padding) >= size:
        raise Unsupported(f"comes after a padding of {max(padding)}, which leaves windows of it with nothing else")
    if type(layer).__name__ == "DepthwiseConv2D":
        groups = kernel.shape[2]
        kernel = kernel.reshape(size, size, 1, -1)
    else:
        groups = layer.groups
    if isinstance(value, Pixels):
        # The image's scale is multiplied into the kernel, colour by colour.
        kernel, groups, source, pixels = in_one_group(kernel, groups), 1, INPUT, value
    else:
        source, pixels = value.node.name, None
    out = kernel.shape[3]
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else np.zeros(out)
    node = Node(layer.name, "conv", (source,), size, stride, out, padding, groups=groups, activation="linear")
    return _activated(layer.name, Translated(node, kernel, bias, pixels, open=True), *_named(layer.activation))


def _batch_normalization(layer, inputs: list[Value]) -> Value:
    (value,) = inputs
    factor = 1 / np.sqrt(np.asarray(layer.moving_variance, np.float64) + layer.epsilon)
    factor = factor * (np.asarray(layer.gamma, np.float64) if layer.scale else 1.0)
    shift = np.asarray(layer.beta, np.float64) if layer.center else 0.0
    shift = shift - np.asarray(layer.moving_mean, np.float64) * factor
    if isinstance(value, Pixels):
        return _scaled(value, factor, shift)
    if isinstance(value, Translated) and value.open and value.kernel is not None and value.bias is not None:
        return replace(value, kernel=value.kernel * factor, bias=value.bias * factor + shift)
    node = _node(value)
    return Translated(Node(layer.name, "scale", (node.name,), channels=node.channels), factor, shift)


def _relu(layer, inputs: list[Value]) -> Value:
    if layer.threshold or layer.max_value not in (None, 6) or (layer.max_value and layer.negative_slope):
        raise Unsupported("is a ReLU with a threshold, or a maximum other than 6")
    if layer.negative_slope:
        return _activated(layer.name, inputs[0], "leaky_relu", float(layer.negative_slope))
    return _activated(layer.name, inputs[0], "relu6" if layer.max_value else "relu")


def _leaky_relu(layer, inputs: list[Value]) -> Value:
    return _activated(layer.name, inputs[0], "leaky_relu", float(layer.negative_slope))


def _elu(layer, inputs: list[Value]) -> Value:
    if layer.alpha != 1:
        raise Unsupported(f"is an ELU with an alpha of {layer.alpha:g}, not 1")
    return _activated(layer.name, inputs[0], "elu")


def _activation(layer, inputs: list[Value]) -> Value:
    return _activated(layer.name, inputs[0], *_named(layer.activation))


def _named(function: Callable) -> tuple[ConvActivation, float]:
    """The activation that a function of Keras is, and the slope that Keras gives to its own leaky ReLU."""
    name = getattr(function, "__name__", type(function).__name__)
    known: dict[str, ConvActivation] = {"linear": "linear", **{one: one for one in ACTIVATIONS}}
    if name not in known or name == "sign":
        raise Unsupported(f"has the activation {name}, which has no counterpart here")
    return known[name], 0.2 if name == "leaky_relu" else Node.slope


def _activated(name: str, value: Value, activation: ConvActivation, slope: float = Node.slope) -> Value:
    """A value after an activation: of the convolution before it where nothing else uses that, or by itself."""
    if activation == "linear":
        return value
    if isinstance(value, Translated) and value.open:
        return replace(value, node=replace(value.node, activation=activation, slope=slope), open=False)
    node = _node(value)
    return Translated(Node(name, activation, (node.name,), channels=node.channels, slope=slope))


def _zero_padding(layer, inputs: list[Value]) -> Value:
    rows, columns = (tuple(map(int, pads)) for pads in layer.padding)
    if rows != columns or layer.data_format != "channels_last":
        raise Unsupported("pads rows and columns in different ways")
    if isinstance(inputs[0], Padded):
        raise Unsupported("pads what has been padded already")
    return Padded(inputs[0], (rows[0], rows[1])) if any(rows) else inputs[0]


def _pool(layer, inputs: list[Value]) -> Value:
    value, padding = _unpadded(layer, inputs[0])
    node, maximum = _node(value), type(layer).__name__ == "MaxPooling2D"
    size, stride = _square(layer, "pool_size"), _square(layer, "strides")
    if isinstance(padding, tuple) and max(padding) >= size:
        raise Unsupported(f"comes after a padding of {max(padding)}, which leaves windows of it with nothing else")
    last = node.activation if node.op == "conv" else node.op
    if maximum and isinstance(padding, tuple) and last not in NEVER_NEGATIVE:
        raise Unsupported("takes the maximum of zeros of a padding and of what can be negative")
    op: Op = "max_pool" if maximum else "avg_pool"
    return Translated(Node(layer.name, op, (node.name,), size, stride, node.channels, padding))


def _concatenate(layer, inputs: list[Value]) -> Value:
    if layer.axis not in (-1, 3):
        raise Unsupported("does not put channels together")
    nodes = [_node(value) for value in inputs]
    return Translated(
        Node(layer.name, "concat", tuple(node.name for node in nodes), channels=sum(node.channels for node in nodes))
    )


def _add(layer, inputs: list[Value]) -> Value:
    nodes = [_node(value) for value in inputs]
    if len({node.channels for node in nodes}) != 1:
        raise Unsupported("adds different numbers of channels")
    return Translated(Node(layer.name, "add", tuple(node.name for node in nodes), channels=nodes[0].channels))


def _rescaling(layer, inputs: list[Value]) -> Value:
    return _scaled(inputs[0], np.asarray(layer.scale, np.float64), np.asarray(layer.offset, np.float64))


def _normalization(layer, inputs: list[Value]) -> Value:
    mean, variance = (np.asarray(value, np.float64).ravel() for value in (layer.mean, layer.variance))
    if layer.invert or mean.size not in (1, 3):
        raise Unsupported("is no normalization of three colours")
    factor = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
    return _scaled(inputs[0], factor, -mean * factor)


def _scaled(value: Value, scale: np.ndarray, offset: np.ndarray) -> Value:
    if not isinstance(value, Pixels):
        raise Unsupported("scales something else than the image")
    if not np.all(scale):
        raise Unsupported("has a scale of 0")
    return Pixels(value.scale * scale, value.offset * scale + offset)


def _unchanged(_layer, inputs: list[Value]) -> Value:
    """Layers that do something in training only."""
    return inputs[0]


TRANSLATIONS: Mapping[str, Callable[[Any, list[Value]], Value]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _conv,
    "BatchNormalization": _batch_normalization,
    "ReLU": _relu,
    "Activation": _activation,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "ZeroPadding2D": _zero_padding,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "Add": _add,
    "Concatenate": _concatenate,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
    "Dropout": _unchanged,
    "SpatialDropout2D": _unchanged,
}
"""By the name of the layer's class. They raise `Unsupported`."""
