"""A layer as pages show it: its groups as cards, and its neurons each with its picture's place and its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from early_vision.article.anchors import neuron_anchor
from early_vision.article.computed import share
from early_vision.article.groups import Group, display_order, in_part
from early_vision.article.mentions import neuron_page
from early_vision.article.schema import Part
from early_vision.drawing.tuning_plots import Plot, group_plot
from early_vision.features.result import FeatureVisualization
from early_vision.network.architecture import Layer
from early_vision.site.pictures import Picture
from early_vision.site.sprites import Tile, layer_tiles
from early_vision.site.views.cards import (
    COLUMN_WIDTHS,
    LARGE_FROM,
    LARGE_GROUP,
    LARGE_TILE,
    SMALL_TILE,
    TYPICAL,
    Content,
    justified_spans,
)
from early_vision.site.views.layer_diagram import Box, mosaic, mosaic_frame, mosaic_rows
from early_vision.site.views.related import Related
from early_vision.site.views.stimuli import LayerStimuli
from early_vision.tuning import LayerTuning
from early_vision.tuning.explain import by_rule


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
        axis: the stimuli around the plot, as a picture.
        typical: of a large group those whose responses are most like the group's mean, which stand for all at first.
        by_rule: how many neurons here and in null networks fulfil the rule of the family of that name; empty where there
            is no such family, or were no null networks.
    """

    group: Group
    share: str
    neurons: tuple[NeuronView, ...]
    spans: Mapping[int, int]
    plot: Plot | None
    related: tuple[Related, ...] = ()
    axis: Picture | None = None
    typical: tuple[NeuronView, ...] = ()
    by_rule: str = ""


@dataclass(frozen=True)
class LayerPictures:
    """The pictures of a layer's neurons together: each neuron's place in its sprite, and the mosaic of all with its frame.

    Places and mosaic are None where nothing was rendered.
    """

    tiles: tuple[Tile | None, ...]
    mosaic: Picture | None
    frame: Box


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

    @property
    def large(self) -> bool:
        """Whether its pictures are shown larger."""
        return is_large(self.layer)


@dataclass(frozen=True)
class LayerView:
    """A layer with its cards in display order, and its mosaic with its frame; no mosaic where nothing was rendered."""

    layer: Layer
    cards: tuple[CardView, ...]
    neurons: tuple[NeuronView, ...]
    mosaic: Picture | None
    frame: Box


def layer_pictures(features: Sequence[FeatureVisualization], largest: int) -> LayerPictures:
    """The pictures of a layer of a network whose largest layer has so many neurons."""
    rows = mosaic_rows(largest)
    frame = mosaic_frame(len(features), rows)
    if features[0].image is None:
        return LayerPictures((None,) * len(features), None, frame)
    return LayerPictures(layer_tiles(features), mosaic(features, rows), frame)


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
    stimuli = LayerStimuli(tuning, layer.receptive_field) if tuning else None
    plots = [group_plot(tuning, group.neurons, group.name) if tuning else None for group in groups]
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
            plot,
            related.get(group.anchor, ()),
            stimuli.axis(plot.measure) if stimuli and plot else None,
            tuple(of_channel[channel] for channel in typical(tuning, group.neurons)) if tuning else (),
            by_rule(tuning, group.name) if tuning else "",
        )
        for group, spans, plot in zip(groups, spans_of(groups, layer, tuning is not None), plots, strict=True)
    )
    neurons = tuple(of_channel[channel] for channel in range(layer.neurons))
    return LayerView(layer, cards, neurons, pictures.mosaic, pictures.frame)


def typical(tuning: LayerTuning, neurons: Sequence[int]) -> list[int]:
    """Of a large group the TYPICAL neurons whose responses are most like those of the whole group, in display order;
    none of a small one."""
    if len(neurons) < LARGE_GROUP:
        return []
    signatures = tuning.signatures[list(neurons)]
    likeness = signatures @ signatures.mean(0)
    chosen = np.argsort(-likeness, kind="stable")[:TYPICAL]
    return [neurons[int(at)] for at in sorted(chosen)]


def view_cards(layer: LayerView, part: Part) -> CardsView:
    """The cards of a part of a layer, which fill their rows by themselves."""
    shown = {group.anchor for group in in_part([card.group for card in layer.cards], part)}
    cards = [card for card in layer.cards if card.group.anchor in shown]
    spans = spans_of([card.group for card in cards], layer.layer, any(card.plot for card in cards))
    fitted = tuple(replace(card, spans=one) for card, one in zip(cards, spans, strict=True))
    return CardsView(layer.layer, fitted, sum(len(card.neurons) for card in cards), part)


def spans_of(groups: Sequence[Group], layer: Layer, plots: bool) -> list[dict[int, int]]:
    """The columns that each group's card takes, by the columns of the grid, where these groups are shown together."""
    tile = LARGE_TILE if is_large(layer) else SMALL_TILE
    held = [Content(len(one.neurons), len(one.description or ""), tile, plots) for one in groups]
    spans = {columns: justified_spans(held, columns) for columns in COLUMN_WIDTHS}
    return [{columns: one[index] for columns, one in spans.items()} for index in range(len(groups))]


def is_large(layer: Layer) -> bool:
    """Whether a layer's neurons see so much that their pictures are shown larger."""
    return layer.receptive_field >= LARGE_FROM


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
