"""What the templates are given: each thing on a page with its words and figures settled, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from early_vision.article.anchors import neuron_anchor
from early_vision.article.article import Article
from early_vision.article.circuits import ReadCircuit
from early_vision.article.directives import CircuitFigure, Claim, Directive, LayerDiagram, LayerGroups
from early_vision.article.groups import Group, display_order
from early_vision.article.mentions import neuron_page
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.claims import CheckedWeights, check_weights, is_about_weights
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.features.result import FeatureVisualization
from early_vision.network.architecture import Layer
from early_vision.site.cards import NEURONS_PER_COLUMN, justified_spans
from early_vision.site.circuits import CircuitView, view_circuit
from early_vision.site.connections import ConnectionsView, view_connections
from early_vision.site.data_files import groups_json
from early_vision.site.diagram import NARROW, WIDE, Diagram, layer_diagram, mosaic
from early_vision.site.pictures import Picture, portrait, portrait_side, sheet
from early_vision.site.sprites import DENSITY, Tile, layer_tiles
from early_vision.site.tuning import TuningView, view_tuning
from early_vision.tuning import LayerTuning
from early_vision.tuning.claims import Checked, Groups, check_claim
from early_vision.tuning.plots import Plot, group_plot
from early_vision.tuning.shares import Row, Taxonomy, compare_shares

Features = Mapping[str, Sequence[FeatureVisualization]]
OTHER_SIDE = 88
"""Side of a neuron's further pictures on its page, in CSS pixels; assets/css/60-neuron.css says it again."""
CLAIMS = "figures/claims.html"
SIBLINGS = 12
"""Neurons of its group that a neuron's page shows."""


@dataclass(frozen=True)
class NeuronView:
    """A neuron as the article and other neurons' pages show it.

    Attributes:
        address: of its page, from the article's folder.
        anchor: of its picture in the article.
        alt: what its picture shows.
    """

    layer: str
    channel: int
    group: Group
    feature: FeatureVisualization
    tile: Tile
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
    """

    group: Group
    share: str
    neurons: tuple[NeuronView, ...]
    spans: Mapping[int, int]
    plot: Plot | None


@dataclass(frozen=True)
class LayerView:
    """A layer with its cards in display order, and its mosaic."""

    layer: Layer
    cards: tuple[CardView, ...]
    neurons: tuple[NeuronView, ...]
    mosaic: Picture


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


Figure = LayerView | DiagramView | SharesView | CircuitView | list[Checked | CheckedWeights]


@dataclass(frozen=True)
class Piece:
    """A part of the article's text: HTML, or a figure and the template that draws it."""

    html: Markup | None
    template: str | None
    figure: Figure | None


@dataclass(frozen=True)
class NeuronPage:
    """A neuron's own page.

    Attributes:
        branch: the convolution that computes it, with its kernel, stride and receptive field.
        inhibiting: the picture that inhibits it most; None where it was not rendered.
        diverse: pictures that excite it in different ways, side by side; None where they were not rendered.
        bars: how long to draw its activation here and the highest on held-out images, of 100; None without the latter.
        siblings: others of its group.
        tuning: what synthetic stimuli say of it; None where it was not measured.
        connections: its inputs, outputs and symmetries.
    """

    neuron: NeuronView
    picture: Picture
    inhibiting: Picture | None
    diverse: Picture | None
    branch: str
    kernel: int
    stride: int
    receptive_field: int
    bars: tuple[float, float] | None
    siblings: tuple[NeuronView, ...]
    tuning: TuningView | None
    connections: ConnectionsView
    previous: NeuronView | None
    next: NeuronView | None


@dataclass(frozen=True)
class ArticleView:
    """An article with its layers, as its pages and the front page show it."""

    article: Article
    layers: Mapping[str, LayerView]
    body: tuple[Piece, ...]

    @property
    def slug(self) -> str:
        return self.article.slug

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
    figures: Sequence[ReadCircuit],
) -> ArticleView:
    """An article together with its network's feature visualizations, tuning and circuits.

    Args:
        article: what was read; its claims hold.
        features: of every layer.
        tuning: of every layer, or empty where it was not measured.
        published: the taxonomy to compare with, in the shape of data/groups.json.
        circuits: of the network.
        figures: what the article's circuit figures show, in their order.
    """
    figures = iter(enumerate(figures, 1))
    architecture = article.network.architecture
    layers = {
        name: view_layer(layer, article.taxonomy[name], features[name], tuning.get(name))
        for name, layer in architecture.layers.items()
    }
    counts = {name: layer.neurons for name, layer in architecture.layers.items()}
    diagram = DiagramView({"wide": layer_diagram(counts, WIDE), "narrow": layer_diagram(counts, NARROW)}, layers)
    pieces: list[Piece] = []
    for piece in article.body:
        if isinstance(piece, LayerGroups):
            pieces.append(Piece(None, "figures/layer-groups.html", layers[piece.layer]))
        elif isinstance(piece, LayerDiagram):
            pieces.append(Piece(None, "figures/layer-diagram.html", diagram))
        elif isinstance(piece, Claim):
            checked = check_any_claim(piece.claim, tuning, group_neurons(article.taxonomy), circuits)
            if pieces and pieces[-1].template == CLAIMS:
                pieces[-1].figure.append(checked)
            else:
                pieces.append(Piece(None, CLAIMS, [checked]))
        elif isinstance(piece, CircuitFigure):
            number, read = next(figures)
            name = f"circuit-{number}"
            figure = view_circuit(read.circuit, name, read.caption, features, neuron_address, neuron_words)
            pieces.append(Piece(None, "circuits/figure.html", figure))
        elif isinstance(piece, Directive):
            ours = json.loads(groups_json(article.taxonomy, counts))
            rows = compare_shares(ours, published, architecture.layer_names)
            pieces.append(Piece(None, "figures/family-shares.html", SharesView(rows, architecture.layer_names)))
        else:
            pieces.append(Piece(piece, None, None))
    return ArticleView(article, layers, tuple(pieces))


def neuron_address(neuron: Neuron) -> str:
    """The page of a neuron, from the article's folder."""
    return neuron_page(neuron.layer, neuron.channel)


def neuron_words(neuron: Neuron) -> str:
    """What a neuron's picture shows."""
    return f"Feature visualization of {neuron.layer} neuron {neuron.channel}"


def check_any_claim(
    claim: str, tuning: Mapping[str, LayerTuning], groups: Groups, circuits: NetworkCircuits
) -> Checked | CheckedWeights:
    """Hold a claim against the weights or the measurements, whichever it is about.

    Raises:
        InputError: without a file, when it cannot be understood.
    """
    if not is_about_weights(claim):
        return check_claim(claim, tuning, groups)
    architecture = circuits.network.architecture
    return check_weights(claim, architecture, circuits.connect, lambda layer, name: tuning[layer].measure(name))


def group_neurons(taxonomy: Mapping[str, Sequence[Group]]) -> Groups:
    """Anchor of each group to its layer and neurons."""
    return {group.anchor: (layer, group.neurons) for layer, groups in taxonomy.items() for group in groups}


def view_layer(
    layer: Layer, groups: Sequence[Group], features: Sequence[FeatureVisualization], tuning: LayerTuning | None
) -> LayerView:
    """A layer's cards: its groups in display order, each neuron with its picture's place."""
    if len(features) != layer.neurons:
        raise ValueError(f"layer {layer.name} has {layer.neurons} neurons but {len(features)} feature visualizations")
    tiles, groups = layer_tiles(features), display_order(groups)
    of_channel = {
        channel: view_neuron(features[channel], group, tiles[channel]) for group in groups for channel in group.neurons
    }
    sizes = [len(group.neurons) for group in groups]
    spans = {columns: justified_spans(sizes, columns) for columns in NEURONS_PER_COLUMN}
    cards = tuple(
        CardView(
            group,
            share(len(group.neurons), layer.neurons),
            tuple(of_channel[channel] for channel in group.neurons),
            {columns: one[index] for columns, one in spans.items()},
            group_plot(tuning, group.neurons, group.name) if tuning else None,
        )
        for index, group in enumerate(groups)
    )
    return LayerView(layer, cards, tuple(of_channel[channel] for channel in range(layer.neurons)), mosaic(features))


def view_neuron(feature: FeatureVisualization, group: Group, tile: Tile) -> NeuronView:
    """A neuron with the words for its picture."""
    inactive = ", inactive on the held-out images" if feature.inactive else ""
    return NeuronView(
        layer=feature.layer,
        channel=feature.channel,
        group=group,
        feature=feature,
        tile=tile,
        address=neuron_page(feature.layer, feature.channel),
        anchor=neuron_anchor(feature.layer, feature.channel),
        alt=f"Feature visualization of {feature.layer} neuron {feature.channel}, group {group.name}{inactive}",
    )


def neuron_pages(view: ArticleView, tuning: Mapping[str, LayerTuning], circuits: NetworkCircuits) -> list[NeuronPage]:
    """The page of every neuron, in the order of layers and channels; `tuning` may be empty."""
    architecture, neurons, pages = view.article.network.architecture, view.neurons, []
    groups = {card.group.anchor: card.neurons for layer in view.layers.values() for card in layer.cards}
    tiles = {Neuron(neuron.layer, neuron.channel): neuron.tile for neuron in neurons}
    for index, neuron in enumerate(neurons):
        branch = architecture.branch(neuron.layer, neuron.channel).node
        seen = architecture.receptive_fields[branch]
        pages.append(
            NeuronPage(
                neuron=neuron,
                picture=portrait(neuron.feature.image, portrait_side(neuron.feature.image.shape[0])),
                inhibiting=other_pictures(neuron.feature.inhibiting),
                diverse=other_pictures(*neuron.feature.diverse),
                branch=branch,
                kernel=architecture.node(branch).kernel,
                stride=seen.stride,
                receptive_field=seen.size,
                bars=bars(neuron.feature),
                siblings=siblings(neuron, groups[neuron.group.anchor]),
                tuning=view_tuning(tuning[neuron.layer], neuron.channel) if tuning else None,
                connections=view_connections(Neuron(neuron.layer, neuron.channel), circuits, tiles.__getitem__),
                previous=neurons[index - 1] if index else None,
                next=neurons[index + 1] if index + 1 < len(neurons) else None,
            )
        )
    return pages


def bars(feature: FeatureVisualization) -> tuple[float, float] | None:
    """Lengths for the activation and the highest on held-out images: 100 for the higher one, 0 for a negative one."""
    if feature.held_out is None:
        return None
    shown = max(feature.activation, 0.0), max(feature.held_out, 0.0)
    longest = max(shown)
    return tuple(round(100 * value / longest, 1) if longest else 0.0 for value in shown)


def siblings(neuron: NeuronView, group: Sequence[NeuronView]) -> tuple[NeuronView, ...]:
    """Up to SIBLINGS others of a neuron's group, those shown nearest to it."""
    at = group.index(neuron)
    first = max(0, min(at - SIBLINGS // 2, len(group) - SIBLINGS - 1))
    return tuple(one for one in group[first : first + SIBLINGS + 1] if one is not neuron)


def share(part: int, whole: int) -> str:
    """A part as a whole percentage; "<1%" rather than nothing."""
    percent = round(100 * part / whole)
    return "<1%" if percent == 0 and part else f"{percent}%"


def other_pictures(*images: np.ndarray | None) -> Picture | None:
    """A neuron's further pictures in a row; None for none."""
    return sheet(images, OTHER_SIDE * DENSITY, len(images)) if images and images[0] is not None else None
