"""Routes: the strongest paths by norm, what they do, and what all paths together are."""

from itertools import product

import numpy as np
import pytest

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import Connection, Connections
from early_vision.circuits.neighbours import Wiring
from early_vision.circuits.routes import find_route, kind_of_path
from early_vision.circuits.strengths import Kind
from early_vision.errors import InputError
from early_vision.network.architecture import Branch


@pytest.fixture
def small():
    """Three layers of 4, 5 and 6 neurons behind the input, with kernels of 3x3."""
    random, layers, before = np.random.default_rng(3), {}, ("input", 3)
    for name, neurons in (("a", 4), ("b", 5), ("c", 6), ("d", 4)):
        weights = random.normal(size=(3, 3, before[1], neurons)).astype(np.float32)
        layers[name] = Connections(
            before[0], name, (Connection(before[0], Branch(name, name, 0, neurons), weights, 1, -1, 1, 1),)
        )
        before = (name, neurons)
    return Wiring(layers)


def test_the_strongest_paths_are_found(small):
    norms = {name: known.norm for name, known in small.strengths.items()}
    route = find_route(small, Neuron("a", 1), Neuron("d", 2), count=7)
    every = {
        (1, i, j, 2): norms["b"][1, i] * norms["c"][i, j] * norms["d"][j, 2] for i, j in product(range(5), range(6))
    }
    best = sorted(every, key=lambda path: -every[path])[:7]
    assert [tuple(neuron.channel for neuron in path.neurons) for path in route.paths] == best
    np.testing.assert_allclose([path.strength for path in route.paths], [every[path] for path in best], rtol=1e-5)
    np.testing.assert_allclose(route.total, np.sqrt(sum(one**2 for one in every.values())), rtol=1e-4)
    assert [neuron.layer for neuron in route.paths[0].neurons] == ["a", "b", "c", "d"]


def test_neighbouring_layers_have_one_path(small):
    route = find_route(small, Neuron("b", 0), Neuron("c", 3))
    assert len(route.paths) == 1 and route.paths[0].strength == pytest.approx(route.total)


@pytest.mark.parametrize(
    ("kinds", "whole"),
    [
        ((Kind.INHIBITING, Kind.INHIBITING), Kind.EXCITING),
        ((Kind.EXCITING, Kind.INHIBITING, Kind.EXCITING), Kind.INHIBITING),
        ((Kind.INHIBITING, Kind.MIXED), Kind.MIXED),
    ],
)
def test_what_a_path_does_follows_from_its_steps(kinds, whole):
    assert kind_of_path(kinds) == whole


def test_a_step_whose_weights_cancel_is_not_lost(small):
    """A kernel with a sum of 0 leads on as its norm says."""
    small.connections["c"].branches[0].weights[:, :, 0, 3] = np.array([[9, -9, 0]] * 3)
    path = find_route(Wiring(small.connections), Neuron("b", 0), Neuron("c", 3)).paths[0]
    assert path.kind == Kind.MIXED and path.strength == pytest.approx(9 * np.sqrt(6))


def test_no_way_back(small):
    with pytest.raises(InputError, match="no path leads from c:0 to b:1"):
        find_route(small, Neuron("c", 0), Neuron("b", 1))
