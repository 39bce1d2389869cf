"""Many small pictures of one size in one file: the form in which feature visualizations are kept."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from early_vision.errors import InputError

COLUMNS = 16
LOSSY_QUALITY = 90
FEW_BYTES = 80
"""The quality of WebP where pictures are one of many, beside those of other networks."""


def encode_sheet(images: np.ndarray, lossless: bool, quality: int = LOSSY_QUALITY) -> bytes:
    """WebP of images uint8 [n, size, size, 3], in rows of 16, left to right and top to bottom; the rest is black."""
    count, size = images.shape[:2]
    sheet = np.zeros((-(-count // COLUMNS) * size, min(count, COLUMNS) * size, 3), np.uint8)
    for i, image in enumerate(images):
        row, column = divmod(i, COLUMNS)
        sheet[row * size : (row + 1) * size, column * size : (column + 1) * size] = image
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "WEBP", lossless=lossless, quality=100 if lossless else quality, method=6)
    return out.getvalue()


def decode_sheet(path: Path, count: int, size: int) -> np.ndarray:
    """The images of a sheet, uint8 [count, size, size, 3].

    Raises:
        InputError: when the file is absent, damaged, or holds fewer pixels than that.
    """
    try:
        with Image.open(path, formats=["WEBP"]) as image:
            sheet = np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise InputError(f"the sheet of pictures cannot be read ({error})", file=path, hint=_MEND) from error
    rows, columns = -(-count // COLUMNS), min(count, COLUMNS)
    if sheet.shape != (rows * size, columns * size, 3):
        raise InputError(f"the sheet has {sheet.shape[1]} x {sheet.shape[0]} pixels, not {columns * size} x {rows * size}",
                         file=path, hint=_MEND)  # fmt: skip
    tiles = sheet.reshape(rows, size, columns, size, 3).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(rows * columns, size, size, 3)[:count])


_MEND = "Remove it and run: python build.py precompute"
