"""Routes: by which paths, through the layers between, one neuron acts on a later one.

In the linear picture of expanded weights, what an activation of A that is the same everywhere gives B is the sum over
all paths from A to B of the product of the weights' sums along the path. So every path has its own part in the whole.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.errors import InputError


@dataclass(frozen=True)
class Path:
    """A path, from the first neuron to the last.

    Attributes:
        neurons: all of them, both ends included.
        weights: the sum of the kernel of each step.
        strength: their product.
    """

    neurons: tuple[Neuron, ...]
    weights: tuple[float, ...]
    strength: float


@dataclass(frozen=True)
class Route:
    """How a neuron reaches a later one.

    Attributes:
        start, end: the neurons.
        total: what all paths give together.
        paths: the strongest ones, by magnitude.
    """

    start: Neuron
    end: Neuron
    total: float
    paths: tuple[Path, ...]


def find_route(known: Wiring, start: Neuron, end: Neuron, count: int = 5) -> Route:
    """The strongest paths from a neuron to a later one.

    Raises:
        InputError: without a file, when no path leads there.
    """
    names = list(known.connections)
    if names.index(start.layer) >= names.index(end.layer):
        raise InputError(f"no path leads from {start} to {end}", hint="The first neuron has to be in an earlier layer")
    steps = names[names.index(start.layer) + 1 : names.index(end.layer) + 1]
    totals = [known.strengths[layer].total.astype(np.float64) for layer in steps]
    total = totals[-1][:, end.channel]
    for step in reversed(totals[:-1]):
        total = step @ total
    reach = _reach(totals, end.channel)
    paths = _strongest(totals, reach, start.channel, end.channel, count)
    named = tuple(_path(known, (start.layer, *steps), channels) for channels in paths)
    return Route(start, end, float(total[start.channel]), named)


def _reach(totals: list[np.ndarray], end: int) -> list[np.ndarray]:
    """For each layer on the way, the largest magnitude of any path from each of its neurons to the end."""
    reach = [np.abs(totals[-1][:, end])]
    for step in reversed(totals[:-1]):
        reach.insert(0, (np.abs(step) * reach[0]).max(axis=1))
    return reach


def _strongest(
    totals: list[np.ndarray], reach: list[np.ndarray], start: int, end: int, count: int
) -> list[tuple[int, ...]]:
    """The strongest paths as channels, by best-first search: what is still to come is known exactly, so none is
    missed."""
    queue = [(-reach[0][start], (start,), 1.0)]
    found: list[tuple[int, ...]] = []
    while queue and len(found) < count:
        _, channels, strength = heapq.heappop(queue)
        depth = len(channels) - 1
        if depth == len(totals):
            found.append(channels)
            continue
        step = totals[depth][channels[-1]]
        if depth == len(totals) - 1:
            heapq.heappush(queue, (-abs(strength * step[end]), (*channels, end), strength * step[end]))
            continue
        promise = np.abs(strength * step) * reach[depth + 1]
        for channel in np.argsort(-promise)[:count]:
            heapq.heappush(queue, (-promise[channel], (*channels, int(channel)), strength * step[channel]))
    return found


def _path(known: Wiring, layers: tuple[str, ...], channels: tuple[int, ...]) -> Path:
    weights = tuple(
        float(known.strengths[layer].total[source, target])
        for layer, source, target in zip(layers[1:], channels, channels[1:], strict=False)
    )
    return Path(tuple(Neuron(*one) for one in zip(layers, channels, strict=False)), weights, float(np.prod(weights)))
