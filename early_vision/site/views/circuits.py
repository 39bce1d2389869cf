"""Circuit figures as the templates show them: with the pictures of their neurons, and where each neuron's page is."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image

from early_vision.circuits.circuit import Circuit, Input, Neuron
from early_vision.circuits.removal import Effect, Removal
from early_vision.circuits.strengths import Kind
from early_vision.drawing.circuits import Figure, draw_figure
from early_vision.drawing.kernel_words import kernel_words
from early_vision.drawing.shapes import Drawing, Tile
from early_vision.features.result import FeatureVisualization
from early_vision.features.sheets import identity
from early_vision.site.pictures import FOLDER, METHOD, QUALITY, Picture, resized
from early_vision.site.sprites import DENSITY
from early_vision.site.views.removals import RemovalView, view_removals

VERSION = 1
"""To be raised when pictures are drawn differently, since their names follow from it."""
Features = Mapping[str, Sequence[FeatureVisualization]]


@dataclass(frozen=True)
class CircuitView:
    """A circuit figure with its pictures.

    Attributes:
        figure: the drawings.
        name: its id on the page.
        pictures: for each drawing, the feature visualizations of all of its tiles, in their places, as one picture:
            a page of many figures would otherwise have thousands of elements. None where nothing was rendered.
        address: the page of a neuron, from the page that the figure is on.
        words: what a neuron's picture shows.
        removals: what came of removing its inputs, as far as that was measured.
    """

    figure: Figure
    name: str
    pictures: Mapping[str, Picture | None]
    address: Callable[[Neuron], str]
    words: Callable[[Neuron], str]
    removals: tuple[RemovalView, ...] = ()

    def says(self, neuron: Neuron) -> str:
        """What a neuron's picture shows, and how the neuron acts on others of the figure."""
        acts = [
            f"{kernel_words(one.kernel, one.kind)}, on {target}, {100 * one.share:.0f}% of its strongest, "
            f"{one.excitation:+.2f} and {one.inhibition:+.2f}".replace("-", "−")
            for target, one in self._acts(neuron)
        ]
        return "; ".join([self.words(neuron), *dict.fromkeys(acts)])

    def targets(self, neuron: Neuron) -> tuple[Neuron, ...]:
        """On which neurons of the figure it acts, each once; none where the weights are not here."""
        return tuple(dict.fromkeys(target for target, _ in self._acts(neuron)))

    def _acts(self, neuron: Neuron) -> list[tuple[Neuron, Input]]:
        parts = [inner for part in self.figure.circuit.parts for inner in (part, *part.behind)]
        return [(part.target, one) for part in parts for one in part.inputs if one.neuron == neuron and one.kind]

    @property
    def heads(self) -> tuple[int, ...]:
        """The signs of lines that end in arrow heads."""
        drawings = self.figure.drawings.values()
        return tuple(sorted({line.sign for drawing in drawings for line in drawing.lines if line.arrow}))

    @property
    def signs(self) -> tuple[int, ...]:
        """The signs that occur in its colours: excitation, inhibition, or both depending on place."""
        drawings = self.figure.drawings.values()
        inside = {shade.sign for shades in self.figure.shades.values() for shade in shades}
        shown = {shape.sign for drawing in drawings for shape in drawing.of(Tile)}
        shown |= {line.sign for drawing in drawings for line in drawing.lines}
        return tuple(sign for sign in (Kind.EXCITING, Kind.INHIBITING, Kind.MIXED) if sign in inside | shown)

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
    features: Features,
    address: Callable[[Neuron], str],
    words: Callable[[Neuron], str],
    effects: Mapping[Removal, Effect] = MappingProxyType({}),
) -> CircuitView:
    """Draw a circuit and find the pictures for it, and what came of removing its inputs."""
    figure = draw_figure(circuit)
    pictures = {shape: tiles_picture(drawing, features) for shape, drawing in figure.drawings.items()}
    return CircuitView(figure, name, pictures, address, words, view_removals(circuit, effects))


def tiles_picture(drawing: Drawing, features: Features) -> Picture | None:
    """The feature visualizations of a drawing's tiles in their places, with nothing between them; None without any."""
    tiles = drawing.tiles
    found = [features[tile.neuron.layer][tile.neuron.channel].image for tile in tiles]
    images = [image for image in found if image is not None]
    if len(images) < len(tiles):
        return None
    width, height = round(DENSITY * drawing.width), round(DENSITY * drawing.height)
    digest = hashlib.sha256(f"{VERSION} circuit {width} {height} {QUALITY} {METHOD}".encode())
    for tile, image in zip(tiles, images, strict=True):
        digest.update(f"{_box(tile)} {image.shape}".encode())
        digest.update(identity(image))

    def draw() -> Image.Image:
        canvas = Image.new("RGBA", (width, height))
        for tile, image in zip(tiles, images, strict=True):
            x, y, side = _box(tile)
            canvas.paste(resized(image, side), (x, y))
        return canvas

    return Picture(f"{FOLDER}/{digest.hexdigest()[:16]}.webp", width, height, draw, lossless=False)


def _box(tile: Tile) -> tuple[int, int, int]:
    """The left and upper edge and the side of a tile, in pixels: a pixel more rather than a gap."""
    x, y = int(DENSITY * tile.x), int(DENSITY * tile.y)
    return x, y, -int(-DENSITY * (tile.x + tile.side) // 1) - x
