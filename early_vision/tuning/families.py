"""The families: kinds of neurons, each by a rule over measures that gives a score and its evidence.

A rule is a list of conditions; a condition maps one measure to a degree, 0 to 1, along a ramp. The score of a family is
the degree of its weakest condition: a neuron belongs as far as all of them hold. A rule says what the name means, and
holds for hand-built neurons of known truth (tests/tuning). How much of it is asked for in a layer of a network is
decided by null networks (`null_scores.py`): where too many of their neurons would have the name, the ramps are stretched
(`stretched`), but for those of shares, which only say that the stimulus is among the neuron's best. The names are those of the published taxonomy where they mean the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from early_vision.tuning.measures import Tuning

OTHER = "Other Units"
ENOUGH = 0.5
"""The score from which on a neuron counts as a member: every condition at least half fulfilled."""


@dataclass(frozen=True)
class Condition:
    """A ramp over a measure: 0 up to `none`, 1 from `full` on, falling instead of rising where `full` is the lower."""

    measure: str
    none: float
    full: float

    @property
    def is_share(self) -> bool:
        """Whether it is about a stimulus's share of the best drive: that ends at 1, so that a ramp has nowhere to go."""
        return self.measure.startswith("to_") or self.measure in ("uniform_colour", "pattern_share")

    def margin(self, value: np.ndarray | float) -> np.ndarray:
        """The degree without its ends: below 0 and above 1 for values beyond the ramp."""
        return (np.asarray(value) - self.none) / (self.full - self.none)

    def degree(self, value: np.ndarray | float) -> np.ndarray:
        """How far the condition holds, 0 to 1."""
        return np.clip(self.margin(value), 0.0, 1.0)


@dataclass(frozen=True)
class Family:
    """A kind of neuron.

    Attributes:
        name: what it is called.
        meaning: what its neurons respond to.
        conditions: all have to hold.
        order: the measures by which its members are shown, the first first.
        plot: what a figure of its members should show: "orientation", "direction", "hue" or "frequency".
        names: layer to the name that the published taxonomy has for it there, where that is another.
    """

    name: str
    meaning: str
    conditions: tuple[Condition, ...]
    order: tuple[str, ...]
    plot: str
    names: Mapping[str, str]

    def name_in(self, layer: str) -> str:
        return self.names.get(layer, self.name)


@dataclass(frozen=True)
class Evidence:
    """A condition of a family, and how far one neuron fulfils it."""

    condition: Condition
    value: float
    degree: float


def _family(
    name: str,
    meaning: str,
    conditions: Mapping[str, tuple[float, float]],
    *,
    order: tuple[str, ...],
    plot: str,
    **names: str,
):
    rule = tuple(Condition(measure, *ends) for measure, ends in conditions.items())
    return Family(name, meaning, rule, order, plot, names)


BY_HUE, BY_ORIENTATION = ("hue",), ("orientation", "frequency")
GREYISH, COLOURFUL = (0.55, 0.45), (0.4, 0.5)
"""Ramps of colour selectivity, whose middle is an equal drive by colour and by brightness."""

FAMILIES: tuple[Family, ...] = (
    _family(
        "Color", "a uniform hue, wherever its borders lie",
        {"colour_selectivity": COLOURFUL, "uniform_colour": (0.6, 0.85)},
        order=BY_HUE, plot="hue",
    ),
    _family(
        "Color Contrast", "one hue beside another",
        {"colour_selectivity": COLOURFUL, "colour_edge_selectivity": (0.2, 0.4), "colour_edge_over_spot": (-0.25, -0.1),
         "uniform_colour": (0.9, 0.7)},
        order=("colour_edge_hue", "colour_edge_direction"), plot="hue",
    ),
    _family(
        "Color Center-Surround", "a spot of a hue on another background",
        {"colour_selectivity": COLOURFUL, "colour_edge_selectivity": (0.5, 0.3), "colour_surround": (0.1, 0.3),
         "hue_selectivity": (0.05, 0.15)},
        order=BY_HUE, plot="hue",
    ),
    _family(
        "Multicolor", "colour of many hues",
        {"colour_selectivity": COLOURFUL, "hue_selectivity": (0.2, 0.1), "colour_edge_selectivity": (0.5, 0.3)},
        order=("hue_axis",), plot="hue", conv2d2="Color/Multicolor",
    ),
    _family(
        "BW vs Color", "a pattern in black and white, and less of it under any tint",
        {"least_chromatic_inhibition": (0.0, 0.06), "chromatic_inhibition": (0.05, 0.2), "pattern_share": (0.25, 0.45)},
        order=("chromatic_inhibition",), plot="hue",
    ),
    _family(
        "High-Low Frequency", "fine texture on one side, coarse on the other",
        {"high_low": (0.2, 0.45), "high_low_selectivity": (0.15, 0.35), "to_high_low": (0.55, 0.8)},
        order=("high_low_direction",), plot="direction",
    ),
    _family(
        "Brightness Gradient", "brightness that rises evenly to one side",
        {"gradient_over_edge": (-0.15, 0.05), "edge_selectivity": (0.2, 0.4), "colour_selectivity": GREYISH,
         "to_gradients": (0.45, 0.7)},
        order=("edge_direction",), plot="direction",
        conv2d2="Early Brightness Gradient", mixed3b="Brightness Gradients",
    ),
    _family(
        "Complex Gabor", "stripes of one orientation in any phase",
        {"orientation_selectivity": (0.35, 0.6), "phase_modulation": (0.8, 0.4), "to_stripes": (0.6, 0.85),
         "colour_selectivity": GREYISH},
        order=BY_ORIENTATION, plot="orientation",
        conv2d2="Gabor Textures", mixed3a="Gabor Textures", mixed3b="Gabor Textures",
    ),
    _family(
        "Gabor Filters", "stripes of one orientation in one phase",
        {"orientation_selectivity": (0.3, 0.5), "phase_modulation": (0.4, 0.8), "to_stripes": (0.6, 0.85),
         "colour_selectivity": GREYISH},
        order=BY_ORIENTATION, plot="orientation",
    ),
    _family(
        "Hatch Textures", "stripes both ways",
        {"hatch_over_stripes": (-0.05, 0.1), "to_hatches": (0.6, 0.85), "colour_selectivity": GREYISH},
        order=("frequency",), plot="frequency", conv2d1="hatch",
    ),
    _family(
        "Lines", "a single line",
        {"line_over_edge": (0.0, 0.1), "line_selectivity": (0.3, 0.5), "curvature": (0.2, 0.08),
         "to_lines": (0.5, 0.75)},
        order=("line_orientation",), plot="orientation", conv2d2="Line",
    ),
    _family(
        "Edges", "light on one side, dark on the other, parted by a straight border",
        {"line_over_edge": (0.1, -0.02), "edge_selectivity": (0.2, 0.4), "curvature": (0.15, 0.05),
         "to_edges": (0.6, 0.85), "colour_selectivity": GREYISH},
        order=("edge_direction",), plot="direction",
    ),
    _family(
        "Curves", "a curved line or border that bulges one way",
        {"curvature": (0.05, 0.18), "curve_selectivity": (0.15, 0.35), "curve_over_opposite": (0.15, 0.4),
         "to_curves": (0.6, 0.85), "corner_over_curve": (0.1, 0.02)},
        order=("curve_direction",), plot="direction", conv2d2="Tiny Curves",
    ),
    _family(
        "Angles", "a corner",
        {"corner_over_straight": (0.04, 0.15), "corner_over_curve": (-0.1, 0.0), "corner_selectivity": (0.1, 0.25),
         "to_corners": (0.65, 0.9)},
        order=("corner_direction",), plot="direction", conv2d2="Corners",
    ),
    _family(
        "Circles", "something round and closed",
        {"circle_over_curve": (-0.03, 0.08), "to_circles": (0.65, 0.9), "curvature": (0.0, 0.1)},
        order=("spot_polarity",), plot="frequency", mixed3a="Eyes / Small Circles", mixed3b="Circles / Loops",
    ),
    _family(
        "Crosses / Diverging Lines", "lines that meet",
        {"cross_over_lines": (0.0, 0.12), "to_crosses": (0.6, 0.85), "corner_over_curve": (-0.15, -0.05)},
        order=("line_orientation",), plot="orientation", conv2d2="Line Divergence", mixed3b="Cross / Corner Divergence",
    ),
    _family(
        "Line Ends", "a line that stops",
        {"line_end_over_line": (0.1, 0.3), "to_line_ends": (0.6, 0.85)},
        order=("line_orientation",), plot="orientation",
    ),
    _family(
        "Boundary", "a border of one orientation, told by more than one cue",
        {"boundary": (0.12, 0.25), "to_borders": (0.6, 0.85), "cues_together": (0.0, 0.1)},
        order=("boundary_orientation",), plot="orientation",
    ),
    _family(
        "Complex Center-Surround", "texture within a plain surround, or the reverse",
        {"noise_spot_over_noise": (0.1, 0.35), "to_noise_spots": (0.6, 0.85)},
        order=("noise_frequency",), plot="frequency", conv2d2="Texture Contrast",
    ),
    _family(
        "Textures", "fine texture without orientation",
        {"noise_over_shapes": (-0.15, 0.1), "to_noise": (0.6, 0.85), "second_orientation": (0.3, 0.5)},
        order=("noise_frequency",), plot="frequency", mixed3a="Texture", mixed3b="Texture",
    ),
    _family(
        "Repeating patterns", "checks or dots in rows",
        {"pattern_over_stripes": (0.05, 0.2), "to_hatches": (0.7, 0.95)},
        order=("frequency",), plot="frequency", mixed3b="Pattern",
    ),
)  # fmt: skip


def scores(tuning: Tuning, families: Sequence[Family] = FAMILIES) -> np.ndarray:
    """The score of every family for every neuron, [neurons, families], 0 to 1; 0 for those that no stimulus makes fire."""
    fires = np.asarray(tuning["best_response"]) > 0
    return np.stack([degrees(family, tuning).min(1) for family in families], axis=1) * fires[:, None]


def margins(tuning: Tuning, families: Sequence[Family] = FAMILIES) -> np.ndarray:
    """How far each neuron fulfils each family, [neurons, families], in units of the ramps that can be stretched.

    A family that is `stretched` by a factor has a margin a factor less. 0 where another condition does not hold by half.
    """
    fires = np.asarray(tuning["best_response"]) > 0
    columns = []
    for family in families:
        held = [one.degree(tuning[one.measure]) >= ENOUGH for one in family.conditions if one.is_share]
        least = np.min([one.margin(tuning[one.measure]) for one in family.conditions if not one.is_share], axis=0)
        columns.append(np.maximum(least, 0.0) * np.logical_and.reduce([fires, *held]))
    return np.stack(columns, axis=1)


def stretched(family: Family, factor: float) -> Family:
    """A family whose ramps, but for those of shares, reach so many times as far: it asks for more."""
    conditions = (
        one
        if factor == 1 or one.is_share
        else replace(one, full=float(f"{one.none + factor * (one.full - one.none):.6g}"))
        for one in family.conditions
    )
    return replace(family, conditions=tuple(conditions))


def degrees(family: Family, tuning: Tuning) -> np.ndarray:
    """How far each condition of a family holds, [neurons, conditions]."""
    return np.stack([condition.degree(tuning[condition.measure]) for condition in family.conditions], axis=1)


def evidence(family: Family, tuning: Tuning, neuron: int) -> tuple[Evidence, ...]:
    """What gave a neuron its score."""
    values = [float(tuning[condition.measure][neuron]) for condition in family.conditions]
    return tuple(Evidence(c, value, float(c.degree(value))) for c, value in zip(family.conditions, values, strict=True))
