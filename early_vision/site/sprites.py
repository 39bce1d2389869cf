"""Sprites: a layer's neurons as few picture files, and where in them each neuron is."""

from collections.abc import Sequence
from dataclasses import dataclass

from early_vision.features.result import FeatureVisualization
from early_vision.site.pictures import Picture, sheet

DENSITY = 2
"""Picture pixels to a CSS pixel."""
TILE = 60
"""Side of a neuron's picture in the article, in CSS pixels; assets/css/30-groups.css says it again."""
COLUMNS, ROWS = 16, 8
"""Tiles in one sprite at most."""


@dataclass(frozen=True)
class Tile:
    """Where a neuron's picture is: which sprite, which of its layer's that is, and at which column and row of it."""

    sprite: Picture
    number: int
    column: int
    row: int

    @property
    def width(self) -> int:
        """Width of the sprite in CSS pixels."""
        return self.sprite.width // DENSITY


def layer_tiles(features: Sequence[FeatureVisualization]) -> tuple[Tile, ...]:
    """The tile of each neuron of a layer.

    Tiles lie in the order of channels, not of groups: sorting neurons into other groups leaves pictures as they are.
    """
    tiles = []
    for start in range(0, len(features), COLUMNS * ROWS):
        chunk = features[start : start + COLUMNS * ROWS]
        sprite = sheet(
            [feature.image for feature in chunk if feature.image is not None], TILE * DENSITY, min(COLUMNS, len(chunk))
        )
        number = start // (COLUMNS * ROWS)
        tiles += [Tile(sprite, number, index % COLUMNS, index // COLUMNS) for index in range(len(chunk))]
    return tuple(tiles)


def size_in_tiles(sprite: Picture) -> tuple[int, int]:
    """The columns and rows of a sprite."""
    return sprite.width // (DENSITY * TILE), sprite.height // (DENSITY * TILE)
