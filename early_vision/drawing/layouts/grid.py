"""Concept grids: what a neuron wants where. In each cell of its kernel stands the input that it weighs most there."""

import numpy as np

from early_vision.circuits.circuit import Circuit, Part
from early_vision.drawing.layouts.parts import HEADING, LABEL, chunks, framed, is_narrow, output, row_width
from early_vision.drawing.shapes import Drawing, Rule, Shape, Tile, elbow, note, note_height, words

OUTPUT = 100.0
THRESHOLD = 0.25
"""Of the largest weight of the part: below it, a cell stays empty."""
BETWEEN = 40.0


def grid(circuit: Circuit, width: float) -> Drawing:
    """Grids side by side, an arrow from each down to its neuron."""
    narrow = is_narrow(width)
    columns = 1 if narrow else len(circuit.parts)
    panel = min((width - (columns - 1) * BETWEEN) / columns, 250.0)
    left = (width - row_width(columns, panel, BETWEEN)) / 2
    shapes: list[Shape] = []
    y = 0.0
    for row in chunks(circuit.parts, columns):
        drawn = [_panel(part, left + index * (panel + BETWEEN), y, panel) for index, part in enumerate(row)]
        shapes += [shape for one, _ in drawn for shape in one]
        y = max(bottom for _, bottom in drawn) + 34
    if circuit.note:
        wide = min(width, 600.0)
        shapes += note(width / 2, y + 4, wide, circuit.note, "middle")
        y += note_height(wide, circuit.note) + 20
    return framed(shapes, width, y - 30)


def strongest_in_cells(part: Part) -> list[list[tuple[int, float] | None]]:
    """For each cell, the index of the input with the largest positive weight there and its share of the part's
    largest."""
    kernels = np.stack([one.kernel for one in part.inputs])
    which, largest = kernels.argmax(axis=0), kernels.max(axis=0)
    whole = float(largest.max())
    if whole <= 0:
        return [[None] * kernels.shape[2] for _ in range(kernels.shape[1])]
    shares = largest / whole
    return [
        [
            (int(which[y, x]), float(shares[y, x])) if shares[y, x] >= THRESHOLD else None
            for x in range(kernels.shape[2])
        ]
        for y in range(kernels.shape[1])
    ]


def _panel(part: Part, x: float, y: float, width: float) -> tuple[list[Shape], float]:
    shapes: list[Shape] = []
    middle = x + width / 2
    if part.heading:
        shapes.append(words(middle, y + 15, part.heading, "heading"))
        y += HEADING + 4
    cells = strongest_in_cells(part)
    step = width / len(cells)
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            if cell:
                index, share = cell
                at = (x + column * step + 2, y + row * step + 2)
                shapes.append(Tile(part.inputs[index].neuron, *at, step - 4, 1, share, label=False))
    shapes.append(_lattice(x, y, step, len(cells)))
    end = y + width + 44
    shapes.append(elbow([(middle, y + width + 8), (middle, end - 5)]))
    shapes += output(part.target, middle - OUTPUT / 2, end, OUTPUT)
    return shapes, end + OUTPUT + LABEL


def _lattice(x: float, y: float, step: float, count: int) -> Rule:
    side = count * step
    down = "".join(f"M{x + index * step:g} {y:g}v{side:g}" for index in range(count + 1))
    return Rule(down + "".join(f"M{x:g} {y + index * step:g}h{side:g}" for index in range(count + 1)))
