"""The pieces of an article's text: HTML, and its figures as their templates are given them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from posixpath import normpath
from typing import Any

from markupsafe import Markup

from early_vision.article.author_pictures import AuthorPicture
from early_vision.article.blocks import Block, without_paragraph
from early_vision.article.directives import (
    Aside,
    CircuitFigure,
    Claim,
    ClaimsFigure,
    Comparing,
    Examples,
    FamilyChance,
    FamilyShares,
    Figure,
    GroupFigure,
    GroupPhotographs,
    GroupShares,
    Html,
    Interventions,
    LayerBranches,
    LayerDiagram,
    LayerGroups,
    NeuronFigure,
    Note,
    Table,
    Wall,
)
from early_vision.article.figures import neuron_of, wall_channels
from early_vision.article.groups import in_part
from early_vision.article.mentions import neuron_page
from early_vision.article.photograph_claims import ANGLES, agreement, passed_in
from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.memory import Memory
from early_vision.network.architecture import Layer
from early_vision.site.data.network import groups_json
from early_vision.site.material import Material
from early_vision.site.pictures import Picture, neuron_portrait
from early_vision.site.views.branches import BranchesView, view_branches
from early_vision.site.views.circuits import CircuitView, view_circuit
from early_vision.site.views.claims import ClaimView, group_names, group_neurons, view_claim
from early_vision.site.views.comparison import ComparisonFigure, view_comparison
from early_vision.site.views.examples import ExamplesView, view_neuron
from early_vision.site.views.layer_diagram import NARROW, WIDE, Diagram, layer_diagram
from early_vision.site.views.layers import CardsView, CardView, LayerView, NeuronView, view_cards
from early_vision.site.views.reading import Explained, Sorting, view_explained, view_sorting
from early_vision.site.views.removals import InterventionsView, view_interventions
from early_vision.site.views.tuning import Chance, view_chance
from early_vision.tuning.shares import GroupShare, Row, compare_groups, compare_shares

CLAIMS = "figures/claims.html"


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

    @property
    def largest(self) -> float:
        """The largest share: what the longest bar stands for."""
        every = (share for row in self.rows for one in row.shares.values() for share in (one.ours, one.theirs))
        return max((share for share in every if share is not None), default=0.0) or 1.0


@dataclass(frozen=True)
class GroupSharesView:
    """The groups of every layer, in this taxonomy and the published one."""

    layers: Mapping[str, tuple[GroupShare, ...]]

    def largest(self, layer: str) -> float:
        """The largest share of a layer, what its longest bar stands for."""
        shares = (part for one in self.layers[layer] for part in (one.share.ours, one.share.theirs))
        return max((part for part in shares if part), default=1.0)


@dataclass(frozen=True)
class FamilyChanceView:
    """The families of every layer in the network and in its null networks, by name; of a layer without these, none."""

    layers: Mapping[str, Mapping[str, Chance]]

    def shown(self, layer: str) -> dict[str, Chance]:
        """Those that anything fits, most neurons first."""
        some = ((name, one) for name, one in self.layers[layer].items() if one.here or one.most)
        return dict(sorted(some, key=lambda one: (-one[1].here, one[0])))

    def largest(self, layer: str) -> int:
        """The largest number of a layer, what its longest bar stands for."""
        return max((max(one.here, one.most) for one in self.layers[layer].values()), default=1) or 1


@dataclass(frozen=True)
class PhotographRow:
    """A group and a test on photographs.

    Attributes:
        group, anchor, layer: which group.
        neurons, passed: how many it has, and of how many the test passes.
        elsewhere: the share of the other neurons of its layer of which it passes.
        apart: by how many degrees what photographs say differs from what stimuli say; None where these say nothing.
    """

    group: str
    anchor: str
    layer: str
    neurons: int
    passed: int
    elsewhere: float
    apart: float | None


@dataclass(frozen=True)
class GroupPhotographsView:
    """Groups and tests on photographs, by test."""

    tests: Mapping[str, tuple[PhotographRow, ...]]


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
class PatchesView:
    """A neuron and the patches of pictures that it answers to; None where none were looked at."""

    neuron: NeuronView
    examples: ExamplesView | None


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
    | InterventionsView | GroupSharesView | FamilyChanceView | GroupPhotographsView | PortraitView | PatchesView | CardView | TableView
    | TextView | Explained | Sorting | ComparisonFigure
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


def view_pieces(material: Material, layers: Mapping[str, LayerView], memory: Memory) -> tuple[Piece, ...]:
    """The pieces of an article's text, in order; claims that follow each other are one.

    Args:
        material: the article and what is known of its network; its claims hold, or are to be reported.
        layers: as the article shows them.
        memory: keeps figures for an article that differs little.
    """
    pieces: list[Piece] = []
    article, circuits = material.article, iter(material.figures)
    for piece in article.body:
        if not isinstance(piece, Block):
            pieces.append(Piece(piece))
        elif isinstance(piece.directive, CircuitFigure):
            circuit = _circuit(material, piece, next(circuits), memory)
            pieces.append(Piece(None, "circuits/figure.html", circuit, _caption(piece)))
        elif isinstance(piece.directive, Claim):
            claim, before = _claim(material, piece.directive.claim, memory), pieces[-1].figure if pieces else None
            if isinstance(before, list) and pieces[-1].template == CLAIMS:
                before.append(claim)
            else:
                pieces.append(Piece(None, CLAIMS, [claim], _caption(piece)))
        elif isinstance(piece.directive, ClaimsFigure):
            claims = [_claim(material, claim, memory) for claim in piece.directive.claims]
            pieces.append(Piece(None, "figures/claims-figure.html", claims, _caption(piece)))
        elif isinstance(piece.directive, Table):
            # The caption is the text before the table.
            words, _, rest = piece.text.partition("<table>")
            caption = Caption(piece.anchor, piece.number, without_paragraph(Markup(words)))
            table = TableView(Markup(rest), piece.directive.width)
            pieces.append(Piece(None, "figures/table.html", table, caption))
        else:
            compared = isinstance(piece.directive, Comparing)
            template, shown = view_comparison(material, piece) if compared else _figure(material, piece, layers)
            pieces.append(Piece(None, f"figures/{template}.html", shown, _caption(piece)))
    return tuple(pieces)


def _caption(block: Block) -> Caption:
    return Caption(block.anchor, block.number, block.caption)


def _circuit(material: Material, block: Block, circuit: Circuit, memory: Memory) -> CircuitView:
    article = material.article
    words = neuron_words if article.network.shown else neuron_in_words
    about = circuit, block.anchor, material.features, neuron_address, words, material.circuits.interventions.effects
    return memory(view_circuit, *about, at=(article.slug, block.anchor))


def _claim(material: Material, claim: str, memory: Memory) -> ClaimView:
    article = material.article
    names = group_names(article.taxonomy)
    known = material.tuning, group_neurons(article.taxonomy), material.circuits, names, material.comparison
    return memory(view_claim, claim, *known, at=(article.slug, claim))


def _figure(material: Material, block: Block, layers: Mapping[str, LayerView]) -> tuple[str, FigureView]:
    """The template of any other figure, and what it is given."""
    article, architecture = material.article, material.article.network.architecture
    counts = {name: layer.neurons for name, layer in architecture.layers.items()}
    match block.directive:
        case LayerGroups(layer=layer, part=part):
            return "layer-groups", view_cards(layers[layer], part)
        case LayerBranches(layer=layer, part=part):
            return "layer-branches", view_branches(architecture, layer, in_part(article.taxonomy[layer], part))
        case LayerDiagram():
            shapes = {"wide": layer_diagram(counts, WIDE), "narrow": layer_diagram(counts, NARROW)}
            return "layer-diagram", DiagramView(shapes, layers)
        case Figure(picture=written, alt=alt, width=width):
            picture = next(one for one in article.pictures if one.path == normpath(written))
            return "picture", PictureView(picture, alt, width)
        case Wall(layer=layer, neurons=chosen, width=width, shuffled=shuffled):
            channels = wall_channels(chosen, counts[layer])
            if shuffled and layers[layer].mosaic:
                return "shuffling", view_sorting(layers[layer], [layers[layer].neurons[one] for one in channels])
            return "wall", WallView(tuple(layers[layer].neurons[channel] for channel in channels), width)
        case NeuronFigure(neuron=written, explained=explained):
            layer, channel = neuron_of(written, counts)
            shown = view_explained(layers[layer], channel, architecture) if explained else None
            if shown:
                return "explained", shown
            return "neuron", view_portrait(layers[layer], channel)
        case Examples(neuron=written):
            layer, channel = neuron_of(written, counts)
            some = material.examples.get(layer)
            return "examples", PatchesView(layers[layer].neurons[channel], view_neuron(some[channel]) if some else None)
        case GroupFigure(group=anchor):
            cards = (card for layer in layers.values() for card in layer.cards)
            return "group", next(card for card in cards if card.group.anchor == anchor)
        case FamilyShares():
            ours = json.loads(groups_json(article.taxonomy, counts))
            rows = compare_shares(ours, material.published, architecture.layer_names)
            return "family-shares", SharesView(rows, architecture.layer_names)
        case GroupShares():
            ours = json.loads(groups_json(article.taxonomy, counts))
            return "group-shares", GroupSharesView(compare_groups(ours, material.published, tuple(ours)))
        case FamilyChance():
            return "family-chance", FamilyChanceView(
                {layer: view_chance(one) for layer, one in material.tuning.items()}
            )
        case GroupPhotographs(tests=chosen):
            return "group-photographs", view_photographs(chosen, layers, material)
        case Interventions():
            effects = material.circuits.interventions.effects
            return "interventions", view_interventions(material.figures, effects, neuron_address)
        case Aside() | Note() | Html():
            return block.found.name, TextView(getattr(block.directive, "title", None), block.text)
        case unknown:
            raise TypeError(f"no figure shows {unknown!r}")


def view_photographs(
    chosen: Mapping[Any, Sequence[str]], layers: Mapping[str, LayerView], material: Material
) -> GroupPhotographsView:
    """Groups, by their anchors, and tests on photographs."""
    groups = {card.group.anchor: (name, card.group) for name, layer in layers.items() for card in layer.cards}
    angles = {about.test: angle for angle, about in ANGLES.items()}
    tests = material.circuits.photographs

    def row(test: str, anchor: str) -> PhotographRow:
        layer, group = groups[anchor]
        others = [one.channel for one in layers[layer].neurons if one.channel not in group.neurons]
        passed, elsewhere = (len(passed_in(test, layer, some, tests)) for some in (group.neurons, others))
        known = test in angles and layer in material.tuning
        apart = agreement(angles[test], layer, group.neurons, tests, material.tuning[layer]) if known else None
        share = elsewhere / len(others) if others else 0.0
        return PhotographRow(group.name, anchor, layer, len(group.neurons), passed, share, apart)

    return GroupPhotographsView({test: tuple(row(test, one) for one in some) for test, some in chosen.items()})


def view_portrait(layer: LayerView, channel: int) -> PortraitView:
    """A neuron with the picture that its own page has."""
    neuron = layer.neurons[channel]
    return PortraitView(neuron, neuron_portrait(neuron.feature.image), layer.layer)


def neuron_address(neuron: Neuron) -> str:
    """The page of a neuron, from the article's folder."""
    return neuron_page(neuron.layer, neuron.channel)


def neuron_words(neuron: Neuron) -> str:
    """What a neuron's picture shows."""
    return f"Feature visualization of {neuron.layer} neuron {neuron.channel}"


def neuron_in_words(neuron: Neuron) -> str:
    """A neuron that has no picture."""
    return f"{neuron.layer} neuron {neuron.channel}"
