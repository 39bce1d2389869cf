"""Everything that is known of the tuning of a layer's neurons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.weights import Network
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import ENOUGH, FAMILIES, Family, scores
from early_vision.tuning.measures import MEASURES, Tuning, tuning_of
from early_vision.tuning.null_scores import NullScores, asked_for, read_nulls
from early_vision.tuning.responses import FEWER_PLACES, read_both, responses_path


@dataclass(frozen=True, eq=False)
class LayerTuning:
    """The tuning of a layer.

    Attributes:
        layer: its name.
        drives: the responses that all else follows from.
        artifact: the name of the artifact that they were read from, which ends in its key; empty where there is none.
        checks: the measures at each of `responses.CHECKS`, where a family has to hold as well, as far as they were taken.
        nulls: what null networks say of the families in this layer; None where none were made.
    """

    layer: str
    drives: Drives
    artifact: str = ""
    checks: Mapping[str, Tuning] = field(default_factory=dict)
    nulls: NullScores | None = None

    @property
    def neurons(self) -> int:
        return self.drives.neurons

    @cached_property
    def measures(self) -> Tuning:
        return tuning_of(self.drives)

    @cached_property
    def silent(self) -> np.ndarray:
        """Which neurons no stripes make fire, bool [neurons]: they have no orientation, frequency or phase."""
        return self.drives.responses["grating"].reshape(self.neurons, -1).max(1) <= 0

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families with what is asked for in this layer, in the order of `FAMILIES`."""
        return asked_for(self.nulls)

    @cached_property
    def members(self) -> np.ndarray:
        """How many neurons fulfil each family's rule when they are measured as null networks are, int [families]."""
        alike = self.check_scores.get(FEWER_PLACES, self._fitting)
        return (alike >= ENOUGH).sum(0)

    @cached_property
    def supported(self) -> np.ndarray:
        """Which families are assigned: those with more members than in any null network, bool [families]."""
        return np.ones(len(FAMILIES), bool) if self.nulls is None else self.members > self.nulls.most

    @cached_property
    def scores(self) -> np.ndarray:
        """[neurons, families], 0 to 1, in the order of `FAMILIES`: the lowest of those with and without checks; 0 for
        families that are not assigned in this layer."""
        return self._fitting * self.supported

    @cached_property
    def check_scores(self) -> Mapping[str, np.ndarray]:
        """Scores by each check's measures, whether or not a family is assigned, [neurons, families] each."""
        return {name: scores(tuning, self.families) for name, tuning in self.checks.items()}

    @cached_property
    def _fitting(self) -> np.ndarray:
        return np.min([scores(self.measures, self.families), *self.check_scores.values()], axis=0)

    @cached_property
    def signatures(self) -> np.ndarray:
        """Each neuron's drives by all stimuli as a vector of length 1, [neurons, stimuli]."""
        every = [self.drives.of(kind).reshape(self.neurons, -1) for kind in self.drives.series]
        vectors = np.concatenate(every, axis=1)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def measure(self, name: str) -> np.ndarray:
        """A measure, or a family's score, by name: [neurons].

        Raises:
            InputError: for an unknown name, with the nearest known one.
        """
        if name in MEASURES:
            return self.measures[name]
        for index, family in enumerate(FAMILIES):
            if name in (family.name, family.name_in(self.layer)):
                return self.scores[:, index]
        known = [*MEASURES, *(family.name for family in FAMILIES)]
        raise InputError(f'there is no measure and no family "{name}"', hint=did_you_mean(name, known))

    def nearest_neurons(self, neuron: int, count: int) -> tuple[tuple[int, float], ...]:
        """The neurons of the layer with the most similar drives, and the cosine of each, the most similar first."""
        alike = self.signatures @ self.signatures[neuron]
        order = [int(i) for i in np.argsort(-alike, kind="stable") if i != neuron]
        return tuple((i, float(alike[i])) for i in order[:count])


def tuning_folder(assets: Path, network: Network) -> Path:
    """Where a network's tuning is kept."""
    return assets / "precomputed" / network.name / "tuning"


def load_tuning(network: Network, assets: Path) -> Mapping[str, LayerTuning]:
    """The tuning of all layers. Needs no TensorFlow.

    Raises:
        InputError: when it is not measured, damaged, or was measured with other weights.
    """
    folder = tuning_folder(assets, network)
    return {name: load_layer(network, name, folder) for name in network.architecture.layer_names}


def load_layer(network: Network, layer: str, folder: Path) -> LayerTuning:
    """The tuning of a layer.

    Raises:
        InputError: as `load_tuning`.
    """
    drives, checks = read_both(folder, network, layer)
    artifact = responses_path(folder, network, layer).stem
    return LayerTuning(layer, drives, artifact, checks, read_nulls(folder, network, layer))


def parse_neuron(text: str, layers: Mapping[str, int]) -> tuple[str, int]:
    """Layer and channel of a neuron written as `mixed3a:79`.

    Args:
        text: what was written.
        layers: layer to its number of neurons.

    Raises:
        InputError: when there is no such neuron, with the nearest name.
    """
    layer, _, channel = text.partition(":")
    if layer not in layers:
        hint = did_you_mean(layer, layers) or f"Known layers: {', '.join(layers)}"
        raise InputError(f'there is no layer "{layer}"', hint=hint)
    if not channel.isascii() or not channel.isdigit():
        raise InputError(f'"{text}" names no neuron', hint=f"Write it as {layer}:0")
    if int(channel) >= layers[layer]:
        last = layers[layer] - 1
        raise InputError(f"there is no neuron {text}", hint=f"The neurons of {layer} are {layer}:0 to {layer}:{last}")
    return layer, int(channel)
