"""Measures of colour and brightness."""

import numpy as np

from early_vision.tuning.drives import Drives, contrast, resultant

CHROMATIC = ("uniform_hue", "colour_grating", "colour_edge", "colour_spot")
"""Stimuli in which the sum of R, G and B is that of grey everywhere. Their luminance may change: 0.10 to 0.60."""

ISOLUMINANT = ("isoluminant_field", "isoluminant_edge", "isoluminant_spot")
"""Stimuli whose lightness L* is that of grey everywhere."""

ACHROMATIC = (
    "grey", "grating", "gabor", "edge", "gradient", "line", "line_end", "angle", "corner", "junction", "cross",
    "divergence", "curve", "curved_edge", "disc", "circle", "eye", "spiral", "rings", "hatch", "checks", "dots",
    "noise", "noise_spot", "parting", "high_low",
)  # fmt: skip
"""Stimuli in black, white and grey."""


def colour_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Colour against brightness, and which hues."""
    hues = drives.values("colour_spot", "hue")
    # A spot within its opposite says as much about the opposite: on grey only.
    by_hue = np.maximum(drives.by("colour_spot", "hue", surround="grey"), drives.by("uniform_hue", "hue"))
    hue, selectivity = resultant(by_hue, hues, 360.0)
    hue_axis, axis_selectivity = resultant(by_hue, hues, 180.0)
    uniform, chromatic = drives.best("uniform_hue"), drives.best(*CHROMATIC)
    edge_hue, edge_hue_selectivity = resultant(
        drives.by("colour_edge", "hue"), drives.values("colour_edge", "hue"), 180.0
    )
    by_direction = _at_best_hue(drives.by("colour_edge", "hue", "direction"))
    direction, direction_selectivity = resultant(by_direction, drives.values("colour_edge", "direction"), 360.0)
    lab_hue, _ = resultant(drives.by("uniform_lab", "lab_hue"), drives.values("uniform_lab", "lab_hue"), 360.0)
    achromatic, isoluminant = drives.best(*ACHROMATIC), drives.best(*ISOLUMINANT)
    return {
        "colour_selectivity": chromatic / np.maximum(chromatic + achromatic, 1e-9),
        "isoluminant_selectivity": isoluminant / np.maximum(isoluminant + achromatic, 1e-9),
        "hue": hue,
        "hue_selectivity": selectivity,
        "hue_axis": hue_axis,
        "hue_axis_selectivity": axis_selectivity,
        "lab_hue": lab_hue,
        "uniform_colour": _over(uniform, chromatic),
        "colour_edge_hue": edge_hue,
        "colour_edge_hue_selectivity": edge_hue_selectivity,
        "colour_edge_direction": direction,
        "colour_edge_selectivity": direction_selectivity,
        "colour_edge_over_spot": contrast(drives.best("colour_edge"), drives.best("colour_spot")),
        "colour_surround": contrast(drives.best("colour_spot"), uniform),
        **_chromatic_inhibition(drives),
    }


def _at_best_hue(drive: np.ndarray) -> np.ndarray:
    """Drives [neurons, directions] by colour edges of each neuron's best hue axis, from [neurons, hues, directions]."""
    best = drive.max(2).argmax(1)
    return drive[np.arange(len(drive)), best]


def _chromatic_inhibition(drives: Drives) -> dict[str, np.ndarray]:
    """What a tint takes from the response to a black-and-white pattern whose brightness it leaves as it is.

    For every neuron its best untinted pattern counts. The measure is the drop, under the mean of six hues and under
    the hue that harms least, as a share of the neuron's largest drive. Negative values are gains.
    """
    plain, tinted = drives.responses["pattern"], drives.responses["tinted_pattern"]
    plain, tinted = plain.reshape(len(plain), -1), tinted.reshape(len(plain), -1, tinted.shape[-1])
    best = plain.argmax(1)
    every = np.arange(len(plain))
    drop = plain[every, best][:, None] - tinted[every, best]
    whole = np.maximum(drives.highest, 1e-9)[:, None]
    drop = np.clip(drop / whole, -1, 1)
    place = drives.responses["tinted_place"]
    centre, surround = (place[..., i].reshape(len(place), -1).mean(1) for i in (0, 1))
    return {
        "chromatic_inhibition": drop.mean(1),
        "least_chromatic_inhibition": drop.min(1),
        "hue_below_grey": _below_grey(drives),
        "pattern_share": drives.share(drives.best("pattern")),
        "surround_tint_over_centre": np.clip((surround - centre) / whole[:, 0], -1, 1),
    }


def _below_grey(drives: Drives) -> np.ndarray:
    """By how much uniform hues push the response below that to grey, on average, as a share of the largest drive.

    It tells a neuron that hues inhibit from one whose exciting inputs they silence: that one keeps its response to grey.
    """
    fall = drives.grey - drives.responses["uniform_hue"].mean(1)
    return np.clip(fall / np.maximum(drives.highest, 1e-9), -1, 1)


def brightness_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Light against dark, and how a spot's size matters."""
    by_size = drives.by("disc", "polarity", "radius")
    light, dark = by_size[:, 0], by_size[:, 1]
    better = np.where((light.max(1) >= dark.max(1))[:, None], light, dark)
    levels = drives.of("grey")
    uniform = np.where(light.max(1) >= dark.max(1), levels[:, -1], levels[:, 0])
    peak = better.max(1)
    return {
        "spot_polarity": contrast(light.max(1), dark.max(1)),
        "spot_radius": drives.sizes("disc", "radius", better.argmax(1)),
        "surround_suppression": np.where(peak > 0, 1 - np.minimum(uniform, peak) / np.where(peak > 0, peak, 1), 0.0),
    }


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
