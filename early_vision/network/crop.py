"""Which positions of every node one neuron sees: the least work that gives its activation.

A neuron of mixed3b sees 91 x 91 pixels, 43 x 43 positions of conv2d0 and so on down to itself. Computing just those,
without padding, gives the same number as running the network on any larger image in which they lie inside.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from early_vision.network.architecture import INPUT, Architecture, Node, padding_before


@dataclass(frozen=True)
class Crop:
    """Positions `start` up to and including `stop` of a node, along one side, relative to the neuron's own position."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start + 1

    def within(self, other: "Crop") -> slice:
        """Where these positions lie in an array that holds the positions of `other`."""
        return slice(self.start - other.start, self.stop - other.start + 1)

    def union(self, other: "Crop") -> "Crop":
        return Crop(min(self.start, other.start), max(self.stop, other.stop))


def needed_of_input(node: Node, crop: Crop) -> Crop:
    """The positions of a node's inputs that the given positions of the node are computed from."""
    before = padding_before(node)
    return Crop(crop.start * node.stride - before, crop.stop * node.stride - before + node.kernel - 1)


def crops(architecture: Architecture, target: str) -> dict[str, Crop]:
    """For one position of `target`: the positions needed of every node that it depends on, and of the input.

    Nodes on which the target does not depend are absent; the order is that in which to compute.
    """
    return crops_around(architecture, (target,), 0)


def crops_around(architecture: Architecture, targets: Iterable[str], reach: int) -> dict[str, Crop]:
    """The same for some nodes at once, and for all positions at most `reach` from one position of them."""
    needed = dict.fromkeys(targets, Crop(-reach, reach))
    for node in reversed(architecture.nodes):
        if node.name in needed:
            for name in node.inputs:
                crop = needed_of_input(node, needed[node.name])
                needed[name] = needed[name].union(crop) if name in needed else crop
    order = [INPUT, *(node.name for node in architecture.nodes)]
    return {name: needed[name] for name in order if name in needed}
