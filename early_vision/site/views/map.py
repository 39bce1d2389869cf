"""The map of a layer: its neurons as pictures, those that respond alike near each other, coloured by their group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from early_vision.site.views.layer_diagram import Strip
from early_vision.site.views.layers import LayerView, NeuronView

CELL = 64
"""Of the map, in its units: a picture of 60 with the line of its group's colour below."""
COLOURS = 12
"""Colours of groups; more groups than that share them. assets/css/66-map.css says it again."""


@dataclass(frozen=True)
class MapGroup:
    """A group of the map: its colour's number, and how many neurons it has."""

    name: str
    anchor: str
    colour: int
    neurons: int


@dataclass(frozen=True)
class Placed:
    """A neuron, its place in units of the map, and which of the groups is its own."""

    neuron: NeuronView
    x: int
    y: int
    group: int


@dataclass(frozen=True)
class MapView:
    """What the page of a map is given.

    Attributes:
        title: of the article.
        strip: the layers of that, for the masthead.
        layer: whose map it is.
        layers: all that have one.
        width, height: of the map in its units.
        groups: in display order.
        neurons: in the order of rows, so that the Tab key goes through them as one reads.
        sprites: the picture files, each with its width and height in units.
    """

    title: str
    strip: Strip
    layer: str
    layers: tuple[str, ...]
    width: int
    height: int
    groups: tuple[MapGroup, ...]
    neurons: tuple[Placed, ...]
    sprites: tuple[tuple[str, int, int], ...]


def view_map(
    title: str, strip: Strip, layer: LayerView, layers: Sequence[str], cells: tuple[Sequence[int], Sequence[int]]
) -> MapView:
    """The map of a layer whose neurons were rendered, given the columns and rows of `likeness_map`."""
    groups = tuple(
        MapGroup(card.group.name, card.group.anchor, at % COLOURS, len(card.neurons))
        for at, card in enumerate(layer.cards)
    )
    of = {card.group.anchor: at for at, card in enumerate(layer.cards)}
    columns, rows = cells
    placed = [
        Placed(neuron, CELL * column, CELL * row, of[neuron.group.anchor])
        for neuron, column, row in zip(layer.neurons, columns, rows, strict=True)
    ]
    sprites: Mapping[str, tuple[str, int, int]] = {
        neuron.tile.sprite.path: (
            neuron.tile.sprite.path,
            neuron.tile.sprite.width // 2,
            neuron.tile.sprite.height // 2,
        )
        for neuron in layer.neurons
        if neuron.tile
    }
    ordered = tuple(sorted(placed, key=lambda one: (one.y, one.x)))
    size = CELL * (max(columns) + 1), CELL * (max(rows) + 1)
    return MapView(title, strip, layer.layer.name, tuple(layers), *size, groups, ordered, tuple(sprites.values()))
