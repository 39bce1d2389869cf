"""Every operation agrees with NumPy, on whole images and in crops, and receptive fields are what a pixel reaches."""

import numpy as np
import pytest
from numpy_network import numpy_values

from early_vision.circuits.connections import connect
from early_vision.network.architecture import ACTIVATIONS, INPUT, Architecture, Node, output_size
from early_vision.network.architecture_file import architecture_yaml, read_architecture
from early_vision.network.crop import crops
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import network_from_tensors

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from early_vision.features.ascent import Renderer
from early_vision.features.recipe import Recipe
from early_vision.network.tensorflow_ops import forward, forward_cropped, sign


def conv(name, source, channels, kernel=3, stride=1, padding=(1, 1), **settings):
    return Node(name, "conv", (source,), kernel, stride, channels, padding, **settings)


STEM = (conv("stem", INPUT, 6, stride=2),)
CASES = {
    "add": (*STEM, conv("a", "stem", 6, activation="linear"), Node("top", "add", ("stem", "a"), channels=6)),
    "scale": (*STEM, Node("top", "scale", ("stem",), channels=6)),
    "scale of the image": (Node("norm", "scale", (INPUT,), channels=3), conv("top", "norm", 4)),
    "linear": (*STEM, conv("top", "stem", 5, activation="linear", padding="same")),
    "uneven padding": (*STEM, conv("top", "stem", 5, 4, 2, (1, 2))),
    "padding value": (*STEM, conv("top", "stem", 5, 3, 2, (1, 1), padding_value=1.0)),
    "same padding with a value": (*STEM, conv("top", "stem", 5, 3, 2, "same", padding_value=-2.0)),
    "depthwise": (*STEM, conv("top", "stem", 12, 3, 2, groups=6, activation="relu6")),
    "groups": (*STEM, conv("top", "stem", 4, 3, 1, groups=2)),
    "binary": (*STEM, Node("bits", "sign", ("stem",), channels=6), conv("top", "bits", 4, padding_value=1.0)),
    "average": (*STEM, Node("p", "avg_pool", ("stem",), 3, 2, 6, (1, 1)), conv("top", "p", 4)),
    "average same": (*STEM, Node("p", "avg_pool", ("stem",), 3, 2, 6), conv("top", "p", 4)),
    "maximum padded": (*STEM, Node("p", "max_pool", ("stem",), 3, 2, 6, (1, 1)), conv("top", "p", 4)),
    "maximum ceil": (*STEM, Node("p", "max_pool", ("stem",), 3, 2, 6, "valid", ceil=True), conv("top", "p", 4)),
    "maximum ceil padded": (*STEM, Node("p", "max_pool", ("stem",), 3, 2, 6, (1, 1), ceil=True), conv("top", "p", 4)),
    "concat of unlike parts": (
        *STEM,
        Node("p", "max_pool", ("stem",), 3, 1, 6, (1, 1)),
        conv("a", "stem", 2, activation="silu"),
        Node("top", "concat", ("p", "a", "stem"), channels=14),
    ),
    **{name: (*STEM, conv("a", "stem", 5, activation="linear"), Node("top", name, ("a",), channels=5, slope=0.2))
       for name in ACTIVATIONS},
    **{f"conv with {name}": (*STEM, conv("top", "stem", 5, activation=name, slope=0.3)) for name in ACTIVATIONS},
}  # fmt: skip


def made(nodes):
    architecture = Architecture(nodes, ("top",), input_mean=(110.0, 120.0, 130.0))
    tensors = stand_in_tensors(architecture, seed=3)
    return network_from_tensors("any", {k: v * (0.02 if k == "stem_w" else 1) for k, v in tensors.items()},
                                architecture, "a test")  # fmt: skip


@pytest.fixture(params=CASES.values(), ids=CASES)
def network(request):
    return made(request.param)


def images(*shape):
    return np.random.default_rng(5).uniform(0, 255, shape).astype(np.float32)


def assert_close(ours, theirs, what=""):
    assert ours.shape == theirs.shape, what
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max(), err_msg=what)


@pytest.mark.parametrize("size", [(32, 32), (29, 34)])
def test_whole_images_agree_with_numpy(network, size):
    image = images(*size, 3)
    names = [node.name for node in network.architecture.nodes]
    ours, theirs = forward(network, tf.constant(image[None]), names), numpy_values(network, image)
    for name in names:
        assert_close(ours[name].numpy()[0], theirs[name], name)
    for node in network.architecture.nodes:
        assert [output_size(node, side) for side in theirs[node.inputs[0]].shape[:2]] == list(
            theirs[node.name].shape[:2]
        )


def test_sizes_need_not_be_known_beforehand(network):
    image = images(1, 29, 34, 3)
    run = tf.function(lambda x: forward(network, x, ["top"])["top"],
                      input_signature=[tf.TensorSpec([None, None, None, 3])])  # fmt: skip
    np.testing.assert_allclose(run(image), forward(network, tf.constant(image), ["top"])["top"], rtol=1e-5, atol=1e-5)


def test_a_crop_gives_what_the_whole_image_gives(network):
    image, field = images(1, 64, 64, 3), network.architecture.receptive_fields["top"]
    position = (32 - field.start) // field.stride
    start = field.start + position * field.stride
    part = image[:, start : start + field.size, start : start + field.size]
    whole = forward(network, tf.constant(image), ["top_pre_relu"])["top_pre_relu"][:, position, position]
    cropped = forward_cropped(network, tf.constant(part), crops(network.architecture, "top"))["top_pre_relu"]
    assert_close(cropped.numpy(), whole.numpy())


def test_receptive_fields_are_what_a_pixel_reaches(network):
    """What sign hides of small changes is looked at with tanh in its place; so is what ReLUs silence."""
    from dataclasses import replace

    def smooth(node):
        op = "tanh" if node.op in ACTIVATIONS else "avg_pool" if node.op == "max_pool" else node.op
        padding = "valid" if node.op == "max_pool" and node.ceil else node.padding
        return replace(node, op=op, activation="linear", padding=padding, ceil=False)

    network = made(tuple(smooth(node) for node in network.architecture.nodes))
    field, image = network.architecture.receptive_fields["top"], images(64, 64, 3) / 100 + 118
    position = (32 - field.start) // field.stride
    with tf.GradientTape() as tape:
        given = tf.constant(image[None])
        tape.watch(given)
        value = tf.reduce_sum(forward(network, given, ["top"])["top"][0, position, position] ** 2)
    reached = np.abs(tape.gradient(value, given).numpy()[0]).sum(2)
    rows = np.flatnonzero(reached.sum(1))
    start = field.start + position * field.stride
    assert (rows.min(), rows.max()) == (start, start + field.size - 1)


def test_the_file_says_all_of_it(network, tmp_path):
    (tmp_path / "a.yaml").write_bytes(architecture_yaml(network.architecture, "a test"))
    assert read_architecture(tmp_path / "a.yaml").architecture == network.architecture


def test_a_neuron_can_be_rendered(network):
    rendered = Renderer(network, "top", Recipe(steps=6, linear_steps=6)).render(np.array([0, 1]))
    assert np.isfinite(rendered.activations).all() and rendered.images.std() > 0


@pytest.mark.parametrize("case", ["add", "scale", "depthwise", "groups", "average", "linear"])
def test_expanded_weights_of_what_is_linear_are_exact(case):
    """With linear activations the connections from the image predict the activations, but for the constant part."""
    from dataclasses import replace

    network = made(tuple(replace(node, activation="linear") for node in CASES[case]))
    connection = connect(network, INPUT, "top").branches[0]
    size = connection.cells
    start = 32 + (connection.start % connection.stride)
    position = (start - connection.start) // connection.stride
    at = position * connection.stride + connection.start
    zero = np.zeros((64, 64, 3), np.float32) + np.float32(network.architecture.input_mean)
    image = images(64, 64, 3)
    values = [numpy_values(network, one)["top"][position, position] for one in (image, zero)]
    part = (image - zero)[at : at + size, at : at + size]
    assert_close(np.einsum("ijc,ijco->o", part, connection.weights), values[0] - values[1])


def test_the_gradient_of_sign_is_straight_through():
    value = tf.constant([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5])
    with tf.GradientTape() as tape:
        tape.watch(value)
        result = sign(value) * 3.0
    assert list(result.numpy()) == [-3, -3, -3, 3, 3, 3, 3]
    assert list(tape.gradient(result, value).numpy()) == [0, 3, 3, 3, 3, 3, 0]
