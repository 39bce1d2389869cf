"""A network's arithmetic in float64 NumPy, from the definitions: what the one in TensorFlow is compared with."""

import math

import numpy as np

from early_vision.network.architecture import INPUT

NONLINEAR = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))(x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "sign": lambda x: np.where(x >= 0, 1.0, -1.0),
}


def windows(value, kernel, stride, padding, fill, ceil=False):
    """Windows over [height, width, channels], and how many of each one's cells lie within: [h, w, channels, k, k]."""
    pads = []
    for size in value.shape[:2]:
        if padding == "same":
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            before, after = total // 2, total - total // 2
        else:
            before, after = (0, 0) if padding == "valid" else padding
        if ceil:
            # Caffe: round up, then take away a window that would begin in the padding behind.
            count = math.ceil((size + before + after - kernel) / stride) + 1
            count -= (count - 1) * stride >= size + before
            after = max((count - 1) * stride + kernel - size - before, 0)
        else:
            count = (size + before + after - kernel) // stride + 1
        pads.append((before, after, count))
    padded = np.pad(value, [pads[0][:2], pads[1][:2], (0, 0)], constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (0, 1))[::stride, ::stride]
    return every[: pads[0][2], : pads[1][2]]


def convolution(value, kernel, bias, stride, padding, fill=0.0, groups=1):
    """kernel [k, k, in of a group, out]."""
    seen = windows(value, kernel.shape[0], stride, padding, fill)
    seen_of, out_of = value.shape[2] // groups, kernel.shape[3] // groups
    parts = [
        np.einsum(
            "yxcij,ijco->yxo",
            seen[:, :, g * seen_of : (g + 1) * seen_of],
            kernel[..., g * out_of : (g + 1) * out_of],
            optimize=True,
        )
        for g in range(groups)
    ]
    return np.concatenate(parts, 2) + bias


def numpy_values(network, image):
    """Every node's value for one image [height, width, 3], and every convolution's before its activation."""
    values = {INPUT: image.astype(np.float64) - np.array(network.architecture.input_mean)}
    for node in network.architecture.nodes:
        inputs = [values[name] for name in node.inputs]
        value = inputs[0]
        if node.op == "conv":
            kernel, bias = (network.weights[f"{node.name}_{x}"].astype(np.float64) for x in "wb")
            before = convolution(value, kernel, bias, node.stride, node.padding, node.padding_value, node.groups)
            values[f"{node.name}_pre_relu"] = before
            values[node.name] = nonlinear(node.activation, before, node.slope)
        elif node.op == "scale":
            values[node.name] = value * network.weights[f"{node.name}_w"] + network.weights[f"{node.name}_b"]
        elif node.op == "add":
            values[node.name] = sum(inputs)
        elif node.op == "concat":
            values[node.name] = np.concatenate(inputs, 2)
        elif node.op == "max_pool":
            seen = windows(value, node.kernel, node.stride, node.padding, -np.inf, node.ceil)
            values[node.name] = seen.max((3, 4))
        elif node.op == "avg_pool":
            fill = np.nan if node.padding == "same" else 0.0
            values[node.name] = np.nanmean(windows(value, node.kernel, node.stride, node.padding, fill), (3, 4))
        elif node.op == "lrn":
            near = np.abs(np.subtract.outer(*[np.arange(node.channels)] * 2)) <= node.lrn.depth_radius
            values[node.name] = value / (node.lrn.bias + node.lrn.alpha * value**2 @ near) ** node.lrn.beta
        else:
            values[node.name] = nonlinear(node.op, value, node.slope)
    return values


def nonlinear(name, value, slope):
    return np.where(value < 0, slope * value, value) if name == "leaky_relu" else NONLINEAR[name](value)
