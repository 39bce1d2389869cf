"""Kernels as heat maps that stay small: the cells of one shade are one path, whichever kernels they belong to."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LEVELS = 10
"""Shades of either colour."""


@dataclass(frozen=True)
class Placed:
    """A kernel [k, k] in a square of a drawing."""

    kernel: np.ndarray
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Shade:
    """Cells of one shade: the sign, 0 for the ground; the opacity over the ground, 0 to 1; and an SVG path."""

    sign: int
    opacity: float
    path: str


def heat_maps(kernels: Iterable[Placed], scale: float) -> tuple[Shade, ...]:
    """The heat maps of kernels, on which the weight `scale` has the full colour: their ground, then each shade."""
    paths: dict[int, list[str]] = {}
    ground = []
    for placed in kernels:
        cell = placed.side / placed.kernel.shape[0]
        ground.append(_rectangle(placed.x, placed.y, placed.side, placed.side))
        levels = np.clip(np.rint(placed.kernel / scale * LEVELS), -LEVELS, LEVELS).astype(int)
        for y, row in enumerate(levels):
            for start, stop, level in _runs(row):
                run = (placed.x + start * cell, placed.y + y * cell, (stop - start) * cell, cell)
                paths.setdefault(level, []).append(_rectangle(*run))
    shades = (Shade(1 if level > 0 else -1, abs(level) / LEVELS, "".join(paths[level])) for level in sorted(paths))
    return (Shade(0, 1.0, "".join(ground)), *shades) if ground else ()


def _runs(row: np.ndarray) -> list[tuple[int, int, int]]:
    """Neighbours of one level other than 0: (start, stop, level)."""
    edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    return [(start, stop, int(row[start])) for start, stop in itertools.pairwise(edges) if row[start]]


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.5g} {y:.5g}h{width:.4g}v{height:.4g}h{-width:.4g}z"
