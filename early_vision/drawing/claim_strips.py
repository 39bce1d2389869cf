"""The strip plot of a claim: all neurons of a layer along one measure, those that the claim is about, and its bounds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

WIDTH, HEIGHT, SHORT, TALL = 320.0, 26.0, 9, 20
"""Of the plot, and of the ticks of other neurons and of those that the claim is about, in CSS pixels."""
MARGIN = 2.0
STEPS = 10
"""Places that a tick may have, to a pixel."""


@dataclass(frozen=True)
class Strip:
    """A strip plot, as SVG paths in a box WIDTH by HEIGHT.

    Attributes:
        others, marked: a tick for each value.
        bounds: where the claim's bounds are, across.
        low, high: the values at either end, in words.
        words: what it shows.
    """

    others: str
    marked: str
    bounds: tuple[float, ...]
    low: str
    high: str
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def draw_strip(values: np.ndarray, marked: Collection[int], bounds: Sequence[float], words: str) -> Strip:
    """The strip plot of some values.

    Args:
        values: [n], one of each neuron.
        marked: places of those that the claim is about.
        bounds: what the claim compares them with, in the unit of the values.
        words: what the values are.
    """
    every = np.concatenate([values, np.asarray(bounds, float)])
    low, high = float(every.min()), float(every.max())
    scale = (WIDTH - 2 * MARGIN) / ((high - low) or 1.0)
    across = np.rint(STEPS * (MARGIN + (np.asarray(values, float) - low) * scale)).astype(int)
    chosen = {int(one) for one in across[sorted({int(one) for one in marked})]}
    return Strip(
        _ticks(set(across.tolist()) - chosen, SHORT),
        _ticks(chosen, TALL),
        tuple(round(float(MARGIN + (bound - low) * scale), 1) for bound in bounds),
        f"{low:.3g}".replace("-", "−"),
        f"{high:.3g}".replace("-", "−"),
        words,
    )


def _ticks(places: Collection[int], height: int) -> str:
    """Ticks at some places, in STEPS of a pixel, halfway up the plot: each drawn from the one before, since an article has
    ten thousand."""
    some = sorted(places)
    if not some:
        return ""
    first = f"M{some[0] / STEPS:g} {(HEIGHT - height) / 2:g}v{height}"
    steps = (f"{(next_one - one) / STEPS:g}".removeprefix("0") for one, next_one in pairwise(some))
    return "".join([first, *(f"m{step}-{height}v{height}" for step in steps)])
