"""The page "How does A reach B?": the ways by which the neurons that the article's circuits lead to are reached."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.circuits.routes import Route, find_route
from early_vision.circuits.strengths import Kind
from early_vision.network.architecture import INPUT
from early_vision.site.data.connections import UNIT
from early_vision.site.sprites import Tile

LETTERS = {Kind.EXCITING: "e", Kind.INHIBITING: "i", Kind.MIXED: "m"}
STARTS, PATHS = 3, 4
"""Neurons two layers down that each target is reached from, and paths from each."""


@dataclass(frozen=True)
class Step:
    """A neuron on a path, with the norm of the weights of the step that leads to it, and what they do; empty for the
    first."""

    neuron: Neuron
    tile: Tile
    norm: str = ""
    kind: str = ""


@dataclass(frozen=True)
class PathView:
    """A path with its strength, and what it does: "exciting", "inhibiting" or "mixed"."""

    steps: tuple[Step, ...]
    strength: str
    kind: str


@dataclass(frozen=True)
class RouteView:
    """How one neuron reaches another."""

    start: Neuron
    total: str
    paths: tuple[PathView, ...]


@dataclass(frozen=True)
class TargetView:
    """A neuron that a circuit leads to, and from where it is reached."""

    target: Neuron
    tile: Tile
    title: str
    routes: tuple[RouteView, ...]


@dataclass(frozen=True)
class RoutesView:
    """The page."""

    targets: tuple[TargetView, ...]


def view_routes(circuits: Iterable[Circuit], wiring: Wiring, tile: Callable[[Neuron], Tile]) -> RoutesView:
    """For each target of the circuits, the neurons two layers down that reach it most strongly, and their paths."""
    titles: dict[Neuron, str] = {}
    for circuit in circuits:
        for part in circuit.parts:
            titles.setdefault(part.target, circuit.title)
    targets = []
    for target, title in titles.items():
        starts = strongest_starts(wiring, target)
        if starts:
            routes = tuple(_route(find_route(wiring, start, target, PATHS), tile) for start in starts)
            targets.append(TargetView(target, tile(target), title, routes))
    return RoutesView(tuple(targets))


def strongest_starts(wiring: Wiring, target: Neuron) -> tuple[Neuron, ...]:
    """The neurons two layers before a neuron that reach it most strongly, all their paths together."""
    names = list(wiring.connections)
    at = names.index(target.layer)
    if at < 2 or wiring.connections[names[at - 1]].source == INPUT:
        return ()
    step, last = (wiring.strengths[name].norm.astype(np.float64) for name in (names[at - 1], target.layer))
    total = step**2 @ last[:, target.channel] ** 2
    return tuple(Neuron(names[at - 2], int(i)) for i in np.argsort(-total, kind="stable")[:STARTS])


def strengths_json(wiring: Wiring) -> Mapping[str, str]:
    """Path in the article's folder to JSON: for each layer the norm and the kind of every connection that leads to it.

    `norms` are whole numbers of `unit`, and `kinds` a string of letters of `LETTERS`, both with a row for each source
    channel and an entry for each neuron.
    """
    files = {}
    for layer, connections in wiring.connections.items():
        known = wiring.strengths[layer]
        norms = np.rint(known.norm / UNIT).astype(int).tolist()
        kinds = ["".join(LETTERS[Kind(kind)] for kind in row) for row in known.kinds.tolist()]
        whole = {"from": connections.source, "to": layer, "unit": UNIT, "norms": norms, "kinds": kinds}
        files[f"data/strengths-{layer}.json"] = json.dumps(whole, separators=(",", ":")) + "\n"
    return files


def _route(route: Route, tile: Callable[[Neuron], Tile]) -> RouteView:
    paths = []
    for path in route.paths:
        first, *others = path.neurons
        steps = [
            Step(one, tile(one), f"{norm:.2f}", kind.word)
            for one, norm, kind in zip(others, path.norms, path.kinds, strict=True)
        ]
        paths.append(PathView((Step(first, tile(first)), *steps), f"{path.strength:.3f}", path.kind.word))
    return RouteView(route.start, f"{route.total:.2f}", tuple(paths))
