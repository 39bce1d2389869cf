"""Which branch of a layer each neuron group lives in."""

from collections.abc import Sequence
from dataclasses import dataclass

from early_vision.article.groups import Group
from early_vision.network.architecture import Architecture, Branch


@dataclass(frozen=True)
class BranchView:
    """A branch as a column of the table.

    Attributes:
        name: its name within the layer, such as "5x5".
        first, last: the channels of the layer that are its neurons.
        receptive_field: side, in input pixels, of what its neurons see.
    """

    name: str
    first: int
    last: int
    receptive_field: int


@dataclass(frozen=True)
class BranchRow:
    """A group as a row: how many of its neurons are in each branch, and how many quarters of it that is, rounded up."""

    group: Group
    counts: tuple[int, ...]
    quarters: tuple[int, ...]


@dataclass(frozen=True)
class BranchesView:
    """The groups of a layer by branch.

    Attributes:
        layer: the layer's name.
        rows: in display order.
    """

    layer: str
    branches: tuple[BranchView, ...]
    rows: tuple[BranchRow, ...]


def view_branches(architecture: Architecture, layer: str, groups: Sequence[Group]) -> BranchesView:
    """Count the neurons of each group by the branch that computes them.

    Args:
        architecture: of the network.
        layer: the layer, with branches.
        groups: the layer's groups to show, in order.
    """
    branches = architecture.layers[layer].branches
    return BranchesView(
        layer,
        tuple(
            BranchView(
                branch.node.removeprefix(f"{layer}_"),
                branch.start,
                branch.stop - 1,
                architecture.receptive_fields[branch.node].size,
            )
            for branch in branches
        ),
        tuple(_row(group, branches) for group in groups),
    )


def _row(group: Group, branches: Sequence[Branch]) -> BranchRow:
    counts = tuple(sum(branch.start <= channel < branch.stop for channel in group.neurons) for branch in branches)
    # Rounded up, so that a single neuron shows as well.
    return BranchRow(group, counts, tuple(-(-4 * count // len(group.neurons)) for count in counts))
