"""Figures and tables that compare networks, as their templates are given them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from early_vision.article.article import Article
from early_vision.article.blocks import Block
from early_vision.article.directives import (
    Comparing,
    FoundByKind,
    KindShares,
    MatchDistributions,
    MatchedNeurons,
    NeuronCounts,
    Similarity,
)
from early_vision.article.figures import neuron_of
from early_vision.article.mentions import neuron_page
from early_vision.comparison.family_shares import Estimate
from early_vision.comparison.pairing import pair_layers
from early_vision.comparison.recording import CONTROLS
from early_vision.comparison.report import Comparison, LayerComparison, LayerCounts, known_kinds, layer_kinds
from early_vision.drawing.comparison_plots import SharePanel, along, density, peak, percent, share_panel, small_curve
from early_vision.errors import InputError, Problem, did_you_mean
from early_vision.site.material import Features, Material
from early_vision.site.pictures import Picture, portrait
from early_vision.tuning.shares import Taxonomy, kind_shares

SIDE = 160
"""Of a neuron's picture, in pixels: twice what it takes on the page."""


@dataclass(frozen=True)
class NeuronCell:
    """A neuron of some network.

    Attributes:
        network, layer, channel: such as `googlenet`, `mixed3a` and 110.
        address: of its page, from the article's folder; empty where there is none.
        picture: what excites it most; None where that was not rendered.
        curve: its tuning curve as a path; empty where there is none.
    """

    network: str
    layer: str
    channel: int
    address: str
    picture: Picture | None
    curve: str

    @property
    def name(self) -> str:
        return f"{self.layer}:{self.channel}"


@dataclass(frozen=True)
class MatchCell:
    """The neuron that is most like another one.

    Attributes:
        similarity: how much.
        among, chance: the same among fewer candidates, and among as many in the shuffled control.
        bound: what nearly all neurons of the layer stay below in the control.
        found: whether it is more than that.
    """

    cell: NeuronCell
    similarity: str
    among: str
    chance: str
    bound: str
    found: bool


@dataclass(frozen=True)
class MatchRow:
    """A neuron, and its best match in each of the other networks."""

    neuron: NeuronCell
    matches: tuple[MatchCell, ...]


@dataclass(frozen=True)
class MatchedView:
    """Rows of matched neurons.

    Attributes:
        networks: the columns, the article's own network first.
        profile: which tuning curve is drawn.
        responses: what neurons were compared by.
    """

    networks: tuple[str, ...]
    rows: tuple[MatchRow, ...]
    profile: str
    responses: str

    @property
    def pictures(self) -> tuple[Picture, ...]:
        cells = (cell for row in self.rows for cell in (row.neuron, *(one.cell for one in row.matches)))
        return tuple(cell.picture for cell in cells if cell.picture)


@dataclass(frozen=True)
class Ridge:
    """The matches of a layer in another network as a density, with that of the shuffled control and the median's place."""

    network: str
    layer: str
    area: str
    control: str
    median: float
    words: str
    found: str


@dataclass(frozen=True)
class RidgePanel:
    """A layer, and its matches in each of the other networks."""

    layer: str
    ridges: tuple[Ridge, ...]


@dataclass(frozen=True)
class DistributionsView:
    """How well the neurons of every layer are matched."""

    panels: tuple[RidgePanel, ...]
    responses: str


@dataclass(frozen=True)
class SimilarityCell:
    """A value from 0 to 1, its interval where there is one, of which layer, and what the controls give.

    Attributes:
        value, interval, controls: in words.
        at, span, nulls: the same as places along an axis of 100.
    """

    value: str
    interval: str
    layer: str
    controls: Mapping[str, str]
    at: float
    span: tuple[float, float] | None
    nulls: Mapping[str, float]


@dataclass(frozen=True)
class SimilarityView:
    """A table of how alike layers are: a row for each layer of the article's network."""

    measure: str
    networks: tuple[str, ...]
    rows: Mapping[str, tuple[SimilarityCell, ...]]


@dataclass(frozen=True)
class KindPanel:
    """A kind of neuron, its shares by depth, and the same in words."""

    kind: str
    panel: SharePanel
    words: str


@dataclass(frozen=True)
class KindSharesView:
    """The shares of kinds of neurons in several networks; the columns are layers of the article's."""

    networks: tuple[str, ...]
    layers: tuple[str, ...]
    panels: tuple[KindPanel, ...]


@dataclass(frozen=True)
class FoundView:
    """For each kind, with how many neurons it has, the share and its interval in words for each of the other networks."""

    networks: tuple[str, ...]
    rows: Mapping[str, tuple[int, tuple[tuple[str, str, float], ...]]]


@dataclass(frozen=True)
class CountsView:
    """What the layers of each network hold."""

    networks: Mapping[str, Mapping[str, LayerCounts]]


ComparisonFigure = MatchedView | DistributionsView | SimilarityView | KindSharesView | FoundView | CountsView


def comparison_faults(article: Article, comparison: Comparison) -> list[Problem]:
    """Networks, neurons and kinds that the figures of an article show although they are not there."""
    problems = []
    layers = {name: len(one.dead) for name, one in comparison.recordings[article.network.name].layers.items()}
    for block in article.blocks():
        if not isinstance(block.directive, Comparing):
            continue
        try:
            _chosen(block.directive.networks, comparison, article.network.name)
            if isinstance(block.directive, MatchedNeurons):
                for written in block.directive.neurons.split(","):
                    _live(written, layers, comparison, article.network.name)
            if isinstance(block.directive, KindShares):
                for kind in block.directive.kinds or ():
                    if kind not in known_kinds():
                        hint = did_you_mean(kind, known_kinds()) or f"Known: {', '.join(known_kinds())}"
                        raise InputError(f'there is no kind of neuron "{kind}"', hint=hint)
        except InputError as error:
            problems.append(article.text.problem(error.message, block.line, error.hint))
    return problems


def view_comparison(material: Material, block: Block) -> tuple[str, ComparisonFigure]:
    """The template of a figure or table that compares networks, and what it is given."""
    comparison, own = material.comparison, material.article.network.name
    if comparison is None:
        raise TypeError("an article that compares no networks has no such figures")
    match block.directive:
        case MatchedNeurons(neurons=neurons, networks=networks, responses=to, profile=profile):
            others = _chosen(networks, comparison, own)
            rows = tuple(_matched(material, comparison, own, one, others, to, profile) for one in neurons.split(","))
            return "matched-neurons", MatchedView((own, *others), rows, profile, to)
        case MatchDistributions(networks=networks, responses=to):
            return "match-distributions", _distributions(comparison, own, _chosen(networks, comparison, own), to)
        case Similarity(measure=measure, networks=networks, responses=to):
            others = _chosen(networks, comparison, own)
            table = {
                layer: tuple(_similar(comparison.pairs[own, other][layer], measure, to) for other in others)
                for layer in comparison.recordings[own].layers
            }
            return "similarity", SimilarityView(measure, others, table)
        case FoundByKind(responses=to, networks=networks):
            return "found-by-kind", _found_by_kind(comparison, own, _chosen(networks, comparison, own), to)
        case KindShares(kinds=kinds, networks=networks):
            shown = (own, *_chosen(networks, comparison, own))
            return "kind-shares", _kind_shares(comparison, shown, kinds, material.published)
        case NeuronCounts(networks=networks):
            shown = (own, *_chosen(networks, comparison, own))
            return "neuron-counts", CountsView(
                {
                    name: {layer: comparison.counts(name, layer) for layer in comparison.recordings[name].layers}
                    for name in shown
                }
            )
        case unknown:
            raise TypeError(f"no figure compares {unknown!r}")


def _chosen(networks: Sequence[str] | None, comparison: Comparison, own: str) -> tuple[str, ...]:
    others = tuple(name for name in comparison.recordings if name != own)
    for name in networks or ():
        if name not in others:
            hint = did_you_mean(name, others) or f"Those that the article compares: {', '.join(others)}"
            raise InputError(f'the article does not compare with "{name}"', hint=hint)
    return tuple(networks or others)


def _live(written: str, layers: Mapping[str, int], comparison: Comparison, own: str) -> tuple[str, int]:
    layer, channel = neuron_of(written, layers)
    if comparison.recordings[own].layers[layer].dead[channel]:
        raise InputError(f"{layer}:{channel} is dead: it is like nothing")
    return layer, channel


def _matched(
    material: Material, comparison: Comparison, own: str, written: str, others: Sequence[str], to: str, profile: str
) -> MatchRow:
    layers = {name: len(one.dead) for name, one in comparison.recordings[own].layers.items()}
    layer, channel = _live(written, layers, comparison, own)
    cells = []
    for other in others:
        found = comparison.pairs[own, other][layer]
        matches = found.matches(to)
        at = int(np.searchsorted(matches.channels, channel))
        cell = _cell(material, comparison, other, found.other_layer, int(matches.best[at]), profile)
        similarity, among, chance = (
            f"{one[at]:.2f}" for one in (matches.similarity, matches.expected, matches.controls["shuffled"])
        )
        bound = f"{matches.bound:.2f}"
        cells.append(MatchCell(cell, similarity, among, chance, bound, bool(matches.beyond[at])))
    return MatchRow(_cell(material, comparison, own, layer, channel, profile), tuple(cells))


def _cell(
    material: Material, comparison: Comparison, network: str, layer: str, channel: int, profile: str
) -> NeuronCell:
    features: Features = material.others.get(network, {})
    image = features[layer][channel].image if layer in features else None
    curves = comparison.recordings[network].layers[layer].profiles.get(profile)
    home = material.homes.get(network)
    return NeuronCell(
        network,
        layer,
        channel,
        f"../{home}/{neuron_page(layer, channel)}" if home else "",
        None if image is None else portrait(image, SIDE),
        "" if curves is None else small_curve(profile, curves[channel]),
    )


def _distributions(comparison: Comparison, own: str, others: Sequence[str], to: str) -> DistributionsView:
    panels = []
    for layer in comparison.recordings[own].layers:
        found = [comparison.pairs[own, other][layer] for other in others]
        matches = [one.matches(to) for one in found]
        highest = max(peak(some) for one in matches for some in (one.expected, one.controls["shuffled"]))
        ridges = []
        for one, match in zip(found, matches, strict=True):
            null = float(np.median(match.controls["shuffled"]))
            words = f"median {match.median.value:.2f}, shuffled {null:.2f}"
            area, control = density(match.expected, highest), density(match.controls["shuffled"], highest)
            at, share = along(match.median.value), f"{match.found.value:.0%}"
            ridges.append(Ridge(one.other.network, one.other_layer, area, control, at, words, share))
        panels.append(RidgePanel(layer, tuple(ridges)))
    return DistributionsView(tuple(panels), to)


def _similar(found: LayerComparison, measure: str, to: str) -> SimilarityCell:
    if measure == "cka":
        return _plain(found, found.cka, found.cka_controls)
    if measure == "predictivity":
        return _plain(found, found.predictivity, found.predictivity_controls)
    matches = found.matches(to)
    if measure == "found":
        return _cell_of(found, f"{matches.found.value:.0%}", matches.found, {}, "{:.0%} to {:.0%}")
    nulls: dict[str, float] = {kind: float(np.median(matches.controls[kind])) for kind in CONTROLS}
    return _cell_of(found, f"{matches.median.value:.2f}", matches.median, nulls, "{:.2f} to {:.2f}")


def _plain(found: LayerComparison, value: float, controls: Mapping[str, float]) -> SimilarityCell:
    return _cell_of(found, f"{value:.2f}", Estimate(value, value, value), controls)


def _cell_of(
    found: LayerComparison, words: str, one: Estimate, controls: Mapping[str, float], interval: str = ""
) -> SimilarityCell:
    span = (percent(one.low), percent(one.high)) if interval else None
    told: dict[str, str] = {kind: f"{null:.2f}" for kind, null in controls.items()}
    nulls = {kind: percent(null) for kind, null in controls.items()}
    between = interval.format(one.low, one.high)
    return SimilarityCell(words, between, found.other_layer, told, percent(one.value), span, nulls)


def _found_by_kind(comparison: Comparison, own: str, others: Sequence[str], to: str) -> FoundView:
    found = {other: comparison.found_by_kind(own, other, to) for other in others}
    layers = comparison.recordings[own].layers.values()
    named = [kind for layer in layers for kind in layer_kinds(layer) or ()]
    rows = {}
    for kind in known_kinds():
        cells = [one for other in others if (one := found[other][kind])]
        if len(cells) == len(others):
            words = tuple((f"{one.value:.0%}", f"{one.low:.0%} to {one.high:.0%}", one.value) for one in cells)
            rows[kind] = named.count(kind), words
    return FoundView(tuple(others), rows)


def _kind_shares(
    comparison: Comparison, networks: Sequence[str], kinds: Sequence[str] | None, published: Taxonomy
) -> KindSharesView:
    """Each layer of another network is in the column of the layer of the article's that is nearest to it."""
    own = networks[0]
    architecture = comparison.recordings[own].architecture
    columns = architecture.layer_names
    found = []
    for at, name in enumerate(networks):
        there = pair_layers(comparison.recordings[name].architecture, architecture)
        for layer in comparison.recordings[name].layers:
            if (shares := comparison.shares(name, layer)) is not None:
                found.append((columns.index(there[layer]), at, layer, shares))
    nulls = {layer: comparison.shares(own, layer, "shuffled") for layer in columns}
    theirs = {layer: kind_shares(published, layer) for layer in columns}
    panels = []
    for kind in kinds or known_kinds():
        estimates = [(column, network, shares[kind]) for column, network, _, shares in found]
        if not any(one.value for _, _, one in estimates):
            continue
        drawn = share_panel(
            estimates,
            [None if (others := theirs[layer]) is None else others.get(kind, 0.0) for layer in columns],
            [None if (null := nulls[layer]) is None else null[kind].value for layer in columns],
            len(networks),
        )
        words = "; ".join(
            f"{name} " + ", ".join(f"{layer} {shares[kind].value:.0%}" for _, n, layer, shares in found if n == at)
            for at, name in enumerate(networks)
        )
        panels.append(KindPanel(kind, drawn, words))
    return KindSharesView(tuple(networks), columns, tuple(panels))
