"""MXNet's, Caffe's and PyTorch's files: what their own formats say, by hand, and the architecture files beside them."""

import struct

import numpy as np
import pytest
from click.testing import CliRunner

from early_vision.errors import InputError
from early_vision.network.architecture import Architecture, Node
from early_vision.network.catalogue import read_catalogue
from early_vision.network.formats.caffe import read_caffe
from early_vision.network.formats.mxnet import V2, read_mxnet
from early_vision.network.formats.safetensors import read_safetensors
from early_vision.network.imports import import_described, import_known
from early_vision.network.known import find_network
from early_vision.network.mxnet_tensors import mxnet_tensors
from early_vision.network.release import GOOGLES
from tools.foreign_files import caffe_model, mxnet_list, safetensors

RANDOM = np.random.default_rng(5)
KERNEL = RANDOM.normal(size=(4, 3, 3, 3)).astype(np.float32)
DEEPER = RANDOM.normal(size=(5, 4, 1, 1)).astype(np.float32)
BIAS = RANDOM.normal(size=4).astype(np.float32)
YAML = """input: {{mean: [123.0, 117.0, 104.0], scale: 0.5, colours: {colours}}}
layout: oihw
layers: [stem_0, next]
nodes:
  - {{name: stem_0, op: conv, inputs: [input], kernel: 3, channels: 4, activation: linear}}
  - {{name: norm, op: scale, inputs: [stem_0]}}
  - {{name: next, op: conv, inputs: [norm], kernel: 1, channels: 5}}
"""
NORM = {"norm.weight": np.full(4, 2.0, np.float32), "norm.bias": np.full(4, 3.0, np.float32),
        "norm.running_mean": np.full(4, 5.0, np.float32), "norm.running_var": np.full(4, 4.0, np.float32)}  # fmt: skip


@pytest.mark.parametrize("version", [None, V2])
def test_mxnet_lists_of_both_forms(version, tmp_path):
    given = {"arg:a_weight": KERNEL, "aux:b": np.array([1, 2], np.int8), "arg:c": np.float64([[1.5]])}
    (tmp_path / "a.params").write_bytes(mxnet_list(given, version))
    found = read_mxnet(tmp_path / "a.params")
    assert list(found) == ["a_weight", "b", "c"]
    for theirs, ours in zip(given.values(), found.values(), strict=True):
        np.testing.assert_array_equal(theirs, ours)
        assert theirs.dtype == ours.dtype


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-1], "it ends too early"),
        (lambda data: data + b"\0", "something follows its end"),
        (lambda data: data[:16] + struct.pack("<Q", 1 << 40) + data[24:], "it says that it holds 1099511627776 arrays"),
        (lambda data: data[:24] + struct.pack("<I", 99) + data[28:], "an array has 99 dimensions"),
        (lambda data: data[:28] + struct.pack("<I", 1 << 31) + data[32:], "it ends too early"),
        (lambda data: b"\1" + data[1:], "it does not begin as one"),
    ],
)
def test_mxnet_lists_that_lie(change, message, tmp_path):
    (tmp_path / "a.params").write_bytes(change(mxnet_list({"arg:a": KERNEL})))
    with pytest.raises(InputError, match=message):
        read_mxnet(tmp_path / "a.params")


def test_binary_weights_are_bits_of_words():
    """BMXNet: the lowest bit first, 1 for +1; (dot + n) / 2 for what is seen as ±1."""
    signs = RANDOM.choice([-1.0, 1.0], (2, 64, 1, 1))
    words = np.packbits(signs.reshape(2, 64) > 0, axis=1, bitorder="little").view("<f8").reshape(-1)
    node = Node("a", "conv", ("b",), channels=2, activation="linear")
    architecture = Architecture((Node("b", "conv", ("input",), channels=64), node), ("b",))
    made = mxnet_tensors({"a_weight": words}, architecture, {})
    seen = RANDOM.choice([-1.0, 1.0], 64)
    gives = (made["a_w"][:, :, 0, 0] @ seen) + made["a_b"]
    np.testing.assert_array_equal(gives, (signs[:, :, 0, 0] @ seen + 64) / 2)


@pytest.mark.parametrize("form", ["layer", "layers", "layer with a field for every number"])
def test_caffe_models_of_both_forms(form, tmp_path):
    path = tmp_path / "a.caffemodel"
    path.write_bytes(caffe_model({"conv1/3x3": (KERNEL, BIAS), "pool": ()}, form.split()[0], spread="every" in form))
    found = read_caffe(path)
    assert list(found) == ["conv1/3x3"]
    np.testing.assert_array_equal(found["conv1/3x3"][0], KERNEL)
    np.testing.assert_array_equal(found["conv1/3x3"][1].reshape(-1), BIAS)


def test_caffe_models_that_lie(tmp_path):
    path = tmp_path / "a.caffemodel"
    whole = caffe_model({"conv1": (KERNEL, BIAS)}, "layer")
    cut = caffe_model({"conv1": (KERNEL, BIAS)}, "layer", shape=(1 << 31, 1 << 31, 3, 3))
    for data, message in ((whole[:-4], "goes on beyond the end"), (cut, "has 432 bytes for the shape"), (b"", "no layers"),
                          (b"\x12\x02\x0a\x00", "in the form of 2013")):  # fmt: skip
        path.write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_caffe(path)


@pytest.mark.parametrize(("name", "folder"), [("googlenet", "googlenet-bvlc"), ("squeezenet", "squeezenet")])
@pytest.mark.parametrize("form", ["layer", "layers"])
def test_a_caffe_model_of_a_known_network_ends_at_its_hash(name, folder, form, assets, shared, tmp_path):
    """The published files, put together to the model that they were made from: kernels OIHW, as Caffe has them."""
    entry, layers = read_catalogue(assets)[name], {}
    for file in entry.source.files:
        value = np.fromfile(shared / "networks" / folder / file.path, "<f4")
        layer, _, part = file.path.rpartition("_")
        if part == "filter.bin":
            k, _, channels_in, out = entry.architecture.weight_shape(entry.architecture.node(file.tensor[:-2]))
            value = value.reshape(out, k, k, channels_in).transpose(0, 3, 1, 2)
        layers.setdefault(layer, {})[part] = value
    path = tmp_path / "a.caffemodel"
    path.write_bytes(caffe_model({k: (v["filter.bin"], v["bias.bin"]) for k, v in layers.items()}, form))
    assert import_known(entry, path, tmp_path).weights
    path.write_bytes(caffe_model({k: (v["filter.bin"], -v["bias.bin"]) for k, v in layers.items()}, form))
    with pytest.raises(InputError, match="are others than expected"):
        import_known(entry, path, tmp_path)


def test_bfloat16_and_a_header_whose_length_begins_as_a_pickle_does(tmp_path):
    """One in 256 valid lengths, and one in 32 of those that are a multiple of 8, has the low byte 0x80."""
    wide = np.array([1.0, -2.5, 3e38, 1e-30], np.float32)
    bf16 = (wide.view(np.uint32) >> 16).astype(np.uint16)
    data = safetensors({"a": ("BF16", bf16)}, length=0x80)
    assert data[0] == 0x80
    (tmp_path / "a.safetensors").write_bytes(data)
    found = read_safetensors(tmp_path / "a.safetensors")["a"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, (wide.view(np.uint32) & 0xFFFF0000).view(np.float32))


def expected(colours):
    kernel = KERNEL.transpose(2, 3, 1, 0)
    return (kernel[:, :, ::-1] if colours == "bgr" else kernel) * 0.5


@pytest.mark.parametrize("prefix", ["", "module.", "module.backbone."])
def test_pytorchs_names_with_a_prefix_and_an_architecture_file(prefix, tmp_path):
    held = {"stem.0.weight": KERNEL, "stem.0.bias": BIAS, "next.weight": DEEPER, "next.num": np.zeros(1, np.float32)}
    held |= NORM
    (tmp_path / "a.safetensors").write_bytes(
        safetensors({prefix + k: ("F32", v) for k, v in held.items()}, length=0x480)
    )
    (tmp_path / "mine.yaml").write_text(YAML.format(colours="rgb"))
    said = []
    home = tmp_path / "networks"
    import_described(tmp_path / "a.safetensors", tmp_path / "mine.yaml", "mine", GOOGLES, home, said.append)
    network = find_network("mine", tmp_path)
    np.testing.assert_array_equal(network.weights["stem_0_w"], expected("rgb"))
    np.testing.assert_array_equal(network.weights["next_w"], DEEPER.transpose(2, 3, 1, 0))
    np.testing.assert_array_equal(network.weights["next_b"], np.zeros(5))
    np.testing.assert_allclose(network.weights["norm_w"], 2 / np.sqrt(4 + 1e-5), rtol=1e-6)
    np.testing.assert_allclose(network.weights["norm_b"], 3 - 5 * 2 / np.sqrt(4 + 1e-5), rtol=1e-6)
    assert any("1 convolutions have no bias" in note for note in said) and any("1 batch norms" in note for note in said)


def test_a_caffe_model_and_an_mxnet_list_with_an_architecture_file(tmp_path):
    (tmp_path / "mine.yaml").write_text(YAML.format(colours="bgr"))
    caffe = {"stem/0": (KERNEL, BIAS), "next": (DEEPER,), "norm": (NORM["norm.weight"], NORM["norm.bias"])}
    (tmp_path / "a.caffemodel").write_bytes(caffe_model(caffe, "layer"))
    mxnet = {"arg:stem_0_weight": KERNEL, "arg:stem_0_bias": BIAS, "arg:next_weight": DEEPER, "arg:norm_gamma": NORM["norm.weight"],
             "arg:norm_beta": NORM["norm.bias"], "aux:norm_moving_mean": np.zeros(4), "aux:norm_moving_var": np.ones(4)}  # fmt: skip
    (tmp_path / "a.params").write_bytes(mxnet_list(mxnet))
    for file in ("a.caffemodel", "a.params"):
        name = f"of-{file[2:]}"
        import_described(tmp_path / file, tmp_path / "mine.yaml", name, GOOGLES, tmp_path / "networks", lambda _: None)
        network = find_network(name, tmp_path)
        np.testing.assert_array_equal(network.weights["stem_0_w"], expected("bgr"))
        np.testing.assert_allclose(network.weights["norm_b"], 3.0)


def test_an_own_network_may_be_laid_out_as_pytorchs(tmp_path):
    folder = tmp_path / "networks"
    folder.mkdir()
    (folder / "mine.yaml").write_text(YAML.format(colours="bgr"))
    np.savez(
        folder / "mine.npz", stem_0_w=KERNEL, stem_0_b=BIAS, norm_w=BIAS, norm_b=BIAS, next_w=DEEPER, next_b=np.zeros(5)
    )
    np.testing.assert_array_equal(find_network("mine", tmp_path).weights["stem_0_w"], expected("bgr"))


def test_the_commands(tmp_path):
    from early_vision.cli import main

    (tmp_path / "mine.yaml").write_text(YAML.format(colours="rgb"))
    (tmp_path / "a.safetensors").write_bytes(safetensors({"stem.0.weight": ("F32", KERNEL)}))
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    run = CliRunner().invoke
    own = ["--architecture", str(tmp_path / "mine.yaml"), "--out", str(tmp_path)]
    for words, message in [
        ([str(tmp_path / "a.safetensors"), *own], "a.safetensors: tensor norm_w is missing"),
        ([str(tmp_path / "a.h5"), "--layers", "a", "--name", "b"], "this is a model in Keras's older format, HDF5"),
        ([str(tmp_path / "a.h5")], "this is an HDF5 file, which is not read by itself"),
    ]:
        done = run(main, ["weights", "import", *words])
        assert done.exit_code == 2 and message in done.output, done.output
