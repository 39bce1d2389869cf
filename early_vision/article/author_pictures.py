"""Pictures of an author: read as they are, measured, and refused where they could do harm.

A picture file's bytes go into the site unchanged. An SVG is a document that can hold scripts, so that only one without
anything of the kind is taken.
"""

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from early_vision.article.author_files import author_file
from early_vision.errors import InputError

KINDS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp", "AVIF": ".avif"}
SUFFIXES = frozenset((*KINDS.values(), ".jpeg", ".svg"))
MOST_BYTES, MOST_PIXELS = 8_000_000, 40_000_000
TAKEN = frozenset(("neurons", "pictures", "data"))
"""Folders that the article's site has for what is built."""
SVG = "{http://www.w3.org/2000/svg}"
UNSAFE_SVG = frozenset(["script", "foreignObject", "iframe", "embed", "object", "handler", "set", "animate"])

ELSEWHERE = r"url\(\s*['\"]?\s*[^#'\"\s]|@import|expression\("


@dataclass(frozen=True)
class AuthorPicture:
    """A picture.

    Attributes:
        path: from the article's folder, in content/ as in the site.
        width, height: in pixels, or in an SVG's units.
        data: the file's bytes.
    """

    path: str
    width: int
    height: int
    data: bytes


def read_picture(folder: Path, written: str) -> AuthorPicture:
    """A picture of an article's folder.

    Raises:
        InputError: without a place, when it cannot be shown.
    """
    suffix = Path(written).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f'"{written}" is no picture', hint=f"A picture's name ends in {', '.join(sorted(SUFFIXES))}")
    file = author_file(folder, written)
    path = file.relative_to(folder).as_posix()
    if path.split("/")[0] in TAKEN:
        raise InputError(f'the folder "{path.split("/")[0]}" is for what is built', hint="Put the picture into another")
    if file.stat().st_size > MOST_BYTES:
        message = f"the picture {written} has {file.stat().st_size / 1e6:.0f} MB, and at most {MOST_BYTES / 1e6:.0f} can be shown"
        raise InputError(message, hint="Save it smaller")
    data = file.read_bytes()
    width, height = _svg_size(written, data) if suffix == ".svg" else _size(written, data)
    return AuthorPicture(path, width, height, data)


def _size(written: str, data: bytes) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            # How large a picture may be is said here, by its header, before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(KINDS)) as picture:
                width, height = picture.size
                if width * height <= MOST_PIXELS:
                    picture.load()
    except Image.DecompressionBombError:
        raise InputError(f"the picture {written} has too many pixels", hint="Save it smaller") from None
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError) as error:
        raise InputError(f"the picture {written} cannot be read", hint="Save it again as PNG, JPEG or WebP") from error
    if width * height > MOST_PIXELS:
        raise InputError(
            f"the picture {written} has {width} × {height} pixels, which is too many", hint="Save it smaller"
        )
    return width, height


def _svg_size(written: str, data: bytes) -> tuple[int, int]:
    if re.search(rb"<!(DOCTYPE|ENTITY)|<\?xml-stylesheet", data, re.IGNORECASE):
        raise InputError(f"the picture {written} has a document type or a style sheet", hint="Save it as plain SVG")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise InputError(f"the picture {written} is no SVG: {error}") from error
    if root.tag != f"{SVG}svg":
        raise InputError(f"the picture {written} is no SVG: it begins with <{root.tag}>")
    for element in root.iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag in UNSAFE_SVG:
            raise InputError(f"the picture {written} holds <{tag}>", hint="Save it as plain SVG, without scripts")
        for name, value in element.attrib.items():
            name = name.rpartition("}")[2].lower()
            if name.startswith("on") or (
                name in ("href", "src") and not value.strip().startswith(("#", "data:image/"))
            ):
                message = f'the picture {written} holds the attribute {name}="{value[:30]}"'
                raise InputError(message, hint="Save it as plain SVG, without scripts and links")
        if any(re.search(ELSEWHERE, text, re.IGNORECASE) for text in (*element.attrib.values(), element.text or "")):
            raise InputError(
                f"the picture {written} loads something from elsewhere", hint="Save it with all that it needs"
            )
    return _svg_units(written, root)


def _svg_units(written: str, root: ElementTree.Element) -> tuple[int, int]:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sizes = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    try:
        width, height = (round(float(size.removesuffix("px"))) for size in sizes)
        if width < 1 or height < 1:
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(f"the picture {written} does not say how large it is", hint="Give it a viewBox") from None
    return width, height
