"""What the small figure of a neuron group shows: numbers for the templates, no drawing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from early_vision.tuning.colour import opponent_colour
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.layer_tuning import LayerTuning

Points = tuple[tuple[float, float], ...]
Kind = Literal["orientation", "direction", "hue", "frequency"]

TITLES = {
    "orientation": "Response to stripes, by orientation",
    "direction": "Response to edges and curves, by the side they face",
    "hue": "Response to spots and fields, by hue",
    "frequency": "Response to stripes, by spatial frequency",
}


@dataclass(frozen=True)
class Bar:
    """A bar of a figure.

    Attributes:
        at: where: degrees counter-clockwise from rightwards, or cycles per pixel.
        length: mean drive over the group's neurons, each as a share of its own best in the figure: 0 to 1.
        colour: RGB, 0 to 255, of what the bar stands for, or None.
    """

    at: float
    length: float
    colour: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Plot:
    """The figure of a group.

    Attributes:
        kind: which figure: a rose of orientations or directions, a hue wheel, or bars of frequency.
        title: what it shows.
        bars: over the whole circle, or from low to high frequency.
        marks: each neuron's own preferred value, in display order.
        text: the figure in words, for those who do not see it.
    """

    kind: Kind
    title: str
    bars: tuple[Bar, ...]
    marks: tuple[float, ...]
    text: str

    @property
    def wedges(self) -> tuple[tuple[Points, Bar], ...]:
        """Each bar of a rose or wheel as a triangle from its middle, within a circle of radius 1, y downwards."""
        half = 0.42 * 2 * math.pi / len(self.bars)
        return tuple((((0.0, 0.0), *(_on_circle(bar.at, bar.length, turn) for turn in (-half, half))), bar) for bar in self.bars)

    @property
    def ticks(self) -> tuple[Points, ...]:
        """Each mark as a short line around that circle; an orientation has two, opposite each other."""
        angles = [angle + turn for angle in self.marks for turn in ((0, 180) if self.kind == "orientation" else (0,))]
        return tuple((_on_circle(angle, 1.0), _on_circle(angle, 1.12)) for angle in angles)


def _on_circle(at: float, radius: float, turn: float = 0.0) -> tuple[float, float]:
    """The point at an angle in degrees counter-clockwise from rightwards, and `turn` radians on."""
    angle = -math.radians(at) + turn
    return radius * math.cos(angle), radius * math.sin(angle)


def group_plot(tuning: LayerTuning, neurons: Sequence[int], name: str) -> Plot:
    """The figure of a group: that of its family, or the one on whose values its neurons depend most."""
    kind = next((f.plot for f in FAMILIES if name in (f.name, f.name_in(tuning.layer))), None)
    return PLOTS[kind or _telling(tuning, neurons)](tuning, list(neurons))


def _telling(tuning: LayerTuning, neurons: Sequence[int]) -> Kind:
    """The kind of figure for a group that is no family: by the medians of its neurons' selectivities."""
    median = {name: float(np.median(tuning.measures[name][list(neurons)])) for name in
              ("colour_selectivity", "orientation_selectivity", "edge_selectivity", "curve_selectivity")}  # fmt: skip
    if median["colour_selectivity"] > 0.5:
        return "hue"
    if max(median["edge_selectivity"], median["curve_selectivity"]) > 0.3:
        return "direction"
    return "orientation" if median["orientation_selectivity"] > 0.35 else "frequency"


def _orientation(tuning: LayerTuning, neurons: list[int]) -> Plot:
    angles = tuning.drives.values("grating", "orientation")
    means = _mean_profile(tuning.drives.by("grating", "orientation")[neurons])
    bars = [Bar(float(angle + turn), length) for turn in (0, 180) for angle, length in zip(angles, means, strict=True)]
    return _plot("orientation", bars, tuning.measures["orientation"][neurons], "°", angles[int(np.argmax(means))])


def _direction(tuning: LayerTuning, neurons: list[int]) -> Plot:
    angles = tuning.drives.values("curved_edge", "direction")
    # Edges are measured twice as finely as curves.
    edges = tuning.drives.by("edge", "direction")[:, ::2]
    curves = np.maximum(tuning.drives.by("curved_edge", "direction"), tuning.drives.by("curve", "direction"))
    means = _mean_profile(np.maximum(edges, curves)[neurons])
    bars = [Bar(float(angle), length) for angle, length in zip(angles, means, strict=True)]
    return _plot("direction", bars, tuning.measures["curve_direction"][neurons], "°", angles[int(np.argmax(means))])


def _hue(tuning: LayerTuning, neurons: list[int]) -> Plot:
    hues = tuning.drives.values("colour_spot", "hue")
    drive = np.maximum(tuning.drives.by("colour_spot", "hue", surround="grey"), tuning.drives.by("uniform_hue", "hue"))
    means = _mean_profile(drive[neurons])
    bars = [Bar(float(hue), length, _rgb(hue)) for hue, length in zip(hues, means, strict=True)]
    return _plot("hue", bars, tuning.measures["hue"][neurons], "°", hues[int(np.argmax(means))])


def _frequency(tuning: LayerTuning, neurons: list[int]) -> Plot:
    frequencies = tuning.drives.values("grating", "frequency")
    means = _mean_profile(tuning.drives.by("grating", "frequency")[neurons])
    bars = [Bar(float(frequency), length) for frequency, length in zip(frequencies, means, strict=True)]
    return _plot(
        "frequency",
        bars,
        tuning.measures["frequency"][neurons],
        " cycles per pixel",
        frequencies[int(np.argmax(means))],
    )


PLOTS = {"orientation": _orientation, "direction": _direction, "hue": _hue, "frequency": _frequency}


def _plot(kind: Kind, bars: Sequence[Bar], marks: np.ndarray, unit: str, peak: float) -> Plot:
    text = f"{TITLES[kind]}: on average strongest at {peak:g}{unit}."
    return Plot(kind, TITLES[kind], tuple(bars), tuple(round(float(mark), 3) for mark in marks), text)


def _mean_profile(drive: np.ndarray) -> list[float]:
    """Mean over neurons of drives [neurons, values], each neuron's best being 1."""
    best = drive.max(1, keepdims=True)
    share = np.divide(drive, best, out=np.zeros_like(drive), where=best > 0)
    return [round(float(value), 3) for value in share.mean(0)]


def _rgb(hue: float) -> tuple[int, int, int]:
    """A hue of the opponent plane as a colour on a screen."""
    return tuple(int(round(value)) for value in 128 + 100 * opponent_colour(float(hue)))
