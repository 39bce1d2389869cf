"""What the small figure of a neuron group shows: numbers for the templates, no drawing."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from early_vision.tuning.colour import opponent_colour
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.series import HUES

Points = tuple[tuple[float, float], ...]
HueWheel = tuple[tuple[Points, tuple[int, int, int]], ...]
Kind = Literal["orientation", "direction", "hue", "frequency"]

TITLES: Mapping[str, tuple[Kind, str]] = {
    "orientation": ("orientation", "Response to stripes, by orientation"),
    "line_orientation": ("orientation", "Response to single lines, by orientation"),
    "boundary_orientation": ("orientation", "Response to borders with several cues, by orientation"),
    "edge_direction": ("direction", "Response to edges, by the light side"),
    "curve_direction": ("direction", "Response to curves, by where they bulge"),
    "corner_direction": ("direction", "Response to corners, by where they open"),
    "high_low_direction": ("direction", "Response to fine beside coarse texture, by the fine side"),
    "hue": ("hue", "Response to spots and fields, by hue"),
    "chromatic_inhibition": (
        "hue",
        "Response to a tinted pattern, by hue; the circle is that to the pattern without a tint",
    ),
    "frequency": ("frequency", "Response to stripes, by spatial frequency"),
    "noise_frequency": ("frequency", "Response to texture, by spatial frequency"),
}
"""What a figure can show, by the measure that sums it up: the kind of figure, and its title."""

USUAL = {"orientation": "orientation", "direction": "curve_direction", "hue": "hue", "frequency": "frequency"}
"""The measure of each kind of figure, for groups that are ordered by none of the above."""


@dataclass(frozen=True)
class Bar:
    """A bar of a figure.

    Attributes:
        at: where: degrees counter-clockwise from rightwards, or cycles per pixel.
        length: mean over the group's neurons of the drive as a share, 0 to 1: of the neuron's own best in the figure,
            or for tinted patterns of its drive without a tint.
        """

    at: float
    length: float


@dataclass(frozen=True)
class Plot:
    """The figure of a group.

    Attributes:
        kind: which figure: a rose of orientations or directions, a hue wheel, or bars of frequency.
        title: what it shows.
        bars: over the whole circle, or from low to high frequency.
        marks: each neuron's own preferred value, in display order; empty where there is none to prefer.
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
        return tuple(
            (((0.0, 0.0), *(_on_circle(bar.at, bar.length, turn) for turn in (-half, half))), bar) for bar in self.bars
        )

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
    family = next((f for f in FAMILIES if name in (f.name, f.name_in(tuning.layer))), None)
    if family is None:
        return figure(tuning, neurons, USUAL[_telling(tuning, neurons)])
    own = family.order[0]
    return figure(tuning, neurons, own if own in TITLES and TITLES[own][0] == family.plot else USUAL[family.plot])


def figure(tuning: LayerTuning, neurons: Sequence[int], measure: str) -> Plot:
    """The figure that goes with a measure of `TITLES`, for some neurons of a layer."""
    (kind, title), neurons = TITLES[measure], list(neurons)
    values, profile = _profile(tuning.drives, measure)
    if measure == "chromatic_inhibition":
        # How much of the response without a tint is left counts, not which hue leaves most.
        means, marks = [round(float(mean), 3) for mean in profile[neurons].mean(0)], ()
        text = f"{title}: on average {min(means):.0%} to {max(means):.0%} are left."
    else:
        means = _mean_profile(profile[neurons])
        marks = tuple(round(float(mark), 3) for mark in tuning.measures[measure][neurons])
        unit = " cycles per pixel" if kind == "frequency" else "°"
        text = f"{title}: on average strongest at {values[int(np.argmax(means))]:g}{unit}."
    # An orientation is the same the other way round.
    turns = (0, 180) if kind == "orientation" else (0,)
    bars = [
        Bar(float(value + turn), mean)
        for turn in turns
        for value, mean in zip(values, means, strict=True)
    ]
    return Plot(kind, title, tuple(bars), marks, text)


PLOTS: Mapping[Kind, Callable[[LayerTuning, Sequence[int]], Plot]] = {
    kind: partial(figure, measure=measure) for kind, measure in USUAL.items()
}
"""The usual figure of each kind."""


def _telling(tuning: LayerTuning, neurons: Sequence[int]) -> Kind:
    """The kind of figure for a group that is no family: by the medians of its neurons' selectivities."""
    names = ("colour_selectivity", "orientation_selectivity", "edge_selectivity", "curve_selectivity")
    median = {name: float(np.median(tuning.measures[name][list(neurons)])) for name in names}
    if median["colour_selectivity"] > 0.5:
        return "hue"
    if max(median["edge_selectivity"], median["curve_selectivity"]) > 0.3:
        return "direction"
    return "orientation" if median["orientation_selectivity"] > 0.35 else "frequency"


def _profile(drives: Drives, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """The values of what is varied, and the drive of every neuron of the layer by each, [neurons, values]."""
    match measure:
        case "orientation":
            return _varied(drives, ("grating",), "orientation")
        case "line_orientation":
            return _varied(drives, ("line",), "orientation")
        case "boundary_orientation":
            return _by_border(drives)
        case "edge_direction":
            return _varied(drives, ("edge",), "direction")
        case "curve_direction":
            return _varied(drives, ("curve", "curved_edge"), "direction")
        case "corner_direction":
            return _varied(drives, ("corner", "angle"), "direction")
        case "high_low_direction":
            return _varied(drives, ("high_low",), "direction")
        case "hue":
            hues, spots = _varied(drives, ("colour_spot",), "hue", surround="grey")
            return hues, np.maximum(spots, drives.by("uniform_hue", "hue"))
        case "chromatic_inhibition":
            hues, tinted = _varied(drives, ("tinted_pattern",), "hue")
            plain = drives.best("pattern")[:, None]
            return hues, np.clip(np.divide(tinted, plain, out=np.zeros_like(tinted), where=plain > 0), 0, 1)
        case "frequency":
            return _varied(drives, ("grating",), "frequency")
        case _:
            return _varied(drives, ("noise",), "frequency")


def _by_border(drives: Drives) -> tuple[np.ndarray, np.ndarray]:
    """The orientations of borders, at right angles to the directions in which they change, and the drive by each."""
    directions, drive = _varied(drives, ("boundary",), "direction")
    half = len(directions) // 2
    orientations = np.mod(directions[:half] + 90, 180)
    order = np.argsort(orientations)
    return orientations[order], np.maximum(drive[:, :half], drive[:, half:])[:, order]


def _varied(drives: Drives, kinds: Sequence[str], axis: str, **only) -> tuple[np.ndarray, np.ndarray]:
    """The values of a parameter that some kinds share, and the largest drive by any of them for each."""
    return drives.values(kinds[0], axis), np.max([drives.by(kind, axis, **only) for kind in kinds], axis=0)


def _mean_profile(drive: np.ndarray) -> list[float]:
    """Mean over neurons of drives [neurons, values], each neuron's best being 1."""
    best = drive.max(1, keepdims=True)
    share = np.divide(drive, best, out=np.zeros_like(drive), where=best > 0)
    return [round(float(value), 3) for value in share.mean(0)]


def hue_wheel() -> HueWheel:
    """The sectors of a wheel of all hues: triangles from its middle, beyond a circle of radius 1, and their colours."""
    half = math.pi / len(HUES) + 0.01
    return tuple(
        (((0.0, 0.0), _on_circle(hue, 1.2, -half), _on_circle(hue, 1.2, half)), _rgb(hue)) for hue in HUES
    )


def _rgb(hue: float) -> tuple[int, int, int]:
    """A hue of the opponent plane as a colour on a screen."""
    return tuple(int(round(value)) for value in 128 + 100 * opponent_colour(float(hue)))
