"""The picture that an article opens with: of every layer some neurons, large enough to be seen, from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from early_vision.site.pictures import Picture, sheet
from early_vision.site.views.layers import CardView, LayerView, NeuronView

SHOWN = (4, 6, 9, 12)
"""Neurons of each layer, by the width of the window: 4 rows of 1 column on a phone, then 3 rows of 2, 3 and 4 columns.
assets/css/28-opening.css says it again."""
SIDE = 208
"""Of a neuron in the picture, in pixels: about twice the CSS pixels that it takes."""
ACROSS = 5
"""Neurons beside each other in a picture file; assets/css/28-opening.css says it again."""
QUALITY = 72
"""The picture is what a page loads first, and none of its pixels is shown as it is."""


@dataclass(frozen=True)
class OpeningTile:
    """A neuron of the opening picture: in which file it is, where in that, and from which of the widths on it is shown."""

    neuron: NeuronView
    picture: Picture
    column: int
    row: int
    width: int


@dataclass(frozen=True)
class Opening:
    """The opening picture of an article.

    Attributes:
        layers: the tiles of each layer, those that are shown at all widths first.
        pictures: the files, one for each width that shows more: a phone loads the first.
    """

    layers: Mapping[str, tuple[OpeningTile, ...]]
    pictures: tuple[Picture, ...]


def view_opening(layers: Mapping[str, LayerView]) -> Opening | None:
    """The opening picture of some layers; None where nothing was rendered."""
    if any(neuron.tile is None for layer in layers.values() for neuron in layer.neurons):
        return None
    chosen = {name: representative(layer.cards, SHOWN[-1]) for name, layer in layers.items()}
    tiles: dict[str, list[OpeningTile]] = {name: [] for name in layers}
    pictures = []
    for width, (start, stop) in enumerate(zip((0, *SHOWN), SHOWN, strict=False)):
        some = [(name, neuron) for name, neurons in chosen.items() for neuron in neurons[start:stop]]
        if not some:
            continue
        picture = sheet(
            [neuron.feature.image for _, neuron in some if neuron.feature.image is not None], SIDE, ACROSS, QUALITY
        )
        pictures.append(picture)
        for at, (name, neuron) in enumerate(some):
            tiles[name].append(OpeningTile(neuron, picture, at % ACROSS, at // ACROSS, width))
    return Opening({name: tuple(some) for name, some in tiles.items()}, tuple(pictures))


def representative(cards: Sequence[CardView], most: int) -> list[NeuronView]:
    """Neurons that stand for a layer: the first of each group in display order, then the second of each, and so on,
    without those that are inactive."""
    active = [[neuron for neuron in card.neurons if not neuron.feature.inactive] for card in cards]
    turns = (neuron for turn in zip_longest(*active) for neuron in turn if neuron)
    return [neuron for neuron, _ in zip(turns, range(most), strict=False)]
