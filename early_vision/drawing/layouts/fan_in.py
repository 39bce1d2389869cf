"""Fan-ins side by side: for each neuron its inputs in one or two rows, and an arrow from each column down to it."""

from early_vision.circuits.circuit import Circuit, Input, Part, by_strength
from early_vision.circuits.strengths import Kind
from early_vision.drawing.layouts.parts import (
    GAP,
    HEADING,
    LABEL,
    chunks,
    framed,
    is_narrow,
    output,
    row_width,
    side_that_fits,
    tile,
)
from early_vision.drawing.shapes import Drawing, Shape, curve, note, note_height, words

TILE, SMALLEST, OUTPUT = 58.0, 42.0, 100.0
KINDS = Kind.EXCITING, Kind.INHIBITING, Kind.MIXED, Kind.UNKNOWN
ONE_ROW = 4
"""Inputs up to which one row is enough."""
DROP = 60.0
"""Height that the arrows take."""
PITCH = LABEL + 4
"""From the bottom of one tile to the top of the next."""
PANEL, BETWEEN = 320.0, 36.0
SPREAD = 15.0
"""Between the tips of two arrows."""


def fan_in(circuit: Circuit, width: float) -> Drawing:
    """Panels beside each other, or one above the other where that is too narrow."""
    columns = 1 if is_narrow(width) else min(len(circuit.parts), 3)
    panel = min((width - (columns - 1) * BETWEEN) / columns, PANEL if columns > 1 else width)
    left = (width - row_width(columns, panel, BETWEEN)) / 2
    shapes: list[Shape] = []
    y = 0.0
    for row in chunks(circuit.parts, columns):
        filled = [columns_of(part, panel) for part in row]
        rows = max((len(column) for columns in filled for column in columns), default=0)
        side, gap = _sizes(max(map(len, filled)), panel)
        tops = [
            _panel(part, left + index * (panel + BETWEEN), y, panel, rows, side, gap) for index, part in enumerate(row)
        ]
        shapes += [shape for part, _ in tops for shape in part]
        y = max(bottom for _, bottom in tops) + 34
    if circuit.note:
        wide = min(width, 600.0)
        shapes += note(width / 2, y + 4, wide, circuit.note, anchor="middle")
        y += note_height(wide, circuit.note) + 20
    return framed(shapes, width, y - 30)


def columns_of(part: Part, width: float) -> list[tuple[Input, ...]]:
    """Inputs in columns of one kind each, the exciting ones first, and in each the strongest first.

    In one row, in two, or in as many as it takes for the pictures not to become too small.
    """
    rows = 1 if len(part.inputs) <= ONE_ROW else 2
    while True:
        columns = [column for kind in KINDS for column in chunks(by_strength(part.inputs, kind), rows)]
        if row_width(len(columns), SMALLEST, GAP / 2) <= width or rows >= len(part.inputs):
            return columns
        rows += 1


def _sizes(columns: int, width: float) -> tuple[float, float]:
    """The side of the tiles, and the gap between them, with which so many columns fill a panel."""
    gap = GAP if side_that_fits(columns, width, TILE) >= SMALLEST else GAP / 2
    return side_that_fits(columns, width, TILE, gap), gap


def _panel(
    part: Part, x: float, y: float, width: float, rows: int, side: float, gap: float
) -> tuple[list[Shape], float]:
    shapes: list[Shape] = []
    middle = x + width / 2
    if part.heading:
        shapes.append(words(middle, y + 16, part.heading, "heading"))
        y += HEADING + 6
    columns = columns_of(part, width)
    left = middle - row_width(len(columns), side, gap) / 2
    bottom = y + rows * (side + PITCH)
    end = bottom + DROP
    if part.rule:
        shapes.append(words(middle, y + 16, f"inputs by their weights: {part.rule}", "label"))
        shapes.append(curve((middle, y + 26), (middle, end - 4), "down"))
    for index, column in enumerate(columns):
        at = left + index * (side + gap)
        # A short column stands at the bottom, where the arrows begin.
        first = bottom - len(column) * (side + PITCH)
        shapes += [tile(one, at, first + place * (side + PITCH), side) for place, one in enumerate(column)]
        tip = middle + (index - (len(columns) - 1) / 2) * min(SPREAD, (OUTPUT - 16) / len(columns))
        strength = max(one.share for one in column)
        shapes.append(curve((at + side / 2, bottom), (tip, end - 4), "down", column[0].kind, strength))
    shapes += output(part.target, middle - OUTPUT / 2, end, OUTPUT)
    return shapes, end + OUTPUT + LABEL
