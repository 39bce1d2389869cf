"""What neurons read in pictures, against the network's own arithmetic and on a filter bank made by hand."""

import numpy as np
import pytest

from early_vision.features.reading import read_by, reader
from early_vision.features.result import agreement
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name, size", [("conv2d0", 7), ("conv2d2", 19), ("mixed3a_pool_reduce", 43)])
def test_what_inputs_give_adds_up_to_the_activation(tiny, name, size):
    neurons = tiny.architecture.node(name).channels
    images = np.random.default_rng(0).integers(0, 256, (neurons, 2, size, size, 3), np.uint8)
    read = reader(tiny)(name, images)
    np.testing.assert_allclose(read.given.sum(2) + tiny.bias(name)[:, None], read.activations, atol=2e-3)
    kernel = tiny.kernel(name)
    assert read.given.shape == (neurons, 2, kernel[..., 0].size) and read.given.dtype == np.float32


def complex_cell() -> Network:
    """Upright stripes of either contrast, pooled over a period: neuron 0 adds both; neuron 1 is for the one alone."""
    nodes = (
        Node("filters", "conv", (INPUT,), 4, 1, 2),
        Node("pool", "max_pool", ("filters",), 5, 1, 0),
        Node("cells", "conv", ("pool",), 1, 1, 2),
    )
    stripes = np.tile(np.array([1, 1, -1, -1], np.float32)[None, :, None] / 48, (4, 1, 3))
    weights = {
        "filters_w": np.stack([stripes, -stripes], -1),
        "filters_b": np.zeros(2, np.float32),
        "cells_w": np.array([[[[1, 1], [1, -1]]]], np.float32),
        "cells_b": np.zeros(2, np.float32),
    }
    return Network("complex", Architecture(nodes, ("filters", "cells")), weights, "0" * 64)


def test_agreement_does_not_mind_the_phase_that_a_neuron_does_not_mind():
    network, along = complex_cell(), np.arange(8)
    gratings = [np.where((along + shift) // 2 % 2, 200, 50).astype(np.uint8) for shift in (0, 2)]
    one, other = (np.tile(grating[None, :, None], (8, 1, 3)) for grating in gratings)
    seeds = [np.stack([picture, picture])[:, None] for picture in (one, other)]
    assert agreement(np.stack([seed[:, 0] for seed in seeds])) == pytest.approx(-1), "by pixels they are opposites"
    given = [reader(network)("cells", seed).given[:, 0] for seed in seeds]
    np.testing.assert_allclose(given[0][0], given[1][0], rtol=1e-5)
    assert given[0][0] @ [1, 1] > 100 and np.ptp(given[0][0]) < 1e-3, "both filters give the same, in either phase"


def test_what_lies_behind_a_convolution_reads_what_it_reads():
    """A normalization and an activation of their own, as imported networks have them, and a sum of two branches."""
    nodes = (
        Node("first", "conv", (INPUT,), 3, 1, 4),
        Node("second", "conv", ("first",), 3, 1, 5, activation="linear"),
        Node("normal", "scale", ("second",), 1, 1, 0),
        Node("relu", "relu", ("normal",), 1, 1, 0),
        Node("side", "conv", ("first",), 1, 1, 5, activation="linear"),
        Node("sum", "add", ("relu", "side"), 1, 1, 0),
    )
    architecture = Architecture(nodes, ("first", "sum"))
    assert read_by(architecture, "relu") == ("first",) == read_by(architecture, "sum")
    rng = np.random.default_rng(1)
    weights = {
        "first_w": rng.normal(size=(3, 3, 3, 4)), "first_b": np.zeros(4),
        "second_w": rng.normal(size=(3, 3, 4, 5)), "second_b": np.zeros(5),
        "normal_w": rng.uniform(1, 2, 5), "normal_b": np.zeros(5),
        "side_w": rng.normal(size=(1, 1, 4, 5)), "side_b": np.zeros(5),
    }  # fmt: skip
    network = Network("own", architecture, {name: one.astype(np.float32) for name, one in weights.items()}, "0" * 64)
    images = rng.integers(0, 256, (5, 3, 5, 5, 3), np.uint8)
    read = reader(network)("sum", images)
    assert read.given.shape == (5, 3, 3 * 3 * 4)
    np.testing.assert_allclose(read.given.sum(2), read.activations, rtol=1e-3, atol=1e-2)
