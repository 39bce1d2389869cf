"""Everything that is known of the tuning of a layer's neurons."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.weights import Network
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import FAMILIES, scores
from early_vision.tuning.measures import MEASURES, Tuning, tuning_of
from early_vision.tuning.responses import read_responses, responses_path


@dataclass(frozen=True, eq=False)
class LayerTuning:
    """The tuning of a layer.

    Attributes:
        layer: its name.
        drives: the responses that all else follows from.
        artifact: the name of the artifact that they were read from, which ends in its key; empty where there is none.
    """

    layer: str
    drives: Drives
    artifact: str = ""

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
    def scores(self) -> np.ndarray:
        """[neurons, families], 0 to 1, in the order of `FAMILIES`."""
        return scores(self.measures)

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
    return {
        name: LayerTuning(name, read_responses(folder, network, name), responses_path(folder, network, name).stem)
        for name in network.architecture.layer_names
    }


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
