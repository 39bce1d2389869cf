"""An article's picture for previews of links: its title over a wall of its neurons, 1200 by 630 pixels."""

import io
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from early_vision.features.sheets import Pixels
from early_vision.site.pictures import resized

WIDTH, HEIGHT = 1200, 630
TILE = 100
COLUMNS, ROWS = 12, 3
PAPER, INK, SOFT, ACCENT = (255, 255, 255), (34, 38, 37), (92, 100, 99), (11, 107, 93)
WALL, LINE = (246, 247, 247), (223, 227, 226)
LARGEST, SMALLEST, MOST_LINES = 72, 40, 3
EDGE = 64


def preview_image(title: str, subtitle: str, layers: Mapping[str, Sequence[Pixels]]) -> bytes:
    """A JPEG.

    Args:
        title: large.
        subtitle: one line below it.
        layers: for each layer pictures to show, the ones that matter most first, uint8 [size, size, 3]; all empty for
            a network whose pictures are not here.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    images = chosen([list(images) for images in layers.values()], COLUMNS * ROWS)
    for place in range(0 if images else COLUMNS * ROWS):
        x, y = place // ROWS * TILE, HEIGHT - (ROWS - place % ROWS) * TILE
        draw.rounded_rectangle((x + 5, y + 5, x + TILE - 6, y + TILE - 6), 6, fill=WALL, outline=LINE)
    for index, image in enumerate(images):
        # Column by column, so that layers follow each other from left to right.
        corner = index // ROWS * TILE, HEIGHT - (ROWS - index % ROWS) * TILE
        picture.paste(resized(image, TILE), corner)
    draw.rectangle((0, 0, WIDTH, 11), fill=ACCENT)
    size, lines = _fitted(draw, title)
    y = EDGE - 4
    for line in lines:
        draw.text((EDGE, y), line, font=ImageFont.load_default(size), fill=INK)
        y += round(size * 1.15)
    draw.text((EDGE, y + 14), subtitle, font=ImageFont.load_default(30), fill=SOFT)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88, subsampling=0, optimize=True)
    return buffer.getvalue()


def chosen(layers: Sequence[list], most: int) -> list:
    """The first of each layer, by turns in size, in the order of layers: as many of each as there is room for."""
    total = sum(map(len, layers))
    if total <= most:
        return [one for layer in layers for one in layer]
    bounds = [round(most * sum(map(len, layers[:index])) / total) for index in range(len(layers) + 1)]
    return [
        one for layer, start, stop in zip(layers, bounds, bounds[1:], strict=False) for one in layer[: stop - start]
    ]


def _fitted(draw: ImageDraw.ImageDraw, title: str) -> tuple[int, list[str]]:
    """The largest size at which a title fits, and its lines."""
    for size in range(LARGEST, SMALLEST - 1, -4):
        lines = _wrapped(draw, title, ImageFont.load_default(size))
        if len(lines) * size * 1.15 <= HEIGHT - ROWS * TILE - EDGE - 70 and len(lines) <= MOST_LINES:
            break
    return size, lines[:MOST_LINES]


def _wrapped(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > WIDTH - 2 * EDGE:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
