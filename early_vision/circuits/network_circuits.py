"""All that is known of a network's circuits: its connections, their symmetries, and how well they predict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from early_vision.circuits.approximation import Approximation, read_approximation
from early_vision.circuits.artifact import not_kept, read_connections
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import Connections, connect
from early_vision.circuits.interventions_artifact import Interventions, read_interventions
from early_vision.circuits.neighbours import Wiring, wiring
from early_vision.circuits.photographs import PhotographTests
from early_vision.circuits.photographs_artifact import read_photographs
from early_vision.circuits.symmetries import Match
from early_vision.circuits.symmetry_artifact import read_symmetries
from early_vision.network.weights import Network

TYPICAL = "mean activation on the held-out images"


@dataclass(frozen=True, eq=False)
class NetworkCircuits:
    """A network's circuits.

    Attributes:
        network: whose they are.
        wiring: the expanded weights between adjacent layers.
        symmetries: layer to each neuron's matches; empty where they were not computed.
        approximation: what was measured on held-out pictures; None where nothing was.
        interventions: what came of removing inputs; empty where that was not measured.
        photographs: the tests of each neuron on photographs, as far as they were made.
        apart: the expanded weights between layers that are not adjacent, as far as they are known already.
    """

    network: Network
    wiring: Wiring
    symmetries: Mapping[str, Sequence[Sequence[Match]]]
    approximation: Approximation | None
    apart: dict[tuple[str, str], Connections] = field(repr=False, default_factory=dict)
    interventions: Interventions = field(default_factory=Interventions)
    photographs: Mapping[Neuron, PhotographTests] = field(default_factory=dict)

    def connect(self, source: str, layer: str) -> Connections:
        """The expanded weights between two layers, computed once.

        Raises:
            InputError: as `connections.connect` does; or without weights, when these are not among the results.
        """
        adjacent = self.wiring.connections.get(layer)
        if adjacent and adjacent.source == source:
            return adjacent
        if (source, layer) not in self.apart:
            if self.network.state != "here":
                raise not_kept(self.network, source, layer)
            self.apart[source, layer] = connect(self.network, source, layer)
        return self.apart[source, layer]

    @cached_property
    def typical(self) -> Callable[[str], tuple[np.ndarray, str]] | None:
        """typical(layer): the mean activation of its neurons, and what it is, in words; None if not measured."""
        known = self.approximation
        return (lambda layer: (known.mean_activation[layer], TYPICAL)) if known else None


def circuits_folder(assets: Path, network: Network) -> Path:
    """Where a network's symmetries, and the measurements of its connections, are kept."""
    return assets / "precomputed" / network.name / "circuits"


def load_circuits(network: Network, assets: Path) -> NetworkCircuits:
    """A network's circuits, with what was computed and measured beforehand. Needs no TensorFlow.

    Raises:
        InputError: when an artifact is damaged or comes from other weights.
    """
    folder = circuits_folder(assets, network)
    computed = read_symmetries(network, folder), read_approximation(network, folder)
    tested = read_interventions(network, folder), read_photographs(network, folder).tests
    if network.state != "computed":
        return NetworkCircuits(network, wiring(network), *computed, {}, *tested)
    kept = read_connections(network, folder)
    return NetworkCircuits(network, kept.wiring, *computed, dict(kept.apart), *tested)
