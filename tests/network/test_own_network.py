"""Networks of other architectures, described in a file: read, run, cropped, rendered, and shown on a site."""

import shutil

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Lrn, Node
from early_vision.network.architecture_file import architecture_yaml, read_architecture
from early_vision.network.crop import crops
from early_vision.network.known import find_network
from early_vision.network.weights import expected_shapes, hash_network, hash_tensors, network_from_tensors

STEM = """\
# The first layers of something like AlexNet.
input: {mean: [123.68, 116.78, 103.94], scale: 0.5}
layers: [conv1, conv2, conv3]
nodes:
  - {name: conv1, op: conv, inputs: [input], kernel: 11, stride: 4, padding: valid, channels: 4}
  - {name: norm1, op: lrn, inputs: [conv1], depth_radius: 2, bias: 1, alpha: 2.0e-5, beta: 0.75}
  - {name: pool1, op: max_pool, inputs: [norm1], kernel: 3, stride: 2, padding: valid}
  - {name: conv2, op: conv, inputs: [pool1], kernel: 5, channels: 6}
  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 5}
"""


def tensors_for(architecture: Architecture, seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights of a size that keeps activations going, and small biases."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0, 1 / np.sqrt(np.prod(shape[:-1]) or 1), shape).astype(np.float32) if name.endswith("_w")
        else rng.normal(0, 0.1, shape).astype(np.float32)
        for name, shape in expected_shapes(architecture).items()
    }  # fmt: skip


@pytest.fixture
def own_assets(tmp_path):
    """A folder of assets with one network: "stem"."""
    folder = tmp_path / "assets" / "networks"
    folder.mkdir(parents=True)
    (folder / "stem.yaml").write_text(STEM)
    np.savez(folder / "stem.npz", **tensors_for(read_architecture(folder / "stem.yaml").architecture))
    return folder.parent


def test_the_description_is_read(own_assets):
    network = find_network("stem", own_assets)
    assert [
        (layer.name, layer.neurons, layer.receptive_field, layer.stride)
        for layer in network.architecture.layers.values()
    ] == [
        ("conv1", 4, 11, 4),
        ("conv2", 6, 51, 8),
        ("conv3", 5, 67, 8),
    ]
    assert network.architecture.node("norm1").lrn == Lrn(2, 1.0, 2e-5, 0.75)
    assert network.architecture.node("pool1").channels == 4
    first = tensors_for(network.architecture)["conv1_w"]
    np.testing.assert_allclose(network.kernel("conv1"), first * 0.5, err_msg="the input's scale is in the weights")


def test_inceptionv1_survives_being_written_and_read(tmp_path):
    (tmp_path / "a.yaml").write_bytes(architecture_yaml(INCEPTIONV1, "a test"))
    assert read_architecture(tmp_path / "a.yaml").architecture == INCEPTIONV1


def test_the_hash_tells_architectures_apart(tiny):
    assert tiny.sha256 == hash_tensors(tiny.weights), "InceptionV1's is that of its tensors alone"
    node = Node("a", "conv", (INPUT,), kernel=3, channels=2)
    others = (Node("a", "conv", (INPUT,), 3, 2, 2), Node("a", "conv", (INPUT,), 3, 1, 2, "valid"))
    architectures = [Architecture((n,), ("a",)) for n in (node, *others)] + [
        Architecture((node,), ("a",), input_mean=(1.0, 2.0, 3.0))
    ]
    tensors = tensors_for(architectures[0])
    assert len({hash_network(tensors, architecture) for architecture in architectures}) == 4


@pytest.mark.parametrize(
    ("line", "instead", "expected"),
    [
        (2, "input: {mean: [1, 2]}", [(2, '"mean" is neither a number nor a list of three, for red, green and blue')]),
        (2, "input: {mean: 0, scale: 0}", [(2, "a scale of 0 leaves nothing of the image")]),
        (3, "layers: [conv1, cnv2, pool1]", [(3, 'there is no node "cnv2". Did you mean "conv2"?'),
            (3, '"pool1" is of the op max_pool, so it has no neurons of its own. '
                'Name a conv, scale, add, concat or activation')]),
        (3, "layers: [conv2, conv1]", [(3, 'layer "conv1" comes before the one above it. Put the layers in the order of their nodes')]),
        (3, "layers: [conv1, conv1]", [(3, 'layer "conv1" is given twice. Keep one of the two')]),
        (5, "  - {name: conv1, op: conv, inputs: [input], kernel: 0, chanels: 4}", [(5, '"channels" is missing'),
            (5, '"kernel" should be at least 1'), (5, '"chanels" is not known here. Did you mean "channels"?')]),
        (5, "  - {name: conv-1, op: conv, inputs: [input], kernel: 3, channels: 4}",
            [(5, '"name" is no name: letters, digits and _ only, a letter first')]),
        (6, "  - {name: norm1, op: norm, inputs: [conv1]}",
            [(6, "this has the op \"norm\"; known ones are 'conv', 'max_pool', 'avg_pool', 'lrn', 'scale', "
                "'concat', 'add', 'relu', 'relu6', 'leaky_relu', 'elu', 'silu', 'gelu', 'sigmoid', 'tanh', 'sign'")]),
        (6, "  - {name: norm1, op: lrn, inputs: [conv1], alpha: 1e-4}",
            [(6, '"alpha" is not a number (with an exponent, YAML wants a point too: 1.0e-4)')]),
        (7, "  - {name: norm1, op: max_pool, inputs: [norm1], kernel: 3}",
            [(7, 'the name "norm1" is used twice. Choose another name'),
             (8, 'no node before this one has the name "pool1". A node\'s inputs come before it')]),
        (7, "  - {name: pool1, op: max_pool, inputs: [input], kernel: 2}",
            [(7, "with an input scale only a conv may read the input. Scale the weights yourself, and leave out the scale")]),
        (9, "  - {name: conv3, op: concat, inputs: [conv2, conv1]}",
            [(9, "the inputs have different sizes (conv2 62, conv1 126, for an image of 512). "
                 "Strides and padding must agree on all ways from the image")]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 64, padding: valid, channels: 1}",
            [(9, "nothing is left of an image of 512 pixels here. Strides are too many or too large")]),
        (9, "  - {name: conv3, op: add, inputs: [conv2, conv1]}",
            [(9, "the inputs have different numbers of channels (conv2 6, conv1 4)")]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 4, groups: 3}",
            [(9, "6 channels in and 4 out cannot be cut into 3 groups")]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 4, padding: [3, 0]}",
            [(9, "a window of 3 could lie in a padding of 3 altogether")]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 4, padding: [1]}",
            [(9, '"padding" is neither "same" nor "valid" nor two numbers of pixels, before and after, such as [1, 1]')]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 4, padding_value: .inf}",
            [(9, '"padding_value" is not finite')]),
        (9, "  - {name: conv3, op: conv, inputs: [conv2], kernel: 3, channels: 4, activation: sin}",
            [(9, "\"activation\" should be 'linear', 'relu', 'relu6', 'leaky_relu', 'elu', 'silu', 'gelu', 'sigmoid', "
                 "'tanh' or 'sign'")]),
        (9, "  - {name: conv3, op: max_pool, inputs: [conv2], kernel: 3, ceil: true}",
            [(3, '"conv3" is of the op max_pool, so it has no neurons of its own. '
                 'Name a conv, scale, add, concat or activation')]),
        (7, "  - {name: pool1, op: max_pool, inputs: [norm1], kernel: 3, stride: 2, ceil: true}",
            [(7, 'with same padding nothing is left to round up. Leave "ceil" out')]),
        (9, "  - *conv2", [(9, "YAML alias *conv2 is not used here. Write the value out")]),
        (9, "  - {name: a, name: b}", [(9, 'key "name" is given twice. It is there on line 9 already')]),
        (9, "  - {name: a", [(10, "the YAML cannot be read: expected ',' or '}', but got '<stream end>'. "
                                  "Check the indentation, colons and quotes here and on the line above")]),
    ],
)  # fmt: skip
def test_everything_wrong_is_told_with_its_line(tmp_path, line, instead, expected):
    lines = STEM.splitlines()
    lines[line - 1] = instead
    path = tmp_path / "stem.yaml"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        read_architecture(path)
    errors = caught.value.problems
    assert [str(error) for error in errors] == [f"{path}:{at}: {what}" for at, what in expected]


def test_weights_without_description_point_to_the_guide(own_assets):
    (own_assets / "networks" / "stem.yaml").unlink()
    with pytest.raises(InputError, match="tensor conv1_w does not belong to this architecture") as error:
        find_network("stem", own_assets)
    assert error.value.hint.endswith("belongs in stem.yaml (docs/bring-your-own-network.md)")


def plain_windows(value, node, fill):
    """Windows of a node over [height, width, channels]: [height, width, channels, kernel, kernel]."""
    if node.padding == "same":
        pads = []
        for size in value.shape[:2]:
            total = max((-(-size // node.stride) - 1) * node.stride + node.kernel - size, 0)
            pads.append((total // 2, total - total // 2))
        value = np.pad(value, (*pads, (0, 0)), constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(value, (node.kernel, node.kernel), (0, 1))[
        :: node.stride, :: node.stride
    ]


def reference(network, image):
    """Every node's value for one image in float64, and convs' before the ReLU: written from the definitions."""
    values = {INPUT: image.astype(np.float64) - network.architecture.input_mean}
    for node in network.architecture.nodes:
        value = values[node.inputs[0]]
        if node.op == "concat":
            values[node.name] = np.concatenate([values[name] for name in node.inputs], axis=2)
        elif node.op == "lrn":
            near = (
                np.abs(np.subtract.outer(np.arange(node.channels), np.arange(node.channels))) <= node.lrn.depth_radius
            )
            values[node.name] = value / (node.lrn.bias + node.lrn.alpha * value**2 @ near) ** node.lrn.beta
        elif node.op == "max_pool":
            values[node.name] = plain_windows(value, node, -np.inf).max(axis=(3, 4))
        else:
            kernel = network.kernel(node.name).astype(np.float64)
            before = np.einsum("yxcij,ijco->yxo", plain_windows(value, node, 0.0), kernel) + network.bias(node.name)
            values[f"{node.name}_pre_relu"], values[node.name] = before, np.maximum(before, 0)
    return values


nodes = st.lists(
    st.tuples(st.sampled_from(["conv", "max_pool"]), st.sampled_from([1, 2, 3, 4, 5, 11]), st.sampled_from([1, 2, 3, 4]),
              st.sampled_from(["same", "valid"])), min_size=0, max_size=2,
)  # fmt: skip


def aligned_side(architecture, least):
    """An image's side at which every SAME padding is what receptive fields assume, or None: none may exist."""
    for side in range(least, least + 200):
        sides, fits = {INPUT: side}, True
        for node in architecture.nodes:
            before = sides[node.inputs[0]]
            fits &= node.padding == "valid" or before % node.stride == 0
            sides[node.name] = (
                (before - node.kernel) // node.stride + 1 if node.padding == "valid" else before // node.stride
            )
        if fits:
            return side
    return None


@pytest.mark.tensorflow
@settings(max_examples=25, deadline=None)
@given(nodes, st.integers(0, 30))
def test_whole_images_and_crops_agree_with_brute_force(stack, extra):
    """Any strides, kernels and paddings: `forward` is the definition, and a crop is what one position of it sees."""
    tf = pytest.importorskip("tensorflow")
    from early_vision.network.tensorflow_ops import forward, forward_cropped

    built, source, channels = [], INPUT, 3
    for i, (op, kernel, stride, padding) in enumerate([*stack, ("conv", 3, 1, "same")]):
        channels = 2 + i if op == "conv" else channels
        built.append(Node(f"n{i}", op, (source,), kernel, stride, channels, padding))
        source = f"n{i}"
    architecture = Architecture(tuple(built), (source,), input_mean=(110.0, 120.0, 130.0))
    network = network_from_tensors("any", tensors_for(architecture), architecture, "a test")
    field, total = architecture.receptive_fields[source], int(np.prod([node.stride for node in built]))
    side = 2 * field.size + total * 2 + extra
    image = np.random.default_rng(side).uniform(0, 255, (side, side + 3, 3)).astype(np.float32)
    wanted = [f"{source}_pre_relu"]
    whole, expected = (
        forward(network, tf.constant(image[None]), wanted)[wanted[0]].numpy()[0],
        reference(network, image)[wanted[0]],
    )
    np.testing.assert_allclose(whole, expected, rtol=1e-4, atol=1e-3)

    assume((side := aligned_side(architecture, side)) is not None)
    image = np.random.default_rng(side).uniform(0, 255, (side, side, 3)).astype(np.float32)
    whole = reference(network, image)[wanted[0]]
    position = -(-(0 - field.start) // field.stride)
    start = field.start + position * field.stride
    part = image[None, start : start + field.size, start : start + field.size]
    assert part.shape[1:3] == (field.size, field.size)
    cropped = forward_cropped(network, tf.constant(part), crops(architecture, source))[wanted[0]].numpy()[0]
    np.testing.assert_allclose(cropped, whole[position, position], rtol=1e-4, atol=1e-3)


@pytest.mark.tensorflow
def test_the_stem_agrees_with_brute_force_and_with_its_frozen_graph(own_assets):
    tf = pytest.importorskip("tensorflow")
    from early_vision.network.tensorflow_ops import forward
    from tools.frozen_graph_reference import graph_def

    network = find_network("stem", own_assets)
    image = np.random.default_rng(0).uniform(0, 255, (131, 99, 3)).astype(np.float32)
    names = [node.name for node in network.architecture.nodes]
    ours, expected = forward(network, tf.constant(image[None]), names), reference(network, image)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def(network), name="")
        with tf.compat.v1.Session(graph=graph) as session:
            fed = {f"{INPUT}:0": image[None] - np.float32(network.architecture.input_mean)}
            frozen = dict(zip(names, session.run([f"{name}:0" for name in names], fed), strict=True))
    for name in names:
        scale = np.abs(expected[name]).max()
        np.testing.assert_allclose(ours[name].numpy()[0], expected[name], atol=1e-5 * scale, err_msg=name)
        np.testing.assert_allclose(frozen[name][0], expected[name], atol=1e-5 * scale, err_msg=name)


ARTICLE = """\
---
title: A stem
network: stem
---
/// layer-diagram
///
"""


@pytest.mark.tensorflow
@pytest.mark.slow
def test_from_an_npz_to_a_site(own_assets, root, tmp_path):
    """The whole way of a network that somebody brings: rendered, and shown with three layers."""
    pytest.importorskip("tensorflow")
    from early_vision.features import features_folder, load_features
    from early_vision.features.precompute import compute_here, precompute
    from early_vision.features.reading import reader
    from early_vision.features.recipe import Recipe, Request
    from early_vision.features.units import renderer
    from early_vision.site.build import build_site

    network = find_network("stem", own_assets)
    folder, request = features_folder(own_assets, network), Request(Recipe(steps=4, linear_steps=4), seeds=1, diverse=0)
    rendered = precompute(
        network, request, folder, tmp_path / "scratch", compute_here(renderer(network)), reader(network)
    )
    assert rendered == ("conv1", "conv2", "conv3")
    features = load_features(network, own_assets)
    assert [neurons[0].image.shape for neurons in features.values()] == [(11, 11, 3), (51, 51, 3), (67, 67, 3)]

    others = shutil.ignore_patterns("networks", "precomputed")
    shutil.copytree(root / "assets", own_assets, ignore=others, dirs_exist_ok=True)
    article = tmp_path / "content" / "a-stem"
    (article / "groups").mkdir(parents=True)
    sections = [f"# {name} {{#{name}}}\n\n/// layer-groups | {name}\n///\n" for name in network.architecture.layers]
    (article / "article.md").write_text("\n".join([ARTICLE, *sections]))
    for name, layer in network.architecture.layers.items():
        neurons = ", ".join(map(str, range(layer.neurons)))
        (article / "groups" / f"{name}.yaml").write_text(f"- name: All of {name}\n  neurons: [{neurons}]\n")
    built = build_site([article], assets=own_assets, templates=root / "templates", out=tmp_path / "site",
                       load_features=lambda network: load_features(network, own_assets))  # fmt: skip
    pages = sorted(
        str(path.relative_to(tmp_path / "site/a-stem/neurons"))
        for path in (tmp_path / "site/a-stem/neurons").glob("*/*.html")
    )
    assert pages == [
        f"{name}/{i}.html" for name, layer in network.architecture.layers.items() for i in range(layer.neurons)
    ]
    assert built.articles[0].is_file()
