"""A kernel as a heat map that stays small: the cells of one shade are one path."""

from dataclasses import dataclass

import numpy as np

LEVELS = 10
"""Shades of either colour."""


@dataclass(frozen=True)
class Shade:
    """Cells of one shade: the sign, the opacity over the ground, 0 to 1, and an SVG path in which a cell is 1 wide."""

    sign: int
    opacity: float
    path: str


@dataclass(frozen=True)
class HeatMap:
    """A kernel of `side` by `side` cells, painted over a rectangle that stands for zero."""

    side: int
    shades: tuple[Shade, ...]


def heat_map(kernel: np.ndarray, scale: float) -> HeatMap:
    """The heat map of a kernel [k, k], on which the weight `scale` has the full colour."""
    levels = np.clip(np.rint(kernel / scale * LEVELS), -LEVELS, LEVELS).astype(int)
    values = [int(level) for level in np.unique(levels) if level]
    shades = (Shade(1 if level > 0 else -1, abs(level) / LEVELS, _runs(levels == level)) for level in values)
    return HeatMap(kernel.shape[0], tuple(shades))


def _runs(cells: np.ndarray) -> str:
    """An SVG path around cells, bool [k, k], run by run of neighbours in a row."""
    path = []
    for y, row in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        path += [f"M{start} {y}h{stop - start}v1h{start - stop}z" for start, stop in zip(edges[::2], edges[1::2])]
    return "".join(path)
