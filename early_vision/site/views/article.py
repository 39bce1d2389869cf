"""An article as its pages and the front page show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from early_vision.article.article import Article
from early_vision.comparison.report import Comparison
from early_vision.drawing.tuning_plots import HueWheel, hue_wheel
from early_vision.memory import Memory
from early_vision.site.material import Material
from early_vision.site.pictures import Picture
from early_vision.site.sprites import size_in_tiles
from early_vision.site.views.circuits import CircuitView
from early_vision.site.views.comparison import MatchedView
from early_vision.site.views.figures import Piece, view_pieces
from early_vision.site.views.layer_diagram import Strip, layer_strip, mosaic, mosaic_rows
from early_vision.site.views.layers import LayerPictures, LayerView, NeuronView, layer_pictures, view_layer
from early_vision.site.views.opening import Opening, view_matched_opening, view_opening


@dataclass(frozen=True)
class ArticleView:
    """An article with its layers, as its pages and the front page show it.

    Attributes:
        pictures: of each layer.
        opening: the picture that it begins with; None where nothing was rendered.
        covers: of an article that compares networks the first layer of each, as far as it was rendered.
        compared: what such an article compares; None for any other.
        searched: the ways from its page to the articles about the networks that it compares, whose neurons are found there.
    """

    article: Article
    pictures: Mapping[str, LayerPictures]
    layers: Mapping[str, LayerView]
    body: tuple[Piece, ...]
    opening: Opening | None = None
    covers: tuple[Picture, ...] = ()
    compared: Comparison | None = None
    searched: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.article.slug

    @property
    def state(self) -> Literal["present", "stand-in", "absent"]:
        """What there is of the network's weights."""
        network = self.article.network
        return "stand-in" if network.stand_in else "present" if network.shown else "absent"

    @property
    def live(self) -> bool:
        """Whether there is a page that runs the network on one's own picture: its weights have to be here."""
        return self.article.network.state == "here" and not self.compared

    @property
    def measured(self) -> bool:
        """Whether there are measurements of the network."""
        return any(card.plot for layer in self.layers.values() for card in layer.cards)

    @property
    def hue_wheel(self) -> HueWheel:
        """What its figures of hue are cut out of."""
        return hue_wheel()

    @property
    def strip(self) -> Strip:
        """The layers in a row, for the head of its pages."""
        return layer_strip(self.layers)

    @property
    def sprites(self) -> Mapping[str, Mapping[Picture, tuple[int, int]]]:
        """The sprites of each layer in order, with their columns and rows; no layer where nothing was rendered."""
        tiles = {name: [tile for tile in one.tiles if tile] for name, one in self.pictures.items()}
        return {
            name: {tile.sprite: size_in_tiles(tile.sprite) for tile in some} for name, some in tiles.items() if some
        }

    @property
    def circuits(self) -> tuple[CircuitView, ...]:
        """The circuit figures of its text."""
        return tuple(piece.figure for piece in self.body if isinstance(piece.figure, CircuitView))

    @property
    def neurons(self) -> tuple[NeuronView, ...]:
        return tuple(neuron for layer in self.layers.values() for neuron in layer.neurons)


def view_article(material: Material, memory: Memory) -> ArticleView:
    """An article together with what is known of its network; `memory` keeps layers and figures for one that differs little."""
    article, slug = material.article, material.article.slug
    if material.comparison:
        covers = tuple(
            mosaic(first, mosaic_rows(len(first)))
            for first in (next(iter(features.values())) for features in material.others.values())
            if first[0].image is not None
        )
        body = view_pieces(material, {}, memory)
        matched = {
            one.caption.anchor: one.figure for one in body if one.caption and isinstance(one.figure, MatchedView)
        }
        opening = view_matched_opening(matched, material.others)
        homes = dict.fromkeys(material.homes[name] for name in material.others if name in material.homes)
        searched = tuple(f"../{home}/" for home in homes)
        return ArticleView(article, {}, {}, body, opening, covers, material.comparison, searched)
    largest = max(map(len, material.features.values()))
    pictures = {
        name: memory(layer_pictures, layer, largest, at=(slug, name)) for name, layer in material.features.items()
    }
    layers = {}
    for name, layer in article.network.architecture.layers.items():
        shown = material.features[name], pictures[name], material.tuning.get(name), material.related
        layers[name] = memory(view_layer, layer, article.taxonomy[name], *shown, at=(slug, name))
    opening = memory(view_opening, layers, at=slug)
    return ArticleView(article, pictures, layers, view_pieces(material, layers, memory), opening)
