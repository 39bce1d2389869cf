"""Computed numbers: how many neurons a group or a layer has, so that prose says what the groups say.

    [=count ANCHOR + ...]   the number of neurons
    [=share ANCHOR + ...]   their percentage: of their layer for groups, of all layers for layers

An anchor is that of a neuron group, or of a layer, which is its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from early_vision.errors import InputError, did_you_mean

VERBS = ("count", "share")


@dataclass(frozen=True)
class GroupSize:
    """How many neurons a group or a layer has.

    Attributes:
        neurons: the number.
        of: of how many; those of its layer, or of all layers.
        within: the layer that it is a part of, or empty for a layer.
    """

    neurons: int
    of: int
    within: str


def computed(written: str, sizes: Mapping[str, GroupSize]) -> str:
    """What stands in the text in place of `[=...]`.

    Args:
        written: such as `share group_conv2d0_color + group_conv2d0_edges`.
        sizes: by anchor.

    Raises:
        InputError: without a place, when it cannot be computed.
    """
    verb, _, rest = written.strip().partition(" ")
    anchors = [anchor.strip().removeprefix("#") for anchor in rest.split("+")]
    if verb not in VERBS:
        raise InputError(
            f'"{verb}" is no number to compute', hint=did_you_mean(verb, VERBS) or "Write `count` or `share`"
        )
    if not all(anchors):
        raise InputError(
            f"it is not said what to {verb}", hint=f"Write `[={verb} ANCHOR]` or `[={verb} ANCHOR + ANCHOR]`"
        )
    for anchor in anchors:
        if anchor not in sizes:
            raise InputError(
                f'there is no neuron group or layer "{anchor}" to {verb}', hint=did_you_mean(anchor, sizes)
            )
        if anchors.count(anchor) > 1:
            raise InputError(f'"{anchor}" is counted twice', hint="Name it once")
    found = [sizes[anchor] for anchor in anchors]
    if any(one.within in anchors for one in found):
        raise InputError("a group is counted together with its layer", hint="Keep one of the two")
    total = sum(one.neurons for one in found)
    if verb == "count":
        return f"{total:,}"
    if len({one.within for one in found}) > 1:
        raise InputError(
            "a share is of one layer, and these groups are of several", hint="Write a share for each layer"
        )
    return share(total, found[0].of)


def share(part: int, whole: int) -> str:
    """A part as a whole percentage; "<1%" rather than nothing."""
    percent = round(100 * part / whole)
    return "<1%" if percent == 0 and part else f"{percent}%"
