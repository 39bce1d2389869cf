"""The measures of a neuron's tuning: their names, units and ranges, and all of them for a layer.

An index "a over b" is the contrast (a - b) / (a + b) of two drives, -1 to 1: above 0 the first is the stronger one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.tuning.colour_measures import brightness_measures, colour_measures
from early_vision.tuning.drives import Drives
from early_vision.tuning.orientation_measures import edge_measures, grating_measures
from early_vision.tuning.shape_measures import boundary_measures, curve_measures, shape_measures, texture_measures

Tuning = Mapping[str, np.ndarray]
"""Measure to its value for every neuron of a layer, [neurons]."""


@dataclass(frozen=True)
class Measure:
    """What a measure is.

    Attributes:
        name: how it is asked for.
        meaning: what it says.
        unit: of its values; empty for a plain number.
        low, high: its range; None where it has no end.
        period: 180 or 360 for angles, which go round.
    """

    name: str
    meaning: str
    unit: str = ""
    low: float | None = 0.0
    high: float | None = 1.0
    period: float | None = None


def _angle(name: str, meaning: str, period: float) -> Measure:
    return Measure(name, meaning, "°", 0.0, period, period)


def _index(name: str, meaning: str) -> Measure:
    return Measure(name, meaning, "", -1.0, 1.0)


SHARES: Mapping[str, tuple[str, ...]] = {
    "stripes": ("grating", "gabor"),
    "lines": ("line",),
    "edges": ("edge",),
    "gradients": ("gradient",),
    "curves": ("curve", "curved_edge"),
    "corners": ("corner", "angle"),
    "crosses": ("cross", "junction"),
    "divergences": ("divergence",),
    "line_ends": ("line_end",),
    "circles": ("circle", "eye"),
    "spots": ("disc",),
    "rings": ("rings", "spiral"),
    "hatches": ("hatch", "checks"),
    "dots": ("dots",),
    "noise": ("noise",),
    "noise_spots": ("noise_spot",),
    "partings": ("parting",),
    "high_low": ("high_low",),
    "borders": ("boundary",),
    "colour_spots": ("colour_spot",),
    "colour_edges": ("colour_edge",),
    "colour_fields": ("uniform_hue",),
}
"""`to_<name>` is the best drive by any of these kinds as a share of the neuron's best drive."""

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("best_response", "highest response before the ReLU to any stimulus", "activation", None, None),
        Measure("grey_response", "response before the ReLU to uniform grey", "activation", None, None),
        Measure("sparseness", "how few of the stimuli drive it: 0 all alike, 1 a single one"),
        _angle("orientation", "preferred orientation of stripes", 180.0),
        Measure(
            "orientation_selectivity",
            "1 minus the circular variance of drives (before the ReLU, above grey) over orientation, at the best frequency",
        ),
        Measure(
            "activation_selectivity",
            "the same of activations, after the ReLU: what Ringach et al. (2002) define for firing rates",
        ),
        Measure("frequency", "preferred spatial frequency of stripes", "cycles/px", 0.0, 0.5),
        Measure("bandwidth", "width of the tuning to frequency, at half height", "octaves", 0.0, None),
        Measure(
            "phase_modulation",
            "deviation over mean, times the root of 2, over the phase of the best stripes: all harmonics, as F1/F0",
            "",
            0.0,
            None,
        ),
        Measure("second_orientation", "drive by stripes at right angles to the best, as a share"),
        _angle("edge_direction", "side on which an edge is best light", 360.0),
        Measure("edge_selectivity", "length of the mean vector over the directions of an edge"),
        _angle("line_orientation", "preferred orientation of a single line", 180.0),
        Measure("line_selectivity", "1 minus the circular variance over the orientation of a line"),
        _index("line_polarity", "light lines over dark lines"),
        _index("line_over_edge", "lines over edges"),
        _index("gradient_over_edge", "even brightness gradients over sharp edges"),
        _index("line_end_over_line", "a line that ends over one that goes on (end-stopping)"),
        Measure(
            "colour_selectivity",
            "best colour stimulus of equal R + G + B: its part in the sum with the best black-and-white one",
        ),
        Measure(
            "isoluminant_selectivity",
            "best colour stimulus of equal lightness L*, of the chroma that a screen shows of every hue: its part in the "
            "sum with the best black-and-white one",
        ),
        _angle("hue", "preferred hue of spots and fields (red 0, yellow 60, green 120, cyan 180, blue 240)", 360.0),
        Measure("hue_selectivity", "length of the mean vector over hues"),
        _angle("hue_axis", "preferred pair of opposite hues", 180.0),
        Measure("hue_axis_selectivity", "length of the mean vector over pairs of opposite hues"),
        _angle("lab_hue", "preferred CIELAB hue of uniform fields that look equally light", 360.0),
        Measure("uniform_colour", "drive by a uniform hue as a share of the best colour stimulus of equal R + G + B"),
        _angle("colour_edge_hue", "preferred pair of opposite hues at an edge", 180.0),
        Measure("colour_edge_hue_selectivity", "length of the mean vector over pairs of hues at an edge"),
        _angle("colour_edge_direction", "side on which the hue of the best colour edge lies", 360.0),
        Measure("colour_edge_selectivity", "length of the mean vector over the direction of colour edges"),
        _index("colour_edge_over_spot", "colour edges over colour spots"),
        _index("colour_surround", "colour spots over uniform hues"),
        _index(
            "chromatic_inhibition",
            "what a tint takes from the best black-and-white pattern, of the best drive; mean of six hues",
        ),
        _index("least_chromatic_inhibition", "the same for the hue that takes least: above 0, every hue inhibits"),
        _index(
            "hue_below_grey",
            "by how much uniform hues push the response below that to grey, of the best drive: inhibition, not loss",
        ),
        Measure("pattern_share", "drive by the best of the black-and-white patterns, as a share of the best drive"),
        _index(
            "surround_tint_over_centre", "response to texture tinted around the middle less that tinted in the middle"
        ),
        _index("spot_polarity", "light spots over dark spots"),
        Measure("spot_radius", "preferred radius of a spot", "px", 0.0, None),
        Measure("surround_suppression", "by how much a uniform field falls short of the best spot of its brightness"),
        _index("curvature", "curved lines and edges over straight ones"),
        _angle("curve_direction", "where the bulge of the best curve points", 360.0),
        Measure("curve_selectivity", "length of the mean vector over the direction of curves"),
        _index("curve_over_opposite", "the best curve over the one that bulges the other way"),
        Measure("curve_radius", "preferred radius of curves", "px", 0.0, None),
        _index("curve_line_over_edge", "curved lines over curved edges"),
        _index("corner_over_straight", "corners over straight lines and edges"),
        _index("corner_over_curve", "corners over curves"),
        _angle("corner_direction", "where the best corner opens to", 360.0),
        Measure("corner_selectivity", "length of the mean vector over the direction of corners"),
        _index("cross_over_lines", "crossing or joining lines over the sum of these lines alone"),
        _index("divergence_over_line", "diverging lines over single lines and pairs"),
        _angle("divergence_direction", "where the best diverging lines open to", 360.0),
        Measure("divergence_selectivity", "length of the mean vector over the direction of diverging lines"),
        _index("circle_over_curve", "closed circles and spots over curves"),
        _index("ring_over_spot", "rings over filled spots"),
        _index("parting_over_stripes", "stripes that part over stripes and hatches"),
        _index("stripes_over_line", "stripes over single lines and edges"),
        _index("stripes_over_patch", "stripes that fill the picture over a patch of them"),
        _index("hatch_over_stripes", "crossed stripes over stripes"),
        _index("pattern_over_stripes", "checks and dots over stripes"),
        _index("noise_over_shapes", "texture without orientation over single shapes"),
        Measure("noise_frequency", "preferred frequency of texture", "cycles/px", 0.0, 0.5),
        _index("noise_spot_over_noise", "texture within grey over texture everywhere"),
        _index("noise_hole_over_noise", "texture around grey over texture everywhere"),
        Measure(
            "high_low",
            "high against low frequency: what the best pair adds to its opposite and to either texture alone",
        ),
        _angle("high_low_direction", "side on which high frequency is preferred", 360.0),
        Measure("high_low_selectivity", "length of the mean vector over the direction of such pairs"),
        Measure(
            "boundary",
            "what the second best of the cues texture, light and colour says for one orientation of a border",
        ),
        _angle("boundary_orientation", "that orientation", 180.0),
        _index(
            "cues_together", "drive by a border with several cues less the best with one, as a share of the best drive"
        ),
        Measure("texture_cue", "what a texture border says for its best orientation, as a share of the best drive"),
        Measure("light_cue", "what a brightness border says"),
        Measure("colour_cue", "what a colour border says"),
        *(
            Measure(f"to_{name}", f"drive by the best of {name.replace('_', ' ')}, as a share of the best drive")
            for name in SHARES
        ),
    )
}


def tuning_of(drives: Drives) -> Tuning:
    """All measures of a layer's neurons."""
    found = {
        "best_response": np.max(
            [drives.responses[kind].reshape(drives.neurons, -1).max(1) for kind in drives.series], axis=0
        ),
        "grey_response": drives.grey,
        "sparseness": sparseness(drives),
        **grating_measures(drives),
        **edge_measures(drives),
        **colour_measures(drives),
        **brightness_measures(drives),
        **curve_measures(drives),
        **shape_measures(drives),
        **texture_measures(drives),
        **boundary_measures(drives),
        **{f"to_{name}": drives.share(drives.best(*kinds)) for name, kinds in SHARES.items()},
    }
    return {name: np.asarray(found[name], np.float64) for name in MEASURES}


def sparseness(drives: Drives) -> np.ndarray:
    """Vinje and Gallant, Sparse Coding and Decorrelation in Primary Visual Cortex, Science 2000: over all stimuli."""
    every = np.concatenate([drives.of(kind).reshape(drives.neurons, -1) for kind in drives.series], axis=1)
    count, power = every.shape[1], (every**2).mean(1)
    activity = np.where(power > 0, every.mean(1) ** 2 / np.where(power > 0, power, 1), 1.0)
    return (1 - activity) / (1 - 1 / count)
