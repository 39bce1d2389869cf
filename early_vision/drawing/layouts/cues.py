"""Cues under headings: groups of cards, each with its name and a bracket, whose lines meet at the neuron they all
feed."""

from early_vision.circuits.circuit import Circuit, Part
from early_vision.drawing.layouts.parts import HEADING, LABEL, card, chunks, framed, is_narrow, output, row_width
from early_vision.drawing.shapes import Drawing, Shape, bracket, elbow, note, note_height, words

CARD, SMALLEST, GAP, BETWEEN = 74.0, 58.0, 8.0, 34.0
DEPTH = 11.0
BUS = 30.0
"""From a row's brackets to the line that they share."""


def cues(circuit: Circuit, width: float) -> Drawing:
    """Groups in one row above the output, in two rows with the output between them, or in a column."""
    if is_narrow(width):
        return _column(circuit, width)
    rows = [circuit.parts] if _side(circuit.parts, width) >= SMALLEST else _halves(circuit.parts)
    side = min(_side(row, width) for row in rows)
    return _rows(circuit, rows, side, width)


def _side(parts: tuple[Part, ...], width: float) -> float:
    """The side of the cards with which groups fill a row."""
    cards = sum(len(part.inputs) for part in parts)
    gaps = sum((len(part.inputs) - 1) * GAP for part in parts) + (len(parts) - 1) * BETWEEN
    return min(CARD, (width - gaps) / cards)


def _halves(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Two rows, as nearly of one length as the order of the groups allows."""
    total = sum(len(part.inputs) for part in parts)

    def uneven(cut: int) -> int:
        return abs(total - 2 * sum(len(part.inputs) for part in parts[:cut]))

    cut = min(range(1, len(parts)), key=uneven)
    return [parts[:cut], parts[cut:]]


def _rows(circuit: Circuit, rows: list[tuple[Part, ...]], side: float, width: float) -> Drawing:
    big, target = 140.0, circuit.parts[0].target
    middle = width / 2
    top = HEADING + LABEL
    bracket_y = top + 2 * side + 5
    output_y = bracket_y + DEPTH + BUS + 34
    shapes = _row(rows[0], middle, top, side, width, "below", bracket_y + DEPTH + BUS, output_y - 5)
    shapes += output(target, middle - big / 2, output_y, big)
    height = output_y + big + LABEL + 8
    if circuit.note:
        space = width / 2 - big / 2 - 28
        lines = note_height(space, circuit.note)
        shapes += note(middle + big / 2 + 28, output_y + big / 2 - lines / 2 + 14, space, circuit.note)
    if len(rows) > 1:
        bus = height + 34
        start = bus + BUS + DEPTH + 5
        shapes += _row(rows[1], middle, start, side, width, "above", bus, height)
        height = start + 2 * side + LABEL + HEADING
    return framed(shapes, width, height)


def _row(
    parts: tuple[Part, ...], middle: float, y: float, side: float, width: float, across: str, bus: float, tip: float
) -> list[Shape]:
    """A row of groups: brackets `across` ("below" or "above") it, and lines to the point at the middle, y `tip`."""
    below = across == "below"
    whole = sum(row_width(len(part.inputs), side, GAP) for part in parts) + (len(parts) - 1) * BETWEEN
    x = middle - whole / 2
    shapes: list[Shape] = []
    for part in parts:
        wide = row_width(len(part.inputs), side, GAP)
        heading = y - LABEL - 8 if below else y + 2 * side + LABEL + 18
        shapes.append(words(x + wide / 2, heading, part.heading, "heading"))
        for index, one in enumerate(part.inputs):
            shapes.append(
                card(part.target, one, x + index * (side + GAP), y, side, across, "above" if below else "below")
            )
        at = y + 2 * side + 5 if below else y - 5
        shapes.append(bracket(x + 3, x + wide - 3, at, DEPTH, across))
        start = (x + wide / 2, at + (DEPTH if below else -DEPTH))
        points = (
            [start, (start[0], bus), (middle, bus), (middle, tip)]
            if abs(start[0] - middle) > 1
            else [start, (middle, tip)]
        )
        shapes.append(elbow(points))
        x += wide + BETWEEN
    return shapes


def _column(circuit: Circuit, width: float) -> Drawing:
    """Groups one below the other; a line at the left leads from their brackets to the output."""
    left, rail, big, per_row = 30.0, 5.0, 124.0, 4
    side = min(CARD, (width - left - (per_row - 1) * GAP) / per_row)
    shapes: list[Shape] = []
    ends, y = [], 0.0
    for part in circuit.parts:
        shapes.append(words(left, y + 15, part.heading, "heading", "start"))
        y += HEADING + LABEL - 6
        start = y
        for row in chunks(part.inputs, per_row):
            shapes += [
                card(part.target, one, left + index * (side + GAP), y, side, "below", "above")
                for index, one in enumerate(row)
            ]
            y += 2 * side + LABEL + 6
        stop = y - LABEL - 6
        shapes.append(bracket(start + 3, stop - 3, left - 5, 9, "left"))
        ends.append((left - 14, (start + stop) / 2))
        y += 8
    output_x, middle = (width - big) / 2, y + 10 + big / 2
    for end in ends:
        shapes.append(elbow([end, (rail, end[1]), (rail, middle), (output_x - 5, middle)]))
    shapes += output(circuit.parts[0].target, output_x, y + 10, big)
    y += 10 + big + LABEL + 8
    if circuit.note:
        shapes += note(width / 2, y + 20, width, circuit.note, "middle")
        y += 12 + note_height(width, circuit.note)
    return framed(shapes, width, y)
