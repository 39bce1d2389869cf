"""Circuit figures as the templates show them: with the pictures of their neurons, and where each neuron's page is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.figure import Figure, draw_figure, largest_tiles
from early_vision.features.result import FeatureVisualization
from early_vision.site.pictures import Picture, portrait, portrait_side, sheet
from early_vision.site.sprites import DENSITY

SMALL = 80
"""Neurons no larger than this, in CSS pixels, share one picture file; larger ones have their own."""
COLUMNS = 8


@dataclass(frozen=True)
class Crop:
    """A part of a picture file: `side` pixels square, from (x, y) on, of a picture of `width` by `height`."""

    path: str
    x: int
    y: int
    side: int
    width: int
    height: int


@dataclass(frozen=True)
class CircuitView:
    """A circuit figure with its pictures.

    Attributes:
        figure: the drawings.
        name: its id on the page.
        caption: HTML, or empty.
        small: where each neuron is in the picture file that they share.
        large: the pictures of neurons that are drawn large.
        address: the page of a neuron, from the page that the figure is on.
        words: what a neuron's picture shows.
    """

    figure: Figure
    name: str
    caption: Markup
    small: Mapping[Neuron, Crop]
    large: Mapping[Neuron, Picture]
    shared: Picture | None
    address: Callable[[Neuron], str]
    words: Callable[[Neuron], str]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The files that the figure needs."""
        return (*((self.shared,) if self.shared else ()), *self.large.values())

    def picture(self, neuron: Neuron, side: float) -> Crop:
        """The picture to show a neuron with at a size."""
        if neuron in self.large and (side > SMALL or neuron not in self.small):
            own = self.large[neuron]
            return Crop(own.path, 0, 0, own.width, own.width, own.height)
        return self.small[neuron]

    @property
    def clips(self) -> tuple[tuple[str, str, str], ...]:
        """Every size that pictures and cards have: the id of what clips them to it, the width and the height."""
        drawings = self.figure.drawings.values()
        squares = {
            (shape.side, shape.side)
            for drawing in drawings
            for kind in ("tile", "kernel")
            for shape in drawing.of(kind)
        }
        sizes = squares | {(card.width, card.height) for drawing in drawings for card in drawing.of("card")}
        return tuple(
            (self.clip(*size), f"{size[0]:.5g}", f"{size[1]:.5g}")
            for size in sorted({self._size(*size) for size in sizes})
        )

    def clip(self, width: float, height: float) -> str:
        """The id of what clips to a size, its corners rounded."""
        return "{}-c{:g}x{:g}".format(self.name, *self._size(width, height)).replace(".", "_")

    @staticmethod
    def _size(width: float, height: float) -> tuple[float, float]:
        return round(width, 1), round(height, 1)

    @property
    def signs(self) -> tuple[int, ...]:
        """The signs that occur in its colours: excitation, inhibition or both."""
        drawings = self.figure.drawings.values()
        inputs = {one.sign for part in self.figure.circuit.parts for one in part.inputs}
        shown = {shape.sign for drawing in drawings for kind in ("tile", "line") for shape in drawing.of(kind)}
        return tuple(sign for sign in (1, -1) if sign in (inputs if self.figure.kernels else shown))

    @property
    def highest(self) -> str:
        return f"+{self.figure.circuit.scale:.2g}"

    @property
    def lowest(self) -> str:
        return f"−{self.figure.circuit.scale:.2g}"

    @property
    def unit(self) -> str:
        scaled = self.figure.circuit.scaled_by
        return f"weight times {scaled}" if scaled else "weight"


def view_circuit(
    circuit: Circuit,
    name: str,
    caption: Markup,
    features: Mapping[str, Sequence[FeatureVisualization]],
    address: Callable[[Neuron], str],
    words: Callable[[Neuron], str],
) -> CircuitView:
    """Draw a circuit and find the pictures for it."""
    figure = draw_figure(circuit, name)
    sides = largest_tiles(figure)
    few = [neuron for neuron, side in sides.items() if side <= SMALL]
    large = {neuron: _portrait(features, neuron) for neuron, side in sides.items() if side > SMALL}
    shared, small = None, {}
    if few:
        tile = DENSITY * SMALL
        shared = sheet([features[neuron.layer][neuron.channel].image for neuron in few], tile, min(COLUMNS, len(few)))
        for index, neuron in enumerate(few):
            x, y = index % COLUMNS * tile, index // COLUMNS * tile
            small[neuron] = Crop(shared.path, x, y, tile, shared.width, shared.height)
    return CircuitView(figure, name, caption, small, large, shared, address, words)


def _portrait(features: Mapping[str, Sequence[FeatureVisualization]], neuron: Neuron) -> Picture:
    image = features[neuron.layer][neuron.channel].image
    return portrait(image, portrait_side(image.shape[0]))
