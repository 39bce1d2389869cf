"""What a neuron responds to, in one sentence."""

from collections.abc import Mapping

import numpy as np

from early_vision.tuning.families import ENOUGH, Family
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.measures import MEASURES

HUES = ("red", "orange", "yellow", "lime", "green", "teal", "cyan", "azure", "blue", "violet", "magenta", "rose")
"""Twelve hues of the opponent plane, 30 degrees apart from 0."""
DIRECTIONS = ("right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right")
"""Eight directions, 45 degrees apart, counter-clockwise from 0."""
ORIENTATIONS = ("horizontal", "rising", "vertical", "falling")
"""Four orientations, 45 degrees apart from 0."""
ROUND: Mapping[str, tuple[str, ...]] = {"hue": HUES, "direction": DIRECTIONS, "orientation": ORIENTATIONS}
SELECTIVE = 0.2
"""The selectivity from which on a preferred angle is worth a word."""
SELECTIVITY: Mapping[str, str] = {
    "orientation": "orientation_selectivity",
    "line_orientation": "line_selectivity",
    "hue": "hue_selectivity",
    "hue_axis": "hue_axis_selectivity",
    "colour_edge_hue": "colour_edge_hue_selectivity",
    "edge_direction": "edge_selectivity",
    "curve_direction": "curve_selectivity",
    "corner_direction": "corner_selectivity",
    "high_low_direction": "high_low_selectivity",
}
"""The measure that says how much a preferred angle means."""


def sentence(tuning: LayerTuning, neuron: int) -> str:
    """Such as "Curves (0.82): a curved line or border that bulges one way, best 135° (upper left)."

    The family that fits best with its score and preferred value, or the best stimulus where none fits.
    """
    if not tuning.drives.highest[neuron] > 0:
        return "Of no family; no stimulus excites it more than uniform grey does."
    scores = tuning.scores[neuron]
    best = int(np.argmax(scores))
    if scores[best] < ENOUGH:
        stimulus, _ = tuning.drives.best_stimulus(neuron)
        return f"Of no family; of all stimuli, most to {stimulus}."
    family = tuning.families[best]
    prefers = _preferred(tuning, neuron, family)
    said = f"{family.name_in(tuning.layer)} ({scores[best]:.2f}): {family.meaning}"
    return f"{said}, best {prefers}." if prefers else f"{said}."


def angle_in_words(measure: str, value: float) -> str:
    """An angle with its nearest word: "135° (upper left)"; without one for pairs of hues.

    Args:
        measure: a measure with a period.
        value: in degrees.
    """
    period = MEASURES[measure].period
    if period is None:
        raise ValueError(f"{measure} is no angle")
    shown = f"{round(value) % period:.0f}°"
    kind = next((kind for kind in ROUND if measure.endswith(kind)), None)
    if kind is None or (kind == "hue" and period != 360.0):
        return shown
    words = ROUND[kind]
    return f"{shown} ({words[round(value / period * len(words)) % len(words)]})"


def _preferred(tuning: LayerTuning, neuron: int, family: Family) -> str:
    first = family.order[0]
    value, measure = float(tuning.measures[first][neuron]), MEASURES[first]
    if measure.unit == "cycles/px":
        return f"at {value:.2g} cycles/px"
    if not measure.period:
        return ""
    selectivity = SELECTIVITY.get(first)
    if selectivity and tuning.measures[selectivity][neuron] < SELECTIVE:
        return ""
    return angle_in_words(first, value)
