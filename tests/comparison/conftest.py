"""A network of two small layers, and recordings of it made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from early_vision.comparison.recording import CONTROLS, LayerRecording, Recording
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network, hash_network
from early_vision.tuning.families import FAMILIES

NEURONS = {"first": 40, "second": 48}
ARCHITECTURE = Architecture(
    nodes=(
        Node("first", "conv", (INPUT,), kernel=5, stride=2, channels=40),
        Node("second", "conv", ("first",), kernel=3, channels=48),
    ),
    layer_names=("first", "second"),
)


@pytest.fixture(scope="session")
def small_network():
    generator = np.random.default_rng(0)
    weights = {
        "first_w": generator.standard_normal((5, 5, 3, 40)),
        "second_w": generator.standard_normal((3, 3, 40, 48)),
        "first_b": np.zeros(40),
        "second_b": np.zeros(48),
    }
    weights = {name: value.astype(np.float32) for name, value in weights.items()}
    return Network("small", ARCHITECTURE, weights, hash_network(weights, ARCHITECTURE))


def layer_by_hand(generator, neurons, named=True):
    names = [family.name for family in FAMILIES[:4]] + [None]
    dead = np.zeros(neurons, bool)
    dead[:2] = True
    stimuli, pictures = (np.maximum(generator.standard_normal((neurons, n)), -0.5) for n in (90, 120))
    stimuli[dead], pictures[dead] = 1.5, 0.25
    families = tuple(names[at % 5] for at in range(neurons)) if named else None
    profiles = {"orientation": generator.uniform(0, 1, (neurons, 12))} if named else {}
    return LayerRecording(stimuli, pictures, dead, ~dead if named else None, families, profiles)


@pytest.fixture
def by_hand(small_network):
    """by_hand(seed, name): a recording of random responses."""

    def make(seed, name="small"):
        generator = np.random.default_rng(seed)
        layers = {layer: layer_by_hand(generator, count) for layer, count in NEURONS.items()}
        controls = {
            kind: {layer: layer_by_hand(generator, count, named=kind == "shuffled") for layer, count in NEURONS.items()}
            for kind in CONTROLS
        }
        weights = small_network.sha256
        return Recording(name, weights, ARCHITECTURE, layers, controls, "stimuli", "120 pictures", "rules")

    return make


@pytest.fixture
def permuted(by_hand):
    """permuted(recording): the same network with its channels in another order, and those orders by layer."""

    def make(recording, name="permuted"):
        generator, layers, orders = np.random.default_rng(9), {}, {}
        for layer, one in recording.layers.items():
            order = orders[layer] = generator.permutation(len(one.stimuli))
            layers[layer] = LayerRecording(
                one.stimuli[order], one.pictures[order], one.dead[order], one.noise[order],
                tuple(one.families[at] for at in order), {},
            )  # fmt: skip
        return replace(recording, network=name, layers=layers), orders

    return make
