"""A circuit figure ready for its template: drawn at two widths, with its heat maps and its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from early_vision.circuits.circuit import Circuit, Input
from early_vision.circuits.strengths import Kind
from early_vision.drawing.kernels import Placed, Shade, heat_maps
from early_vision.drawing.layouts import LAYOUTS, NARROW, WIDE
from early_vision.drawing.shapes import Drawing, Kernel, Tile, rounded_rectangle

NAMED = 6
"""Inputs of one kind that a description names."""
HOW = {
    Kind.UNKNOWN: "fed by",
    Kind.EXCITING: "excited by",
    Kind.INHIBITING: "inhibited by",
    Kind.MIXED: "excited at some places and inhibited at others by",
}


@dataclass(frozen=True)
class Figure:
    """A circuit figure.

    Attributes:
        circuit: what it shows.
        drawings: by "wide" and "narrow".
        shades: for each of them, its heat maps.
        outlines: for each of them, the rounded outlines of its pictures, kernels and cards as an SVG path.
        description: what it shows, in sentences, for those who cannot see it.
    """

    circuit: Circuit
    drawings: dict[str, Drawing]
    shades: dict[str, tuple[Shade, ...]]
    outlines: dict[str, str]
    description: str

    @property
    def has_kernels(self) -> bool:
        return any(self.shades.values())


def draw_figure(circuit: Circuit) -> Figure:
    """Draw a circuit at both widths."""
    # Other layouts place inputs by their weights.
    layout = LAYOUTS[circuit.layout if circuit.weighted else "fan-in"]
    drawings = {shape: layout.draw(circuit, width) for shape, width in (("wide", WIDE), ("narrow", NARROW))}
    return Figure(
        circuit,
        drawings,
        {shape: heat_maps(_placed(circuit, drawing), circuit.scale) for shape, drawing in drawings.items()},
        {shape: _outline(drawing) for shape, drawing in drawings.items()},
        describe(circuit),
    )


def describe(circuit: Circuit) -> str:
    """Which neuron is excited and inhibited by which, the strongest first."""
    sentences = []
    for part in circuit.parts:
        for inner in (part, *part.behind):
            said = [_said(how, [one for one in inner.inputs if one.kind == kind]) for kind, how in HOW.items()]
            heading = f"{inner.heading}: " if inner.heading else ""
            rule = [f"fed by the inputs that the rule “{inner.rule}” selects"] if inner.rule else []
            sentences.append(f"{heading}{inner.target} is {'; '.join([*(one for one in said if one), *rule])}.")
    return " ".join(sentences)


def _said(how: str, inputs: Sequence[Input]) -> str:
    chosen = sorted(inputs, key=lambda one: -one.share)
    if not chosen:
        return ""
    named = ", ".join(_with_share(one) if one.kind else str(one.neuron) for one in chosen[:NAMED])
    return f"{how} {named}" + (f" and {len(chosen) - NAMED} more" if len(chosen) > NAMED else "")


def _with_share(one: Input) -> str:
    return f"{one.neuron} ({100 * one.share:.0f}%)"


def _placed(circuit: Circuit, drawing: Drawing) -> list[Placed]:
    """Every kernel in a drawing."""
    kernels = [*drawing.kernels, *(card.kernel for card in drawing.cards)]
    return [Placed(circuit.kernels[one.key], one.x, one.y, one.side) for one in kernels]


def _outline(drawing: Drawing) -> str:
    squares: list[Tile | Kernel] = [*drawing.of(Tile), *drawing.kernels]
    kernels = [rounded_rectangle(one.x, one.y, one.side, one.side) for one in squares]
    cards = [rounded_rectangle(card.x, card.y, card.width, card.height) for card in drawing.cards]
    return "".join((*kernels, *cards))
