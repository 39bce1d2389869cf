"""The words that neurons can be searched by, and what each of them means in measures.

A word holds for a neuron when all of its bounds do. Families are searched by their own names; these are the properties
that no family is named after.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.tuning.measures import MEASURES, Tuning


@dataclass(frozen=True)
class Bound:
    """The values of a measure, from `low` to `high`, both included; None where there is no end.

    For an angle they are the ends of an arc, counter-clockwise from `low` to `high`, and may lie beyond its period.
    """

    measure: str
    low: float | None = None
    high: float | None = None

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Where values [neurons] lie within the bound: bool [neurons]."""
        values, period = np.asarray(values), MEASURES[self.measure].period
        if period and self.low is not None and self.high is not None:
            return np.mod(values - self.low, period) <= self.high - self.low
        above = True if self.low is None else values >= self.low
        below = True if self.high is None else values <= self.high
        return np.broadcast_to(above & below, values.shape)

    def __str__(self) -> str:
        """Such as "hue 345° to 15°" or "to_stripes at least 0.5"."""
        measure = MEASURES[self.measure]
        if measure.period and self.low is not None and self.high is not None:
            return f"{self.measure} {self.low % measure.period:g}° to {self.high % measure.period:g}°"
        unit = f" {measure.unit}" if measure.unit else ""
        ends = [f"at least {self.low:g}{unit}"] if self.low is not None else []
        ends += [f"at most {self.high:g}{unit}"] if self.high is not None else []
        return f"{self.measure} {' and '.join(ends)}"


@dataclass(frozen=True)
class Word:
    """A word to search by.

    Attributes:
        name: what to type.
        also: other words for the same.
        kind: under which heading it is listed.
        meaning: what it says.
        bounds: all have to hold.
    """

    name: str
    also: tuple[str, ...]
    kind: str
    meaning: str
    bounds: tuple[Bound, ...]

    def members(self, tuning: Tuning) -> np.ndarray:
        """The channels of a layer that the word holds for, int [members]."""
        return np.flatnonzero(np.all([bound.holds(tuning[bound.measure]) for bound in self.bounds], axis=0))


ORIENTED = Bound("orientation_selectivity", 0.4)
STRIPED = Bound("to_stripes", 0.5)
COLOURED = (Bound("colour_selectivity", 0.45), Bound("hue_selectivity", 0.15))
BY_EDGES = (Bound("edge_selectivity", 0.3), Bound("to_edges", 0.6))
BY_CURVES = (Bound("curve_selectivity", 0.2), Bound("to_curves", 0.6), Bound("curvature", 0.05))


def _around(measure: str, angle: float, reach: float) -> Bound:
    return Bound(measure, angle - reach, angle + reach)


def _orientation(name: str, also: tuple[str, ...], angle: float) -> Word:
    bounds = _around("orientation", angle, 15), ORIENTED
    return Word(name, also, "orientation", f"prefers stripes at {angle:g}°", bounds)


def _hue(name: str, also: tuple[str, ...], hue: float, reach: float) -> Word:
    return Word(name, also, "colour", f"prefers the hue {hue:g}°, {name}", (_around("hue", hue, reach), *COLOURED))


SIDES: Mapping[str, float] = {"right": 0, "up": 90, "left": 180, "down": 270}

WORDS: tuple[Word, ...] = (
    _orientation("horizontal", (), 0),
    _orientation("rising", ("diagonal", "/"), 45),
    _orientation("vertical", ("upright",), 90),
    _orientation("falling", ("diagonal", "\\"), 135),
    Word("oriented", (), "orientation", "prefers stripes of one orientation", (ORIENTED,)),
    Word(
        "unoriented", ("isotropic",), "orientation", "responds to stripes of any orientation alike",
        (Bound("orientation_selectivity", None, 0.15), STRIPED),
    ),
    _hue("red", (), 0, 20),
    _hue("orange", (), 30, 15),
    _hue("yellow", (), 60, 20),
    _hue("green", ("lime", "teal"), 120, 40),
    _hue("cyan", ("turquoise",), 180, 20),
    _hue("blue", ("azure",), 230, 30),
    _hue("purple", ("violet",), 280, 20),
    _hue("magenta", ("pink", "rose"), 315, 25),
    Word(
        "colour", ("chromatic",), "colour", "driven by colour at least as much as by brightness",
        (Bound("colour_selectivity", 0.5),),
    ),
    Word(
        "black and white", ("achromatic", "bw", "brightness"), "colour", "driven by brightness, hardly by colour",
        (Bound("colour_selectivity", None, 0.3),),
    ),
    Word(
        "inhibited by colour", ("inhibition by colour",), "colour",
        "any tint takes from its response to a black-and-white pattern, whose brightness stays",
        (Bound("chromatic_inhibition", 0.1), Bound("least_chromatic_inhibition", 0.02)),
    ),
    Word(
        "fine", ("high frequency",), "scale", "prefers fine stripes, less than five pixels apart",
        (Bound("frequency", 0.2), STRIPED),
    ),
    Word(
        "coarse", ("low frequency",), "scale", "prefers broad stripes, more than twelve pixels apart",
        (Bound("frequency", None, 0.08), STRIPED),
    ),
    Word(
        "narrow band", (), "scale", "responds to a narrow range of frequencies",
        (Bound("bandwidth", None, 1.0), STRIPED),
    ),
    Word(
        "simple", (), "phase", "depends on where light and dark stripes lie",
        (Bound("phase_modulation", 1.0), STRIPED),
    ),
    Word(
        "complex", ("phase invariant",), "phase", "responds to its stripes wherever light and dark lie",
        (Bound("phase_modulation", None, 0.5), STRIPED),
    ),
    *(
        Word(
            f"light {side}", (f"dark {other}",), "direction", f"responds to edges that are light {where}",
            (_around("edge_direction", SIDES[toward], 30), *BY_EDGES),
        )
        for side, other, where, toward in (
            ("above", "below", "above and dark below", "up"), ("below", "above", "below and dark above", "down"),
            ("left", "right", "on the left", "left"), ("right", "left", "on the right", "right"),
        )
    ),
    *(
        Word(
            f"bulging {side}", (), "direction", f"responds to curves that bulge {side}",
            (_around("curve_direction", angle, 30), *BY_CURVES),
        )
        for side, angle in SIDES.items()
    ),
    Word(
        "curved", (), "shape", "responds more to curved than to straight",
        (Bound("curvature", 0.12), Bound("to_curves", 0.7)),
    ),
    Word(
        "straight", (), "shape", "responds more to straight than to curved",
        (Bound("curvature", None, 0.0), Bound("line_selectivity", 0.3)),
    ),
    Word(
        "end-stopped", ("end stopping",), "shape", "a line that ends drives it more than one that goes on",
        (Bound("line_end_over_line", 0.15),),
    ),
    Word(
        "light spots", (), "shape", "light spots drive it, dark ones hardly",
        (Bound("spot_polarity", 0.5), Bound("to_spots", 0.5)),
    ),
    Word(
        "dark spots", (), "shape", "dark spots drive it, light ones hardly",
        (Bound("spot_polarity", None, -0.5), Bound("to_spots", 0.5)),
    ),
    Word("selective", ("sparse",), "selectivity", "few of all stimuli drive it", (Bound("sparseness", 0.8),)),
    Word("broad", ("dense",), "selectivity", "many kinds of stimuli drive it", (Bound("sparseness", None, 0.4),)),
)  # fmt: skip
