"""What the small figure of a neuron or a group shows: numbers and paths for the templates, no drawing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from early_vision.tuning.colour import opponent_colour
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.stimuli import HUES

Points = Sequence[tuple[float, float]]
Profile = tuple[np.ndarray, np.ndarray]
"""The values of what is varied, and the drive of every neuron of a layer by each, [neurons, values]."""
HueWheel = tuple[tuple[str, tuple[int, int, int]], ...]
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

STANDS_OUT = 1.2
"""By how much the largest mean of a group has to exceed what all of them are on average, to be named in its caption."""

RADIUS, GAP = 440, 20
"""Of a figure's circle, and between the bars of a row: in units of which a figure is 1000 wide."""


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
    def measure(self) -> str:
        """The measure of `TITLES` that sums it up."""
        return next(name for name, shown in TITLES.items() if shown == (self.kind, self.title))

    @property
    def wedges(self) -> str:
        """The path of all bars that can be seen: of a rose or wheel triangles from its middle, of a row rectangles."""
        if self.kind == "frequency":
            step = 2 * RADIUS / len(self.bars)
            return "".join(_upright(at * step - RADIUS, step - GAP, bar.length) for at, bar in enumerate(self.bars))
        half = 0.42 * 2 * math.pi / len(self.bars)
        # Once closed, a path goes on from where it began: a triangle need not say again that it begins in the middle.
        middle, path = "M0 0", "".join(_sector(bar.at, bar.length, half) for bar in self._seen)
        return path[: len(middle)] + path.replace(middle, "")

    @property
    def _seen(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if round(100 * bar.length))

    @property
    def sectors(self) -> HueWheel:
        """For a wheel of hues the path of each bar that can be seen, and its colour, as in `hue_wheel`."""
        half = 0.42 * 2 * math.pi / len(self.bars)
        return tuple((_sector(bar.at, bar.length, half), _rgb(bar.at)) for bar in self._seen)

    @property
    def ticks(self) -> str:
        """The path of all marks, short lines around that circle; an orientation has two, opposite each other."""
        if self.kind == "frequency":
            return ""
        angles = [angle + turn for angle in self.marks for turn in ((0, 180) if self.kind == "orientation" else (0,))]
        return "".join(_path((_on_circle(angle, 1.0), _on_circle(angle, 1.12))) for angle in angles)


def _path(points: Points) -> str:
    """A line through points in parts of RADIUS, as an SVG path."""
    (x, y), *others = ((round(RADIUS * x), round(RADIUS * y)) for x, y in points)
    return f"M{x} {y}L{' '.join(f'{x} {y}' for x, y in others)}".replace(" -", "-")


def _sector(at: float, length: float, half: float) -> str:
    """A triangle from the middle, as an SVG path: at an angle in degrees, half as wide as `half` radians."""
    return f"{_path([(0.0, 0.0), *(_on_circle(at, length, turn) for turn in (-half, half))])}Z"


def _upright(x: float, width: float, length: float) -> str:
    """A bar on the base line, as high as two RADIUS when its length is 1."""
    height = round(2 * RADIUS * length)
    return f"M{round(x)} {RADIUS}v{-height}h{round(width)}v{height}Z"


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
    return _figure(tuning, list(neurons), measure, _profile(tuning.drives, measure))


def neuron_plots(tuning: LayerTuning) -> list[tuple[Plot, ...]]:
    """The usual figure of each kind, for every single neuron of a layer."""
    profiles = {measure: _profile(tuning.drives, measure) for measure in USUAL.values()}
    return [
        tuple(_figure(tuning, [neuron], measure, profile) for measure, profile in profiles.items())
        for neuron in range(tuning.drives.neurons)
    ]


def _figure(tuning: LayerTuning, neurons: list[int], measure: str, varied: Profile) -> Plot:
    (kind, title), (values, profile) = TITLES[measure], varied
    marks: tuple[float, ...] = ()
    if measure == "chromatic_inhibition":
        # How much of the response without a tint is left counts, not which hue leaves most.
        means = [round(float(mean), 3) for mean in profile[neurons].mean(0)]
        text = f"{title}: on average {min(means):.0%} to {max(means):.0%} are left."
    else:
        means = _mean_profile(profile[neurons])
        prefers = not (measure in ("orientation", "frequency") and len(neurons) == 1 and tuning.silent[neurons[0]])
        marks = tuple(round(float(mark), 3) for mark in tuning.measures[measure][neurons]) if prefers else ()
        unit, average = " cycles per pixel" if kind == "frequency" else "°", "on average " if len(neurons) > 1 else ""
        text = f"{title}: {average}strongest at {values[int(np.argmax(means))]:g}{unit}."
        if average and max(means) < STANDS_OUT * float(np.mean(means)):
            text = f"{title}: on average much the same{'' if kind == 'frequency' else '; marks show the best of each neuron'}."
    # An orientation is the same the other way round.
    turns = (0, 180) if kind == "orientation" else (0,)
    bars = [Bar(float(value + turn), mean) for turn in turns for value, mean in zip(values, means, strict=True)]
    return Plot(kind, title, tuple(bars), marks, text)


def _telling(tuning: LayerTuning, neurons: Sequence[int]) -> Kind:
    """The kind of figure for a group that is no family: by the medians of its neurons' selectivities."""
    names = ("colour_selectivity", "orientation_selectivity", "edge_selectivity", "curve_selectivity")
    median = {name: float(np.median(tuning.measures[name][list(neurons)])) for name in names}
    if median["colour_selectivity"] > 0.5:
        return "hue"
    if max(median["edge_selectivity"], median["curve_selectivity"]) > 0.3:
        return "direction"
    return "orientation" if median["orientation_selectivity"] > 0.35 else "frequency"


def _profile(drives: Drives, measure: str) -> Profile:
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


def _by_border(drives: Drives) -> Profile:
    """The orientations of borders, at right angles to the directions in which they change, and the drive by each."""
    directions, drive = _varied(drives, ("boundary",), "direction")
    half = len(directions) // 2
    orientations = np.mod(directions[:half] + 90, 180)
    order = np.argsort(orientations)
    return orientations[order], np.maximum(drive[:, :half], drive[:, half:])[:, order]


def _varied(drives: Drives, kinds: Sequence[str], axis: str, **only) -> Profile:
    """The values of a parameter that some kinds share, and the largest drive by any of them for each."""
    return drives.values(kinds[0], axis), np.max([drives.by(kind, axis, **only) for kind in kinds], axis=0)


def _mean_profile(drive: np.ndarray) -> list[float]:
    """Mean over neurons of drives [neurons, values], each neuron's best being 1."""
    best = drive.max(1, keepdims=True)
    share = np.divide(drive, best, out=np.zeros_like(drive), where=best > 0)
    return [round(float(value), 3) for value in share.mean(0)]


def hue_wheel() -> HueWheel:
    """The sectors of a wheel of all hues: paths of triangles from its middle to beyond the circle, and their colours."""
    half = math.pi / len(HUES) + 0.01
    return tuple((_sector(hue, 1.2, half), _rgb(hue)) for hue in HUES)


def _rgb(hue: float) -> tuple[int, int, int]:
    """A hue of the opponent plane as a colour on a screen."""
    return tuple(round(value) for value in 128 + 100 * opponent_colour(float(hue)))
