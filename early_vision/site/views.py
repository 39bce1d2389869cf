"""What the templates are given: each thing on a page with its words and figures settled, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import normpath
from types import MappingProxyType
from typing import Literal

from markupsafe import Markup

from early_vision.article.anchors import neuron_anchor
from early_vision.article.article import Article
from early_vision.article.author_pictures import AuthorPicture
from early_vision.article.blocks import Block, without_paragraph
from early_vision.article.computed import share
from early_vision.article.directives import (
    Aside,
    CircuitFigure,
    Claim,
    FamilyShares,
    Figure,
    GroupFigure,
    Html,
    LayerBranches,
    LayerDiagram,
    LayerGroups,
    NeuronFigure,
    Note,
    Table,
    Wall,
)
from early_vision.article.figures import neuron_of, wall_channels
from early_vision.article.groups import Group, display_order, in_part
from early_vision.article.mentions import neuron_page
from early_vision.article.schema import Part
from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.features.result import FeatureVisualization
from early_vision.network.architecture import Layer
from early_vision.site.branches import BranchesView, view_branches
from early_vision.site.cards import NEURONS_PER_COLUMN, justified_spans
from early_vision.site.circuits import CircuitView, view_circuit
from early_vision.site.claims import ClaimView, group_neurons, view_claim
from early_vision.site.data_files import groups_json
from early_vision.site.diagram import NARROW, WIDE, Box, Diagram, Strip, layer_diagram, layer_strip, mosaic, mosaic_frame
from early_vision.memory import Memory
from early_vision.site.pictures import Picture, portrait, portrait_side
from early_vision.site.related import Related
from early_vision.site.sprites import Tile, layer_tiles
from early_vision.tuning import LayerTuning
from early_vision.tuning.plots import HueWheel, Plot, group_plot, hue_wheel
from early_vision.tuning.shares import Row, Taxonomy, compare_shares

Features = Mapping[str, Sequence[FeatureVisualization]]
CLAIMS = "figures/claims.html"


@dataclass(frozen=True)
class GroupName:
    """A group as its neurons' pages name it: no more than that, so that they stay when its description changes."""

    name: str
    anchor: str


@dataclass(frozen=True)
class NeuronView:
    """A neuron as the article and other neurons' pages show it.

    Attributes:
        tile: its picture; None where it was not rendered, since the weights are not here.
        address: of its page, from the article's folder.
        anchor: of its picture in the article.
        alt: what its picture shows.
    """

    layer: str
    channel: int
    group: GroupName
    feature: FeatureVisualization
    tile: Tile | None
    address: str
    anchor: str
    alt: str

    @property
    def name(self) -> str:
        return f"{self.layer}:{self.channel}"


@dataclass(frozen=True)
class CardView:
    """A group as a card.

    Attributes:
        share: its part of the layer, such as "44%".
        spans: columns that it takes at each number of columns, by that number.
        plot: what its neurons respond to, at a glance; None where that was not measured.
        related: the same family in the networks of other articles.
    """

    group: Group
    share: str
    neurons: tuple[NeuronView, ...]
    spans: Mapping[int, int]
    plot: Plot | None
    related: tuple[Related, ...] = ()


@dataclass(frozen=True)
class LayerPictures:
    """The pictures of a layer's neurons together: each neuron's place in its sprite, and the mosaic of all.

    All of them are None where nothing was rendered.
    """

    tiles: tuple[Tile | None, ...]
    mosaic: Picture | None


@dataclass(frozen=True)
class CardsView:
    """Cards of a layer's groups, all of them or a part.

    Attributes:
        cards: in display order.
        neurons: how many neurons they show.
        part: which of the layer's groups they are.
    """

    layer: Layer
    cards: tuple[CardView, ...]
    neurons: int
    part: Part


@dataclass(frozen=True)
class LayerView:
    """A layer with its cards in display order, and its mosaic; None where nothing was rendered."""

    layer: Layer
    cards: tuple[CardView, ...]
    neurons: tuple[NeuronView, ...]
    mosaic: Picture | None

    @property
    def empty_mosaic(self) -> Box:
        """The mosaic's frame and grid."""
        return mosaic_frame(self.layer.neurons)


@dataclass(frozen=True)
class DiagramView:
    """The layer diagram, in the two shapes that it has on wide and narrow screens."""

    shapes: Mapping[str, Diagram]
    layers: Mapping[str, LayerView]


@dataclass(frozen=True)
class SharesView:
    """The table of families: for every kind of neuron its share of each layer, here and in the published taxonomy."""

    rows: tuple[Row, ...]
    layers: tuple[str, ...]


@dataclass(frozen=True)
class PictureView:
    """An author's picture: what it shows in words, and how wide it is."""

    picture: AuthorPicture
    alt: str
    width: str


@dataclass(frozen=True)
class WallView:
    """Neurons side by side, and how wide the wall is."""

    neurons: tuple[NeuronView, ...]
    width: str


@dataclass(frozen=True)
class PortraitView:
    """A single neuron with its large picture, if it was rendered, and its layer."""

    neuron: NeuronView
    picture: Picture | None
    layer: Layer


@dataclass(frozen=True)
class TableView:
    """A table as HTML from behind its first tag on, and how wide it is."""

    html: Markup
    width: str


@dataclass(frozen=True)
class TextView:
    """A text that is set off, as HTML, and what stands above it, if anything does."""

    title: str | None
    html: Markup


FigureView = (
    CardsView | BranchesView | DiagramView | SharesView | CircuitView | list[ClaimView] | PictureView | WallView
    | PortraitView | CardView | TableView | TextView
)  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """What stands below a figure, or above a table: its number, its anchor, and words as HTML, or empty."""

    anchor: str
    number: int
    html: Markup


@dataclass(frozen=True)
class Piece:
    """A part of the article's text: HTML, or a figure with its caption, and the template that draws it."""

    html: Markup | None = None
    template: str | None = None
    figure: FigureView | None = None
    caption: Caption | None = None


@dataclass(frozen=True)
class ArticleView:
    """An article with its layers, as its pages and the front page show it.

    Attributes:
        pictures: of each layer.
    """

    article: Article
    pictures: Mapping[str, LayerPictures]
    layers: Mapping[str, LayerView]
    body: tuple[Piece, ...]

    @property
    def slug(self) -> str:
        return self.article.slug

    @property
    def state(self) -> Literal["present", "stand-in", "absent"]:
        """What there is of the network's weights."""
        network = self.article.network
        return "absent" if network.absent else "stand-in" if network.stand_in else "present"

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
        return layer_strip({name: layer.layer.neurons for name, layer in self.layers.items()})

    @property
    def circuits(self) -> tuple[CircuitView, ...]:
        """The circuit figures of its text."""
        return tuple(piece.figure for piece in self.body if isinstance(piece.figure, CircuitView))

    @property
    def neurons(self) -> tuple[NeuronView, ...]:
        return tuple(neuron for layer in self.layers.values() for neuron in layer.neurons)


def view_article(
    article: Article,
    features: Features,
    tuning: Mapping[str, LayerTuning],
    published: Taxonomy,
    circuits: NetworkCircuits,
    figures: Sequence[Circuit],
    memory: Memory,
    related: Mapping[str, tuple[Related, ...]] = MappingProxyType({}),
) -> ArticleView:
    """An article together with its network's feature visualizations, tuning and circuits.

    Args:
        article: what was read; its claims hold, or are to be reported.
        features: of every layer.
        tuning: of every layer, or empty where it was not measured.
        published: the taxonomy to compare with, in the shape of data/groups.json.
        circuits: of the network.
        figures: what the article's circuit figures show, in their order.
        memory: keeps layers and figures for an article that differs little.
        related: each group's family in the networks of other articles, by the group's anchor.
    """
    figures = iter(figures)
    architecture = article.network.architecture
    slug = article.slug
    pictures = {name: memory(layer_pictures, of_layer, at=(slug, name)) for name, of_layer in features.items()}
    layers = {
        name: memory(
            view_layer, layer, article.taxonomy[name], features[name], pictures[name], tuning.get(name), related, at=(slug, name)
        )
        for name, layer in architecture.layers.items()
    }
    counts = {name: layer.neurons for name, layer in architecture.layers.items()}
    diagram = DiagramView({"wide": layer_diagram(counts, WIDE), "narrow": layer_diagram(counts, NARROW)}, layers)
    pieces: list[Piece] = []
    for piece in article.body:
        if not isinstance(piece, Block):
            pieces.append(Piece(piece))
            continue
        caption = Caption(piece.anchor, piece.number, piece.caption)
        match piece.directive:
            case LayerGroups(layer=layer, part=part):
                pieces.append(Piece(None, "figures/layer-groups.html", view_cards(layers[layer], part), caption))
            case LayerBranches(layer=layer, part=part):
                branches = view_branches(architecture, layer, in_part(article.taxonomy[layer], part))
                pieces.append(Piece(None, "figures/layer-branches.html", branches, caption))
            case LayerDiagram():
                pieces.append(Piece(None, "figures/layer-diagram.html", diagram, caption))
            case Claim(claim=claim):
                groups = group_neurons(article.taxonomy)
                checked = memory(view_claim, claim, tuning, groups, circuits, at=(slug, claim))
                if pieces and pieces[-1].template == CLAIMS:
                    pieces[-1].figure.append(checked)
                else:
                    pieces.append(Piece(None, CLAIMS, [checked], caption))
            case CircuitFigure():
                words = neuron_in_words if article.network.absent else neuron_words
                about = next(figures), piece.anchor, features, neuron_address, words
                figure = memory(view_circuit, *about, at=(slug, piece.anchor))
                pieces.append(Piece(None, "circuits/figure.html", figure, caption))
            case Figure(picture=written, alt=alt, width=width):
                shown = PictureView(next(one for one in article.pictures if one.path == normpath(written)), alt, width)
                pieces.append(Piece(None, "figures/picture.html", shown, caption))
            case Wall(layer=layer, neurons=chosen, width=width):
                channels = wall_channels(chosen, counts[layer])
                wall = WallView(tuple(layers[layer].neurons[channel] for channel in channels), width)
                pieces.append(Piece(None, "figures/wall.html", wall, caption))
            case NeuronFigure(neuron=written):
                layer, channel = neuron_of(written, counts)
                pieces.append(Piece(None, "figures/neuron.html", view_portrait(layers[layer], channel), caption))
            case GroupFigure(group=anchor):
                cards = (card for layer in layers.values() for card in layer.cards)
                card = next(card for card in cards if card.group.anchor == anchor)
                pieces.append(Piece(None, "figures/group.html", card, caption))
            case Table(width=width):
                # The caption is the text before the table.
                words, begins, rest = piece.text.partition("<table>")
                caption = Caption(piece.anchor, piece.number, without_paragraph(Markup(words)))
                pieces.append(Piece(None, "figures/table.html", TableView(Markup(rest), width), caption))
            case Aside() | Note() | Html():
                name = piece.found.name
                titled = TextView(getattr(piece.directive, "title", None), piece.text)
                pieces.append(Piece(None, f"figures/{name}.html", titled, caption))
            case FamilyShares():
                ours = json.loads(groups_json(article.taxonomy, counts))
                rows = compare_shares(ours, published, architecture.layer_names)
                shares = SharesView(rows, architecture.layer_names)
                pieces.append(Piece(None, "figures/family-shares.html", shares, caption))
    return ArticleView(article, pictures, layers, tuple(pieces))


def view_portrait(layer: LayerView, channel: int) -> PortraitView:
    """A neuron with the picture that its own page has."""
    neuron = layer.neurons[channel]
    image = neuron.feature.image
    picture = None if image is None else portrait(image, portrait_side(image.shape[0]))
    return PortraitView(neuron, picture, layer.layer)


def neuron_address(neuron: Neuron) -> str:
    """The page of a neuron, from the article's folder."""
    return neuron_page(neuron.layer, neuron.channel)


def neuron_words(neuron: Neuron) -> str:
    """What a neuron's picture shows."""
    return f"Feature visualization of {neuron.layer} neuron {neuron.channel}"


def neuron_in_words(neuron: Neuron) -> str:
    """A neuron that has no picture."""
    return f"{neuron.layer} neuron {neuron.channel}"


def layer_pictures(features: Sequence[FeatureVisualization]) -> LayerPictures:
    """The pictures of a layer."""
    if features[0].image is None:
        return LayerPictures((None,) * len(features), None)
    return LayerPictures(layer_tiles(features), mosaic(features))


def view_layer(
    layer: Layer,
    groups: Sequence[Group],
    features: Sequence[FeatureVisualization],
    pictures: LayerPictures,
    tuning: LayerTuning | None,
    related: Mapping[str, tuple[Related, ...]] = MappingProxyType({}),
) -> LayerView:
    """A layer's cards: its groups in display order, each neuron with its picture's place."""
    if len(features) != layer.neurons:
        raise ValueError(f"layer {layer.name} has {layer.neurons} neurons but {len(features)} feature visualizations")
    groups = display_order(groups)
    of_channel = {
        channel: view_neuron(features[channel], group, pictures.tiles[channel])
        for group in groups
        for channel in group.neurons
    }
    cards = tuple(
        CardView(
            group,
            share(len(group.neurons), layer.neurons),
            tuple(of_channel[channel] for channel in group.neurons),
            spans,
            group_plot(tuning, group.neurons, group.name) if tuning else None,
            related.get(group.anchor, ()),
        )
        for group, spans in zip(groups, spans_of(groups), strict=True)
    )
    return LayerView(layer, cards, tuple(of_channel[channel] for channel in range(layer.neurons)), pictures.mosaic)


def view_cards(layer: LayerView, part: Part) -> CardsView:
    """The cards of a part of a layer, which fill their rows by themselves."""
    shown = {group.anchor for group in in_part([card.group for card in layer.cards], part)}
    cards = [card for card in layer.cards if card.group.anchor in shown]
    fitted = tuple(
        replace(card, spans=spans)
        for card, spans in zip(cards, spans_of([card.group for card in cards]), strict=True)
    )
    return CardsView(layer.layer, fitted, sum(len(card.neurons) for card in cards), part)


def spans_of(groups: Sequence[Group]) -> list[dict[int, int]]:
    """The columns that each group's card takes, by the columns of the grid, where these groups are shown together."""
    sizes = [len(group.neurons) for group in groups]
    spans = {columns: justified_spans(sizes, columns) for columns in NEURONS_PER_COLUMN}
    return [{columns: one[index] for columns, one in spans.items()} for index in range(len(groups))]


def view_neuron(feature: FeatureVisualization, group: Group, tile: Tile | None) -> NeuronView:
    """A neuron with the words for its picture."""
    inactive = ", inactive on the held-out images" if feature.inactive else ""
    return NeuronView(
        layer=feature.layer,
        channel=feature.channel,
        group=GroupName(group.name, group.anchor),
        feature=feature,
        tile=tile,
        address=neuron_page(feature.layer, feature.channel),
        anchor=neuron_anchor(feature.layer, feature.channel),
        alt=f"Feature visualization of {feature.layer} neuron {feature.channel}, group {group.name}{inactive}",
    )
