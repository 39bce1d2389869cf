"""Measures of orientation, spatial frequency and phase, from gratings, edges and lines."""

import numpy as np

from early_vision.tuning.drives import Drives, contrast, resultant


def grating_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Orientation, frequency and phase tuning, from the drives by sinusoidal gratings."""
    drive = drives.of("grating")
    orientations, frequencies = drives.values("grating", "orientation"), drives.values("grating", "frequency")
    # The best phase, not the mean: a mean over phases favours whatever frequency pooling is blind to the phase of.
    best = drive.max(3)
    every = np.arange(len(best))
    at_orientation, at_frequency = np.unravel_index(best.reshape(len(best), -1).argmax(1), best.shape[1:])
    orientation, selectivity = resultant(best[every, :, at_frequency], orientations, 180.0)
    by_frequency = best[every, at_orientation]
    fired = np.maximum(drives.responses["grating"].max(3)[every, :, at_frequency], 0.0)
    silent = fired.max(1) <= 0
    # Who answers no stripes with an activation has no orientation, whatever lies below its threshold.
    orientation, selectivity = np.where(silent, 0.0, orientation), np.where(silent, 0.0, selectivity)
    frequency, bandwidth = frequency_tuning(by_frequency, frequencies)
    return {
        "orientation": orientation,
        "orientation_selectivity": selectivity,
        "activation_selectivity": resultant(fired, orientations, 180.0)[1],
        "frequency": frequency,
        "bandwidth": bandwidth,
        "phase_modulation": phase_modulation(drive[every, at_orientation, at_frequency]),
        "second_orientation": second_orientation(best[every, :, at_frequency]),
    }


def frequency_tuning(drive: np.ndarray, frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Preferred frequency, in cycles per pixel, and full width at half height, in octaves.

    The width follows De Valois, Albrecht and Thorell, Spatial frequency selectivity of cells in macaque visual cortex,
    Vision Research 1982; a flank that never falls to half within the measured range ends where the range does.

    Args:
        drive: [neurons, frequencies].
    """
    octaves = np.log2(frequencies)
    fine = np.linspace(octaves[0], octaves[-1], 400)
    curves = np.array([np.interp(fine, octaves, row) for row in drive])
    at = curves.argmax(1)
    above = curves >= curves.max(1, keepdims=True) / 2
    widths = []
    for row, peak in zip(above, at, strict=True):
        left, right = peak, peak
        while left > 0 and row[left - 1]:
            left -= 1
        while right < len(fine) - 1 and row[right + 1]:
            right += 1
        widths.append(fine[right] - fine[left])
    return _parabola_peak(drive, octaves), np.array(widths)


def phase_modulation(drive: np.ndarray) -> np.ndarray:
    """How much phase matters: all harmonics over the mean, as one sinusoid of the same power would have them.

    The root of 2 times deviation over mean: F1 / F0 of Skottun et al., Classifying simple and complex cells on the basis
    of response modulation, Vision Research 1991, where there is a first harmonic only; 1.72 for a half-wave, 0 if phase
    does not matter. F1 alone cannot see a cell that pools two places of a period: its modulation is all in F2. Static
    gratings of evenly spaced phases stand for a drifting one.

    Args:
        drive: [neurons, phases].
    """
    mean = drive.mean(1)
    return np.sqrt(2) * np.divide(drive.std(1), mean, out=np.zeros_like(mean), where=mean > 0)


def second_orientation(drive: np.ndarray) -> np.ndarray:
    """The drive at right angles to the best orientation, as a share of the best: 1 for stripes both ways, [neurons]."""
    best = drive.argmax(1)
    across = (best + drive.shape[1] // 2) % drive.shape[1]
    every = np.arange(len(drive))
    highest = drive[every, best]
    return np.divide(drive[every, across], highest, out=np.zeros_like(highest), where=highest > 0)


def edge_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Direction of edges and lines, and which of the two is preferred."""
    edge = drives.by("edge", "direction")
    direction, selectivity = resultant(edge, drives.values("edge", "direction"), 360.0)
    line = drives.by("line", "orientation")
    line_orientation, line_selectivity = resultant(line, drives.values("line", "orientation"), 180.0)
    light, dark = (drives.by("line", polarity=polarity) for polarity in (1, -1))
    return {
        "edge_direction": direction,
        "edge_selectivity": selectivity,
        "line_orientation": line_orientation,
        "line_selectivity": line_selectivity,
        "line_polarity": contrast(light, dark),
        "line_over_edge": contrast(drives.best("line"), drives.best("edge")),
        "gradient_over_edge": contrast(drives.best("gradient"), drives.best("edge")),
        "line_end_over_line": contrast(drives.best("line_end"), drives.best("line")),
    }


def _parabola_peak(drive: np.ndarray, octaves: np.ndarray) -> np.ndarray:
    """The frequency at the top of a parabola through the highest of the values and its neighbours, [neurons]."""
    frequencies = []
    for row in drive:
        at = int(row.argmax())
        if 0 < at < len(row) - 1:
            a, b, _c = np.polyfit(octaves[at - 1 : at + 2], row[at - 1 : at + 2], 2)
            top = -b / (2 * a) if a < 0 else octaves[at]
            frequencies.append(2 ** np.clip(top, octaves[at - 1], octaves[at + 1]))
        else:
            frequencies.append(2 ** octaves[at])
    return np.array(frequencies)
