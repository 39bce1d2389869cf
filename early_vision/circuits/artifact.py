"""The connections artifact: what pages and figures show of a network's expanded weights, for where its weights are not.

One file, `circuits/connections.npz`, deflated, the same bytes for the same network and articles. Of every pair of
adjacent layers, named `<layer>/...` after the later one:

    norm, excitation, inhibition   float32 [in, out], of every connection: what tables, routes and rankings need
    kept                           uint8, bits of a bool [in, out]: the connections whose kernels are here too
    <branch>/kernels               float32 [k, k, kept ones of the branch], in the order of their sources, then channels
    <branch>/place                 int32 [4]: stride, start, step and window of its `Connection`

Kept are each neuron's COUNT strongest inputs and outputs, and all inputs of the neurons that articles draw or make claims
about. Pairs that are not adjacent, named `<source>><layer>/...`, have the inputs of such neurons alone, and no strengths.
`about` is JSON as bytes: stage, version and the SHA-256 of the weights.

Numbers are not rounded: float16 would save 2 MB of 5, and change the last digit of some sums and cells on pages.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.connections import Connection, Connections, adjacent_pairs, connect
from early_vision.circuits.neighbours import COUNT, Wiring, wiring
from early_vision.circuits.strengths import Strengths, strongest
from early_vision.errors import InputError
from early_vision.network.npz import read_npz
from early_vision.network.weights import Network
from early_vision.store import to_npz, write_whole

STAGE, VERSION = "connections", 1
FILE = "connections.npz"
STRENGTHS = ("norm", "excitation", "inhibition")

Pair = tuple[str, str]
"""The layer, or "input", that connections come from, and the layer that they lead to."""
Named = Mapping[Pair, Collection[int]]
"""Neurons whose inputs are all needed: (source, layer) to channels of the layer."""


@dataclass(frozen=True, eq=False)
class KeptConnections:
    """What the artifact holds.

    Attributes:
        wiring: between adjacent layers.
        apart: between others.
    """

    wiring: Wiring
    apart: Mapping[Pair, Connections] = field(default_factory=dict)


def named_by_circuits(circuits: Iterable[Circuit]) -> dict[Pair, set[int]]:
    """The neurons whose inputs some figures select from."""
    named: dict[Pair, set[int]] = {}
    for circuit in circuits:
        for part in circuit.parts:
            for one in (part, *part.behind):
                for source in {other.neuron.layer for other in one.inputs}:
                    named.setdefault((source, one.target.layer), set()).add(one.target.channel)
    return named


def compute_connections(network: Network, named: Named, folder: Path) -> Path:
    """Write the artifact.

    Args:
        network: with its weights.
        named: neurons of which all inputs are kept.
        folder: where it belongs.

    Raises:
        InputError: for pairs between which no path leads, or when it cannot be written.
    """
    known = wiring(network)
    arrays: dict[str, np.ndarray] = {}
    for layer, connections in known.connections.items():
        strengths = known.strengths[layer]
        arrays |= {f"{layer}/{what}": getattr(strengths, what) for what in STRENGTHS}
        kept = _strongest_both_ways(strengths.norm)
        kept[:, sorted(named.get((connections.source, layer), ()))] = True
        arrays |= _arrays(layer, connections, kept)
    adjacent = adjacent_pairs(network.architecture)
    for source, layer in sorted(pair for pair in named if pair not in adjacent):
        connections = connect(network, source, layer)
        kept = np.zeros(_shape(network, source, layer), bool)
        kept[:, sorted(named[source, layer])] = True
        arrays |= _arrays(f"{source}>{layer}", connections, kept)
    about = {"stage": STAGE, "version": VERSION, "weights": network.sha256}
    arrays["about"] = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    path = folder / FILE
    write_whole(path, to_npz(dict(sorted(arrays.items()))))
    return path


def read_connections(network: Network, folder: Path) -> KeptConnections:
    """What is kept of a network's connections.

    Raises:
        InputError: when the artifact is absent, damaged, or comes from other weights or an older version.
    """
    path, hint = folder / FILE, f"With its weights at hand, run: python build.py circuits --network {network.name}"
    if not path.is_file():
        raise InputError(f"the connections of {network.name} are not here", file=path, hint=hint)
    arrays = read_npz(path)
    try:
        about = json.loads(arrays["about"].tobytes())
        if (about["stage"], about["version"], about["weights"]) != (STAGE, VERSION, network.sha256):
            raise InputError("these connections come from other weights or an older version", file=path, hint=hint)
        adjacent = {layer: source for source, layer in adjacent_pairs(network.architecture)}
        apart = {tuple(name.split("/")[0].split(">")) for name in arrays if ">" in name}
        connections = {layer: _connections(network, source, layer, layer, arrays) for layer, source in adjacent.items()}
        strengths = {
            layer: _strengths(layer, _shape(network, source, layer), arrays) for layer, source in adjacent.items()
        }
        return KeptConnections(
            Wiring(connections, strengths),
            {
                (source, layer): _connections(network, source, layer, f"{source}>{layer}", arrays)
                for source, layer in sorted(apart)
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the artifact is damaged ({error!r})", file=path, hint=f"Remove it. {hint}") from error


def not_kept(network: Network, source: str, target: Neuron | str) -> InputError:
    """That the weights between two layers, or of one neuron's inputs, are neither here nor among the results."""
    return InputError(
        f"the connections from {source} to {target} are not among the results kept of {network.name}",
        hint=f"With its weights at hand, run: python build.py circuits --network {network.name}",
    )


def _strongest_both_ways(norm: np.ndarray) -> np.ndarray:
    """Whether a connection is among the COUNT strongest of its target or of its source: bool [in, out]."""
    kept = np.zeros(norm.shape, bool)
    for channel in range(norm.shape[1]):
        kept[strongest(norm[:, channel], COUNT), channel] = True
    for source in range(norm.shape[0]):
        kept[source, strongest(norm[source], COUNT)] = True
    return kept


def _shape(network: Network, source: str, layer: str) -> tuple[int, int]:
    """Channels of a source, and neurons of a layer."""
    return network.architecture.channels(source), network.architecture.layers[layer].neurons


def _arrays(prefix: str, connections: Connections, kept: np.ndarray) -> dict[str, np.ndarray]:
    arrays = {f"{prefix}/kept": np.packbits(kept)}
    for part in connections.branches:
        name, branch = f"{prefix}/{part.branch.node}", part.branch
        arrays[f"{name}/kernels"] = part.weights[:, :, kept[:, branch.start : branch.stop]]
        arrays[f"{name}/place"] = np.array([part.stride, part.start, part.step, part.window], np.int32)
    return arrays


def _connections(
    network: Network, source: str, layer: str, prefix: str, arrays: Mapping[str, np.ndarray]
) -> Connections:
    """Connections whose weights are NaN where they are not kept."""
    architecture = network.architecture
    shape = _shape(network, source, layer)
    bits = np.unpackbits(arrays[f"{prefix}/kept"])[: shape[0] * shape[1]]
    kept, branches = bits.reshape(shape).astype(bool), []
    for branch in architecture.layers[layer].branches:
        name = f"{prefix}/{branch.node}"
        here, kernels = kept[:, branch.start : branch.stop], arrays[f"{name}/kernels"]
        side = kernels.shape[0]
        if kernels.shape != (side, side, here.sum()) or not np.isfinite(kernels).all():
            raise ValueError(name)
        weights = np.full((side, side, *here.shape), np.nan, np.float32)
        weights[:, :, here] = kernels
        stride, start, step, window = (int(value) for value in arrays[f"{name}/place"])
        branches.append(Connection(source, branch, weights, stride, start, step, window))
    return Connections(source, layer, tuple(branches), kept=kept)


def _strengths(layer: str, shape: tuple[int, int], arrays: Mapping[str, np.ndarray]) -> Strengths:
    """The strengths of a layer; `largest` is not kept, since no page shows it, and is NaN."""
    norm, excitation, inhibition = (arrays[f"{layer}/{what}"] for what in STRENGTHS)
    for values in (norm, excitation, inhibition):
        if values.shape != shape or values.dtype != np.float32 or not np.isfinite(values).all():
            raise ValueError(layer)
    return Strengths(norm, np.full(shape, np.nan, np.float32), excitation, inhibition)
