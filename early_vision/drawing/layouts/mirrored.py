"""Mirrored outputs: two neurons in the middle that are each other's mirror image, the same inputs at either side.

Each input's kernels face each other across the middle, so that one sees them as in a mirror.
"""

from early_vision.circuits.circuit import Circuit, Input, Part
from early_vision.drawing.layouts.parts import LABEL, card, framed, is_narrow, output
from early_vision.drawing.shapes import Drawing, Rule, Shape, bracket, elbow, note, note_height

DEPTH = 12.0


def mirrored(circuit: Circuit, width: float) -> Drawing:
    """The outputs between two columns of cards, or above them where that is too narrow."""
    return _narrow(circuit, width) if is_narrow(width) else _wide(circuit, width)


def _wide(circuit: Circuit, width: float) -> Drawing:
    side, big, gap, reach, apart = 66.0, 132.0, 22.0, 64.0, 44.0
    count = max(len(part.inputs) for part in circuit.parts)
    whole = 4 * side + 2 * reach + 2 * big + apart
    left, right = (width - whole) / 2, (width + whole) / 2
    height = count * (side + gap) - gap
    middle = max(height, big + 2 * LABEL) / 2
    shapes: list[Shape] = []
    for part, mirror in zip(circuit.parts, (False, True), strict=False):
        x = right - 2 * side if mirror else left
        shapes += _cards(part, x, side, gap, mirror)
        inner, turn = (x - 5, "left") if mirror else (x + 2 * side + 5, "right")
        to = inner - reach + 10 if mirror else inner + reach - 10
        shapes.append(bracket(3, height - 3, inner, DEPTH, turn))
        shapes.append(elbow([(inner + (-DEPTH if mirror else DEPTH), middle), (to, middle)]))
        shapes += output(part.target, x - reach - big if mirror else x + 2 * side + reach, middle - big / 2, big)
    shapes.append(_axis(width / 2, middle - big / 2 - 14, middle + big / 2 + 14))
    if circuit.note:
        y = middle + big / 2 + LABEL + 34
        wide = 2 * big + apart
        shapes += note(width / 2, y, wide, circuit.note, "middle")
        height = max(height, y + note_height(wide, circuit.note) - 8)
    return framed(shapes, width, max(height + LABEL, big + 2 * LABEL) + 2)


def _narrow(circuit: Circuit, width: float) -> Drawing:
    side, big, gap, apart, top = 66.0, 120.0, 22.0, 36.0, 0.0
    column = (width - apart) / 2
    side = min(side, (column - 24) / 2)
    shapes: list[Shape] = []
    start = top + big + LABEL + 26
    count = max(len(part.inputs) for part in circuit.parts)
    height = start + count * (side + gap) - gap
    for part, mirror in zip(circuit.parts, (False, True), strict=False):
        x = width - 2 * side if mirror else 0.0
        shapes += _cards(part, x, side, gap, mirror, start)
        inner, turn = (x - 4, "left") if mirror else (2 * side + 4, "right")
        shapes.append(bracket(start + 3, height - 3, inner, 9, turn))
        output_x = width - big - 12 if mirror else 12.0
        rail = inner + (-9 if mirror else 9)
        edge = output_x if mirror else output_x + big
        bend = rail - 5 if mirror else rail + 5
        middle = (start + height) / 2
        to = (edge - 4, top + big / 2) if mirror else (edge + 4, top + big / 2)
        shapes.append(elbow([(rail, middle), (bend, middle), (bend, to[1]), to]))
        shapes += output(part.target, output_x, top, big)
    shapes.append(_axis(width / 2, top, height))
    if circuit.note:
        shapes += note(width / 2, height + LABEL + 28, width, circuit.note, "middle")
        height += 20 + note_height(width, circuit.note)
    return framed(shapes, width, height + LABEL + 2)


def _cards(part: Part, x: float, side: float, gap: float, mirror: bool, y: float = 0.0) -> list[Shape]:
    kernel = "left" if mirror else "right"

    def placed(index: int, one: Input) -> Shape:
        return card(part.target, one, x, y + index * (side + gap), side, kernel)

    return [placed(index, one) for index, one in enumerate(part.inputs)]


def _axis(x: float, top: float, bottom: float) -> Rule:
    """The mirror: a dotted line, as a path of its own dots."""
    dots = "".join(f"M{x:g} {y:g}v3" for y in range(int(top), int(bottom), 9))
    return Rule(dots)
