"""Around a shape: cards of picture and kernel above and below, as the parts stand in the shape that they make up."""

from early_vision.circuits.circuit import Circuit, Input, Part
from early_vision.drawing.layouts.parts import (
    LABEL,
    above_and_below,
    card,
    framed,
    is_narrow,
    output,
    row_width,
    side_that_fits,
)
from early_vision.drawing.shapes import Drawing, Shape, bracket, elbow, note, note_height

CARD, GAP = 78.0, 14.0
DEPTH = 12.0
"""Of the brackets."""


def around(circuit: Circuit, width: float) -> Drawing:
    """Two rows of cards, their kernels facing each other; the output beside them, or between them where it is
    narrow."""
    part = circuit.parts[0]
    above, below = above_and_below(part)
    return (
        _narrow(circuit, part, above, below, width) if is_narrow(width) else _wide(circuit, part, above, below, width)
    )


def _wide(circuit: Circuit, part: Part, above: tuple[Input, ...], below: tuple[Input, ...], width: float) -> Drawing:
    big, reach = 150.0, 96.0
    most = max(len(above), len(below))
    side = side_that_fits(most, width - big - reach, CARD, GAP)
    across = row_width(most, side, GAP)
    left = (width - across - reach - big) / 2
    between = 92.0
    top = LABEL + 2
    shapes = _row(part, above, left + across / 2, top, side, "below")
    middle = top + 2 * side + between / 2
    if below:
        shapes += _row(part, below, left + across / 2, middle + between / 2, side, "above")
    end = (left + across + reach - 6, middle)
    shapes += _gathered(above, left + across / 2, top + 2 * side + 5, side, end, "below")
    shapes += _gathered(below, left + across / 2, middle + between / 2 - 5, side, end, "above")
    output_x, output_y = left + across + reach, middle - big / 2
    shapes += output(part.target, output_x, output_y, big)
    height = middle + between / 2 + 2 * side + LABEL + 4 if below else middle + big / 2 + LABEL + 8
    if circuit.note:
        shapes += note(output_x + big / 2, output_y + big + LABEL + 28, 200, circuit.note, "middle")
        height = max(height, output_y + big + LABEL + 14 + note_height(200, circuit.note))
    return framed(shapes, width, height)


def _narrow(circuit: Circuit, part: Part, above: tuple[Input, ...], below: tuple[Input, ...], width: float) -> Drawing:
    big, space, gap = 124.0, 40.0, 10.0
    side = side_that_fits(max(len(above), len(below)), width, CARD, gap)
    top, middle = LABEL + 2, width / 2
    shapes = _row(part, above, middle, top, side, "below", gap)
    y = top + 2 * side + space
    shapes += _gathered(above, middle, top + 2 * side + 4, side, (middle, y - 4), "below", gap)
    shapes += output(part.target, middle - big / 2, y, big)
    y += big + LABEL + 6
    if below:
        start = y + space
        shapes += _row(part, below, middle, start, side, "above", gap)
        shapes += _gathered(below, middle, start - 4, side, (middle, y + 2), "above", gap)
        y = start + 2 * side + LABEL
    if circuit.note:
        shapes += note(middle, y + 26, width, circuit.note, "middle")
        y += 16 + note_height(width, circuit.note)
    return framed(shapes, width, y + 4)


def _row(
    part: Part, inputs: tuple[Input, ...], middle: float, y: float, side: float, kernel: str, gap: float = GAP
) -> list[Shape]:
    left = middle - row_width(len(inputs), side, gap) / 2
    label = "above" if kernel == "below" else "below"
    return [
        card(part.target, one, left + index * (side + gap), y, side, kernel, label) for index, one in enumerate(inputs)
    ]


def _gathered(
    inputs: tuple[Input, ...],
    middle: float,
    y: float,
    side: float,
    end: tuple[float, float],
    across: str,
    gap: float = GAP,
) -> list[Shape]:
    """A bracket along a row, and an arrow from it: straight on, or around a corner to the right."""
    if not inputs:
        return []
    half = row_width(len(inputs), side, gap) / 2
    down = DEPTH if across == "below" else -DEPTH
    start = (middle, y + down)
    points = [start, end] if end[0] == middle else [start, (middle, end[1]), end]
    return [bracket(middle - half + 3, middle + half - 3, y, DEPTH, across), elbow(points, radius=18)]
