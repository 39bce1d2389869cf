"""Expanded weights: how strongly each neuron acts on each neuron of a later layer, as if all in between were linear.

Source of the method: Voss et al., Visualizing Weights, Distill 2021, on expanded weights. Walking back from a
convolution to the source layer,

- a convolution in between, such as a bottleneck, is composed with what is there: its ReLU counts as the identity. That
  is exact where the ReLU lets everything through; how good it is elsewhere is measured (`approximation`).
- so does every other activation, the sign of binary networks too, whose straight-through gradient says the same.
- an addition passes weights on to all that it adds, a scale multiplies them, average-pooling spreads them.
- local response normalization counts as its factor at rest, `bias ** -beta`: its other terms change it by a few
  percent.
- max-pooling that nothing but pooling and normalization parts from the source is left to the source: a cell of the
  kernel then stands for a whole window of source positions and weighs their maximum. Nothing is divided, so that a
  weight is what one active position anywhere in the window gives.
- max-pooling further up counts as the average over its window. A weight is then what all positions of a window together
  give when they are equally active; the sum over a kernel is the same in both ways of counting.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import ACTIVATIONS, INPUT, Architecture, Branch, Node, padding_before
from early_vision.network.weights import Network, in_one_group


@dataclass(frozen=True)
class Connection:
    """The expanded weights of one branch of a layer.

    For its position p, cell i of the kernel along one side sees the source positions from `p * stride + start + i *
    step` on, `window` of them, and weighs their maximum.

    Attributes:
        source: the layer, or "input", that the weights come from.
        branch: what they lead to.
        weights: float32 [cells down, cells across, source channels, neurons of the branch].
        stride: source positions from one position of the branch to the next.
        start: the first source position that is seen.
        step: source positions from one cell to the next.
        window: side, in source positions, of what a cell sees; 1 where nothing is pooled.
    """

    source: str
    branch: Branch
    weights: np.ndarray
    stride: int
    start: int
    step: int
    window: int

    @property
    def cells(self) -> int:
        """Cells along one side."""
        return self.weights.shape[0]

    @property
    def middle(self) -> float:
        """The source position, not always a whole one, in the middle of what position 0 sees."""
        return self.start + ((self.cells - 1) * self.step + self.window - 1) / 2

    def offsets(self, architecture: Architecture) -> np.ndarray:
        """How far the middle of each cell lies from the middle of the neuron's receptive field: [cells], input
        pixels."""
        source, target = (architecture.receptive_fields[name] for name in (self.source, self.branch.node))
        middles = self.start + np.arange(self.cells) * self.step + (self.window - 1) / 2
        return source.start + middles * source.stride + (source.size - 1) / 2 - (target.start + (target.size - 1) / 2)


@dataclass(frozen=True)
class Connections:
    """The expanded weights of a whole layer, branch by branch.

    Attributes:
        source, layer: where they come from and lead to.
        branches: in the order of the layer's channels.
        scaled_by: what the source channels were multiplied with beyond the weights, in words, or None.
        kept: which connections are here, bool [in, out]: the weights of the others are NaN. None where all are.
    """

    source: str
    layer: str
    branches: tuple[Connection, ...]
    scaled_by: str | None = None
    kept: np.ndarray | None = None

    @cached_property
    def weights(self) -> np.ndarray:
        """float32 [k, k, in, out]: all branches, smaller kernels in the middle of the largest one, zeros around
        them."""
        side = max(branch.cells for branch in self.branches)
        parts = []
        for branch in self.branches:
            margin = (side - branch.cells) // 2
            parts.append(np.pad(branch.weights, ((margin, margin), (margin, margin), (0, 0), (0, 0))))
        return np.concatenate(parts, axis=3)

    def part(self, channel: int) -> Connection:
        """The branch that a neuron belongs to."""
        return next(part for part in self.branches if part.branch.start <= channel < part.branch.stop)

    def kernel(self, source: int, channel: int) -> np.ndarray:
        """float32 [k, k]: from one source channel to one neuron, as large as the neuron's branch has it."""
        part = self.part(channel)
        return part.weights[:, :, source, channel - part.branch.start]

    def need(self, channel: int) -> None:
        """See to it that all inputs of a neuron are here.

        Raises:
            InputError: without a file, when they are not.
        """
        if self.kept is not None and not self.kept[:, channel].all():
            raise InputError(
                f"not all connections from {self.source} to {self.layer}:{channel} are kept, and the weights are not here",
                hint="With the weights at hand, run: python build.py circuits --network NAME",
            )


def adjacent_pairs(architecture: Architecture) -> tuple[tuple[str, str], ...]:
    """(source, layer) for every layer and what comes right before it, the input first."""
    return tuple(zip((INPUT, *architecture.layer_names), architecture.layer_names, strict=False))


def connect(network: Network, source: str, layer: str) -> Connections:
    """The expanded weights from a layer, or from "input", to a later layer, adjacent or not.

    Raises:
        InputError: for an unknown layer, or two that no path leads between, with the nearest valid thing.
    """
    architecture = network.architecture
    for name, known in ((source, (INPUT, *architecture.layer_names)), (layer, architecture.layer_names)):
        if name not in known:
            raise InputError(
                f'there is no layer "{name}"', hint=did_you_mean(name, known) or f"Known layers: {', '.join(known)}"
            )
    earlier = (INPUT, *architecture.layer_names)[: architecture.layer_names.index(layer) + 1]
    if source not in earlier:
        hint = f"Layers before {layer}: {', '.join(earlier[1:]) or 'none, only the input'}"
        raise InputError(f"no path leads from {source} to {layer}", hint=hint)
    return Connections(
        source, layer, tuple(connect_branch(network, source, branch) for branch in architecture.layers[layer].branches)
    )


def connect_adjacent(network: Network) -> dict[str, Connections]:
    """Layer to the expanded weights from what comes right before it."""
    return {layer: connect(network, source, layer) for source, layer in adjacent_pairs(network.architecture)}


def scaled(connections: Connections, typical: np.ndarray, what: str) -> Connections:
    """The same connections with each source channel multiplied by its typical activation.

    Args:
        typical: [source channels].
        what: which activation that is, for labels, such as "mean activation on the held-out images".
    """
    branches = (replace(b, weights=b.weights * typical[:, None].astype(np.float32)) for b in connections.branches)
    return replace(connections, branches=tuple(branches), scaled_by=what)


@dataclass(frozen=True)
class _Reach:
    """A kernel over the positions of some node on the way: weights [k, k, channels, out], stride and start as above."""

    weights: np.ndarray
    stride: int
    start: int


def connect_branch(network: Network, source: str, branch: Branch) -> Connection:
    """The expanded weights from a layer, or from "input", to one branch of a later layer.

    Raises:
        InputError: when no path leads from the one to the other.
    """
    architecture = network.architecture
    between = _nodes_between(architecture, source, branch.node)
    if not between:
        raise InputError(f"no path leads from {source} to {branch.node}")
    pools = _pools_on_source(between, source)
    junction = pools[-1].name if pools else source
    out = architecture.channels(branch.node)
    reached = {branch.node: _Reach(np.eye(out)[None, None], 1, 0)}
    for node in reversed(between):
        if node not in pools:
            reach = reached.pop(node.name)
            for name, part in _inputs_of(network, node, reach).items():
                if name == source or any(name == other.name for other in between):
                    reached[name] = _together(reached[name], part) if name in reached else part
    reach = reached[junction]
    weights, stride, start, step, window = reach.weights, reach.stride, reach.start, 1, 1
    for node in reversed(pools):
        if node.op == "lrn":
            weights = weights * node.lrn.at_rest
        stride, step = stride * node.stride, step * node.stride
        start, window = start * node.stride - padding_before(node), (window - 1) * node.stride + node.kernel
    return Connection(source, branch, np.ascontiguousarray(weights, np.float32), stride, start, step, window)


def _nodes_between(architecture: Architecture, source: str, target: str) -> tuple[Node, ...]:
    """All nodes on the paths from the source, itself not counted, up to and including the target."""
    after = {source}
    for node in architecture.nodes:
        if after.intersection(node.inputs):
            after.add(node.name)
    before = {target}
    for node in reversed(architecture.nodes):
        if node.name in before:
            before.update(node.inputs)
    return tuple(node for node in architecture.nodes if node.name in after & before and node.name != source)


def _pools_on_source(between: tuple[Node, ...], source: str) -> tuple[Node, ...]:
    """The pooling and normalization, in order, that all paths from the source begin with."""
    pools: list[Node] = []
    at = source
    while True:
        following = [node for node in between if at in node.inputs]
        if len(following) != 1 or following[0].op not in ("max_pool", "lrn"):
            return tuple(pools)
        pools.append(following[0])
        at = following[0].name


def _inputs_of(network: Network, node: Node, reach: _Reach) -> dict[str, _Reach]:
    """The kernel over a node's positions as kernels over the positions of its inputs."""
    if node.op == "lrn":
        return {node.inputs[0]: replace(reach, weights=reach.weights * node.lrn.at_rest)}
    if node.op == "scale":
        return {node.inputs[0]: replace(reach, weights=reach.weights * network.kernel(node.name)[:, None])}
    if node.op == "add":
        # The same value may be added to itself.
        return {name: replace(reach, weights=reach.weights * node.inputs.count(name)) for name in node.inputs}
    if node.op in ACTIVATIONS:
        return {node.inputs[0]: reach}
    if node.op == "concat":
        ends = np.cumsum([network.architecture.channels(name) for name in node.inputs])
        parts = np.split(reach.weights, ends[:-1], axis=2)
        return {name: replace(reach, weights=part) for name, part in zip(node.inputs, parts, strict=True)}
    side = (reach.weights.shape[0] - 1) * node.stride + node.kernel
    channels = network.architecture.channels(node.inputs[0])
    weights = np.zeros((side, side, channels, reach.weights.shape[3]))
    kernel = in_one_group(network.kernel(node.name), node.groups) if node.op == "conv" else None
    for y in range(node.kernel):
        for x in range(node.kernel):
            part = reach.weights / node.kernel**2 if kernel is None else kernel[y, x] @ reach.weights
            stop_y, stop_x = y + side - node.kernel + 1, x + side - node.kernel + 1
            weights[y : stop_y : node.stride, x : stop_x : node.stride] += part
    return {
        node.inputs[0]: _Reach(weights, reach.stride * node.stride, reach.start * node.stride - padding_before(node))
    }


def _together(a: _Reach, b: _Reach) -> _Reach:
    """The sum of two kernels over the positions of one node."""
    start = min(a.start, b.start)
    side = max(r.start + r.weights.shape[0] for r in (a, b)) - start
    weights = np.zeros((side, side, *a.weights.shape[2:]))
    for reach in (a, b):
        at = slice(reach.start - start, reach.start - start + reach.weights.shape[0])
        weights[at, at] += reach.weights
    return _Reach(weights, a.stride, start)
