"""Rows by strength: inputs of each kind in rows, which merge through one kernel that stands for them all."""

from early_vision.circuits.circuit import Circuit, Input, by_strength, mean_key
from early_vision.circuits.strengths import Kind
from early_vision.drawing.layouts.parts import GAP, LABEL, chunks, framed, is_narrow, output, row_width, tile
from early_vision.drawing.shapes import Drawing, Kernel, Shape, curve, elbow, note, note_height, words

PER_ROW = 4
BETWEEN_KINDS = 18.0
KINDS = Kind.EXCITING, Kind.INHIBITING, Kind.MIXED
RAIL = 6.0
"""Between the lines that lead around kernels on a narrow figure."""


def rows(circuit: Circuit, width: float) -> Drawing:
    """The kind with most inputs first; in each, the strongest row first."""
    groups = sorted(
        (group for group in (by_strength(circuit.parts[0].inputs, kind) for kind in KINDS) if group),
        key=len,
        reverse=True,
    )
    return _narrow(circuit, groups, width) if is_narrow(width) else _wide(circuit, groups, width)


def _wide(circuit: Circuit, groups: list[tuple[Input, ...]], width: float) -> Drawing:
    part, side, kernel, big, reach = circuit.parts[0], 62.0, 72.0, 140.0, 110.0
    across = row_width(PER_ROW, side)
    left = (width - across - 2 * reach - kernel - big) / 2
    kernel_x, output_x = left + across + reach, left + across + 2 * reach + kernel
    shapes, middles, bottom = _rows(groups, left, side, kernel + 2 * LABEL)
    height = max(bottom, big + 2 * LABEL)
    words_height = note_height(230, circuit.note) + 14 if circuit.note else 0
    output_y = max((height - big - LABEL - words_height) / 2, 0)
    for index, group in enumerate(groups):
        at = sum(middles[index]) / len(middles[index])
        shapes.append(Kernel(mean_key(part.target, group[0].kind), kernel_x, at - kernel / 2, kernel))
        shapes.append(words(kernel_x + kernel / 2, at + kernel / 2 + 16, f"mean of {len(group)}", "label"))
        shapes += _into(group, middles[index], left, side, (kernel_x - 5, at))
        tip = output_y + big / 2 + (index - (len(groups) - 1) / 2) * 44
        shapes.append(curve((kernel_x + kernel + 4, at), (output_x - 5, tip), "right", group[0].kind, _mean(group)))
    shapes += output(part.target, output_x, output_y, big)
    if circuit.note:
        shapes += note(output_x + big / 2, output_y + big + LABEL + 26, 230, circuit.note, "middle")
        height = max(height, output_y + big + LABEL + 14 + words_height)
    return framed(shapes, width, height + 2)


def _narrow(circuit: Circuit, groups: list[tuple[Input, ...]], width: float) -> Drawing:
    part, side, kernel, big = circuit.parts[0], 50.0, 54.0, 120.0
    across = row_width(PER_ROW, side, 8)
    kernel_x = across + 48
    shapes, middles, bottom = _rows(groups, 0, side, kernel + 12, gap=8)
    output_y = bottom + 26
    rail = width - 4
    output_x = rail - 30 - big
    for index, group in enumerate(groups):
        at = sum(middles[index]) / len(middles[index])
        shapes.append(Kernel(mean_key(part.target, group[0].kind), kernel_x, at - kernel / 2, kernel))
        shapes += _into(group, middles[index], 0, side, (kernel_x - 4, at), gap=8)
        if index == len(groups) - 1:
            points = [(kernel_x + kernel / 2, at + kernel / 2 + 3), (kernel_x + kernel / 2, output_y - 4)]
        else:
            # Around the kernels below it.
            down, around = output_y + big / 2 + index * 3 * RAIL, rail - index * RAIL
            points = [(kernel_x + kernel + 3, at), (around, at), (around, down), (output_x + big + 4, down)]
        shapes.append(elbow(points, sign=group[0].kind, strength=_mean(group)))
    shapes += output(part.target, output_x, output_y, big)
    height = output_y + big + LABEL + 8
    if circuit.note:
        shapes += note(0, output_y + 34, output_x - 16, circuit.note)
        height = max(height, output_y + 24 + note_height(output_x - 16, circuit.note))
    return framed(shapes, width, height)


def _rows(
    groups: list[tuple[Input, ...]], left: float, side: float, least: float, gap: float = GAP
) -> tuple[list[Shape], list[list[float]], float]:
    """The tiles, the y of the middle of each group's rows, and where the last one ends. A group is `least` high."""
    shapes: list[Shape] = []
    middles, y, pitch = [], 2.0, side + LABEL + 6
    for group in groups:
        lines = chunks(group, PER_ROW)
        slack = max(least - len(lines) * pitch, 0) / 2
        middles.append([y + slack + index * pitch + side / 2 for index in range(len(lines))])
        for line, middle in zip(lines, middles[-1], strict=False):
            shapes += [
                tile(one, left + index * (side + gap), middle - side / 2, side) for index, one in enumerate(line)
            ]
        y += len(lines) * pitch + 2 * slack + BETWEEN_KINDS
    return shapes, middles, y - BETWEEN_KINDS - 6


def _into(
    group: tuple[Input, ...], middles: list[float], left: float, side: float, to: tuple[float, float], gap: float = GAP
) -> list[Shape]:
    """An arrow from the end of each row to the kernel."""
    lines: list[Shape] = []
    for row, middle in zip(chunks(group, PER_ROW), middles, strict=False):
        start = left + row_width(len(row), side, gap) + 6
        tip = to[1] + (middle - to[1]) * 0.12
        lines.append(curve((start, middle), (to[0], tip), "right", group[0].kind, _mean(row)))
    return lines


def _mean(group: tuple[Input, ...]) -> float:
    return sum(one.share for one in group) / len(group)
