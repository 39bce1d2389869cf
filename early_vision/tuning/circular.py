"""Means over angles, and the contrast of two responses."""

import numpy as np


def resultant(weights: np.ndarray, angles: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Direction and length of the mean resultant vector.

    The length is 1 minus the circular variance (Ringach, Shapley and Hawken, Orientation Selectivity in Macaque V1,
    J. Neurosci. 2002, eq. 1, for orientation, with a period of 180).

    Args:
        weights: not negative, [..., angles].
        angles: degrees, evenly spaced over the period.
        period: 180 for orientations, 360 for directions and hues.

    Returns:
        (degrees in [0, period), length 0 to 1), each [...]; a row of zeros has direction 0 and length 0.
    """
    turns = np.exp(2j * np.pi * np.asarray(angles, float) / period)
    total = weights.sum(-1)
    vector = (weights * turns).sum(-1) / np.where(total > 0, total, 1)
    length = np.abs(vector)
    # Below rounding there is no direction: a result of 1e-17 would have any.
    angle = np.where(length > 1e-9, np.angle(vector), 0.0) / (2 * np.pi) * period
    return np.mod(np.mod(angle, period), period), length


def distance(a, b, period: float | None):
    """How far apart two values are, on a circle if they have a period."""
    return np.abs(np.mod(np.asarray(a) - b + period / 2, period) - period / 2) if period else np.abs(np.asarray(a) - b)


def contrast(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a - b) / (a + b) of values that are not negative: -1 to 1, 0 where both are 0 (Michelson contrast)."""
    total = a + b
    return np.where(total > 0, (a - b) / np.where(total > 0, total, 1), 0.0)
