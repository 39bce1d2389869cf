"""Many small pictures of one size in one file: the form in which feature visualizations are kept."""

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

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


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet in a file, decoded when its pixels are asked for.

    Attributes:
        path: its file.
        count, size: how many images it has, and their side in pixels.
        sha256: of its file.
    """

    path: Path
    count: int
    size: int
    sha256: str

    def check(self) -> None:
        """
        Raises:
            InputError: when the file is absent, or not the one that was written.
        """
        try:
            found = hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as error:
            raise InputError(f"the sheet of pictures cannot be read ({error})", file=self.path, hint=_MEND) from error
        if found != self.sha256:
            raise InputError("the sheet of pictures is damaged", file=self.path, hint=_MEND)

    @cached_property
    def pixels(self) -> np.ndarray:
        """uint8 [count, size, size, 3], as `decode_sheet` gives them."""
        return decode_sheet(self.path, self.count, self.size)


@dataclass(frozen=True, eq=False)
class SheetImage:
    """One image of a sheet: NumPy takes it as an array."""

    sheet: Sheet
    index: int

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.sheet.size, self.sheet.size, 3

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.array(self.sheet.pixels[self.index], dtype=dtype, copy=copy)


Pixels: TypeAlias = np.ndarray | SheetImage
"""An image, uint8 [size, size, 3]: in memory, or in a sheet."""


def identity(image: Pixels) -> bytes:
    """What tells an image from every other one; of one in a sheet without its pixels."""
    if isinstance(image, SheetImage):
        return f"{image.sheet.sha256} {image.sheet.count} {image.sheet.size} {image.index}".encode()
    return np.ascontiguousarray(image).tobytes()


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
