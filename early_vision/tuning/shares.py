"""How large a part of each layer a kind of neuron or a group has, here and in another taxonomy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Taxonomy = Mapping[str, Mapping]
"""Layer to `neurons` and `groups`, each with `name` and `units`: the shape of data/groups.json."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "Stripes and Gabors": (
        "Gabor Filters",
        "Gabor Like",
        "Complex Gabor",
        "Complex Gabors",
        "Gabor Textures",
        "Low Frequency",
    ),
    "Color": ("Color", "Multicolor", "Color/Multicolor"),
    "Color Contrast": ("Color Contrast", "Color Contrast/Gradient"),
    "Color Center-Surround": ("Color Center-Surround",),
    "BW vs Color": ("BW vs Color",),
    "Lines and Edges": (
        "Line",
        "Lines",
        "Edges",
        "Shifted Line",
        "Line Misc.",
        "Thick Lines",
        "Bar / Line-Like",
        "Line Grad",
    ),
    "Line Ends": ("Line Ends",),
    "Brightness Gradient": ("Early Brightness Gradient", "Brightness Gradient", "Brightness Gradients"),
    "High-Low Frequency": ("High-Low Frequency",),
    "Curves": (
        "Tiny Curves",
        "Curves",
        "Curves misc.",
        "Shallow Curves",
        "Double Curves",
        "Curve Shapes",
        "Divots",
        "Evolute",
    ),
    "Corners and Angles": ("Corners", "Angles", "Square / Grid"),
    "Crosses and Divergence": (
        "Line Divergence",
        "Crosses / Diverging Lines",
        "Cross / Corner Divergence",
        "Star",
        "Pointy",
    ),
    "Circles and Eyes": (
        "Circles",
        "Circles / Loops",
        "Circle Cluster",
        "Eyes",
        "Eyes / Small Circles",
        "Light and Dark Spots",
    ),
    "Complex Center-Surround": ("Complex Center-Surround", "Texture Contrast"),
    "Textures and Patterns": (
        "Textures",
        "Texture",
        "hatch",
        "Hatch Textures",
        "Repeating patterns",
        "Pattern",
        "Scales",
        "Checks",
        "Shiny",
    ),
    "Fur": ("Fur Precursors", "Generic, Oriented Fur", "Other Fur"),
    "Boundary": ("Boundary", "Boundary Misc", "Double Boundary", "Bumps"),
    "Parts of Objects": (
        "Proto-Head",
        "Faces",
        "Four-Legged Animals",
        "Spiders and Insects",
        "Vehicles",
        "Columns and Towers",
        "Arches",
        "Domes",
        "Torsos",
        "Rows of Bars",
    ),
    "Other Units": ("Other Units",),
}
"""Groups that count as one kind: what differs is the layer, or how finely they were told apart."""


@dataclass(frozen=True)
class Share:
    """A kind's part of a layer in two taxonomies, 0 to 1 each; None in a layer that one of them has not."""

    ours: float | None
    theirs: float | None


@dataclass(frozen=True)
class Row:
    """A kind of neuron, and its share of every layer."""

    kind: str
    shares: Mapping[str, Share]


@dataclass(frozen=True)
class GroupShare:
    """A group that either taxonomy has in a layer, by its name, and its share of the layer in both.

    Attributes:
        anchor: of its card among ours; None for a group that only the other taxonomy has.
    """

    name: str
    anchor: str | None
    share: Share


def kind_of(group: str) -> str:
    """The kind that a group counts as; a group that is listed nowhere is a kind of its own."""
    return next((kind for kind, names in KINDS.items() if group in names), group)


def compare_shares(ours: Taxonomy, theirs: Taxonomy, layers: Sequence[str]) -> tuple[Row, ...]:
    """A row for every kind that occurs in either taxonomy, the known kinds first in their order."""
    own, others = ({layer: kind_shares(taxonomy, layer) for layer in layers} for taxonomy in (ours, theirs))
    seen = {kind for shares in (*own.values(), *others.values()) if shares for kind in shares}
    kinds = [*(kind for kind in KINDS if kind in seen), *sorted(seen - KINDS.keys())]
    return tuple(
        Row(kind, {layer: Share(_part(own[layer], kind), _part(others[layer], kind)) for layer in layers})
        for kind in kinds
    )


def compare_groups(ours: Taxonomy, theirs: Taxonomy, layers: Sequence[str]) -> dict[str, tuple[GroupShare, ...]]:
    """Layer to its groups in either taxonomy, those of the same name as one: theirs in their order, then our own."""
    return {layer: _groups(ours[layer], theirs.get(layer)) for layer in layers}


def _groups(ours: Mapping, theirs: Mapping | None) -> tuple[GroupShare, ...]:
    own, others = ({one["name"]: one for one in each["groups"]} if each else {} for each in (ours, theirs))

    def share(name: str, groups: Mapping, taxonomy: Mapping | None) -> float | None:
        return len(groups[name]["units"]) / taxonomy["neurons"] if taxonomy and name in groups else None

    return tuple(
        GroupShare(
            name,
            own[name]["anchor"] if name in own else None,
            Share(share(name, own, ours), share(name, others, theirs)),
        )
        for name in dict.fromkeys([*others, *own])
    )


def kind_shares(taxonomy: Taxonomy, layer: str) -> dict[str, float] | None:
    """The share of each kind in a layer of a taxonomy, 0 to 1; None for a layer that it has not."""
    if layer not in taxonomy:
        return None
    shares: dict[str, float] = {}
    for group in taxonomy[layer]["groups"]:
        kind = kind_of(group["name"])
        shares[kind] = shares.get(kind, 0.0) + len(group["units"]) / taxonomy[layer]["neurons"]
    return shares


def _part(shares: Mapping[str, float] | None, kind: str) -> float | None:
    return None if shares is None else shares.get(kind, 0.0)
