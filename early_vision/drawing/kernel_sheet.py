"""Many small kernels in one small picture: for pages that show a hundred of them."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

SIDE = 15
"""Pixels of a kernel: a multiple of the sides that kernels have, 1, 3 and 5; others come out a little uneven."""
COLUMNS = 10
LEVELS = 12
EXCITING, INHIBITING = (0xCA, 0x00, 0x20), (0x05, 0x71, 0xB0)
"""As the style sheet has them in light mode: a picture file has one set of colours."""


def kernel_sheet(kernels: Sequence[tuple[np.ndarray, float]]) -> bytes:
    """A PNG of kernels in rows of COLUMNS, transparent where a weight is 0, opaque where it reaches its scale.

    Args:
        kernels: (kernel [k, k], scale) each.
    """
    rows = max(-(-len(kernels) // COLUMNS), 1)
    levels = np.zeros((rows * SIDE, COLUMNS * SIDE), np.uint8)
    for index, (kernel, scale) in enumerate(kernels):
        y, x = index // COLUMNS * SIDE, index % COLUMNS * SIDE
        cell = np.arange(SIDE) * kernel.shape[0] // SIDE
        shade = np.clip(np.rint(kernel / (scale or 1.0) * LEVELS), -LEVELS, LEVELS).astype(int) + LEVELS
        levels[y : y + SIDE, x : x + SIDE] = shade[np.ix_(cell, cell)]
    if len(kernels) < rows * COLUMNS:
        levels[(rows - 1) * SIDE :, len(kernels) % COLUMNS * SIDE or COLUMNS * SIDE :] = LEVELS
    image = Image.fromarray(levels, "P")
    image.putpalette([part for level in range(-LEVELS, LEVELS + 1) for part in (EXCITING if level > 0 else INHIBITING)])
    alpha = bytes(round(255 * abs(level) / LEVELS) for level in range(-LEVELS, LEVELS + 1))
    file = io.BytesIO()
    image.save(file, "PNG", transparency=alpha, bits=8)
    return file.getvalue()


def place(index: int) -> tuple[int, int]:
    """The column and row of a kernel in its sheet."""
    return index % COLUMNS, index // COLUMNS


def size(count: int) -> tuple[int, int]:
    """The columns and rows of a sheet of so many kernels."""
    return COLUMNS, max(-(-count // COLUMNS), 1)
