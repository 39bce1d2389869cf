"""The architecture of a network as data, and what follows from it: receptive fields, strides, branches.

Every stage walks this one description, so nothing else in the package types in a kernel, a stride or a receptive field.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

INPUT = "input"

Activation = Literal["relu", "relu6", "leaky_relu", "elu", "silu", "gelu", "sigmoid", "tanh", "sign"]
"""x to max(x, 0); min(max(x, 0), 6); x, or slope * x below 0; x, or exp(x) - 1 below 0; x * sigmoid(x); x * Phi(x), Phi
the normal distribution (Hendrycks and Gimpel 2016, not their approximation); the logistic function; the hyperbolic
tangent; +1 from 0 on and -1 below."""
ConvActivation = Literal["linear", Activation]
"""That of a conv; "linear" is none."""
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
Op = Literal["conv", "max_pool", "avg_pool", "lrn", "scale", "add", "concat"] | Activation
Padding = Literal["same", "valid"] | tuple[int, int]
"""As TensorFlow's SAME, the odd pixel after; none; or pixels before and after, alike for rows and columns."""


@dataclass(frozen=True)
class Lrn:
    """Local response normalization: x / (bias + alpha * sum of x^2 over the channels at most depth_radius away) ^ beta.

    Krizhevsky et al., NIPS 2012, section 3.3; the defaults are those of Google's InceptionV1.
    """

    depth_radius: int = 5
    bias: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.5

    @property
    def at_rest(self) -> float:
        """What it multiplies with where all channels are silent."""
        return self.bias**-self.beta


@dataclass(frozen=True)
class Node:
    """One operation on the values of other nodes.

    - conv: a square convolution, its bias, then its activation, a ReLU unless another is named.
    - max_pool, avg_pool: over a square. Padding never is a maximum. An average with "same" is over what lies within the
      image, as in TensorFlow; with numbers the padding counts as zeros, as in Caffe and PyTorch.
    - lrn: local response normalization.
    - scale: times a number and plus a number, each of them per channel: a batch norm on its own.
    - add: the sum of its inputs. concat: their channels, one after the other.
    - relu and the other activations: see `Activation`.

    The value before the activation is named `<name>_pre_relu`, whatever the activation (`before_activation`).
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    kernel: int = 1
    stride: int = 1
    channels: int = 0
    """Output channels."""
    padding: Padding = "same"
    lrn: Lrn = Lrn()
    """Of an lrn; nothing to the others."""
    activation: ConvActivation = "relu"
    """Of a conv."""
    slope: float = 0.01
    """Of a leaky_relu, below 0 (Maas et al., ICML 2013, took this one)."""
    groups: int = 1
    """Of a conv: each of so many runs of output channels sees its own run of input channels. Depthwise: as many as
    there are input channels."""
    padding_value: float = 0.0
    """What a conv pads with. Binary networks have +1."""
    ceil: bool = False
    """Of a max_pool padded by numbers or not at all: a last window that only partly lies within counts too, if it begins
    before the image and the padding in front of it end. Caffe's rule."""


@dataclass(frozen=True)
class ReceptiveField:
    """The input pixels that one position of a node sees, counted along one side (height and width are alike).

    The position at index i sees pixels `start + i * stride` up to and including `start + i * stride + size - 1`.
    Input sizes divisible by the stride are assumed, as for 224 px: other sizes shift SAME padding by a pixel.
    """

    size: int
    stride: int
    start: int


@dataclass(frozen=True)
class Branch:
    """A run of a layer's channels that one convolution computes: `[start, stop)` of the layer is all of `node`."""

    layer: str
    node: str
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Layer:
    """A layer that the article shows: its neurons, and the branches that compute them (one, unless it concatenates)."""

    name: str
    neurons: int
    branches: tuple[Branch, ...]
    kernel: int
    """Side of the largest kernel among the branches."""
    stride: int
    """Input pixels between neighbouring positions."""
    receptive_field: int
    """Side, in input pixels, of the square that the widest branch sees."""


@dataclass(frozen=True)
class Architecture:
    """A feed-forward network: nodes in an order in which each follows its inputs, and the layers worth showing.

    Images go in as RGB, NHWC, pixel values 0 to 255 minus `input_mean`: one number, or one for each colour.
    """

    nodes: tuple[Node, ...]
    layer_names: tuple[str, ...]
    input_mean: float | tuple[float, ...] = 117.0
    input_channels: int = 3
    _by_name: dict = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self):
        for node in self.nodes:
            missing = [name for name in node.inputs if name != INPUT and name not in self._by_name]
            if missing or node.name in self._by_name:
                raise ValueError(
                    f"node {node.name}: {'input ' + missing[0] + ' does not come before it' if missing else 'named twice'}"
                )
            self._by_name[node.name] = node

    def node(self, name: str) -> Node:
        return self._by_name[name]

    @property
    def weighted(self) -> tuple[Node, ...]:
        """The nodes that have weights: tensors `<name>_w` and `<name>_b`."""
        return tuple(node for node in self.nodes if node.op in ("conv", "scale"))

    @property
    def convolutions(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.op == "conv")

    def channels(self, name: str) -> int:
        """Output channels of a node, or of the input."""
        return self.input_channels if name == INPUT else self.node(name).channels

    def weight_shape(self, node: Node) -> tuple[int, ...]:
        """Of a conv (height, width, channels in that one group sees, channels out), of a scale (channels,)."""
        if node.op == "scale":
            return (node.channels,)
        return (node.kernel, node.kernel, self.channels(node.inputs[0]) // node.groups, node.channels)

    @cached_property
    def receptive_fields(self) -> dict[str, ReceptiveField]:
        """The receptive field of every node (Araujo et al., Computing Receptive Fields of CNNs, Distill 2019, eq. 2)."""
        fields = {INPUT: ReceptiveField(size=1, stride=1, start=0)}
        for node in self.nodes:
            seen = [fields[name] for name in node.inputs]
            start, stop = min(f.start for f in seen), max(f.start + f.size for f in seen)
            stride = seen[0].stride
            fields[node.name] = ReceptiveField(
                size=stop - start + (node.kernel - 1) * stride,
                stride=stride * node.stride,
                start=start - padding_before(node) * stride,
            )
        return fields

    @cached_property
    def layers(self) -> dict[str, Layer]:
        return {name: self._layer(name) for name in self.layer_names}

    def _layer(self, name: str) -> Layer:
        node, branches, start = self.node(name), [], 0
        for part in node.inputs if node.op == "concat" else (name,):
            branches.append(Branch(name, part, start, start + self.channels(part)))
            start += self.channels(part)
        seen = self.receptive_fields[name]
        kernel = max(self.node(branch.node).kernel for branch in branches)
        return Layer(name, start, tuple(branches), kernel, seen.stride, seen.size)

    def branch(self, layer: str, channel: int) -> Branch:
        """The branch that computes one neuron of a layer."""
        return next(b for b in self.layers[layer].branches if b.start <= channel < b.stop)


def before_activation(name: str) -> str:
    """The name of a node's value before its activation. That of a node that has none is its value.

    For an activation on its own it is its input, for a concat the concatenation of what its inputs are before theirs.
    """
    return f"{name}_pre_relu"


def padding_before(node: Node) -> int:
    """Padding before the first pixel: for SAME, that of inputs whose size is a multiple of the stride."""
    if isinstance(node.padding, tuple):
        return node.padding[0]
    return 0 if node.padding == "valid" else max(node.kernel - node.stride, 0) // 2


def output_size(node: Node, size: int) -> int:
    """Positions along one side of a node whose inputs have `size` of them; below 1 where no window fits."""
    if node.padding == "same":
        return -(-size // node.stride)
    before, after = node.padding if isinstance(node.padding, tuple) else (0, 0)
    span = size + before + after - node.kernel
    if not node.ceil:
        return span // node.stride + 1
    return min(-(-span // node.stride) + 1, -(-(size + before) // node.stride))


def _conv(name: str, source: str, channels: int, kernel: int = 1, stride: int = 1) -> Node:
    return Node(name, "conv", (source,), kernel, stride, channels)


def mixed(
    name: str, source: str, channels_in: int, c1: int, b3: int, c3: int, b5: int, c5: int, cp: int
) -> tuple[Node, ...]:
    """An Inception module: 1x1, 3x3 and 5x5 convolutions (the latter two behind bottlenecks) and a reduced max-pool."""
    return (
        _conv(f"{name}_1x1", source, c1),
        _conv(f"{name}_3x3_bottleneck", source, b3),
        _conv(f"{name}_3x3", f"{name}_3x3_bottleneck", c3, kernel=3),
        _conv(f"{name}_5x5_bottleneck", source, b5),
        _conv(f"{name}_5x5", f"{name}_5x5_bottleneck", c5, kernel=5),
        Node(f"{name}_pool", "max_pool", (source,), kernel=3, channels=channels_in),
        _conv(f"{name}_pool_reduce", f"{name}_pool", cp),
        Node(
            name,
            "concat",
            tuple(f"{name}_{b}" for b in ("1x1", "3x3", "5x5", "pool_reduce")),
            channels=c1 + c3 + c5 + cp,
        ),
    )


INCEPTIONV1 = Architecture(
    nodes=(
        _conv("conv2d0", INPUT, 64, kernel=7, stride=2),
        Node("maxpool0", "max_pool", ("conv2d0",), kernel=3, stride=2, channels=64),
        Node("localresponsenorm0", "lrn", ("maxpool0",), channels=64),
        _conv("conv2d1", "localresponsenorm0", 64),
        _conv("conv2d2", "conv2d1", 192, kernel=3),
        Node("localresponsenorm1", "lrn", ("conv2d2",), channels=192),
        Node("maxpool1", "max_pool", ("localresponsenorm1",), kernel=3, stride=2, channels=192),
        *mixed("mixed3a", "maxpool1", 192, 64, 96, 128, 16, 32, 32),
        *mixed("mixed3b", "mixed3a", 256, 128, 128, 192, 32, 96, 64),
    ),
    layer_names=("conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b"),
)
"""InceptionV1 (Szegedy et al., Going Deeper with Convolutions, CVPR 2015) up to mixed3b, node for node as in Google's graph."""
