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
Shown = tuple[np.ndarray, float]
"""A kernel [k, k], and the weight that has the full colour in it."""
BLANK: Shown = (np.zeros((1, 1)), 1.0)


def kernel_sheet(kernels: Sequence[Shown]) -> bytes:
    """A PNG of kernels in rows of COLUMNS, transparent where a weight is 0, opaque where it reaches its scale.

    Args:
        kernels: (kernel [k, k], scale) each.
    """
    rows = max(-(-len(kernels) // COLUMNS), 1)
    levels = np.full((rows * COLUMNS, SIDE, SIDE), LEVELS, np.uint8)
    # All kernels of one size at once: a build draws a hundred thousand.
    for side in {kernel.shape[0] for kernel, _ in kernels}:
        some = [index for index, (kernel, _) in enumerate(kernels) if kernel.shape[0] == side]
        stack = np.stack([kernels[index][0] for index in some])
        scales = np.array([kernels[index][1] or 1.0 for index in some], stack.dtype)
        shades = np.clip(np.rint(stack / scales[:, None, None] * LEVELS), -LEVELS, LEVELS) + LEVELS
        cell = np.arange(SIDE) * side // SIDE
        levels[some] = shades.astype(np.uint8)[:, cell[:, None], cell]
    tiled = levels.reshape(-1, COLUMNS, SIDE, SIDE).swapaxes(1, 2).reshape(-1, COLUMNS * SIDE)
    image = Image.fromarray(tiled, "P")
    image.putpalette([part for level in range(-LEVELS, LEVELS + 1) for part in (EXCITING if level > 0 else INHIBITING)])
    alpha = bytes(round(255 * abs(level) / LEVELS) for level in range(-LEVELS, LEVELS + 1))
    file = io.BytesIO()
    image.save(file, "PNG", transparency=alpha, bits=8)
    return file.getvalue()


def whole_rows(kernels: Sequence[Shown]) -> list[Shown]:
    """Kernels, with as many blank ones after them as fill their last row."""
    return [*kernels, *[BLANK] * (-len(kernels) % COLUMNS)]
