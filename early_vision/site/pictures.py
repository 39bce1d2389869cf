"""Pictures of neurons as WebP files, named by what they show so that a build encodes only what is new."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from early_vision.features.sheets import Pixels, identity
from early_vision.memory import Memory, stamps_in

QUALITY, METHOD = 80, 2
PIXELS_UP_TO = 8
"""Images no larger than this, a first layer's filters, are shown as their pixels; larger ones are interpolated."""
VERSION = 1
"""To be raised when pictures are drawn differently, since their names follow from it."""
FOLDER = "pictures"


Encoding = dict[str, Future[bytes] | None]
"""Pictures in the making, by path; None for one that is there already."""


@dataclass(frozen=True)
class Picture:
    """A picture file, not yet made.

    Attributes:
        path: within the article's folder; it holds a hash of all that determines the file's bytes.
        width, height: in pixels.
        draw: makes the picture.
        lossless: whether its pixels must stay as they are.
        quality: of a picture that is not, 0 to 100.
    """

    path: str
    width: int
    height: int
    draw: Callable[[], Image.Image] = field(compare=False)
    lossless: bool
    quality: int = QUALITY

    def encode(self) -> bytes:
        """The file's bytes."""
        buffer = io.BytesIO()
        self.draw().save(buffer, "WEBP", quality=self.quality, method=METHOD, lossless=self.lossless)
        return buffer.getvalue()


def sheet(images: Sequence[Pixels], tile: int, columns: int, quality: int = QUALITY) -> Picture:
    """All images side by side in rows, each enlarged or reduced to a square tile.

    Args:
        images: uint8 [size, size, 3] each; sizes may differ.
        tile: side of a tile in pixels.
        columns: tiles in a row; the last row may be shorter.
        quality: of the picture, 0 to 100.
    """
    rows = -(-len(images) // columns)
    name = _name(images, f"sheet {tile} {columns}", quality)
    lossless = all(_as_pixels(image) for image in images)
    draw = partial(_draw_sheet, images, tile, columns, rows)
    return Picture(name, columns * tile, rows * tile, draw, lossless, quality)


def portrait(image: Pixels, side: int) -> Picture:
    """One image, enlarged to a square picture of `side` pixels."""
    return Picture(_name([image], f"portrait {side}"), side, side, lambda: resized(image, side), _as_pixels(image))


def neuron_portrait(image: Pixels | None) -> Picture | None:
    """A neuron's own picture, from its feature visualization; None where that was not rendered."""
    return None if image is None else portrait(image, portrait_side(image.shape[0]))


def portrait_side(size: int, most: int = 384) -> int:
    """The side of a neuron's own picture: twice the image, no less than previews of links ask for, no more than `most`.

    Rendering leaves out what is finer than four pixels, so that browsers enlarge twice the image without a trace.

    An image shown as its pixels gets the largest multiple of its size.
    """
    return most // size * size if size <= PIXELS_UP_TO else min(max(2 * size, 200), most)


def tile_side(size: int, shown: int, density: int) -> int:
    """The side of an image among others that are shown as squares of `shown` CSS pixels: its own, since enlarged it holds no
    more, but half of that at least, and `density` times that at most. An image shown as its pixels is to be crisp, and has
    the most."""
    return shown * density if size <= PIXELS_UP_TO else max(shown // 2, min(size, shown * density))


def resized(image: Pixels, side: int) -> Image.Image:
    """An image at another size: as crisp pixels when it is tiny, else by Lanczos."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    size = picture.width
    if _as_pixels(image):
        # Through a common multiple of both sizes, so that every pixel comes out equally wide.
        return picture.resize((size * side, size * side), Image.Resampling.NEAREST).reduce(size)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def encode_missing(pictures: Iterable[Picture], folder: Path, memory: Memory, pool: Executor) -> Encoding:
    """The bytes of each picture by path, in the making; None for one that `folder` already holds.

    Args:
        pictures: some may be named twice.
        folder: the article's folder in the site.
        memory: keeps which files were found to be whole.
        pool: of threads, since Pillow encodes outside of Python's global lock.
    """
    wanted = {picture.path: picture for picture in pictures}
    stamps = {f"{FOLDER}/{name}": stamp for name, stamp in stamps_in(folder / FOLDER).items()}
    there = {path for path in wanted if path in stamps and memory(_is_whole, folder, path, stamps[path], at=path)}
    return {path: None if path in there else pool.submit(picture.encode) for path, picture in wanted.items()}


def is_whole_webp(path: Path) -> bool:
    """Whether a file is a WebP that is as long as its header says."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            return (
                head[:4] == b"RIFF"
                and head[8:] == b"WEBP"
                and os.fstat(file.fileno()).st_size == int.from_bytes(head[4:8], "little") + 8
            )
    except OSError:
        return False


def _is_whole(folder: Path, path: str, stamp: tuple[int, ...]) -> bool:
    return is_whole_webp(folder / path)


def _as_pixels(image: Pixels) -> bool:
    return image.shape[0] <= PIXELS_UP_TO


def _draw_sheet(images: Sequence[Pixels], tile: int, columns: int, rows: int) -> Image.Image:
    canvas = Image.new("RGB", (columns * tile, rows * tile), (128, 128, 128))
    for index, image in enumerate(images):
        canvas.paste(resized(image, tile), (index % columns * tile, index // columns * tile))
    return canvas


def _name(images: Sequence[Pixels], parameters: str, quality: int = QUALITY) -> str:
    digest = hashlib.sha256(f"{VERSION} {parameters} {quality} {METHOD} {PIXELS_UP_TO}".encode())
    for image in images:
        digest.update(repr(image.shape).encode())
        digest.update(identity(image))
    return f"{FOLDER}/{digest.hexdigest()[:16]}.webp"
