"""The strip plot of a claim: all neurons of a layer along one measure, those that the claim is about, and its bounds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT, SHORT, TALL = 320.0, 26.0, 9.0, 20.0
"""Of the plot, and of the ticks of other neurons and of those that the claim is about, in CSS pixels."""
MARGIN = 2.0


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
    across = np.round(MARGIN + (np.asarray(values, float) - low) * scale, 1)
    chosen = sorted({int(one) for one in marked})
    rest = sorted(set(across.tolist()) - set(across[chosen].tolist())) if chosen else sorted(set(across.tolist()))
    return Strip(
        "".join(f"M{x:g} {(HEIGHT - SHORT) / 2:g}v{SHORT:g}" for x in rest),
        "".join(f"M{x:g} {(HEIGHT - TALL) / 2:g}v{TALL:g}" for x in sorted(set(across[chosen].tolist()))),
        tuple(round(float(MARGIN + (bound - low) * scale), 1) for bound in bounds),
        f"{low:.3g}".replace("-", "−"),
        f"{high:.3g}".replace("-", "−"),
        words,
    )
