"""The picture that an article opens with: some neurons of every layer from left to right, large enough to be seen; where
networks are compared, the same kinds of neurons in each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from early_vision.site.material import Features
from early_vision.site.pictures import Picture, Pixels, sheet
from early_vision.site.views.comparison import MatchedView
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
    """A neuron of the opening picture.

    Attributes:
        name, what: of the neuron, and of its group or network.
        address: where its tile leads, from the article's folder.
        picture, column, row: the file that it is in, and where in that.
        width: from which of the widths on it is shown.
    """

    name: str
    what: str
    address: str
    picture: Picture
    column: int
    row: int
    width: int


@dataclass(frozen=True)
class Opening:
    """The opening picture of an article.

    Attributes:
        parts: the tiles of each layer, or of each network, those that are shown at all widths first.
        pictures: the files, one for each width that shows more: a phone loads the first.
        words: what it shows.
        sections: whether each part has a section of the article by its name.
    """

    parts: Mapping[str, tuple[OpeningTile, ...]]
    pictures: tuple[Picture, ...]
    words: str
    sections: bool = True


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
        picture = _file([neuron.feature.image for _, neuron in some])
        pictures.append(picture)
        for at, (name, neuron) in enumerate(some):
            tile = OpeningTile(
                neuron.name, neuron.group.name, neuron.address, picture, at % ACROSS, at // ACROSS, width
            )
            tiles[name].append(tile)
    words = "Some neurons of each layer, each as the picture that excites it most"
    return Opening({name: tuple(some) for name, some in tiles.items()}, tuple(pictures), words)


def view_matched_opening(matched: Mapping[str, MatchedView], networks: Mapping[str, Features]) -> Opening | None:
    """The opening picture of an article that compares networks: of each network the neurons in the first rows in which
    most matches are found; None where less than a whole row has pictures.

    Args:
        matched: the article's figures of matched neurons by their anchors.
        networks: what was rendered of each network.
    """
    rows = [
        (anchor, (row.neuron, *(one.cell for one in row.matches)))
        for anchor, figure in matched.items()
        for row in figure.rows
        if 2 * sum(one.found for one in row.matches) >= len(row.matches)
    ]
    shown = [(anchor, cells) for anchor, cells in rows if all(cell.picture for cell in cells)][: SHOWN[0]]
    if not shown or len({len(cells) for _, cells in shown}) > 1:
        return None
    places = [(anchor, cells[at]) for at in range(len(shown[0][1])) for anchor, cells in shown]
    picture = _file([networks[cell.network][cell.layer][cell.channel].image for _, cell in places])
    tiles: dict[str, list[OpeningTile]] = {}
    for at, (anchor, cell) in enumerate(places):
        tile = OpeningTile(cell.name, cell.network, f"index.html#{anchor}", picture, at % ACROSS, at // ACROSS, width=0)
        tiles.setdefault(cell.network, []).append(tile)
    words = "Neurons of one network and those of others that respond most like them, each as the picture that excites it most"
    return Opening({name: tuple(some) for name, some in tiles.items()}, (picture,), words, sections=False)


def _file(images: Sequence[Pixels | None]) -> Picture:
    return sheet([image for image in images if image is not None], SIDE, ACROSS, QUALITY)


def representative(cards: Sequence[CardView], most: int) -> list[NeuronView]:
    """Neurons that stand for a layer: the first of each group in display order, then the second of each, and so on,
    without those that are inactive."""
    active = [[neuron for neuron in card.neurons if not neuron.feature.inactive] for card in cards]
    turns = (neuron for turn in zip_longest(*active) for neuron in turn if neuron)
    return [neuron for neuron, _ in zip(turns, range(most), strict=False)]
