"""The network as PyTorch trains it: the architecture's nodes, batch norm after every convolution, and a head.

One function walks the nodes; what differs between training and the exported weights is how a convolution is computed.
Tensors are NCHW here, as PyTorch wants them. Imports PyTorch.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from early_vision.network.architecture import INPUT, Architecture, Lrn, Node

Convolve = Callable[[Node, Tensor], Tensor]
"""The value of a convolution before its ReLU."""


def walk(architecture: Architecture, inputs: Tensor, convolve: Convolve) -> dict[str, Tensor]:
    """The values of all nodes.

    Args:
        inputs: float32 [n, channels, height, width], what the nodes that name `input` see (the mean already taken off).

    Returns:
        node name to float32 [n, channels, height, width].
    """
    values = {INPUT: inputs}
    for node in architecture.nodes:
        sources = [values[name] for name in node.inputs]
        if node.op == "conv":
            values[node.name] = functional.relu(convolve(node, sources[0]))
        elif node.op == "max_pool":
            padded = pad_same(sources[0], node, float("-inf"))
            values[node.name] = functional.max_pool2d(padded, node.kernel, node.stride)
        elif node.op == "lrn":
            values[node.name] = local_response_norm(sources[0], node.lrn)
        else:
            values[node.name] = torch.cat(sources, 1)
    return values


def pad_same(x: Tensor, node: Node, value: float) -> Tensor:
    """SAME padding as TensorFlow does it: as much as the last window lacks, the odd pixel after."""
    padding: list[int] = []
    for size in (x.shape[3], x.shape[2]):
        windows = -(-size // node.stride)
        lacking = max((windows - 1) * node.stride + node.kernel - size, 0)
        padding += [lacking // 2, lacking - lacking // 2]
    return functional.pad(x, padding, value=value) if any(padding) else x


def local_response_norm(x: Tensor, lrn: Lrn) -> Tensor:
    """See `Lrn`.

    The sum is a matrix of ones along the diagonal times the channels: on a CPU several times faster than
    `torch.nn.LocalResponseNorm`, which pools in three dimensions and divides alpha by the window besides.
    """
    index = torch.arange(x.shape[1], device=x.device)
    neighbours = ((index[:, None] - index[None, :]).abs() <= lrn.depth_radius).to(x.dtype)
    energy = functional.conv2d(x.square(), neighbours[:, :, None, None])
    return x * (lrn.bias + lrn.alpha * energy).pow(-lrn.beta)


class NormedConvolution(nn.Module):
    """A node's convolution without bias, then batch norm, whose shift is the bias."""

    def __init__(self, node: Node, channels_in: int):
        super().__init__()
        self.node = node
        self.convolution = nn.Conv2d(channels_in, node.channels, node.kernel, node.stride, bias=False)
        self.norm = nn.BatchNorm2d(node.channels)
        nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.convolution(pad_same(x, self.node, 0.0)))


class Trunk(nn.Module):
    """Any architecture with batch norm: the five layers, and the convolutions of the head."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        self.convolutions = nn.ModuleDict(
            {
                node.name: NormedConvolution(node, architecture.channels(node.inputs[0]))
                for node in architecture.convolutions
            }
        )

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        """As `walk`, with the trained convolutions."""
        return walk(self.architecture, inputs, lambda node, x: self.convolutions[node.name](x))


class Head(nn.Module):
    """From the last layer to classes: what makes the layers below worth learning. Thrown away afterwards."""

    def __init__(self, channels_in: int, classes: int, dropout: float):
        super().__init__()
        self.trunk = Trunk(head_architecture(channels_in))
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.trunk.architecture.nodes[-1].channels, classes)

    def forward(self, features: Tensor) -> Tensor:
        """Logits [n, classes] of the last layer's [n, channels, height, width]."""
        last = self.trunk.architecture.nodes[-1].name
        return self.linear(self.dropout(self.trunk(features)[last].mean((2, 3))))


def head_architecture(channels_in: int) -> Architecture:
    """An Inception module of the size of InceptionV1's next one, mixed4a, and a 1x1 convolution on top."""
    return Architecture(
        nodes=(
            Node("head_pool", "max_pool", (INPUT,), kernel=3, stride=2, channels=channels_in),
            Node("head_1x1", "conv", ("head_pool",), channels=192),
            Node("head_3x3_bottleneck", "conv", ("head_pool",), channels=96),
            Node("head_3x3", "conv", ("head_3x3_bottleneck",), kernel=3, channels=204),
            Node("head_5x5_bottleneck", "conv", ("head_pool",), channels=16),
            Node("head_5x5", "conv", ("head_5x5_bottleneck",), kernel=5, channels=48),
            Node("head_inner_pool", "max_pool", ("head_pool",), kernel=3, channels=channels_in),
            Node("head_pool_reduce", "conv", ("head_inner_pool",), channels=64),
            Node("head_concat", "concat", ("head_1x1", "head_3x3", "head_5x5", "head_pool_reduce"), channels=508),
            Node("head_top", "conv", ("head_concat",), channels=512),
        ),
        layer_names=(),
        input_mean=0.0,
        input_channels=channels_in,
    )


class TrainingNetwork(nn.Module):
    """The layers to be kept, with batch norm, and the head."""

    def __init__(self, architecture: Architecture, classes: int, dropout: float = 0.0):
        super().__init__()
        self.trunk = Trunk(architecture)
        self.head = Head(architecture.channels(architecture.layer_names[-1]), classes, dropout)

    @property
    def architecture(self) -> Architecture:
        return self.trunk.architecture

    def nodes(self, images: Tensor) -> dict[str, Tensor]:
        """The values of all nodes for images float32 [n, 3, height, width], pixel values 0 to 255."""
        return self.trunk(images - self.architecture.input_mean)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [n, classes] of images, as above."""
        return self.head(self.nodes(images)[self.architecture.layer_names[-1]])


def exported_nodes(architecture: Architecture, weights: Mapping[str, np.ndarray], images: Tensor) -> dict[str, Tensor]:
    """The values of all nodes, computed from exported weights in float32.

    Args:
        weights: `<conv>_w` [height, width, in, out] and `<conv>_b` [out], in any float type.
        images: float32 [n, 3, height, width], pixel values 0 to 255.
    """

    def convolve(node: Node, x: Tensor) -> Tensor:
        kernel = np.ascontiguousarray(weights[f"{node.name}_w"].transpose(3, 2, 0, 1), np.float32)
        bias = np.array(weights[f"{node.name}_b"], np.float32)
        kernel, bias = torch.from_numpy(kernel).to(x.device), torch.from_numpy(bias).to(x.device)
        return functional.conv2d(pad_same(x, node, 0.0), kernel, bias, node.stride)

    return walk(architecture, images - architecture.input_mean, convolve)
