"""What a figure is drawn from: tiles, kernels, cards, connectors and words, each with its place; and the rules for
lines.

Lengths are in user units, which are CSS pixels when a figure has its natural width. x counts to the right, y downwards.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from early_vision.circuits.circuit import Neuron

FRAME_STEPS = 6
"""Strengths of frames that are told apart, so that a neuron's frames of one strength can be one element."""
HEAD = 7.0
"""Length of an arrow's head."""
CORNER = 6.0
"""Radius of the corners of pictures, kernels and cards."""
RADIUS = 10.0
"""Of the corners of connectors."""
NOTE_SIZE, NOTE_LEADING = 14.0, 20.0
LETTER = 0.5
"""Mean width of a letter in a sans-serif, in parts of its size."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Tile:
    """A neuron's picture, a link to its page.

    Attributes:
        sign: a `Kind`, for a frame in the colour of excitation, inhibition or both; 0 for a plain one.
        strength: 0 to 1, how strong the frame is.
        label: whether its channel stands below.
    """

    neuron: Neuron
    x: float
    y: float
    side: float
    sign: int = 0
    strength: float = 1.0
    label: bool = True

    @property
    def middle(self) -> Point:
        return self.x + self.side / 2, self.y + self.side / 2

    @property
    def frame(self) -> float:
        """Width of the frame."""
        return rounded_off(1.5 + 2.5 * self._step) if self.sign else 1.0

    @property
    def frame_opacity(self) -> float:
        return fading(self._step) if self.sign else 1.0

    @property
    def _step(self) -> float:
        return math.ceil(FRAME_STEPS * self.strength) / FRAME_STEPS


@dataclass(frozen=True)
class Kernel:
    """A heat map; `key` names the kernel."""

    key: str
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Card:
    """A picture and its kernel, side by side or one above the other, in one frame.

    Attributes:
        label_above: whether the channel's number stands above the card rather than below.
    """

    tile: Tile
    kernel: Kernel
    x: float
    y: float
    width: float
    height: float
    label_above: bool = False


@dataclass(frozen=True)
class Line:
    """A connector: an SVG path, and whether it ends in an arrow head, HEAD long. Sign and strength as for a tile."""

    path: str
    arrow: bool = False
    sign: int = 0
    strength: float = 1.0

    @property
    def width(self) -> float:
        return rounded_off(1.2 + 2.2 * self.strength) if self.sign else 1.3

    @property
    def opacity(self) -> float:
        return fading(self.strength) if self.sign else 1.0


@dataclass(frozen=True)
class Words:
    """A line of text. `kind` is "heading", "label" or "note"; `runs` are (text, sign) pieces, coloured by sign."""

    x: float
    y: float
    kind: str
    runs: tuple[tuple[str, int], ...]
    anchor: str = "middle"


@dataclass(frozen=True)
class Rule:
    """A hairline that orders a figure, such as a lattice or a mirror: an SVG path."""

    path: str


Shape = Tile | Kernel | Card | Line | Words | Rule
AnyShape = TypeVar("AnyShape", Tile, Kernel, Card, Line, Words, Rule)


@dataclass(frozen=True)
class Drawing:
    """A figure at one width."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Every neuron's picture in it, those in cards included."""
        return (*self.of(Tile), *(card.tile for card in self.of(Card)))

    @property
    def links(self) -> dict[Neuron, list[Tile]]:
        """The tiles that are not in cards, by neuron: those of one neuron are one link."""
        found: dict[Neuron, list[Tile]] = {}
        for tile in self.of(Tile):
            found.setdefault(tile.neuron, []).append(tile)
        return found

    def alike(self, tiles: Sequence[Tile]) -> list[tuple[Tile, str]]:
        """The frames of tiles: a tile for each kind of frame, and the path around all tiles that have it."""
        found: dict[tuple[int, float, float], list[Tile]] = {}
        for tile in tiles:
            found.setdefault((tile.sign, tile.frame, tile.frame_opacity), []).append(tile)
        return [
            (some[0], "".join(rounded_rectangle(one.x, one.y, one.side, one.side) for one in some))
            for some in found.values()
        ]

    def of(self, kind: type[AnyShape]) -> list[AnyShape]:
        """The shapes of one kind, in the order in which to draw them."""
        return [shape for shape in self.shapes if isinstance(shape, kind)]

    @property
    def rules(self) -> list[Rule]:
        return self.of(Rule)

    @property
    def lines(self) -> list[Line]:
        return self.of(Line)

    @property
    def kernels(self) -> list[Kernel]:
        """The heat maps that are not in cards."""
        return self.of(Kernel)

    @property
    def cards(self) -> list[Card]:
        return self.of(Card)

    @property
    def words(self) -> list[Words]:
        return self.of(Words)


def rounded_off(value: float) -> float:
    """Two decimals, and no more of them than are needed."""
    value = round(float(value), 2)
    return int(value) if value == int(value) else value


def fading(strength: float) -> float:
    """The opacity of a line or frame of a strength: weak ones stay visible."""
    return rounded_off(0.3 + 0.7 * min(max(strength, 0.0), 1.0))


def curve(start: Point, end: Point, direction: str, sign: int = 0, strength: float = 1.0) -> Line:
    """An arrow that leaves and arrives in one direction, "down", "up", "right" or "left", bending in between."""
    (x0, y0), (x1, y1) = start, end
    along_y, step = direction in ("down", "up"), -HEAD if direction in ("down", "right") else HEAD
    if along_y:
        y2 = y1 + step
        middle = (y0 + y2) / 2
        path = f"M{_pair(x0, y0)}C{_pair(x0, middle)} {_pair(x1, middle)} {_pair(x1, y2)}"
    else:
        x2 = x1 + step
        middle = (x0 + x2) / 2
        path = f"M{_pair(x0, y0)}C{_pair(middle, y0)} {_pair(middle, y1)} {_pair(x2, y1)}"
    return Line(path, True, sign, strength)


def elbow(
    points: Sequence[Point], arrow: bool = True, radius: float = RADIUS, sign: int = 0, strength: float = 1.0
) -> Line:
    """A line through points at right angles, its corners rounded, with an arrow head at its end."""
    points = list(points)
    direction = _direction(points[-2], points[-1])
    tip = points[-1]
    if arrow:
        dx, dy = {"down": (0, -1), "up": (0, 1), "right": (-1, 0), "left": (1, 0)}[direction]
        points[-1] = (tip[0] + dx * HEAD, tip[1] + dy * HEAD)
    path = [f"M{_pair(*points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        r = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        path.append(f"L{_pair(*_towards(corner, before, r))}Q{_pair(*corner)} {_pair(*_towards(corner, after, r))}")
    path.append(f"L{_pair(*points[-1])}")
    return Line("".join(path), arrow, sign, strength)


def bracket(start: float, end: float, at: float, depth: float, across: str = "below") -> Line:
    """A bracket that gathers a row from x `start` to `end`, open towards it: "below" or "above" it at y `at`.

    Across "left" or "right" it gathers a column from y `start` to `end` at x `at`.
    """
    reach = at + (depth if across in ("below", "right") else -depth)
    if across in ("below", "above"):
        points = [(start, at), (start, reach), (end, reach), (end, at)]
    else:
        points = [(at, start), (reach, start), (reach, end), (at, end)]
    return elbow(points, arrow=False, radius=min(RADIUS, abs(depth)))


def words(x: float, y: float, text: str, kind: str, anchor: str = "middle") -> Words:
    """A line of text, its words on excitation and inhibition in their colours."""
    return Words(x, y, kind, coloured(text), anchor)


def note(x: float, y: float, width: float, text: str, anchor: str = "start") -> list[Words]:
    """A text broken into lines of a width, from the first line's baseline on downwards."""
    letters = max(int(width / (NOTE_SIZE * LETTER)), 12)
    lines = textwrap.wrap(text, letters)
    # No last line of a single word: as narrow as it can be in as many lines.
    while letters > 12 and len(textwrap.wrap(text, letters - 1)) == len(lines):
        letters -= 1
    lines = textwrap.wrap(text, letters)
    return [words(x, y + index * NOTE_LEADING, line, "note", anchor) for index, line in enumerate(lines)]


def note_height(width: float, text: str) -> float:
    """How much height `note` takes."""
    return NOTE_LEADING * len(note(0, 0, width, text))


def coloured(text: str) -> tuple[tuple[str, int], ...]:
    """A text in pieces, those about excitation with sign 1, those about inhibition with sign -1."""
    runs: list[tuple[str, int]] = []
    for index, word in enumerate(text.split(" ")):
        bare = word.lower()
        sign = 1 if bare.startswith("excit") else -1 if bare.startswith("inhibit") else 0
        joined = word if index == 0 else f" {word}"
        if runs and runs[-1][1] == sign:
            runs[-1] = (runs[-1][0] + joined, sign)
        else:
            runs.append((joined, sign))
    return tuple(runs)


def rounded_rectangle(x: float, y: float, width: float, height: float, radius: float = CORNER) -> str:
    """The SVG path of a rectangle with rounded corners."""
    r, across, down = f"{radius:g}", f"{width - 2 * radius:.5g}", f"{height - 2 * radius:.5g}"
    turn = f"a{r} {r} 0 0 1 "
    right, left = f"{turn}{r} {r}v{down}{turn}-{r} {r}", f"{turn}-{r} -{r}v-{down}{turn}{r} -{r}"
    return f"M{x + radius:.5g} {y:.5g}h{across}{right}h-{across}{left}z"


def _pair(x: float, y: float) -> str:
    return f"{rounded_off(x)} {rounded_off(y)}"


def _direction(a: Point, b: Point) -> str:
    if abs(b[0] - a[0]) > abs(b[1] - a[1]):
        return "right" if b[0] > a[0] else "left"
    return "down" if b[1] > a[1] else "up"


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: Point, b: Point, length: float) -> Point:
    """The point at a length from a on the way to b, which lies straight beside or above it."""
    whole = _distance(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * length / whole, a[1] + (b[1] - a[1]) * length / whole
