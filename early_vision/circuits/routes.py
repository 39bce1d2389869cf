"""Routes: by which paths, through the layers between, one neuron acts on a later one.

In the linear picture of expanded weights, each path from A to B has a part of its own: the kernels along it, one applied
after the other. Its strength here is the product of their norms, which no cancelling of a kernel's positive with its
negative weights can hide; whether it excites or inhibits is the product of their signs, as long as all of them have one.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.circuits.strengths import Kind
from early_vision.errors import InputError


@dataclass(frozen=True)
class Path:
    """A path, from the first neuron to the last.

    Attributes:
        neurons: all of them, both ends included.
        norms, kinds: the L2 norm of the kernel of each step, and what that does.
        strength: the product of the norms.
        kind: what the path does.
    """

    neurons: tuple[Neuron, ...]
    norms: tuple[float, ...]
    kinds: tuple[Kind, ...]
    strength: float

    @property
    def kind(self) -> Kind:
        return kind_of_path(self.kinds)


@dataclass(frozen=True)
class Route:
    """How a neuron reaches a later one.

    Attributes:
        start, end: the neurons.
        total: the root of the sum of the squares of all paths' strengths.
        paths: the strongest ones.
    """

    start: Neuron
    end: Neuron
    total: float
    paths: tuple[Path, ...]


def kind_of_path(kinds: Iterable[Kind]) -> Kind:
    """What steps of these kinds, one after the other, do: mixed where one of them is."""
    kinds = tuple(kinds)
    return Kind.MIXED if Kind.MIXED in kinds else Kind(int(np.prod(kinds)))


def find_route(known: Wiring, start: Neuron, end: Neuron, count: int = 5) -> Route:
    """The strongest paths from a neuron to a later one.

    Raises:
        InputError: without a file, when no path leads there.
    """
    names = list(known.connections)
    if names.index(start.layer) >= names.index(end.layer):
        raise InputError(f"no path leads from {start} to {end}", hint="The first neuron has to be in an earlier layer")
    steps = names[names.index(start.layer) + 1 : names.index(end.layer) + 1]
    norms = [known.strengths[layer].norm.astype(np.float64) for layer in steps]
    squares = norms[-1][:, end.channel] ** 2
    for step in reversed(norms[:-1]):
        squares = step**2 @ squares
    reach = _reach(norms, end.channel)
    paths = _strongest(norms, reach, start.channel, end.channel, count)
    named = tuple(_path(known, (start.layer, *steps), channels) for channels in paths)
    return Route(start, end, float(np.sqrt(squares[start.channel])), named)


def _reach(norms: list[np.ndarray], end: int) -> list[np.ndarray]:
    """For each layer on the way, the strength of the strongest path from each of its neurons to the end."""
    reach = [norms[-1][:, end]]
    for step in reversed(norms[:-1]):
        reach.insert(0, (step * reach[0]).max(axis=1))
    return reach


def _strongest(
    norms: list[np.ndarray], reach: list[np.ndarray], start: int, end: int, count: int
) -> list[tuple[int, ...]]:
    """The strongest paths as channels, by best-first search: what is still to come is known exactly, so none is
    missed."""
    queue: list[tuple[float, tuple[int, ...], float]] = [(-reach[0][start], (start,), 1.0)]
    found: list[tuple[int, ...]] = []
    while queue and len(found) < count:
        _, channels, strength = heapq.heappop(queue)
        depth = len(channels) - 1
        if depth == len(norms):
            found.append(channels)
            continue
        step = norms[depth][channels[-1]]
        if depth == len(norms) - 1:
            heapq.heappush(queue, (-strength * step[end], (*channels, end), strength * step[end]))
            continue
        promise = strength * step * reach[depth + 1]
        for channel in np.argsort(-promise, kind="stable")[:count]:
            heapq.heappush(queue, (-promise[channel], (*channels, int(channel)), strength * step[channel]))
    return found


def _path(known: Wiring, layers: tuple[str, ...], channels: tuple[int, ...]) -> Path:
    steps = list(zip(layers[1:], channels, channels[1:], strict=False))
    norms = tuple(float(known.strengths[layer].norm[source, target]) for layer, source, target in steps)
    kinds = tuple(known.kind(layer, source, target) for layer, source, target in steps)
    neurons = tuple(Neuron(*one) for one in zip(layers, channels, strict=False))
    return Path(neurons, norms, kinds, float(np.prod(norms)))
