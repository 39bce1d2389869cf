"""What Keras's layers become. Imports Keras.

Each function takes a layer and the values of its inputs, and gives the layer's value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from early_vision.network.architecture import INPUT, Node


@dataclass(frozen=True)
class Pixels:
    """The input, after so much of scaling: `scale * pixel + offset` per colour, pixels 0 to 255."""

    scale: np.ndarray
    offset: np.ndarray


@dataclass(frozen=True)
class Linear:
    """A convolution before its ReLU: the node that it will be, its weights, and the pixels, if it sees them."""

    node: Node
    kernel: np.ndarray
    bias: np.ndarray
    pixels: Pixels | None


@dataclass(frozen=True)
class Rectified:
    """A node that is done: what it came from, for a convolution."""

    node: Node
    linear: Linear | None = None


Value = Pixels | Linear | Rectified


class Unsupported(Exception):
    """A layer that has no counterpart here; the message says why, after the layer's name."""


def _source(value: Value) -> str:
    if isinstance(value, Linear):
        raise Unsupported(f'comes right after "{value.node.name}", which has no ReLU')
    return value.node.name if isinstance(value, Rectified) else INPUT


def _channels(value: Value) -> int:
    return 3 if isinstance(value, Pixels) else value.node.channels


def _square(layer, attribute: str) -> int:
    sides = set(getattr(layer, attribute))
    if len(sides) != 1:
        raise Unsupported(
            f"has the {attribute.replace('_', ' ')} {tuple(getattr(layer, attribute))}, which is not square"
        )
    return int(sides.pop())


def _check_format(layer) -> None:
    if layer.data_format != "channels_last":
        raise Unsupported("has its channels first")
    if layer.padding not in ("same", "valid"):
        raise Unsupported(f"has {layer.padding} padding")


def _conv(layer, inputs: list[Value]) -> Value:
    _check_format(layer)
    if set(layer.dilation_rate) != {1}:
        raise Unsupported("is dilated")
    kernel = _dense(np.asarray(layer.kernel, np.float64), layer.groups)
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else np.zeros(layer.filters)
    size, stride = _square(layer, "kernel_size"), _square(layer, "strides")
    node = Node(layer.name, "conv", (_source(inputs[0]),), size, stride, layer.filters, layer.padding)
    linear = Linear(node, kernel, bias, inputs[0] if isinstance(inputs[0], Pixels) else None)
    return linear if layer.activation.__name__ == "linear" else _activation(layer, [linear])


def _dense(kernel: np.ndarray, groups: int) -> np.ndarray:
    """The kernel of a grouped convolution with zeros for the weights that it lacks."""
    size, _, channels, out = kernel.shape
    dense = np.zeros((size, kernel.shape[1], channels * groups, out))
    for group in range(groups):
        part = slice(group * out // groups, (group + 1) * out // groups)
        dense[:, :, group * channels : (group + 1) * channels, part] = kernel[..., part]
    return dense


def _batch_normalization(layer, inputs: list[Value]) -> Value:
    (linear,) = inputs
    if not isinstance(linear, Linear):
        raise Unsupported("does not come right after a Conv2D without activation")
    factor = 1 / np.sqrt(np.asarray(layer.moving_variance, np.float64) + layer.epsilon)
    factor = factor * (np.asarray(layer.gamma, np.float64) if layer.scale else 1.0)
    shift = np.asarray(layer.beta, np.float64) if layer.center else 0.0
    bias = (linear.bias - np.asarray(layer.moving_mean, np.float64)) * factor + shift
    return replace(linear, kernel=linear.kernel * factor, bias=bias)


def _relu(layer, inputs: list[Value]) -> Value:
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise Unsupported("is a ReLU with a maximum, slope or threshold")
    return _rectify(inputs)


def _activation(layer, inputs: list[Value]) -> Value:
    name = layer.activation.__name__
    if name == "linear":
        return inputs[0]
    if name != "relu":
        raise Unsupported(f"has the activation {name}, not relu")
    return _rectify(inputs)


def _rectify(inputs: list[Value]) -> Value:
    (value,) = inputs
    if not isinstance(value, Linear):
        raise Unsupported("is a ReLU that does not come after a convolution")
    return Rectified(value.node, value)


def _max_pool(layer, inputs: list[Value]) -> Value:
    _check_format(layer)
    size, stride, source = _square(layer, "pool_size"), _square(layer, "strides"), _source(inputs[0])
    if source == INPUT:
        raise Unsupported("pools the image itself")
    return Rectified(Node(layer.name, "max_pool", (source,), size, stride, _channels(inputs[0]), layer.padding))


def _concatenate(layer, inputs: list[Value]) -> Value:
    if layer.axis not in (-1, 3):
        raise Unsupported("does not put channels together")
    names = tuple(_source(value) for value in inputs)
    if INPUT in names:
        raise Unsupported("takes in the image itself")
    return Rectified(Node(layer.name, "concat", names, channels=sum(map(_channels, inputs))))


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


def _unchanged(layer, inputs: list[Value]) -> Value:
    """Layers that do something in training only."""
    return inputs[0]


TRANSLATIONS: Mapping[str, Callable[[Any, list[Value]], Value]] = {
    "Conv2D": _conv,
    "BatchNormalization": _batch_normalization,
    "ReLU": _relu,
    "Activation": _activation,
    "MaxPooling2D": _max_pool,
    "Concatenate": _concatenate,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
    "Dropout": _unchanged,
    "SpatialDropout2D": _unchanged,
}
"""By the name of the layer's class. They raise `Unsupported`."""
