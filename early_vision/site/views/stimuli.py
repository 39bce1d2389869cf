"""Stimuli as pictures: those that excite a neuron most, and those along the axis of a tuning plot."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from early_vision.drawing.tuning_plots import TITLES
from early_vision.site.pictures import FOLDER, METHOD, PIXELS_UP_TO, Picture, resized, tile_side
from early_vision.site.sprites import DENSITY
from early_vision.tuning import LayerTuning
from early_vision.tuning.responses import VERSION as SHOWN
from early_vision.tuning.stimuli import Series, Value, draw

VERSION = 2
"""To be raised when pictures are drawn differently, since their names follow from it."""
COUNT = 12
"""Stimuli that a neuron's page shows, each of another kind."""
SHOWN_SIDE, QUALITY = 64, 50
"""Of a stimulus in a neuron's row: its side in CSS pixels, as assets/css/57-tuning.css has it."""
REACH = 720
"""Half the side of a tuning plot with its stimuli, in its units; the plot itself is 500."""
RING, DISC = 612, 104
"""How far from the middle stimuli stand, and their radius, in the same units."""
SCALE = 0.25
"""Pixels to a unit."""
MOST_IN_RING, MOST_IN_ROW = 12, 4

AXES: Mapping[str, tuple[str, str]] = {
    "orientation": ("grating", "orientation"),
    "line_orientation": ("line", "orientation"),
    "boundary_orientation": ("boundary", "direction"),
    "edge_direction": ("edge", "direction"),
    "curve_direction": ("curve", "direction"),
    "corner_direction": ("corner", "direction"),
    "high_low_direction": ("high_low", "direction"),
    "hue": ("colour_spot", "hue"),
    "chromatic_inhibition": ("tinted_pattern", "hue"),
    "frequency": ("grating", "frequency"),
    "noise_frequency": ("noise", "frequency"),
}
"""For each figure of `TITLES` a kind of stimulus that it is about, and which of its parameters is the axis."""
FIRST = ("polarity", "phase", "seed", "surround")
"""Parameters whose first value stands for all; of others, it is the one in the middle."""


@dataclass(frozen=True)
class Shown:
    """A stimulus in words, and the response to it as a share of the strongest, in percent."""

    words: str
    percent: int


@dataclass(frozen=True)
class Row:
    """The stimuli that excite a neuron most, the strongest first, and all of them side by side as one picture."""

    picture: Picture
    stimuli: tuple[Shown, ...]


@dataclass(frozen=True, eq=False)
class LayerStimuli:
    """The stimuli of a layer as pictures; each is drawn once.

    Attributes:
        size: the side of what its neurons see, in pixels.
    """

    tuning: LayerTuning
    size: int
    _drawn: dict[tuple, np.ndarray] = field(init=False, repr=False, default_factory=dict)

    @cached_property
    def _best(self) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
        """Kinds, and for every neuron the highest response to each and which of its stimuli that is, [neurons, kinds]."""
        kinds = tuple(self.tuning.drives.series)
        flat = [self.tuning.drives.responses[kind].reshape(self.tuning.neurons, -1) for kind in kinds]
        highest = np.stack([one.max(1) for one in flat], axis=1).astype(float)
        return kinds, highest, np.stack([one.argmax(1) for one in flat], axis=1)

    def row(self, channel: int) -> Row:
        """The stimuli that excite a neuron most, of each kind the best."""
        grey, scale = float(self.tuning.drives.grey[channel]), self.tuning.drives.scale(channel)
        strongest = self._strongest(channel)
        most = max(strongest[0][2] - grey, 1e-9)
        shown = tuple(
            Shown(self.tuning.drives.series[kind].label(index, scale), max(0, round(100 * (highest - grey) / most)))
            for kind, index, highest in strongest
        )
        return Row(self.row_picture(channel), shown)

    def _strongest(self, channel: int) -> list[tuple[str, int, float]]:
        """The kinds that excite a neuron most, of each which of its stimuli does, and how much."""
        kinds, highest, which = self._best
        order = np.argsort(-highest[channel], kind="stable")[:COUNT]
        return [(kinds[at], int(which[channel, at]), float(highest[channel, at])) for at in order]

    def row_picture(self, channel: int) -> Picture:
        """The stimuli of `row`, side by side."""
        series, scale = self.tuning.drives.series, self.tuning.drives.scale(channel)
        stimuli = [(kind, tuple(series[kind].nth(index, scale).items())) for kind, index, _ in self._strongest(channel)]
        side = tile_side(self.size, SHOWN_SIDE, DENSITY)

        def side_by_side() -> Image.Image:
            canvas = Image.new("RGB", (side * len(stimuli), side))
            for at, (kind, parameters) in enumerate(stimuli):
                canvas.paste(resized(self._image(kind, parameters), side), (at * side, 0))
            return canvas

        lossless = self.size <= PIXELS_UP_TO
        return Picture(self._name("row", stimuli), side * len(stimuli), side, side_by_side, lossless, QUALITY)

    def axis(self, measure: str) -> Picture:
        """The stimuli along the axis of a figure of `TITLES`, to be laid below it."""
        (kind, _), (stimulus, name) = TITLES[measure], AXES[measure]
        series = self.tuning.drives.series[stimulus]
        values = series.axes[name]
        stimuli = [(stimulus, tuple(along(series, name, value).items())) for value in values]
        if kind == "frequency":
            stimuli = thinned(stimuli, MOST_IN_ROW)
            step = 2 * 440 / len(stimuli)
            places = [(-440 + step * (at + 0.5), float(RING)) for at in range(len(stimuli))]
        else:
            # A border lies at right angles to the direction in which it changes; an orientation is two directions.
            angles = [float(value) + (90 if measure == "boundary_orientation" else 0) for value in values]
            if kind == "orientation" and max(map(float, values)) < 180:
                angles, stimuli = [*angles, *(angle + 180 for angle in angles)], stimuli * 2
            angles, stimuli = thinned(angles, MOST_IN_RING), thinned(stimuli, MOST_IN_RING)
            places = [(RING * math.cos(math.radians(at)), -RING * math.sin(math.radians(at))) for at in angles]
        width = round(2 * REACH * SCALE)
        corners = [(round((REACH + x - DISC) * SCALE), round((REACH + y - DISC) * SCALE)) for x, y in places]

        def around() -> Image.Image:
            canvas, disc = Image.new("RGBA", (width, width)), round(2 * DISC * SCALE)
            mask = Image.new("L", (4 * disc, 4 * disc))
            ImageDraw.Draw(mask).ellipse((0, 0, 4 * disc - 1, 4 * disc - 1), fill=255)
            mask = mask.reduce(4)
            for (one, parameters), corner in zip(stimuli, corners, strict=True):
                canvas.paste(resized(self._image(one, parameters), disc), corner, mask)
            return canvas

        return Picture(self._name(f"axis {measure}", stimuli), width, width, around, False, 75)

    def pictures(self, measures: Sequence[str]) -> list[Picture]:
        """Those of all neurons that respond to any, and those along the axes of some figures."""
        rows = [self.row_picture(int(channel)) for channel in np.flatnonzero(self.tuning.drives.highest > 0)]
        return [*rows, *(self.axis(measure) for measure in measures)]

    def _image(self, kind: str, parameters: tuple[tuple[str, Value], ...]) -> np.ndarray:
        """A stimulus as a neuron sees it that looks at its middle, uint8 [size, size, 3]."""
        key = kind, parameters
        if key not in self._drawn:
            at = np.arange(self.size) - (self.size - 1) / 2
            x, y = np.meshgrid(at, -at)
            pixels = draw(kind, dict(parameters), x, y)
            self._drawn[key] = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
        return self._drawn[key]

    def _name(self, what: str, stimuli: list[tuple]) -> str:
        made = f"{VERSION} {SHOWN} {what} {self.size} {SHOWN_SIDE} {QUALITY} {METHOD} {RING} {DISC} {SCALE} {stimuli}"
        return f"{FOLDER}/{hashlib.sha256(made.encode()).hexdigest()[:16]}.webp"


def along(series: Series, axis: str, value: Value) -> dict[str, Value]:
    """The stimulus that stands for a value of a parameter."""
    middle = {
        name: values[0]
        if name in FIRST
        else values[len(values) // 2]
        if name not in ("light", "colour")
        else values[-1]
        for name, values in series.axes.items()
    }
    return {**middle, axis: value}


def thinned(some: list, most: int) -> list:
    """Every so many of some, so that at most so many are left."""
    return some[:: -(-len(some) // most)]
