"""A circuit figure ready for its template: drawn at two widths, with its heat maps and its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from early_vision.circuits.circuit import Circuit, Input, Neuron
from early_vision.circuits.drawing import Drawing
from early_vision.circuits.heat_map import LEVELS, HeatMap, heat_map
from early_vision.circuits.layouts import LAYOUTS, NARROW, WIDE

NAMED = 6
"""Inputs of one kind that a description names."""


@dataclass(frozen=True)
class Figure:
    """A circuit figure.

    Attributes:
        circuit: what it shows.
        drawings: by "wide" and "narrow".
        kernels: by the keys that the drawings use, each with an id that no other figure of the page has.
        description: what it shows, in sentences, for those who cannot see it.
    """

    circuit: Circuit
    drawings: dict[str, Drawing]
    kernels: dict[str, tuple[str, HeatMap]]
    description: str

    @property
    def steps(self) -> tuple[float, ...]:
        """The shades of the legend, -1 to 1."""
        half = LEVELS // 2
        return tuple(index / half for index in range(-half, half + 1))


def draw_figure(circuit: Circuit, name: str) -> Figure:
    """Draw a circuit.

    Args:
        circuit: what to show.
        name: unique on the page; the ids in the figure begin with it.
    """
    drawings = {
        shape: LAYOUTS[circuit.layout].draw(circuit, width) for shape, width in (("wide", WIDE), ("narrow", NARROW))
    }
    used = sorted({key for drawing in drawings.values() for key in _kernel_keys(drawing)})
    kernels = {
        key: (f"{name}-k{index}", heat_map(circuit.kernels[key], circuit.scale)) for index, key in enumerate(used)
    }
    return Figure(circuit, drawings, kernels, describe(circuit))


def describe(circuit: Circuit) -> str:
    """Which neuron is excited and inhibited by which, the strongest first."""
    sentences = []
    for part in circuit.parts:
        for inner in (part, *part.behind):
            mixed = [one for one in inner.inputs if one.mixed]
            plain = [one for one in inner.inputs if not one.mixed]
            said = [
                _said("excited by", [one for one in plain if one.sign > 0]),
                _said("inhibited by", [one for one in plain if one.sign < 0]),
                _said("excited at some places and inhibited at others by", mixed),
            ]
            heading = f"{inner.heading}: " if inner.heading else ""
            sentences.append(f"{heading}{inner.target} is {'; '.join(one for one in said if one)}.")
    return " ".join(sentences)


def _said(how: str, inputs: Sequence[Input]) -> str:
    chosen = sorted(inputs, key=lambda one: -one.share)
    if not chosen:
        return ""
    named = ", ".join(_with_share(one) for one in chosen[:NAMED])
    return f"{how} {named}" + (f" and {len(chosen) - NAMED} more" if len(chosen) > NAMED else "")


def _with_share(one: Input) -> str:
    return f"{one.neuron} ({100 * one.share:.0f}%)"


def _kernel_keys(drawing: Drawing) -> set[str]:
    cards = {shape.kernel.key for shape in drawing.of("card")}
    return cards | {shape.key for shape in drawing.of("kernel")}


def largest_tiles(figure: Figure) -> dict[Neuron, float]:
    """Each neuron in a figure with the largest side, in user units, that its picture has there."""
    sides: dict[Neuron, float] = {}
    for drawing in figure.drawings.values():
        tiles = [*drawing.of("tile"), *(card.tile for card in drawing.of("card"))]
        for tile in tiles:
            sides[tile.neuron] = max(tile.side, sides.get(tile.neuron, 0.0))
    return sides
