"""Expanded weights are the derivative of a neuron before its ReLU, wherever what lies between is linear."""

import time
from dataclasses import replace

import numpy as np
import pytest

from early_vision.circuits.connections import adjacent_pairs, connect, connect_adjacent, connect_branch, scaled
from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT
from early_vision.network.weights import network_from_tensors

TOLERANCE = 1e-5
PARTS = [
    (source, part.node) for source, layer in adjacent_pairs(INCEPTIONV1) for part in INCEPTIONV1.layers[layer].branches
]
TWO_APART = [
    ("conv2d0", "conv2d2"),
    ("conv2d1", "mixed3a_5x5"),
    ("conv2d2", "mixed3b_1x1"),
    ("conv2d2", "mixed3b_pool_reduce"),
]


def layer_of(node: str) -> str:
    return node.split("_")[0]


def part_of(network, source, node):
    branches = network.architecture.layers[layer_of(node)].branches
    return connect_branch(network, source, next(branch for branch in branches if branch.node == node))


def run_from(network, source, value, target, averaging=()):
    """What a convolution gives before its ReLU for activations of a source node, in float64, by TensorFlow's own
    operations.

    Every ReLU in between lets everything through: a constant lifts what comes in above zero and is taken off again.
    """
    import tensorflow as tf

    values = {source: value}
    for node in network.architecture.nodes:
        if not all(name in values for name in node.inputs) or node.name in values:
            continue
        inputs = [values[name] for name in node.inputs]
        if node.op == "conv":
            kernel = tf.constant(network.kernel(node.name), tf.float64)
            # Without its bias: normalization further up stays at rest.
            linear = tf.nn.conv2d(inputs[0], kernel, node.stride, "SAME")
            if node.name == target:
                return linear
            lift = 10 + tf.stop_gradient(tf.reduce_max(tf.abs(linear)))
            values[node.name] = tf.nn.relu(linear + lift) - lift
        elif node.op == "lrn":
            values[node.name] = tf.cast(
                tf.nn.local_response_normalization(tf.cast(inputs[0], tf.float32), 5, 2.0, 1e-4, 0.5), tf.float64
            )
        elif node.op == "concat":
            values[node.name] = tf.concat(inputs, 3)
        else:
            pool = tf.nn.avg_pool2d if node.name in averaging else tf.nn.max_pool2d
            values[node.name] = pool(inputs[0], node.kernel, node.stride, "SAME")
    raise AssertionError(f"{target} was not reached")


def derivative(network, source, target, side, neurons=None, averaging=()):
    """Activations [side, side, in], and the derivative [side, side, in, out] of the target's middle position by them.

    `neurons`: how many of the target's, from the first on; all of them by default.
    """
    import tensorflow as tf

    # So weak that normalization is at rest.
    value = np.random.default_rng(1).uniform(0, 1e-4, (1, side, side, network.architecture.channels(source)))
    variable = tf.constant(value, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        out = run_from(network, source, variable, target, averaging)
        at = out.shape[1] // 2
        out = out[0, at, at, :neurons]
    gradient = tape.jacobian(out, variable).numpy()[:, 0]
    return value[0], gradient.transpose(1, 2, 3, 0), at


def by_expanded_weights(part, value, at):
    """The same derivative, by giving each cell's weight to the strongest position of its window."""
    expected = np.zeros((*value.shape, part.weights.shape[3]))
    channels = np.arange(value.shape[2])
    for i in range(part.cells):
        for j in range(part.cells):
            y, x = (at * part.stride + part.start + k * part.step for k in (i, j))
            window = value[y : y + part.window, x : x + part.window].reshape(-1, value.shape[2])
            down, across = np.divmod(window.argmax(axis=0), part.window)
            expected[y + down, x + across, channels] += part.weights[i, j]
    return expected


@pytest.mark.tensorflow
@pytest.mark.parametrize(("source", "target"), PARTS, ids=[node for _, node in PARTS])
def test_every_branch_is_the_derivative(tiny, source, target):
    pytest.importorskip("tensorflow")
    part = part_of(tiny, source, target)
    value, found, at = derivative(tiny, source, target, side=20 if source in (INPUT, "conv2d2") else 12)
    expected = by_expanded_weights(part, value, at)
    assert np.abs(found).max() > 0.001
    assert np.abs(found - expected).max() <= TOLERANCE * np.abs(found).max()


@pytest.mark.tensorflow
@pytest.mark.parametrize(("source", "target"), TWO_APART, ids=[f"{source}-{node}" for source, node in TWO_APART])
def test_two_layers_apart_is_the_derivative_with_averages_in_between(tiny, source, target):
    """Max-pooling above a convolution counts as averaging, as the module says: so it does here."""
    pytest.importorskip("tensorflow")
    averaging = {"conv2d1": ("maxpool1",), "conv2d2": ("mixed3a_pool", "mixed3b_pool")}.get(source, ())
    part = part_of(tiny, source, target)
    value, found, at = derivative(tiny, source, target, side=28, neurons=8, averaging=averaging)
    part = replace(part, weights=part.weights[..., :8])
    assert np.abs(found - by_expanded_weights(part, value, at)).max() <= TOLERANCE * np.abs(found).max()


@pytest.mark.slow
def test_every_cell_lies_where_receptive_fields_put_it(tiny):
    """The middle of the kernel is the middle of the receptive field, and cells are a source stride or a pool's
    apart."""
    fields = tiny.architecture.receptive_fields
    for source, layer in [
        *adjacent_pairs(tiny.architecture),
        ("conv2d2", "mixed3b"),
        (INPUT, "conv2d2"),
        ("conv2d0", "mixed3a"),
    ]:
        for part in connect(tiny, source, layer).branches:
            offsets = part.offsets(tiny.architecture)
            np.testing.assert_allclose(offsets, -offsets[::-1])
            np.testing.assert_allclose(np.diff(offsets), part.step * fields[source].stride)
            seen = (
                (part.cells - 1) * part.step * fields[source].stride
                + (part.window - 1) * fields[source].stride
                + fields[source].size
            )
            assert seen == fields[part.branch.node].size, part.branch.node


def test_shapes_of_the_adjacent_pairs(tiny):
    shapes = {layer: connections.weights.shape for layer, connections in connect_adjacent(tiny).items()}
    assert shapes == {
        "conv2d0": (7, 7, 3, 64),
        "conv2d1": (1, 1, 64, 64),
        "conv2d2": (3, 3, 64, 192),
        "mixed3a": (5, 5, 192, 256),
        "mixed3b": (5, 5, 256, 480),
    }


def test_a_kernel_of_a_small_branch_lies_in_the_middle(tiny):
    connections = connect(tiny, "conv2d2", "mixed3a")
    np.testing.assert_array_equal(connections.weights[2, 2, 7, 3], connections.kernel(7, 3)[0, 0])
    assert not connections.weights[[0, 1, 3, 4]][:, :, 7, 3].any()
    np.testing.assert_array_equal(connections.weights[1:4, 1:4, 7, 100], connections.kernel(7, 100))


@pytest.mark.slow
def test_pooling_is_counted_alike_in_both_ways(tiny):
    """A pool in between is an average, a pool on the source a maximum: both give the same for equal activations."""
    apart = connect(tiny, "conv2d2", "mixed3b").branches[3]
    steps = [connect(tiny, "conv2d2", "mixed3a").weights, connect(tiny, "mixed3a", "mixed3b").branches[3].weights]
    sums = [weights.sum(axis=(0, 1)) for weights in steps]
    np.testing.assert_allclose(apart.weights.sum(axis=(0, 1)), sums[0] @ sums[1], rtol=1e-3, atol=1e-4)


def test_the_first_layer_is_its_own_kernel(tiny):
    np.testing.assert_allclose(connect(tiny, INPUT, "conv2d0").weights, tiny.kernel("conv2d0"), rtol=1e-6)


def test_scaling_by_typical_activations_says_so(tiny):
    typical = np.arange(64.0)
    connections = scaled(connect(tiny, "conv2d1", "conv2d2"), typical, "mean activation")
    np.testing.assert_allclose(
        connections.kernel(5, 9), 5 * connect(tiny, "conv2d1", "conv2d2").kernel(5, 9), rtol=1e-6
    )
    assert connections.scaled_by == "mean activation"


def test_layers_that_are_not_connected_are_named(tiny):
    with pytest.raises(InputError, match='there is no layer "conv2d3". Did you mean "conv2d'):
        connect(tiny, "conv2d3", "mixed3a")
    with pytest.raises(
        InputError, match="no path leads from mixed3a to conv2d2. Layers before conv2d2: conv2d0, conv2d1"
    ):
        connect(tiny, "mixed3a", "conv2d2")
    with pytest.raises(InputError, match="no path leads from mixed3a to mixed3a"):
        connect(tiny, "mixed3a", "mixed3a")


def test_another_architecture_is_walked_too(tiny):
    """Nothing rests on the names or the number of the layers."""
    nodes = tiny.architecture.nodes[:5]
    small = replace(tiny.architecture, nodes=nodes, layer_names=("conv2d0", "conv2d1", "conv2d2"))
    tensors = {name: value for name, value in tiny.weights.items() if name.startswith("conv")}
    network = network_from_tensors("small", tensors, small, source="test")
    np.testing.assert_array_equal(
        connect(network, "conv2d0", "conv2d2").weights, connect(tiny, "conv2d0", "conv2d2").weights
    )


@pytest.mark.slow
def test_all_pairs_in_time(tiny):
    started = time.perf_counter()
    connect_adjacent(tiny)
    connect(tiny, "conv2d2", "mixed3b")
    assert time.perf_counter() - started < 30
