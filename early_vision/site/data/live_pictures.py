"""Pictures to begin with on the page that runs a network: drawn here, each of something that early vision is about."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw

SIDE = 224
FINER = 4
"""Pictures are drawn so many times as large, and scaled down: their edges are smooth."""


@dataclass(frozen=True)
class DrawnPicture:
    """A picture: what it is called, what it shows, and itself as a PNG of SIDE by SIDE pixels."""

    name: str
    alt: str
    png: bytes


@cache
def drawn_pictures() -> tuple[DrawnPicture, ...]:
    """All of them, the same bytes every time."""
    return (
        _drawn("Landscape", "A house with a round window, a tree and a fence under the sun, before hills", _landscape),
        _drawn("Curves", "Rings, arcs and a winding line, dark on light", _curves),
        _drawn("Gratings", "Nine gratings that differ in orientation and in frequency", _gratings),
        _drawn("Colours", "Discs of twelve hues in a circle on grey", _colours),
    )


def _drawn(name: str, alt: str, draw: Callable[[], Image.Image]) -> DrawnPicture:
    picture = draw()
    if picture.size != (SIDE, SIDE):
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    picture.quantize(128).save(buffer, "PNG", optimize=True)
    return DrawnPicture(name, alt, buffer.getvalue())


class _Pen:
    """Draws in units of the finished picture's pixels."""

    def __init__(self, paper: tuple[int, int, int]):
        self.image = Image.new("RGB", (SIDE * FINER, SIDE * FINER), paper)
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, *corners: tuple[float, float], fill: tuple[int, int, int]) -> None:
        self.draw.polygon([(x * FINER, y * FINER) for x, y in corners], fill)

    def disc(self, x: float, y: float, radius: float, fill: tuple[int, int, int]) -> None:
        self.draw.ellipse([(v * FINER) for v in (x - radius, y - radius, x + radius, y + radius)], fill)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, fill=(30, 30, 34)) -> None:
        box = [v * FINER for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.arc(box, start, end, fill, round(width * FINER))

    def line(self, *points: tuple[float, float], width: float, fill=(30, 30, 34)) -> None:
        self.draw.line([(x * FINER, y * FINER) for x, y in points], fill, round(width * FINER), "curve")


def _landscape() -> Image.Image:
    pen = _Pen((150, 196, 232))
    pen.disc(182, 38, 20, (250, 222, 96))
    for x, y, radius in ((42, 40, 12), (58, 34, 15), (76, 41, 11)):
        pen.disc(x, y, radius, (246, 248, 250))
    hills = [(x, 118 - 18 * sin(x / 34) - 8 * sin(x / 13 + 1)) for x in range(0, SIDE + 2, 2)]
    pen.polygon((0, SIDE), *hills, (SIDE, SIDE), fill=(104, 140, 122))
    pen.polygon((0, 148), (SIDE, 136), (SIDE, SIDE), (0, SIDE), fill=(122, 168, 72))
    pen.polygon((96, 104), (176, 104), (176, 176), (96, 176), fill=(226, 206, 176))
    pen.polygon((86, 106), (136, 66), (186, 106), fill=(166, 62, 48))
    pen.disc(136, 92, 7, (58, 62, 84))
    pen.polygon((126, 136), (146, 136), (146, 176), (126, 176), fill=(92, 60, 40))
    for left in (103, 153):
        pen.polygon((left, 116), (left + 17, 116), (left + 17, 132), (left, 132), fill=(58, 62, 84))
        pen.line((left + 8.5, 116), (left + 8.5, 132), width=2, fill=(240, 240, 236))
        pen.line((left, 124), (left + 17, 124), width=2, fill=(240, 240, 236))
    pen.polygon((44, 128), (54, 128), (57, 184), (41, 184), fill=(96, 68, 46))
    for x, y, radius in ((49, 104, 25), (32, 116, 16), (66, 116, 16), (49, 82, 15)):
        pen.disc(x, y, radius, (52, 104, 54))
    for x in range(4, SIDE, 16):
        pen.polygon((x, 190), (x + 4, 184), (x + 8, 190), (x + 8, 218), (x, 218), fill=(240, 238, 230))
    for y in (194, 206):
        pen.line((0, y), (SIDE, y), width=3, fill=(240, 238, 230))
    return pen.image


def _curves() -> Image.Image:
    pen = _Pen((226, 226, 222))
    for radius in (46, 32, 18):
        pen.arc(58, 58, radius, 0, 360, 5)
    for turn in range(4):
        x, y = 140 + 50 * (turn % 2), 34 + 50 * (turn // 2)
        pen.arc(x, y, 18, 90 * turn - 20, 90 * turn + 110, 5)
    pen.line(*((12 + 200 * t / 100, 136 + 14 * sin(t / 100 * 6 * pi)) for t in range(101)), width=5)
    spiral = [(58 + (4 + t / 6) * cos(t / 8), 186 + (4 + t / 6) * 0.75 * sin(t / 8)) for t in range(170)]
    pen.line(*spiral, width=4)
    for index, radius in enumerate((8, 14, 20, 26, 32)):
        pen.arc(168, 198, radius, 180, 360, 3 + index % 2)
    return pen.image


def _gratings() -> Image.Image:
    side, picture = SIDE // 3, np.full((SIDE, SIDE), 128.0)
    y, x = (np.mgrid[:side, :side] - (side - 1) / 2) / side
    window = np.exp(-((np.hypot(x, y) / 0.36) ** 4))
    for index in range(9):
        angle, cycles = pi * index / 9, (4, 8, 14)[index % 3]
        wave = 110 * np.cos(2 * pi * cycles * (x * cos(angle) + y * sin(angle)))
        row, column = (index // 3) * side, (index % 3) * side
        picture[row : row + side, column : column + side] += window * wave
    return Image.fromarray(np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "RGB")


def _colours() -> Image.Image:
    pen = _Pen((128, 128, 128))
    for index in range(12):
        turn = 2 * pi * index / 12
        colour = tuple(round(128 + 110 * cos(turn - shift * 2 * pi / 3)) for shift in range(3))
        pen.disc(112 + 78 * cos(turn), 112 - 78 * sin(turn), 18, (colour[0], colour[1], colour[2]))
    pen.disc(112, 112, 34, (240, 240, 240))
    pen.disc(112, 112, 17, (16, 16, 16))
    return pen.image
