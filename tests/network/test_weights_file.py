"""Weights in the forms that they go about in: read as TensorFlow reads them, or refused by the name of what is wrong."""

import pickle
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from safetensors.numpy import save_file
from stand_in_archive import archive_of, release_of, stand_in_graph

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, Architecture, Node
from early_vision.network.frozen_graph import number, numbers, read_nodes, tensor, tensor_shape, text
from early_vision.network.imports import import_weights
from early_vision.network.info import describe
from early_vision.network.keras_file import HDF5
from early_vision.network.known import find_network
from early_vision.network.named_tensors import common_layout, our_tensors
from early_vision.network.release import GOOGLES
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import expected_shapes
from early_vision.network.weights_file import graph_weights, read_weights_file

GRAPH = stand_in_graph()
TENSORS = stand_in_tensors(INCEPTIONV1)
NAMES = list(TENSORS)


def changed(change):
    """The graph after a change to its nodes by name."""
    graph = type(GRAPH)()
    graph.CopyFrom(GRAPH)
    change({node.name: node for node in graph.node}, graph)
    return graph


def read(graph, release=GOOGLES):
    return graph_weights(graph.SerializeToString(), INCEPTIONV1, release, "a.pb")


def problems(graph) -> list[str]:
    with pytest.raises(InputError) as error:
        read(graph)
    return [str(each) for each in error.value.problems]


def assert_tensors(found):
    assert list(found) == NAMES
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(found[name], value)


def test_every_tensor_is_what_tensorflow_reads():
    found = read(GRAPH)
    assert_tensors(found.tensors)
    assert found.notes == (
        f"the graph's SHA-256 is {found.graph.sha256}, not that of the released graph; its structure is the same",
    )
    data = GRAPH.SerializeToString()
    assert graph_weights(data, INCEPTIONV1, release_of(b"", data), "a.pb").notes == (), "its hash says what it is"


def test_every_attribute_is_what_tensorflow_reads():
    nodes = read_nodes(GRAPH.SerializeToString())
    assert list(nodes) == [node.name for node in GRAPH.node]
    for theirs in GRAPH.node:
        ours = nodes[theirs.name]
        assert (ours.op, ours.inputs, set(ours.attributes)) == (theirs.op, tuple(theirs.input), set(theirs.attr))
        for name, value in theirs.attr.items():
            kind = value.WhichOneof("value")
            if kind == "list":
                assert numbers(ours, name, ()) == tuple(value.list.i)
            elif kind in ("i", "f"):
                assert number(ours, name, -1.0) == getattr(value, kind)
            elif kind == "s":
                assert text(ours, name, "") == value.s.decode()
            elif kind == "tensor":
                assert tensor_shape(ours) == tuple(dim.size for dim in value.tensor.tensor_shape.dim)


VALUES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=24)


@given(VALUES, st.sampled_from(["raw", "half", "listed", "cut", "spread"]), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_tensors_in_every_form_that_tensorflow_writes(values, form, more):
    array = np.array(values, np.float32)
    proto = tf.compat.v1.NodeDef(name="x", op="Const")
    value = proto.attr["value"].tensor
    if form in ("raw", "half"):
        array = np.clip(array, -6e4, 6e4).astype(np.float16) if form == "half" else array
        value.CopyFrom(tf.make_tensor_proto(np.stack([array, array])))
    else:
        value.dtype = tf.float32.as_datatype_enum
        value.float_val.extend(array)
        size = len(array) * (more if form == "cut" else 1)
        value.tensor_shape.dim.add(size=size)
    data = proto.SerializeToString()
    if form == "spread":
        # Parsers have to take numbers that each have a field of their own.
        spread = b"".join(b"\x2d" + struct.pack("<f", one) for one in array)
        held = tf.compat.v1.NodeDef(name="x", op="Const")
        held.attr["value"].tensor.dtype, held.attr["value"].tensor.tensor_shape.dim.add(size=len(array)).name
        held.attr["value"].tensor.ParseFromString(
            value.__class__(dtype=1, tensor_shape=value.tensor_shape).SerializeToString() + spread
        )
        data = held.SerializeToString()
    node = read_nodes(b"\n" + _varint(len(data)) + data)["x"]
    expected = tf.make_ndarray(value)
    np.testing.assert_array_equal(tensor(node, tensor_shape(node)), expected)


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


SMALL = changed(
    lambda nodes, graph: [
        node.attr["value"].tensor.ClearField("tensor_content") for node in graph.node if node.op == "Const"
    ]
).SerializeToString()


@given(st.binary(max_size=200), st.integers(0, len(SMALL) - 1), st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_noise_is_refused_not_crashed_on(noise, at, removed):
    for data in (noise, SMALL[:at] + noise + SMALL[at + removed :], SMALL[:at]):
        with pytest.raises(InputError):
            graph_weights(data, INCEPTIONV1, GOOGLES, "a.pb")


def test_sizes_that_lie_take_no_memory():
    for data in (b"\n" + b"\xff" * 9 + b"\x01", b"\n\xff\xff\xff\xff\x0f", b"\n\x00" * 20_000):
        with pytest.raises(InputError, match="no frozen TensorFlow graph"):
            graph_weights(data, INCEPTIONV1, GOOGLES, "a.pb")

    def huge(nodes, graph):
        shape = nodes["conv2d0_w"].attr["value"].tensor.tensor_shape
        shape.dim[0].size = 1 << 40

    assert (
        "it has the shape (1099511627776, 7, 3, 64), but the architecture needs (7, 7, 3, 64)"
        in problems(changed(huge))[0]
    )


def poison(nodes, graph):
    value = nodes["mixed3a_3x3_w"].attr["value"].tensor
    array = tf.make_ndarray(value).copy()
    array[1, 2, 3, 4] = np.nan
    value.CopyFrom(tf.make_tensor_proto(array))


def without(name):
    return lambda nodes, graph: graph.node.remove(nodes[name])


def attribute(name, key, **value):
    return lambda nodes, graph: nodes[name].attr[key].CopyFrom(tf.compat.v1.AttrValue(**value))


def feed(name, index, source):
    return lambda nodes, graph: nodes[name].input.__setitem__(index, source)


def ints(*values):
    return tf.compat.v1.AttrValue.ListValue(i=values)


WRONG = {
    "a missing Const": (without("conv2d2_w"), "a.pb: node conv2d2_w is missing. It should hold a tensor of the shape (3, 3, 64, 192)"),
    "a missing operation": (without("maxpool1"), "a.pb: node maxpool1 is missing"),
    "an operation by another name": (lambda nodes, graph: setattr(nodes["maxpool1"], "name", "maxpool_1"),
                                     'a.pb: node maxpool1 is missing. Did you mean "maxpool_1"?'),
    "a node twice": (lambda nodes, graph: graph.node.add(name="conv2d0", op="Relu"), "two nodes are named 'conv2d0'"),
    "a variable": (lambda nodes, graph: setattr(nodes["conv2d0_b"], "op", "VariableV2"),
                   "node conv2d0_b is a 'VariableV2', not a Const. Freeze the graph first"),
    "a wrong shape": (lambda nodes, graph: nodes["conv2d1_b"].attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.zeros(32, "f4"))),
                      "it has the shape (32,), but the architecture needs (64,)"),
    "integers": (lambda nodes, graph: nodes["conv2d1_b"].attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.zeros(64, "i4"))),
                 "it holds TensorFlow's type 3, not floating-point numbers"),
    "too few bytes": (lambda nodes, graph: setattr(nodes["conv2d1_b"].attr["value"].tensor, "tensor_content", b"1234"), "it holds 4 bytes"),
    "another stride": (attribute("conv2d0_pre_relu/conv", "strides", list=ints(1, 1, 1, 1)), "its strides are (1, 1, 1, 1), not (1, 2, 2, 1)"),
    "another padding": (attribute("conv2d0_pre_relu/conv", "padding", s=b"VALID"), "its padding is 'VALID', not SAME"),
    "another layout": (attribute("conv2d0_pre_relu/conv", "data_format", s=b"NCHW"), "its data format is 'NCHW', not NHWC"),
    "another pooling": (attribute("maxpool0", "ksize", list=ints(1, 2, 2, 1)), "its ksize are (1, 2, 2, 1), not (1, 3, 3, 1)"),
    "another normalization": (attribute("localresponsenorm0", "alpha", f=1.0), "its alpha is 1, not 0.0001"),
    "another activation": (lambda nodes, graph: setattr(nodes["conv2d1"], "op", "Relu6"), "node conv2d1: expected Relu, found 'Relu6'"),
    "an extra node between": (lambda nodes, graph: (graph.node.add(name="extra", op="Sigmoid", input=["conv2d1"]),
                                                    nodes["conv2d2_pre_relu/conv"].input.__setitem__(0, "extra")),
                              "node conv2d2 is fed by 'extra', not by 'conv2d1'"),
    "weights exchanged": (feed("mixed3a_1x1_pre_relu/conv", 1, "mixed3b_1x1_w"), "its Conv2D takes 'mixed3b_1x1_w', not 'mixed3a_1x1_w'"),
    "branches exchanged": (lambda nodes, graph: (nodes["mixed3a"].input.__setitem__(1, "mixed3a_3x3"), nodes["mixed3a"].input.__setitem__(2, "mixed3a_1x1")),
                           "node mixed3a is fed by 'mixed3a_3x3', not by 'mixed3a_1x1'"),
    "a ring": (lambda nodes, graph: (graph.node.add(name="a", op="Identity", input=["b"]), graph.node.add(name="b", op="Identity", input=["a"]),
                                     nodes["conv2d1_pre_relu/conv"].input.__setitem__(0, "a")), "node conv2d1 is fed by"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_another_graph_is_refused_by_what_differs(what):
    change, message = WRONG[what]
    told = problems(changed(change))
    assert any(message in one for one in told), told


def test_all_differences_are_told_at_once():
    def change(nodes, graph):
        for name in ("maxpool0", "conv2d1", "mixed3a_pool"):
            graph.node.remove(nodes[name])

    told = problems(changed(change))
    assert [one.split()[2] for one in told if "is missing" in one] == ["maxpool0", "conv2d1", "mixed3a_pool"]
    assert (
        len(problems(changed(lambda nodes, graph: [graph.node.remove(n) for n in nodes.values() if n.op == "Relu"])))
        == 9
    )


def test_a_released_graph_is_taken_for_what_its_hash_says():
    """Our check of structures was never run on Google's file: it must not stand in the way of the right one."""
    data = changed(WRONG["another padding"][0]).SerializeToString()
    found = graph_weights(data, INCEPTIONV1, release_of(b"", data), "a.pb")
    assert_tensors(found.tensors)
    assert found.notes == ("node conv2d0: its padding is 'VALID', not SAME",)


def lucids(prefix="import/"):
    """As tools leave a graph that was imported and frozen again: a prefix, Identity after weights, ConcatV2, more nodes."""

    def change(nodes, graph):
        for node in list(graph.node):
            if node.op == "Const" and node.name.endswith("_w"):
                graph.node.add(name=f"{node.name}/read", op="Identity", input=[node.name])
            if node.op == "Conv2D":
                node.input[1] += "/read:0"
            if node.op == "Concat":
                node.op, axis = "ConcatV2", node.input.pop(0)
                node.input.append(axis)
        graph.node.add(name="mixed4a", op="Relu", input=["mixed3b", "^conv2d0"])
        graph.node.remove(nodes["input"])
        graph.node.add(name="Placeholder", op="Placeholder")
        nodes["conv2d0_pre_relu/conv"].input[0] = "Placeholder"
        for node in graph.node:
            node.name = prefix + node.name
            inputs = [f"^{prefix}{name[1:]}" if name.startswith("^") else prefix + name for name in node.input]
            del node.input[:]
            node.input.extend(inputs)

    return changed(change)


@pytest.mark.parametrize("prefix", ["", "import/"])
def test_a_copy_of_the_graph_under_other_circumstances(prefix):
    found = read(lucids(prefix))
    assert_tensors(found.tensors)
    assert "its structure is the same" in found.notes[0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "early-vision" / "networks"


def write(path: Path, kind: str) -> tuple[str, ...]:
    """A file with the stand-in weights; the notes to expect."""
    oihw = {name: value.transpose(3, 2, 0, 1).copy() if value.ndim == 4 else value for name, value in TENSORS.items()}
    torch_names = {name[:-2] + (".weight" if name.endswith("_w") else ".bias"): value for name, value in oihw.items()}
    pytorch = "kernels were stored as OIHW, PyTorch's layout"
    if kind == "zip":
        path.write_bytes(archive_of(GRAPH.SerializeToString()))
    elif kind == "pb":
        path.write_bytes(GRAPH.SerializeToString())
    elif kind == "npz":
        np.savez_compressed(path, **TENSORS)
    elif kind == "npz, OIHW, half":
        np.savez(path, **{name: value.astype(np.float16) for name, value in oihw.items()})
        return (pytorch,)
    elif kind == "safetensors":
        save_file(TENSORS | {"mixed4a_1x1_w": np.zeros((1, 1, 480, 192), np.float32)}, path)
        return ("1 other tensors of the file are not needed",)
    elif kind == "safetensors, PyTorch's names":
        save_file(torch_names, path)
        return (pytorch,)
    return ()


KINDS = ["zip", "pb", "npz", "npz, OIHW, half", "safetensors", "safetensors, PyTorch's names"]


@pytest.mark.parametrize("kind", KINDS)
def test_import(kind, folder, tmp_path, assets):
    file = tmp_path / f"mine.{kind.split(',')[0]}"
    expected, said = write(file, kind), []
    import_weights(file, "inceptionv1", GOOGLES, folder, said.append)
    assert said == list(expected) or (kind in ("zip", "pb") and "not that of the released graph" in said[0])
    network = find_network("inceptionv1", assets)
    assert not network.stand_in
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(network.weights[name], value.astype(np.float16))
    lines = "\n".join(describe("inceptionv1", assets))
    assert f"from       mine.{kind.split(',')[0]}" in lines
    assert "taxonomy   not known: the structure is right, but no hash shows that the numbers are Google's" in lines


def test_the_released_graph_is_known_by_its_hash(folder, tmp_path, assets, monkeypatch):
    write(tmp_path / "a.zip", "zip")
    release = release_of((tmp_path / "a.zip").read_bytes(), GRAPH.SerializeToString())
    monkeypatch.setattr("early_vision.network.info.GOOGLES", release)
    import_weights(tmp_path / "a.zip", "inceptionv1", release, folder, pytest.fail)
    lines = "\n".join(describe("inceptionv1", assets))
    assert "taxonomy   yes: this is the network that the published taxonomy speaks of" in lines
    assert release.archive.sha256 in lines and release.graph.sha256 in lines
    assert "conv2d0_w                 7x7x3x64" in lines


def test_weights_are_not_overwritten_by_others(folder, tmp_path, assets):
    write(tmp_path / "a.npz", "npz")
    import_weights(tmp_path / "a.npz", "inceptionv1", GOOGLES, folder, pytest.fail)
    said = []
    import_weights(tmp_path / "a.npz", "inceptionv1", GOOGLES, folder, said.append)
    assert len(said) == 1 and said[0].endswith("already")
    np.savez(tmp_path / "b.npz", **TENSORS | {"conv2d0_b": TENSORS["conv2d0_b"] + 1})
    with pytest.raises(InputError, match="there is a network inceptionv1 already"):
        import_weights(tmp_path / "b.npz", "inceptionv1", GOOGLES, folder, said.append)
    (folder / "inceptionv1.npz").write_bytes(b"damaged")
    import_weights(tmp_path / "b.npz", "inceptionv1", GOOGLES, folder, said.append)
    assert find_network("inceptionv1", assets).weights["conv2d0_b"][0] > 0.9


def test_a_record_speaks_of_its_weights_only(folder, tmp_path, assets):
    """Cut off between record and weights, random numbers must not lose their mark."""
    write(tmp_path / "a.npz", "npz")
    import_weights(tmp_path / "a.npz", "inceptionv1", GOOGLES, folder, pytest.fail)
    import_weights(tmp_path / "a.npz", "other", GOOGLES, folder, pytest.fail)
    np.savez(folder / "other.npz", **TENSORS | {"conv2d0_b": TENSORS["conv2d0_b"] + 1})
    with pytest.raises(InputError, match="this record is of other weights"):
        find_network("other", assets)
    (folder / "other.json").write_text("{}")
    with pytest.raises(InputError, match="the record of where these weights came from is damaged"):
        find_network("other", assets)


FILES = {
    "a PyTorch pickle": (lambda path: zipfile.ZipFile(path, "w").writestr("archive/data.pkl", b"x"), "this is a pickle"),
    "a bare pickle": (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "this is a pickle"),
    "a poisoned graph": (lambda path: path.write_bytes(changed(poison).SerializeToString()),
                         "tensor mixed3a_3x3_w has a value that is not finite, at index (1, 2, 3, 4)"),
    "a number too large": (lambda path: np.savez(path, **TENSORS | {"conv2d0_b": TENSORS["conv2d0_b"] + 1e5}), "too large for float16"),
    "a missing tensor": (lambda path: np.savez(path, **{("conv2d0_v" if k == "conv2d0_w" else k): v for k, v in TENSORS.items()}),
                         'tensor conv2d0_w is missing. Did you mean "conv2d0_v"?'),
    "a tensor twice": (lambda path: save_file(TENSORS | {"conv2d0.weight": TENSORS["conv2d0_w"]}, path),
                       "tensor conv2d0_w is there twice, as conv2d0_w and conv2d0.weight"),
    "two layouts": (lambda path: np.savez(path, **TENSORS | {"conv2d2_w": TENSORS["conv2d2_w"].transpose(3, 2, 0, 1)}),
                    "tensor conv2d0_w is laid out HWIO, tensor conv2d2_w OIHW"),
    "another shape": (lambda path: np.savez(path, **TENSORS | {"conv2d2_w": TENSORS["conv2d2_w"][1:]}), "tensor conv2d2_w has the shape (2, 3, 64, 192)"),
    "integers": (lambda path: np.savez(path, **TENSORS | {"conv2d0_b": np.zeros(64, int)}), "tensor conv2d0_b holds int64"),
    "safetensors cut off": (lambda path: (save_file(TENSORS, path), path.write_bytes(path.read_bytes()[:-100])), "cannot be read"),
    "safetensors with a huge header": (lambda path: path.write_bytes(struct.pack("<Q", 1 << 60) + b'{"a":1}'), "cannot be read"),
    "bfloat16": (lambda path: path.write_bytes(b'\x39\0\0\0\0\0\0\0{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}   \0\0'), "tensor conv2d0_w is missing"),
    "HDF5": (lambda path: path.write_bytes(HDF5 + bytes(100)), "this is an HDF5 file, which is not read by itself. A Keras model: load it"),
    "nothing": (lambda path: path.touch(), "this is no frozen TensorFlow graph (it has no nodes)"),
    "text": (lambda path: path.write_text("weights"), "this is no frozen TensorFlow graph"),
    "no such file": (lambda path: None, "there is no such file"),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_used(what, folder, tmp_path):
    make, message = FILES[what]
    # Without a suffix: np.savez would add its own, and what a file is shows in its first bytes.
    make(tmp_path / "a.npz")
    if (tmp_path / "a.npz").exists():
        shutil.move(tmp_path / "a.npz", tmp_path / "weights")
    with pytest.raises(InputError) as error:
        import_weights(tmp_path / "weights", "inceptionv1", GOOGLES, folder, lambda _: None)
    assert message in str(error.value) and "weights: " in str(error.value)
    assert not folder.exists()


def test_a_file_too_large_is_not_opened(tmp_path):
    with (tmp_path / "a.pb").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InputError, match="1024 MiB, more than such a network can have"):
        read_weights_file(tmp_path / "a.pb", INCEPTIONV1, GOOGLES)


@given(st.lists(st.sampled_from([(3, 3, 3, 3), (3, 3, 4, 5), (1, 1, 2, 2)]), min_size=1, max_size=5), st.booleans())
def test_kernels_that_fit_either_layout_follow_the_others(shapes, pytorch):
    names = {f"k{i}_w": shape for i, shape in enumerate(shapes)}
    given_shapes = {name: tuple(np.array(s)[[3, 2, 0, 1]]) if pytorch else s for name, s in names.items()}
    decided = any(shape != (3, 3, 3, 3) for shape in shapes)
    assert common_layout(given_shapes, names, "a") == ("OIHW" if pytorch and decided else "HWIO")


def test_an_ambiguous_kernel_is_turned_with_the_others():
    architecture = Architecture((Node("a", "conv", ("input",), 3, 1, 3), Node("b", "conv", ("a",), 3, 1, 5)), ("b",))
    ours = {name: np.random.default_rng(0).normal(size=shape) for name, shape in expected_shapes(architecture).items()}
    theirs = {name: value.transpose(3, 2, 0, 1) if value.ndim == 4 else value for name, value in ours.items()}
    assert theirs["a_w"].shape == ours["a_w"].shape
    for name, value in our_tensors(theirs, architecture, "a")[0].items():
        np.testing.assert_array_equal(value, ours[name])
