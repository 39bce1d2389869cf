"""The page "How does A reach B?": the ways by which the neurons that the article's circuits lead to are reached."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.circuits.routes import Route, find_route
from early_vision.network.architecture import INPUT
from early_vision.site.data.connections import UNIT
from early_vision.site.sprites import Tile
from early_vision.site.views.connections import signed

STARTS, PATHS = 3, 4
"""Neurons two layers down that each target is reached from, and paths from each."""


@dataclass(frozen=True)
class Step:
    """A neuron on a path, and the weight of the step that leads to it; empty for the first."""

    neuron: Neuron
    tile: Tile
    weight: str
    exciting: bool


@dataclass(frozen=True)
class PathView:
    """A path with its strength in words."""

    steps: tuple[Step, ...]
    strength: str
    exciting: bool


@dataclass(frozen=True)
class RouteView:
    """How one neuron reaches another."""

    start: Neuron
    total: str
    exciting: bool
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
    """For each target of the circuits, the neurons two layers down that give it most, and the paths from them."""
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
    """The neurons two layers before a neuron that give it most when they are equally active everywhere."""
    names = list(wiring.connections)
    at = names.index(target.layer)
    if at < 2 or wiring.connections[names[at - 1]].source == INPUT:
        return ()
    step, last = (wiring.strengths[name].total.astype(np.float64) for name in (names[at - 1], target.layer))
    total = step @ last[:, target.channel]
    return tuple(Neuron(names[at - 2], int(i)) for i in np.argsort(-np.abs(total), kind="stable")[:STARTS])


def sums_json(wiring: Wiring) -> Mapping[str, str]:
    """File name to JSON: for each layer the sum of every kernel that leads to it, in UNITs, one list per source channel."""
    files = {}
    for layer, connections in wiring.connections.items():
        rows = np.rint(wiring.strengths[layer].total / UNIT).astype(int).tolist()
        whole = {"from": connections.source, "to": layer, "unit": UNIT, "sums": rows}
        files[f"sums-{layer}.json"] = json.dumps(whole, separators=(",", ":")) + "\n"
    return files


def _route(route: Route, tile: Callable[[Neuron], Tile]) -> RouteView:
    paths = []
    for path in route.paths:
        weights = ("", *(signed(weight) for weight in path.weights))
        signs = (True, *(weight >= 0 for weight in path.weights))
        steps = (
            Step(one, tile(one), weight, sign) for one, weight, sign in zip(path.neurons, weights, signs, strict=False)
        )
        paths.append(PathView(tuple(steps), signed(path.strength, 3), path.strength >= 0))
    return RouteView(route.start, signed(route.total), route.total >= 0, tuple(paths))
