"""The network's arithmetic: TensorFlow's execution of the frozen graph, an independent reference, and crops all agree."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from early_vision.network.architecture import INPUT, Lrn, padding_before
from early_vision.network.crop import crops
from early_vision.network.tensorflow_ops import (
    _local_response_normalization,
    forward,
    forward_cropped,
    layer_node_names,
)
from tools.frozen_graph_reference import graph_def


@pytest.fixture(scope="module")
def images():
    smooth = np.random.default_rng(7).uniform(0, 255, (2, 14, 14, 3)).repeat(8, 1).repeat(8, 2)
    return np.clip(smooth + np.random.default_rng(8).normal(0, 25, smooth.shape), 0, 255).astype(np.float32)


def run_graph(network, images, names):
    """TensorFlow's own execution of the frozen graph, in a session."""
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def(network), name="")
        with tf.compat.v1.Session(graph=graph) as session:
            fed = {f"{INPUT}:0": images - network.architecture.input_mean}
            return dict(zip(names, session.run([f"{name}:0" for name in names], fed), strict=True))


def reference(network, image):
    """Every node's value for one image in float64 NumPy: windows, products and maxima, written from the definitions."""
    values = {INPUT: image.astype(np.float64) - network.architecture.input_mean}
    for node in network.architecture.nodes:
        value = values[node.inputs[0]]
        if node.op == "concat":
            values[node.name] = np.concatenate([values[name] for name in node.inputs], axis=2)
        elif node.op == "lrn":
            total = np.cumsum(np.pad(value**2, ((0, 0), (0, 0), (6, 5))), axis=2)
            values[node.name] = value / np.sqrt(2 + 1e-4 * (total[..., 11:] - total[..., :-11]))
        else:
            fill = -np.inf if node.op == "max_pool" else 0.0
            padded = same_padding(value, node.kernel, node.stride, fill)
            windows = np.lib.stride_tricks.sliding_window_view(padded, (node.kernel, node.kernel), (0, 1))
            windows = windows[:: node.stride, :: node.stride]
            if node.op == "max_pool":
                values[node.name] = windows.max(axis=(3, 4))
            else:
                kernel, bias = network.kernel(node.name).astype(np.float64), network.bias(node.name)
                values[node.name] = np.maximum(np.einsum("yxcij,ijco->yxo", windows, kernel, optimize=True) + bias, 0)
    return values


def same_padding(value, kernel, stride, fill):
    pads = []
    for size in value.shape[:2]:
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads.append((total // 2, total - total // 2))
    return np.pad(value, (*pads, (0, 0)), constant_values=fill)


def assert_close(ours, theirs, tolerance, what):
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max(), what


def test_layers_agree_with_the_frozen_graph(tiny, images):
    names = [
        *tiny.architecture.layer_names,
        "conv2d2_pre_relu",
        "mixed3b_5x5_pre_relu",
        "maxpool1",
        "localresponsenorm0",
    ]
    ours, theirs = forward(tiny, tf.constant(images), names), run_graph(tiny, images, names)
    for name in names:
        assert_close(ours[name].numpy(), theirs[name], 1e-4, name)


@pytest.mark.parametrize("size", [(33, 47), (64, 64)])
def test_every_node_agrees_with_an_independent_reference(tiny, images, size):
    image = images[0, : size[0], : size[1]]
    names = [node.name for node in tiny.architecture.nodes]
    ours, theirs = forward(tiny, tf.constant(image[None]), names), reference(tiny, image)
    for name in names:
        assert_close(ours[name].numpy()[0], theirs[name], 1e-4, name)


def test_the_graph_has_the_published_shape(tiny):
    nodes = graph_def(tiny).node
    ops = [node.op for node in nodes]
    assert ops.index("Placeholder") == ops.count("Const"), "all Const nodes come first"
    by_name = {node.name: node for node in nodes}
    assert [by_name[name].op for name in ("conv2d2_pre_relu/conv", "conv2d2_pre_relu", "conv2d2")] == [
        "Conv2D",
        "BiasAdd",
        "Relu",
    ]
    assert by_name["mixed3a"].op == "Concat" and by_name[by_name["mixed3a"].input[0]].op == "Const"
    assert list(by_name["mixed3a"].input)[1:] == ["mixed3a_1x1", "mixed3a_3x3", "mixed3a_5x5", "mixed3a_pool_reduce"]


@pytest.mark.parametrize("name", ["conv2d0", "conv2d1", "conv2d2", "mixed3a_1x1", "mixed3a_5x5", "mixed3b_3x3", "mixed3b_5x5",
                                  "mixed3b_pool_reduce"])  # fmt: skip
def test_a_crop_gives_what_the_whole_image_gives(tiny, name):
    """One position computed from its receptive field alone equals that position of a whole image, away from the edges."""
    images = np.random.default_rng(3).uniform(0, 255, (2, 224, 224, 3)).astype(np.float32)
    field, needed = tiny.architecture.receptive_fields[name], crops(tiny.architecture, name)
    position = (112 - field.start) // field.stride
    start = field.start + position * field.stride
    part = images[:, start : start + field.size, start : start + field.size]
    whole = forward(tiny, tf.constant(images), [f"{name}_pre_relu"])[f"{name}_pre_relu"][:, position, position]
    cropped = forward_cropped(tiny, tf.constant(part), needed)[f"{name}_pre_relu"]
    assert_close(cropped.numpy(), whole.numpy(), 1e-5, name)


@pytest.mark.parametrize("lrn", [Lrn(), Lrn(2, 1.0, 0.3, 0.75), Lrn(3, 2.0, 0.5, 0.5)])
def test_the_gradient_of_normalization_is_that_of_tensorflows(tiny, lrn):
    """Beside channels that are fewer than the radius reaches, silent ones and large ones."""
    rng = np.random.default_rng(4)
    for channels in (2, 64):
        value = tf.constant(rng.normal(size=(2, 3, 3, channels)).clip(0) * 20, tf.float32)
        upstream = tf.constant(rng.normal(size=value.shape), tf.float32)
        found = []
        for normalize in (
            lambda v: _local_response_normalization(v, lrn),
            lambda v: tf.nn.lrn(v, lrn.depth_radius, lrn.bias, lrn.alpha, lrn.beta),
        ):
            with tf.GradientTape() as tape:
                tape.watch(value)
                result = normalize(value)
            found.append((result.numpy(), tape.gradient(result, value, upstream).numpy()))
        for ours, theirs in zip(*found, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


def test_layer_names_before_the_relu(tiny, images):
    names = layer_node_names(tiny.architecture)
    values = forward(tiny, tf.constant(images), [*names, *tiny.architecture.layer_names])
    for name in tiny.architecture.layer_names:
        np.testing.assert_array_equal(np.maximum(values[f"{name}_pre_relu"], 0), values[name])


def test_padding_before_matches_even_sizes(tiny):
    assert [
        padding_before(tiny.architecture.node(name)) for name in ("conv2d0", "maxpool0", "conv2d2", "mixed3a_5x5")
    ] == [2, 0, 1, 2]
