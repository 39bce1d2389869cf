"""The page of a neuron: what the network alone settles, worked out once, and what the article's text adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.circuits.photographs import PhotographTests
from early_vision.circuits.photographs import in_words as sentences_on
from early_vision.drawing.tuning_plots import neuron_plots
from early_vision.features.result import FeatureVisualization
from early_vision.features.sheets import Pixels
from early_vision.network.architecture import INPUT, Architecture
from early_vision.site.data.neuron_json import neuron_json
from early_vision.site.data.weights import weights_js
from early_vision.site.material import Features
from early_vision.site.pictures import Picture, neuron_portrait, sheet, tile_side
from early_vision.site.sprites import DENSITY, Tile
from early_vision.site.views.article import ArticleView
from early_vision.site.views.citing import Citing
from early_vision.site.views.connections import ConnectionsView, view_connections
from early_vision.site.views.examples import ExamplesView
from early_vision.site.views.layer_diagram import Strip
from early_vision.site.views.layers import NeuronView
from early_vision.site.views.places import Place, find_places
from early_vision.site.views.provenance import in_short, in_words, provenance
from early_vision.site.views.stimuli import LayerStimuli
from early_vision.site.views.tuning import TuningView, view_tuning
from early_vision.tuning import LayerTuning

OTHER_SIDE = 88
"""Side of a neuron's further pictures on its page, in CSS pixels; assets/css/60-neuron.css says it again."""
OTHER_QUALITY = 60
"""They are many, and small enough not to show it."""
SIBLINGS = 9
"""Neurons of its group that a neuron's page shows."""


@dataclass(frozen=True)
class NeuronPictures:
    """The pictures that a neuron's page shows; each None where it was not rendered.

    Attributes:
        exciting: the picture that excites it most.
        inhibiting: the one that inhibits it most.
        diverse: pictures that excite it in different ways, side by side.
    """

    exciting: Picture | None
    inhibiting: Picture | None
    diverse: Picture | None

    @property
    def all(self) -> tuple[Picture, ...]:
        return tuple(picture for picture in (self.exciting, self.inhibiting, self.diverse) if picture)


@dataclass(frozen=True, eq=False)
class NeuronFacts:
    """What a neuron's page says whatever the article's text and groups are.

    Attributes:
        pictures: of it; none where the weights are not here.
        branch: the convolution that computes it, with its kernel, stride and receptive field.
        way: the operations from the layer before it, or the picture, to the branch.
        bars: how long to draw its activation here and the highest on held-out images, of 100; None without the latter.
        tuning: what synthetic stimuli say of it; None where it was not measured.
        connections: its inputs, outputs and symmetries; None where the weights are not here.
        provenance: how all this was made: what, and its parameters in words.
        photographs: what tests on photographs say of it, a sentence each; None where it was not tested.
        json: all of it as data; None where the weights are not here.
        weights: what the weight explorer reads of it; None where the weights are not here.
    """

    pictures: NeuronPictures
    branch: str
    way: tuple[str, ...]
    kernel: int
    stride: int
    receptive_field: int
    bars: tuple[float, float] | None
    tuning: TuningView | None
    connections: ConnectionsView | None
    provenance: tuple[tuple[str, str], ...]
    json: str | None
    photographs: tuple[str, ...] | None = None
    weights: str | None = None

    @property
    def files(self) -> Mapping[str, bytes]:
        """What lies beside the page, by the ending that follows its name."""
        connections = self.connections
        if connections is None:
            return {}
        return {
            "png": connections.sheet,
            "json": (self.json or "").encode(),
            "js": (self.weights or "").encode(),
        }


@dataclass(frozen=True, eq=False)
class AllFacts:
    """The facts of all neurons of a network, worked out when they are first asked for: most builds need none.

    Attributes:
        architecture, features, tuning, circuits, tiles, pictures: as for `neuron_facts`.
    """

    architecture: Architecture
    features: Features
    tuning: Mapping[str, LayerTuning]
    circuits: NetworkCircuits
    tiles: Mapping[str, Sequence[Tile]]
    pictures: Mapping[Neuron, NeuronPictures]
    _layers: dict[str, dict[Neuron, NeuronFacts]] = field(init=False, repr=False, default_factory=dict)

    def layer(self, name: str) -> dict[Neuron, NeuronFacts]:
        """Those of a layer, in the order of channels."""
        if name not in self._layers:
            some = {name: self.features[name]}
            known = self.tuning, self.circuits, self.tiles, self.pictures
            self._layers[name] = neuron_facts(self.architecture, some, *known)
        return self._layers[name]

    def __getitem__(self, neuron: Neuron) -> NeuronFacts:
        return self.layer(neuron.layer)[neuron]


@dataclass(frozen=True)
class NeuronPage:
    """A neuron's own page: all that its template is given.

    Two pages that are equal are the same page, since a page is rendered only where it differs from what it was.
    Beside it the template is given the neuron's facts, which do not depend on the article.

    Attributes:
        article_title: of the article that it belongs to.
        citing: how that is cited.
        strip: the layers of that.
        siblings: others of its group.
        examples: patches of an author's pictures that it answers to; None where none were looked at.
        places: where the article speaks of it or shows it, besides the card of its group.
        live: whether it can be seen on one's own picture.
    """

    article_title: str
    citing: Citing
    strip: Strip
    neuron: NeuronView
    siblings: tuple[NeuronView, ...]
    places: tuple[Place, ...]
    previous: NeuronView | None
    next: NeuronView | None
    live: bool = False
    examples: ExamplesView | None = None


def neuron_pictures(features: Features) -> dict[Neuron, NeuronPictures]:
    """The pictures of every neuron, in the order of layers and channels."""
    return {
        Neuron(layer, channel): NeuronPictures(
            neuron_portrait(feature.image),
            other_pictures(feature.inhibiting),
            other_pictures(*feature.diverse),
        )
        for layer, visualizations in features.items()
        for channel, feature in enumerate(visualizations)
    }


def neuron_facts(
    architecture: Architecture,
    features: Features,
    tuning: Mapping[str, LayerTuning],
    circuits: NetworkCircuits,
    tiles: Mapping[str, Sequence[Tile]],
    pictures: Mapping[Neuron, NeuronPictures],
) -> dict[Neuron, NeuronFacts]:
    """The facts of every neuron, in the order of layers and channels; `tuning` may be empty."""
    facts = {}
    for layer, visualizations in features.items():
        measured, made = tuning.get(layer), provenance(visualizations[0].made, tuning.get(layer), circuits)
        plots = neuron_plots(measured) if measured else ()
        stimuli = LayerStimuli(measured, architecture.layers[layer].receptive_field) if measured else None
        for channel, feature in enumerate(visualizations):
            branch = architecture.branch(layer, channel).node
            seen, neuron = architecture.receptive_fields[branch], Neuron(layer, channel)
            own, connections, data, weights = plots[channel] if measured else (), None, None, None
            if circuits.network.shown:
                connections = view_connections(neuron, circuits, lambda other: tiles[other.layer][other.channel])
                data = neuron_json(neuron, branch, feature, own, connections, in_short(made))
                weights = weights_js(neuron, *connections.neighbours)
            facts[neuron] = NeuronFacts(
                pictures=pictures[neuron],
                branch=branch,
                way=way_to(branch, architecture),
                kernel=architecture.node(branch).kernel,
                stride=seen.stride,
                receptive_field=seen.size,
                bars=bars(feature),
                tuning=view_tuning(stimuli, channel, own) if stimuli else None,
                connections=connections,
                provenance=in_words(made),
                json=data,
                photographs=photographs_in_words(circuits.photographs.get(neuron)),
                weights=weights,
            )
    return facts


def photographs_in_words(tests: PhotographTests | None) -> tuple[str, ...] | None:
    """What exceeds its null; None where nothing was tested."""
    return sentences_on(tests) if tests else None


def way_to(branch: str, architecture: Architecture) -> tuple[str, ...]:
    """The operations that lead to a convolution from the layer before it, or from the picture, both included."""
    names = [branch]
    while names[0] == branch or names[0] not in (INPUT, *architecture.layers):
        names.insert(0, architecture.node(names[0]).inputs[0])
    return tuple("the picture" if name == INPUT else name for name in names)


def neuron_pages(
    view: ArticleView, citing: Citing, examples: Mapping[Neuron, ExamplesView] = MappingProxyType({})
) -> list[NeuronPage]:
    """The page of every neuron, in the order of layers and channels.

    Args:
        view: the article.
        citing: how it is cited.
        examples: patches of pictures, of the neurons that have some.
    """
    neurons, strip, places = view.neurons, view.strip, find_places(view)
    groups = {card.group.anchor: card.neurons for layer in view.layers.values() for card in layer.cards}
    return [
        NeuronPage(
            article_title=view.article.front.title,
            citing=citing,
            strip=strip,
            neuron=neuron,
            siblings=siblings(neuron, groups[neuron.group.anchor]),
            places=places.get(Neuron(neuron.layer, neuron.channel), ()),
            previous=neurons[index - 1] if index else None,
            next=neurons[index + 1] if index + 1 < len(neurons) else None,
            live=view.live,
            examples=examples.get(Neuron(neuron.layer, neuron.channel)),
        )
        for index, neuron in enumerate(neurons)
    ]


def bars(feature: FeatureVisualization) -> tuple[float, float] | None:
    """Lengths for the activation and the highest on held-out images: 100 for the higher one, 0 for a negative one."""
    if feature.held_out is None or feature.activation is None:
        return None
    own, held_out = max(feature.activation, 0.0), max(feature.held_out, 0.0)
    longest = max(own, held_out) or 1.0
    return round(100 * own / longest, 1), round(100 * held_out / longest, 1)


def siblings(neuron: NeuronView, group: Sequence[NeuronView]) -> tuple[NeuronView, ...]:
    """Up to SIBLINGS others of a neuron's group, those shown nearest to it."""
    at = group.index(neuron)
    first = max(0, min(at - SIBLINGS // 2, len(group) - SIBLINGS - 1))
    return tuple(one for one in group[first : first + SIBLINGS + 1] if one is not neuron)


def other_pictures(*images: Pixels | None) -> Picture | None:
    """A neuron's further pictures in a row; None for none."""
    shown = [image for image in images if image is not None]
    if not shown:
        return None
    return sheet(shown, tile_side(shown[0].shape[0], OTHER_SIDE, DENSITY), len(shown), OTHER_QUALITY)
