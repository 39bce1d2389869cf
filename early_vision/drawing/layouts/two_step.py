"""Two steps: the output's inputs, each with the inputs that it is built from itself one layer below."""

from early_vision.circuits.circuit import Circuit, Input, Neuron, Part
from early_vision.drawing.layouts.parts import LABEL, card, framed, is_narrow, output, row_width
from early_vision.drawing.shapes import Drawing, Shape, bracket, curve, elbow, note, note_height

DEPTH = 8.0


def two_step(circuit: Circuit, width: float) -> Drawing:
    """From left to right in rows, or from top to bottom in blocks where that is too narrow."""
    return _narrow(circuit, width) if is_narrow(width) else _wide(circuit, width)


def _wide(circuit: Circuit, width: float) -> Drawing:
    part = circuit.parts[0]
    most = max((len(one.inputs) for one in part.behind), default=0)
    small, gap, middle, big, reach = 46.0, 8.0, 70.0, 140.0, 70.0
    sources = row_width(most, small, gap)
    left = (width - sources - 2 * middle - big - 2 * reach - DEPTH) / 2
    pitch = 2 * small + LABEL + 18
    height = len(part.inputs) * pitch - 18
    card_x, output_x = left + sources + DEPTH + reach, left + sources + DEPTH + 2 * reach + 2 * middle
    # A single row is lower than the output.
    first = max((big + LABEL - height) / 2, 0)
    output_y = first + (height - big - LABEL) / 2
    shapes: list[Shape] = []
    for index, (one, behind) in enumerate(zip(part.inputs, part.behind, strict=False)):
        top = first + index * pitch
        start = left + sources - row_width(len(behind.inputs), small, gap)
        shapes += _sources(behind, start, top, small, gap)
        at = top + small
        end = left + sources + 4
        shapes.append(bracket(top + 2, top + 2 * small - 2, end, DEPTH, "right"))
        shapes.append(elbow([(end + DEPTH, at), (card_x - 5, at)]))
        shapes.append(card(part.target, one, card_x, at - middle / 2, middle, "right"))
        tip = output_y + big / 2 + (index - (len(part.inputs) - 1) / 2) * min(26.0, big / len(part.inputs))
        shapes.append(curve((card_x + 2 * middle + 4, at), (output_x - 5, tip), "right", one.kind, one.share))
    shapes += output(part.target, output_x, output_y, big)
    height = max(height, output_y + big + LABEL + 4)
    if circuit.note:
        shapes += note(output_x + big / 2, output_y + big + LABEL + 28, 190, circuit.note, "middle")
        height = max(height, output_y + big + LABEL + 14 + note_height(190, circuit.note))
    return framed(shapes, width, height + 2)


def _narrow(circuit: Circuit, width: float) -> Drawing:
    part = circuit.parts[0]
    small, gap, middle, big, rail = 44.0, 6.0, 60.0, 120.0, width - 5
    shapes: list[Shape] = []
    y = 0.0
    output_y = sum(2 * small + LABEL + 30 + middle + LABEL + 26 for _ in part.inputs) + 4
    left = (width - big) / 2
    for one, behind in zip(part.inputs, part.behind, strict=False):
        sources = row_width(len(behind.inputs), small, gap)
        start = max((width - 40 - sources) / 2, 0)
        shapes += _sources(behind, start, y, small, gap)
        y += 2 * small + LABEL
        shapes.append(bracket(start + 2, start + sources - 2, y, DEPTH, "below"))
        at = start + sources / 2
        shapes.append(elbow([(at, y + DEPTH), (at, y + 26)]))
        y += 30
        shapes.append(card(part.target, one, at - middle, y, middle, "right"))
        down = output_y + big / 2
        line = elbow([(at + middle + 4, y + middle / 2), (rail, y + middle / 2), (rail, down), (left + big + 5, down)])
        shapes.append(line)
        y += middle + LABEL + 26
    shapes += output(part.target, left, output_y, big)
    height = output_y + big + LABEL + 8
    if circuit.note:
        shapes += note(width / 2, height + 20, width, circuit.note, "middle")
        height += 12 + note_height(width, circuit.note)
    return framed(shapes, width, height)


def _sources(part: Part, x: float, y: float, side: float, gap: float) -> list[Shape]:
    target: Neuron = part.target

    def placed(index: int, one: Input) -> Shape:
        return card(target, one, x + index * (side + gap), y, side, "below")

    return [placed(index, one) for index, one in enumerate(part.inputs)]
