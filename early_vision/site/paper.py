"""An article as a PDF, printed by a headless Chromium where there is one."""

import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image

from early_vision.errors import InputError
from early_vision.site.sprites import DENSITY, TILE
from early_vision.store import write_whole

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TIMEOUT_S = 600
LOSSLESS = b"VP8L"
TILE_IMAGE = re.compile(
    r'<img class="c(?P<column>\d+) r(?P<row>\d+)" src="(?P<sprite>[^"]+\.webp)" srcset="[^"]*" sizes="(?P<width>\d+)px"'
)
"""A neuron's picture as templates/parts/neuron.html writes it."""
SITE_LINK = re.compile(r'(<a\b[^>]*?)\bhref="(?![a-z]+:|#)([^"]*)"')
STAMPS = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)[^)]*\)")
NODE = re.compile(rb"\bnode(\d{8})\b")
"""The name of an element in a tagged PDF, by a counter that the browser's other work moves on."""
IDENTIFIER = re.compile(rb"(/ID\s*\[?\s*)((?:<[0-9A-Fa-f]+>\s*)+)")


def find_browser() -> Path:
    """The browser that prints.

    Raises:
        InputError: when there is none.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    hint = "Install one (on Debian: apt install chromium), or build without --pdf and print from a browser"
    raise InputError("a PDF needs Chromium or Chrome, and none is on the path", hint=hint)


def print_articles(pages: Iterable[Path], browser: Path | None, say: Callable[[str], None], base_url: str = "") -> None:
    """A PDF beside every article's page, named after its folder; without a browser, none, not even an old one.

    Args:
        pages: the articles' pages.
        browser: as `find_browser` gives it.
        say: is told what takes its time.
        base_url: the site's address, where that is known.

    Raises:
        InputError: when the browser fails, or a file cannot be written.
    """
    for page in pages:
        target = page.with_name(f"{page.parent.name}.pdf")
        if browser is None:
            target.unlink(missing_ok=True)
            continue
        say(f"printing {target.name}, which takes a minute")
        write_whole(target, article_pdf(page.parent, browser, base_url))


def article_pdf(folder: Path, browser: Path, base_url: str = "") -> bytes:
    """An article's page as it comes out on paper; the same browser and fonts give the same bytes.

    Args:
        folder: the article's folder in a finished site.
        browser: as `find_browser` gives it.
        base_url: the site's address, which links to its other pages lead to. Without it they lead nowhere.

    Raises:
        InputError: when the browser fails.
    """
    with tempfile.TemporaryDirectory(prefix="early-vision-pdf-") as scratch:
        page = _copy_for_print(folder, Path(scratch), base_url)
        made = Path(scratch) / "article.pdf"
        command = [
            str(browser), "--headless", "--disable-gpu", "--no-pdf-header-footer", "--disable-background-networking",
            f"--user-data-dir={Path(scratch) / 'profile'}", "--virtual-time-budget=30000", f"--print-to-pdf={made}",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []), page.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(
                f"{browser.name} could not print the page ({error})", file=folder / "index.html"
            ) from error
        if done.returncode or not made.is_file():
            raise InputError(f"{browser.name} could not print the page (exit status {done.returncode})",
                             file=folder / "index.html")  # fmt: skip
        return without_times(made.read_bytes())


def without_times(pdf: bytes) -> bytes:
    """A PDF without when and in which run it was made, as long as before so that its table of contents stays true.

    Elements are named by their rank: their tree is sorted by name.
    """
    nodes = {name: b"node%08d" % rank for rank, name in enumerate(sorted(set(NODE.findall(pdf))), 1)}
    pdf = NODE.sub(lambda found: nodes[found[1]], pdf)
    pdf = STAMPS.sub(lambda found: found[1] + b"0" * (len(found[0]) - len(found[1]) - 1) + b")", pdf)
    return IDENTIFIER.sub(lambda found: found[1] + re.sub(rb"[0-9A-Fa-f]", b"0", found[2]), pdf)


def _copy_for_print(folder: Path, scratch: Path, base_url: str) -> Path:
    """A copy of the article's page with pictures that a browser puts into a PDF as they are: whole JPEGs. Any other
    picture, and any part of a sprite, it stores uncompressed, which makes ten times of it."""
    there = scratch / folder.name
    shutil.copytree(folder.parent / "assets", scratch / "assets")
    (there / "pictures").mkdir(parents=True)
    text = (folder / "index.html").read_text("utf-8")
    sprites: dict[str, tuple[Image.Image, bool]] = {}

    def own_picture(tile: re.Match) -> str:
        sprite, column, row = tile["sprite"], int(tile["column"]), int(tile["row"])
        if sprite not in sprites:
            sprites[sprite] = picture_on_paper(folder / sprite)
        picture, lossless = sprites[sprite]
        side = DENSITY * TILE
        part = picture.crop((column * side, row * side, (column + 1) * side, (row + 1) * side))
        name = f"{sprite.removesuffix('.webp')}-{column}-{row}.{'png' if lossless else 'jpg'}"
        (there / name).write_bytes(_encoded(part, lossless))
        shown = round(int(tile["width"]) * side / picture.width)
        return f'<img src="{name}" srcset="{name} {side}w" sizes="{shown}px"'

    text = TILE_IMAGE.sub(own_picture, text)
    for name in sorted(set(re.findall(r'(?:src|href)="(pictures/[^"/]+)"', text))):
        if (folder / name).is_file() and not (there / name).exists():
            (there / name).write_bytes(_encoded(*picture_on_paper(folder / name)))
    here = f"{base_url}{folder.name}/" if base_url else ""
    text = SITE_LINK.sub(lambda link: f'{link[1]}href="{urljoin(here, link[2])}"' if here else link[1], text)
    page = there / "index.html"
    page.write_text(text, "utf-8")
    return page


def picture_on_paper(path: Path) -> tuple[Image.Image, bool]:
    """A picture on white paper, and whether it must stay as it is to the last bit."""
    data = path.read_bytes()
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    # What is transparent is paper, and a JPEG would have it black.
    whole = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return whole, not data.startswith(b"RIFF") or LOSSLESS in data[:40]


def _encoded(picture: Image.Image, lossless: bool) -> bytes:
    """A file's bytes, whatever its name: browsers go by what is in it."""
    buffer = io.BytesIO()
    if lossless:
        picture.save(buffer, "PNG")
    else:
        picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
