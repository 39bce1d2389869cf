"""The layer diagram's geometry: the image, then every layer as a mosaic of its neurons, as wide as it has neurons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from early_vision.features.result import FeatureVisualization
from early_vision.site.pictures import Picture, sheet

HEIGHT = 160
"""Of every mosaic, in user units: CSS pixels when the diagram has its natural width. A layer's area and width are in
proportion to its neurons."""
ROWS = (4, 8, 16)
"""How many neurons there may be above each other: the fewer, the larger each is."""
MOSAIC_QUALITY = 55
"""At this size nobody sees the difference, and the diagram is among the first things that a page loads."""
INPUT_SIDE = 56
LABEL = 46
"""Height of the two lines below a mosaic."""
WIDE, NARROW = 900, 340
"""Widths at which a row is full."""
GAPS = {WIDE: 34, NARROW: 22}
NAME_LETTER, COUNT_LETTER, APART = 7.2, 5.8, 8
"""About how wide a letter of either line is, and how far apart the lines of neighbours are at least."""
LONGEST = 26
"""Letters of a name that there is room for on the narrowest screens."""
SHORT = re.compile(r"\d+[a-z]*$")


@dataclass(frozen=True)
class Box:
    """One stage of the diagram: its place, and the arrow that leads to it.

    Attributes:
        layer: its name, or None for the image that goes in.
        x, y, width, height: of the mosaic, or of the image's frame.
        arrow: (x from, x to, y), or None for the first.
        side: of a neuron in the mosaic.
    """

    layer: str | None
    x: int
    y: int
    width: int
    height: int
    arrow: tuple[int, int, int] | None
    side: int = HEIGHT

    @property
    def name(self) -> str:
        """The layer's name; of a very long one its beginning and its end."""
        name = self.layer or ""
        return name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}…{name[1 - LONGEST // 2 :]}"

    @property
    def words(self) -> int:
        """How far down what stands above the layer's name ends: the same for all in a row."""
        return self.arrow[2] + HEIGHT // 2 if self.arrow else self.y + self.height

    @property
    def grid(self) -> str:
        """The lines between the neurons of the mosaic, as an SVG path."""
        across = (f"M{self.x} {y}h{self.width}" for y in range(self.y + self.side, self.y + self.height, self.side))
        down = (f"M{x} {self.y}v{self.height}" for x in range(self.x + self.side, self.x + self.width, self.side))
        return "".join((*across, *down))


@dataclass(frozen=True)
class Diagram:
    """Boxes in reading order within a drawing of `width` by `height` user units."""

    width: int
    height: int
    boxes: tuple[Box, ...]


def mosaic_rows(largest: int) -> int:
    """How many neurons are above each other in the mosaics of a network whose largest layer has so many."""
    return next((rows for rows in ROWS if largest <= rows**2), ROWS[-1])


def mosaic(features: Sequence[FeatureVisualization], rows: int) -> Picture:
    """All neurons of a layer, tiny, at twice the density of the diagram."""
    images = [feature.image for feature in features if feature.image is not None]
    columns = -(-len(features) // rows)
    return replace(sheet(images, 2 * HEIGHT // rows, columns, MOSAIC_QUALITY), lossless=False)


def mosaic_frame(neurons: int, rows: int) -> Box:
    """Where a layer's mosaic would be, by itself."""
    columns, side = -(-neurons // rows), HEIGHT // rows
    return Box(None, 0, 0, columns * side, -(-neurons // columns) * side, None, side)


def layer_diagram(neurons: Mapping[str, int], width: int) -> Diagram:
    """Places the image and the layers in rows of at most `width`, from left to right, so that no name touches another."""
    gap, rows = GAPS[width], mosaic_rows(max(neurons.values()))
    boxes = [Box(None, 0, (HEIGHT - INPUT_SIDE) // 2, INPUT_SIDE, INPUT_SIDE, None)]
    x, y, end, furthest = INPUT_SIDE, 0, INPUT_SIDE, INPUT_SIDE
    for layer, count in neurons.items():
        frame = mosaic_frame(count, rows)
        text = words_width(replace(frame, layer=layer).name, count)
        place = max(frame.width, text + APART - gap)
        if x > 0 and x + gap + (place + max(place, text) + 1) // 2 > width:
            x, y, end = 0, y + HEIGHT + LABEL + 14, 0
        left = x + gap + (place - frame.width) // 2
        top = y + (HEIGHT - frame.height) // 2
        boxes.append(replace(frame, layer=layer, x=left, y=top, arrow=(end, left, y + HEIGHT // 2)))
        x, end = x + gap + place, left + frame.width
        furthest = max(furthest, end, left + (frame.width + text + 1) // 2)
    return Diagram(furthest, y + HEIGHT + LABEL, tuple(boxes))


def words_width(name: str, neurons: int) -> int:
    """About how wide the two lines below a mosaic are."""
    return round(max(NAME_LETTER * len(name), COUNT_LETTER * len(f"{neurons} neurons")))


@dataclass(frozen=True)
class Station:
    """A layer in the strip at the head of a page: its name, and what of it there is room for on a phone."""

    layer: str
    short: str


Strip = tuple[Station, ...]
"""All layers in a row."""


def layer_strip(layers: Iterable[str]) -> Strip:
    """The layers' names; in short, the number that they end with, such as "3a", or which of them they are."""
    names = tuple(layers)
    found = [SHORT.search(name) for name in names]
    endings = [one[0] for one in found if one]
    shorts = endings if len(set(endings)) == len(names) else [str(place) for place in range(1, len(names) + 1)]
    return tuple(map(Station, names, shorts))
