"""What several layouts place alike: cards, tiles of inputs, the output, and the frame around it all."""

from collections.abc import Iterable, Sequence

from early_vision.circuits.circuit import Input, Neuron, Part, kernel_key
from early_vision.drawing.shapes import Card, Drawing, Kernel, Line, Rule, Shape, Tile, words

GAP = 10.0
LABEL = 16.0
"""Height of a channel's number below its picture."""
HEADING = 26.0
NARROW_BELOW = 600.0
AMBIGUOUS = 0.5
"""Where the weights of the two halves of a kernel differ by less, in parts of the larger, either may be meant."""


def is_narrow(width: float) -> bool:
    return width < NARROW_BELOW


def tile(one: Input, x: float, y: float, side: float, label: bool = True) -> Tile:
    """An input's picture in a frame of its sign and strength."""
    return Tile(one.neuron, x, y, side, one.kind, one.share, label)


def card(target: Neuron, one: Input, x: float, y: float, side: float, kernel: str, label: str = "below") -> Card:
    """An input's picture with its kernel `kernel` of it: "below", "above", "right" or "left".

    `label`: where the channel's number stands, "above", "below" or "nowhere".
    """
    beside = kernel in ("left", "right")
    picture = (side if kernel == "left" else 0.0, side if kernel == "above" else 0.0)
    heat = (side if kernel == "right" else 0.0, side if kernel == "below" else 0.0)
    return Card(
        Tile(one.neuron, x + picture[0], y + picture[1], side, one.kind, one.share, label != "nowhere"),
        Kernel(kernel_key(target, one.neuron), x + heat[0], y + heat[1], side),
        x,
        y,
        2 * side if beside else side,
        side if beside else 2 * side,
        label == "above",
    )


def output(neuron: Neuron, x: float, y: float, side: float) -> list[Shape]:
    """The neuron that a circuit leads to, its name below."""
    return [Tile(neuron, x, y, side, label=False), words(x + side / 2, y + side + 17, str(neuron), "label")]


def row_width(count: int, side: float, gap: float = GAP) -> float:
    return count * side + max(count - 1, 0) * gap


def side_that_fits(count: int, width: float, most: float, gap: float = GAP) -> float:
    """The largest side of `count` squares in a row of a width, `most` at most."""
    return min(most, (width - (count - 1) * gap) / max(count, 1))


def chunks(items: Sequence, size: int) -> list[tuple]:
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)]


def above_and_below(part: Part) -> tuple[tuple[Input, ...], tuple[Input, ...]]:
    """Inputs as the parts stand in the shape, in two rows, both from left to right as their weights lie.

    An input whose kernel has nearly as large a weight in the other half stands where there is more room.
    """
    lean = {one: one.largest_in_half("upper") - one.largest_in_half("lower") for one in part.inputs}
    clear = {
        one: abs(lean[one]) > AMBIGUOUS * max(one.largest_in_half("upper"), one.largest_in_half("lower"))
        for one in part.inputs
    }
    rows: dict[str, list[Input]] = {"upper": [], "lower": []}
    for one in part.inputs:
        if clear[one]:
            rows["upper" if lean[one] > 0 else "lower"].append(one)
    for one in sorted((one for one in part.inputs if not clear[one]), key=lambda one: -lean[one]):
        rows["upper" if len(rows["upper"]) <= len(rows["lower"]) else "lower"].append(one)
    if not rows["upper"]:
        rows = {"upper": rows["lower"], "lower": []}
    upper, lower = (
        tuple(sorted(inputs, key=lambda one: (one.place_in_half(half), -one.share))) for half, inputs in rows.items()
    )
    return upper, lower


def framed(shapes: Iterable[Shape], width: float, height: float) -> Drawing:
    """A drawing, its rules and connectors beneath everything else."""
    order = {Rule: 0, Line: 1}
    return Drawing(width, round(height), tuple(sorted(shapes, key=lambda shape: order.get(type(shape), 2))))
