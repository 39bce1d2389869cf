"""Layouts: each places a circuit's neurons, kernels and connectors by rule, at a wide and at a narrow width.

A layout is a function of a circuit and a width to a drawing that is no wider. Which circuits it takes, `LAYOUTS` says.
"""

from collections.abc import Callable
from dataclasses import dataclass

from early_vision.circuits.circuit import Circuit
from early_vision.drawing.layouts.around import around
from early_vision.drawing.layouts.cues import cues
from early_vision.drawing.layouts.fan_in import fan_in
from early_vision.drawing.layouts.grid import grid
from early_vision.drawing.layouts.mirrored import mirrored
from early_vision.drawing.layouts.rows import rows
from early_vision.drawing.layouts.two_step import two_step
from early_vision.drawing.shapes import Drawing

WIDE, NARROW = 880.0, 358.0
"""Widths that figures are drawn at: the page's body column, and a phone's screen of 390 px within its margins."""


@dataclass(frozen=True)
class Layout:
    """A layout.

    Attributes:
        draw: draw(circuit, width); a width below 600 is a narrow one.
        least, most: how many parts it takes.
        one_target: whether all parts have to be inputs of one neuron.
    """

    draw: Callable[[Circuit, float], Drawing]
    least: int = 1
    most: int = 1
    one_target: bool = False


LAYOUTS = {
    "fan-in": Layout(fan_in, most=6),
    "rows": Layout(rows),
    "around": Layout(around),
    "cues": Layout(cues, least=2, most=6, one_target=True),
    "mirrored": Layout(mirrored, least=2, most=2),
    "grid": Layout(grid, most=4),
    "two-step": Layout(two_step),
}
