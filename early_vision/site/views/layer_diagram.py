"""The layer diagram's geometry: the image, then every layer as a mosaic of its neurons, as wide as it has neurons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from early_vision.features.result import FeatureVisualization
from early_vision.site.pictures import Picture, sheet

SIDE = 10
"""Side of a neuron in the mosaic, in user units: CSS pixels when the diagram has its natural width."""
ROWS = 16
"""Neurons above each other in a mosaic, so that a layer's area and width are in proportion to its neurons."""
MOSAIC_QUALITY = 55
"""At this size nobody sees the difference, and the diagram is among the first things that a page loads."""
INPUT_SIDE = 56
LABEL = 46
"""Height of the two lines below a mosaic."""
WIDE, NARROW = 900, 340
"""Widths at which a row is full."""
GAPS = {WIDE: 34, NARROW: 22}
SHORT = re.compile(r"\d+[a-z]*$")


@dataclass(frozen=True)
class Box:
    """One stage of the diagram: its place, and the arrow that leads to it.

    Attributes:
        layer: its name, or None for the image that goes in.
        x, y, width, height: of the mosaic, or of the image's frame.
        arrow: (x from, x to, y), or None for the first.
    """

    layer: str | None
    x: int
    y: int
    width: int
    height: int
    arrow: tuple[int, int, int] | None

    @property
    def grid(self) -> str:
        """The lines between the neurons of the mosaic, as an SVG path."""
        across = (f"M{self.x} {y}h{self.width}" for y in range(self.y + SIDE, self.y + self.height, SIDE))
        down = (f"M{x} {self.y}v{self.height}" for x in range(self.x + SIDE, self.x + self.width, SIDE))
        return "".join((*across, *down))


@dataclass(frozen=True)
class Diagram:
    """Boxes in reading order within a drawing of `width` by `height` user units."""

    width: int
    height: int
    boxes: tuple[Box, ...]


def mosaic(features: Sequence[FeatureVisualization]) -> Picture:
    """All neurons of a layer, tiny, at twice the density of the diagram."""
    images = [feature.image for feature in features if feature.image is not None]
    return replace(sheet(images, 2 * SIDE, mosaic_columns(len(features)), MOSAIC_QUALITY), lossless=False)


def mosaic_frame(neurons: int) -> Box:
    """Where a layer's mosaic would be, by itself."""
    return Box(None, 0, 0, mosaic_columns(neurons) * SIDE, ROWS * SIDE, None)


def mosaic_columns(neurons: int) -> int:
    """Neurons beside each other in a layer's mosaic."""
    return -(-neurons // ROWS)


def layer_diagram(neurons: Mapping[str, int], width: int) -> Diagram:
    """Places the image and the layers in rows of at most `width`, from left to right."""
    gap, height = GAPS[width], ROWS * SIDE
    boxes = [Box(None, 0, (height - INPUT_SIDE) // 2, INPUT_SIDE, INPUT_SIDE, None)]
    x, y = INPUT_SIDE, 0
    for layer, count in neurons.items():
        wide = mosaic_columns(count) * SIDE
        if x + gap + wide > width and x > 0:
            x, y = 0, y + height + LABEL + 14
        boxes.append(Box(layer, x + gap, y, wide, height, (x, x + gap, y + height // 2)))
        x += gap + wide
    return Diagram(max(box.x + box.width for box in boxes), y + height + LABEL, tuple(boxes))


@dataclass(frozen=True)
class Station:
    """A layer in the strip at the head of a page: its name, and what of it there is room for on a phone."""

    layer: str
    short: str


Strip = tuple[Station, ...]
"""All layers in a row."""


def layer_strip(layers: Iterable[str]) -> Strip:
    """The layers' names; in short, the number that they end with, such as "3a"."""
    return tuple(Station(layer, found[0] if (found := SHORT.search(layer)) else layer[:2]) for layer in layers)
