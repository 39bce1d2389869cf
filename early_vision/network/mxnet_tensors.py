"""What an MXNet network's arrays are as our tensors: batch norms as factors and shifts, binary weights unpacked."""

from collections.abc import Mapping

import numpy as np

from early_vision.network.architecture import INPUT, Architecture, Node

EPSILON = 2e-5
"""Added to variances: what the residual networks of MXNet's examples were trained with."""
BITS = np.float64
"""The type under which BMXNet stores words of 64 binary weights."""


def mxnet_tensors(
    held: Mapping[str, np.ndarray], architecture: Architecture, followed_by: Mapping[str, str]
) -> dict[str, np.ndarray]:
    """Our tensors, float64, kernels [out, in, height, width], of those nodes whose arrays are there.

    A scale is a batch norm of its name. A conv has the weights of its name; those of a binary one (Yang et al., BMXNet,
    2017) are bits, 1 for +1 and 0 for -1, and what it gives is (dot + n) / 2 for n weights a channel, which a kernel of
    ±0.5 and a bias of n / 2 give too.

    Args:
        held: arrays by MXNet's names.
        architecture: whose tensors are wanted.
        followed_by: convolution to the batch norm that is multiplied into it.

    Raises:
        ValueError: when an array has another size than the architecture needs.
    """
    tensors = {}
    for node in architecture.weighted:
        if node.op == "scale":
            if (norm := _norm(held, node.name)) is not None:
                tensors[f"{node.name}_w"], tensors[f"{node.name}_b"] = norm
        elif f"{node.name}_weight" in held:
            kernel, bias = _convolution(held, node, architecture)
            if node.name in followed_by and (norm := _norm(held, followed_by[node.name])) is not None:
                kernel, bias = kernel * norm[0][:, None, None, None], bias * norm[0] + norm[1]
            tensors[f"{node.name}_w"], tensors[f"{node.name}_b"] = kernel, bias
    return tensors


def _convolution(
    held: Mapping[str, np.ndarray], node: Node, architecture: Architecture
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel [out, in, height, width] and bias [out] of a conv, float64."""
    height, width, channels, out = architecture.weight_shape(node)
    shape, count = (out, channels, height, width), channels * height * width
    weight = held[f"{node.name}_weight"]
    if weight.dtype == BITS and weight.size * 64 == out * count:
        bits = np.unpackbits(np.ascontiguousarray(weight).view(np.uint8), bitorder="little")
        return bits.reshape(shape) - 0.5, np.full(out, count / 2)
    if weight.shape != shape:
        raise ValueError(f"{node.name}_weight has the shape {weight.shape}, but the architecture needs {shape}")
    bias = held.get(f"{node.name}_bias", np.zeros(out)).astype(np.float64)
    kernel = weight.astype(np.float64)
    if node.inputs == (INPUT,) and (factor := _factor(held, "bn_data", fixed=True)) is not None:
        # The shift of a batch norm on the image is in the input's mean, which the architecture says.
        kernel = kernel * factor[:, None, None]
    return kernel, bias


def _norm(held: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Factors and shifts [channels] of a batch norm; None where it is not there."""
    factor = _factor(held, name)
    if factor is None or f"{name}_beta" not in held or f"{name}_moving_mean" not in held:
        return None
    return factor, held[f"{name}_beta"] - held[f"{name}_moving_mean"] * factor


def _factor(held: Mapping[str, np.ndarray], name: str, fixed: bool = False) -> np.ndarray | None:
    """What a batch norm multiplies with, [channels]; `fixed` says that gamma is 1, whatever is stored."""
    if f"{name}_moving_var" not in held or f"{name}_gamma" not in held:
        return None
    gamma = 1.0 if fixed else held[f"{name}_gamma"].astype(np.float64)
    return gamma / np.sqrt(held[f"{name}_moving_var"].astype(np.float64) + EPSILON)
