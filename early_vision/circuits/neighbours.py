"""A neuron's strongest inputs and outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import Connections, connect_adjacent
from early_vision.circuits.strengths import Kind, Strengths, kinds_of, strengths, strongest
from early_vision.network.weights import Network

COUNT = 50
"""Inputs, and outputs, that a neuron's page lists."""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """One end of a connection.

    Attributes:
        neuron: the other end; a channel of "input" is red, green or blue.
        kernel: float32 [k, k], the expanded weights of the connection.
        norm: their L2 norm.
        excitation, inhibition: the sum of the positive and of the negative weights.
        share: the norm as a share, 0 to 1, of the largest among the neuron's connections in that direction.
    """

    neuron: Neuron
    kernel: np.ndarray
    norm: float
    excitation: float
    inhibition: float
    share: float

    @property
    def kind(self) -> Kind:
        """Whether it excites, inhibits, or both."""
        return Kind(int(kinds_of(self.excitation, self.inhibition)))


@dataclass(frozen=True)
class Wiring:
    """The expanded weights between adjacent layers of a network, with the strength of each connection.

    Attributes:
        connections: layer to the expanded weights that lead to it.
        kept: layer to the strengths of all of these, where not all of their weights are here; None otherwise.
    """

    connections: Mapping[str, Connections]
    kept: Mapping[str, Strengths] | None = None

    @cached_property
    def strengths(self) -> Mapping[str, Strengths]:
        if self.kept is not None:
            return self.kept
        return {layer: strengths(connections.weights) for layer, connections in self.connections.items()}

    def inputs(self, neuron: Neuron, count: int = COUNT) -> tuple[Neighbour, ...]:
        """The strongest inputs of a neuron by norm, the strongest first; none where the weights are not here."""
        if neuron.layer not in self.connections:
            return ()
        connections, known = self.connections[neuron.layer], self.strengths[neuron.layer]
        norms = known.norm[:, neuron.channel]
        return tuple(
            self._neighbour(Neuron(connections.source, int(i)), neuron.layer, int(i), neuron.channel, norms.max())
            for i in strongest(norms, count)
        )

    def outputs(self, neuron: Neuron, count: int = COUNT) -> tuple[Neighbour, ...]:
        """The strongest outputs of a neuron by norm, the strongest first; none for one of the last layer."""
        layer = next(
            (layer for layer, connections in self.connections.items() if connections.source == neuron.layer), None
        )
        if layer is None:
            return ()
        norms = self.strengths[layer].norm[neuron.channel]
        return tuple(
            self._neighbour(Neuron(layer, int(o)), layer, neuron.channel, int(o), norms.max())
            for o in strongest(norms, count)
        )

    def kind(self, layer: str, source: int, target: int) -> Kind:
        """What the connection from a source channel to a neuron of a layer does."""
        known = self.strengths[layer]
        return Kind(int(kinds_of(known.excitation[source, target], known.inhibition[source, target])))

    def _neighbour(self, other: Neuron, layer: str, source: int, target: int, largest: float) -> Neighbour:
        known = self.strengths[layer]
        norm = float(known.norm[source, target])
        return Neighbour(
            other,
            self.connections[layer].kernel(source, target),
            norm,
            float(known.excitation[source, target]),
            float(known.inhibition[source, target]),
            norm / float(largest) if largest > 0 else 0.0,
        )


def wiring(network: Network) -> Wiring:
    """The wiring of a network, from its weights; empty where these are not here."""
    return Wiring(connect_adjacent(network) if network.state == "here" else {})
