"""What is known of a network's weights, in lines to print: where from, hashes, statistics."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from early_vision.network.catalogue import KnownNetwork, read_catalogue
from early_vision.network.known import EMBEDDED, find_network, known_networks, network_home, state_of
from early_vision.network.npz import read_npz
from early_vision.network.provenance import Provenance, read_provenance
from early_vision.network.release import GOOGLES
from early_vision.network.weights import Network, hash_tensors

COLUMNS = ("tensor", "shape", "mean", "std", "min", "max", "zeros")


def describe_all(assets: Path) -> Iterator[str]:
    """A line for every network, those that could be here included.

    Raises:
        InputError: when one of them cannot be used.
    """
    names = known_networks(assets)
    for name in names:
        network = find_network(name, assets)
        yield f"{name}: {_size(network)}, {_origin(network, _provenance(network, assets), assets)}"
    if GOOGLES.network not in names:
        yield f"{GOOGLES.network}: not here. To fetch it: python build.py weights fetch {GOOGLES.network}"


def list_networks(assets: Path) -> Iterator[str]:
    """A line for every network that is known by name or here: what it is, and whether it is here or how large it is.

    Raises:
        InputError: when the catalogue is wrong.
    """
    catalogue = read_catalogue(assets)
    rows = []
    for name in sorted({*catalogue, *known_networks(assets)}):
        entry, state = catalogue.get(name), state_of(name, assets)
        state_text: str = state
        if state != "here" and entry and entry.source:
            files = len(entry.source.files)
            size = f"{entry.source.bytes / 1e6:.1f} MB in {files} file{'s' * (files > 1)}"
            state_text = f"computed; weights: {size}" if state == "computed" else f"to be fetched: {size}"
        rows.append((name, state_text, entry.title if entry else "a network of your own"))
    widths = [max(len(row[i]) for row in rows) for i in range(2)] if rows else []
    for name, state_text, title in rows:
        yield f"{name:<{widths[0]}}  {state_text:<{widths[1]}}  {title}"


def describe(name: str, assets: Path) -> Iterator[str]:
    """All that is known of a network's weights.

    Raises:
        InputError: when they are not here or cannot be used.
    """
    network, entry = find_network(name, assets), read_catalogue(assets).get(name)
    path, provenance = (network_home(name, assets) or assets) / "networks" / f"{name}.npz", _provenance(network, assets)
    stored = read_npz(path)
    kinds = " and ".join(sorted({str(value.dtype) for value in stored.values()}))
    yield f"{name}: {_size(network)}"
    yield f"  file       {path}, {path.stat().st_size / 1e6:.2f} MB, {kinds}"
    yield f"  from       {_origin(network, provenance, assets)}"
    if provenance and provenance.archive:
        yield f"  archive    SHA-256 {provenance.archive.sha256}, {provenance.archive.size:,} bytes"
    if provenance and provenance.graph:
        yield f"  graph      SHA-256 {provenance.graph.sha256}, {provenance.graph.size:,} bytes"
    yield f"  .npz       SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    yield f"  tensors    SHA-256 {hash_tensors(network.weights)}"
    for note in provenance.notes if provenance else ():
        yield f"  note       {note}"
    yield f"  taxonomy   {_taxonomy(network, provenance)}"
    if entry:
        yield from _known_facts(entry)
    yield ""
    yield from _table([COLUMNS, *(_statistics(key, value) for key, value in network.weights.items())])


def _known_facts(entry: KnownNetwork) -> Iterator[str]:
    """What the catalogue says of a network."""
    yield f"  what       {entry.title}"
    yield f"  trained    by {entry.trained_by}, on {entry.trained_on}"
    yield f"  licence    {entry.licence}"
    yield f"  cite       {entry.cite}"
    for fact in entry.measured:
        yield f"  measured   {fact}"


def _provenance(network: Network, assets: Path) -> Provenance | None:
    weights = (network_home(network.name, assets) or assets) / "networks" / f"{network.name}.npz"
    return read_provenance(weights, network.weights)


def _size(network: Network) -> str:
    numbers = sum(value.size for value in network.weights.values())
    neurons = sum(layer.neurons for layer in network.architecture.layers.values())
    return f"{len(network.architecture.layers)} layers, {neurons:,} neurons, {numbers:,} weights and biases"


def _origin(network: Network, provenance: Provenance | None, assets: Path) -> str:
    if network.stand_in:
        return "random numbers that stand in for the weights"
    if provenance:
        return f"{provenance.source} ({provenance.kind})"
    card = assets / "networks" / f"{network.name}.md"
    return (
        f"the repository; its model card is {card.name}"
        if card.is_file()
        else "an unknown source: there is no record beside it"
    )


def _taxonomy(network: Network, provenance: Provenance | None) -> str:
    """Whether the published taxonomy of InceptionV1's neurons speaks of this network."""
    if network.stand_in:
        return "no: these are random numbers. Nothing that the taxonomy says of a neuron holds here"
    if provenance and provenance.is_of(GOOGLES):
        return "yes: this is the network that the published taxonomy speaks of, by the SHA-256 of the graph"
    if network.name == EMBEDDED:
        return "no: another network of the same architecture, with groups of its own"
    if network.name == GOOGLES.network:
        return "not known: the structure is right, but no hash shows that the numbers are Google's"
    return "no: another network"


def _statistics(name: str, value: np.ndarray) -> tuple[str, ...]:
    figures = (value.mean(), value.std(), value.min(), value.max())
    shape = "x".join(map(str, value.shape))
    return (name, shape, *(f"{figure:.4g}" for figure in figures), f"{100 * np.mean(value == 0):.1f}%")


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Rows with the first two columns to the left and the figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
