"""Recordings held against each other, layer by layer: what the command prints and writes, and articles show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from early_vision.cache import Cache
from early_vision.comparison.family_shares import Estimate, median_estimate, share_differences, shares
from early_vision.comparison.pairing import pair_layers
from early_vision.comparison.recording import CONTROLS, LayerRecording, Recording, comparable
from early_vision.comparison.similarity import (
    best_matches,
    cka_of,
    correlations,
    expected_best,
    expected_best_of_others,
    ridge_predictivity,
)
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.shares import KINDS, kind_of

CANDIDATES = 32
"""Of which the best is taken, in every layer of every network: about as many as the smallest layer has live neurons."""
BEYOND = 95
"""Percentile of a control from which on a neuron counts as found again."""
ENOUGH_OF_A_KIND = 8
TO = ("stimuli", "pictures")
SEED = 0


@dataclass(frozen=True, eq=False)
class Matches:
    """How well the live neurons of a layer are matched in another one.

    Attributes:
        channels: of these neurons.
        expected: similarity of each with the best of CANDIDATES neurons, the mean over all choices, [neurons].
        best, similarity: the neuron that it is most like of all, and how much, [neurons] each.
        controls: `expected` with each control of the other network in its place.
        itself: `expected` among the other neurons of the own layer.
    """

    channels: np.ndarray
    expected: np.ndarray
    best: np.ndarray
    similarity: np.ndarray
    controls: Mapping[str, np.ndarray]
    itself: np.ndarray

    @property
    def bound(self) -> float:
        """The similarity that few neurons reach in the shuffled control."""
        return float(np.percentile(self.controls["shuffled"], BEYOND))

    @property
    def beyond(self) -> np.ndarray:
        """Which neurons are matched better than that, bool [neurons]."""
        return self.expected > self.bound

    @cached_property
    def median(self) -> Estimate:
        return median_estimate(self.expected)

    @cached_property
    def found(self) -> Estimate:
        """The share of neurons that are matched better than in the shuffled control."""
        return shares(["found" if one else None for one in self.beyond], ["found"])["found"]


@dataclass(frozen=True, eq=False)
class LayerComparison:
    """A layer of one network against a layer of another; what is asked of it is worked out then.

    Attributes:
        one, other: recordings of two networks.
        layer, other_layer: their layers.
        cache: what was worked out of them before.
    """

    one: Recording
    layer: str
    other: Recording
    other_layer: str
    cache: Cache = field(default_factory=Cache)

    @property
    def here(self) -> LayerRecording:
        return self.one.layers[self.layer]

    @property
    def there(self) -> LayerRecording:
        return self.other.layers[self.other_layer]

    @property
    def nulls(self) -> Mapping[str, LayerRecording]:
        """The other layer in the controls of its network."""
        return {kind: self.other.controls[kind][self.other_layer] for kind in CONTROLS}

    def matches(self, to: str) -> Matches:
        """By responses to "stimuli" or to "pictures"."""
        return self._matches[to]

    @cached_property
    def _matches(self) -> Mapping[str, Matches]:
        known = self._kept("matches", lambda: {
            to: _as_lists(_matches(self.here, self.there, self.nulls, to)) for to in TO
        })  # fmt: skip
        return {to: _from_lists(known[to]) for to in TO}

    @cached_property
    def cka(self) -> float:
        """On pictures."""
        return self._kept("cka", lambda: cka_of(self.here.likeness, self.there.likeness))

    @cached_property
    def cka_controls(self) -> Mapping[str, float]:
        """The same with each control of the other network in its place."""
        found = lambda: {kind: cka_of(self.here.likeness, null.likeness) for kind, null in self.nulls.items()}
        return self._kept("cka of controls", found)

    @cached_property
    def predictivity(self) -> float:
        """Mean R² over the live neurons of `one`, each from CANDIDATES neurons of `other`, on pictures."""
        return self._kept("predictivity", lambda: _predictivity(self.there, self.here))

    @cached_property
    def predictivity_controls(self) -> Mapping[str, float]:
        found = lambda: {kind: _predictivity(null, self.here) for kind, null in self.nulls.items()}
        return self._kept("predictivity of controls", found)

    def _kept(self, what: str, make: Callable[[], Any]) -> Any:
        made_with = [(one.network, one.weights, one.stimuli, one.pictures) for one in (self.one, self.other)]
        return self.cache.json(("compared", what, made_with, self.layer, self.other_layer), make)


@dataclass(frozen=True)
class LayerCounts:
    """How many neurons a layer has, how many are dead, and how many filters are noise; None where that is not told."""

    neurons: int
    dead: int
    noise: int | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Any number of recordings, each pair of them in both directions.

    Attributes:
        recordings: by network.
        pairs: by the names of two networks; every layer of the first against one of the second.
    """

    recordings: Mapping[str, Recording]
    pairs: Mapping[tuple[str, str], Mapping[str, LayerComparison]]

    def shares(self, network: str, layer: str, control: str = "") -> dict[str, Estimate] | None:
        """The share of each kind of neuron in a layer, or in a control of it; None where families were not measured."""
        kinds = layer_kinds(self._layer(network, layer, control))
        return None if kinds is None else shares(kinds, known_kinds())

    def apart(
        self, network: str, layer: str, other: str, other_layer: str, control: str = ""
    ) -> dict[str, Estimate] | None:
        """By how much the share of each kind is larger in a network than in another, or in its control."""
        some, others = layer_kinds(self._layer(network, layer)), layer_kinds(self._layer(other, other_layer, control))
        return None if some is None or others is None else share_differences(some, others, known_kinds())

    def found_by_kind(self, network: str, other: str, to: str) -> dict[str, Estimate | None]:
        """For each kind, over all layers of a network: the share of its neurons that are found again in another one; None
        for a kind with fewer than ENOUGH_OF_A_KIND neurons."""
        beyond: dict[str, list[str | None]] = {kind: [] for kind in known_kinds()}
        for found in self.pairs[network, other].values():
            kinds, matches = layer_kinds(found.here), found.matches(to)
            for channel, again in zip(matches.channels, matches.beyond, strict=True):
                if kinds and (kind := kinds[channel]) in beyond:
                    beyond[kind].append("found" if again else None)
        return {
            kind: shares(some, ["found"])["found"] if len(some) >= ENOUGH_OF_A_KIND else None
            for kind, some in beyond.items()
        }

    def counts(self, network: str, layer: str) -> LayerCounts:
        one = self.recordings[network].layers[layer]
        noise = None if one.noise is None else int(one.noise.sum())
        return LayerCounts(len(one.stimuli), int(one.dead.sum()), noise)

    def _layer(self, network: str, layer: str, control: str = "") -> LayerRecording:
        recording = self.recordings[network]
        return recording.controls[control][layer] if control else recording.layers[layer]


def compare(
    recordings: Sequence[Recording],
    pairs: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
    cache: Cache | None = None,
) -> Comparison:
    """Hold each recording against each other one.

    Args:
        recordings: of different networks.
        pairs: of layers, by the names of two networks; by default those that `pair_layers` gives.
        cache: what was worked out of them before, if anything was.

    Raises:
        InputError: when they were not made with the same stimuli and pictures.
    """
    comparable(recordings)
    cache = cache or Cache()
    found = {}
    for one in recordings:
        for other in recordings:
            named = (pairs or {}).get((one.network, other.network))
            chosen = named or pair_layers(one.architecture, other.architecture)
            if other is not one:
                found[one.network, other.network] = {
                    layer: LayerComparison(one, layer, other, there, cache) for layer, there in chosen.items()
                }
    return Comparison({one.network: one for one in recordings}, found)


def _matches(here: LayerRecording, there: LayerRecording, controls: Mapping[str, LayerRecording], to: str) -> Matches:
    own = here.responses(to)[here.live]
    similarity = correlations(own, there.responses(to)[there.live])
    best, value = best_matches(similarity)
    nulls = {kind: correlations(own, null.responses(to)[null.live]) for kind, null in controls.items()}
    return Matches(
        here.live,
        _expected(similarity),
        there.live[best],
        value,
        {kind: _expected(one) for kind, one in nulls.items()},
        expected_best_of_others(correlations(own, own), min(CANDIDATES, len(own) - 1)),
    )


def _as_lists(matches: Matches) -> dict[str, Any]:
    known = {one.name: getattr(matches, one.name) for one in fields(matches)}
    controls = {kind: values.tolist() for kind, values in matches.controls.items()}
    return {name: controls if name == "controls" else value.tolist() for name, value in known.items()}


def _from_lists(known: Mapping[str, Any]) -> Matches:
    kinds = {"channels": int, "best": int}
    controls = {kind: np.array(values, float) for kind, values in known["controls"].items()}
    arrays = {name: np.array(some, kinds.get(name, float)) for name, some in known.items() if name != "controls"}
    return Matches(**arrays, controls=controls)


def _expected(similarity: np.ndarray) -> np.ndarray:
    """A control may have fewer live neurons; its few then count all."""
    return expected_best(similarity, min(CANDIDATES, similarity.shape[1]))


def _predictivity(given: LayerRecording, asked: LayerRecording) -> float:
    chosen = np.random.default_rng(SEED).permutation(given.live)[:CANDIDATES]
    return float(ridge_predictivity(given.pictures[np.sort(chosen)], asked.seen).mean())


def known_kinds() -> tuple[str, ...]:
    """The kinds that some rule finds, in the order of `KINDS`."""
    found = {kind_of(family.name) for family in FAMILIES}
    return tuple(kind for kind in KINDS if kind in found)


def layer_kinds(layer: LayerRecording) -> tuple[str | None, ...] | None:
    """The kind of every neuron, as far as families were measured."""
    if layer.families is None:
        return None
    return tuple(None if one is None else kind_of(one) for one in layer.families)
