"""The network as PyTorch trains it, and its export: the arithmetic, the rounding, the file, the accuracy."""

from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra `train`)")
pytestmark = pytest.mark.torch

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT
from early_vision.network.npz import read_npz, write_npz
from early_vision.network.weights import hash_tensors, load_network, to_float16
from tools.labelled_pictures import read_held_out, read_training
from tools.train_tiny import TrainingNetwork, accuracy, exported_accuracy, exported_nodes, fold

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY.parent / "shared" / "reference-network"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """On a shared machine several threads wait for one another longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def noise(count: int, height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Images float32 [count, 3, height, width] of values 0 to 255, correlated as little as can be."""
    return torch.from_numpy(np.random.default_rng(seed).uniform(0, 255, (count, 3, height, width)).astype(np.float32))


@pytest.fixture(scope="module")
def network() -> TrainingNetwork:
    """An untrained network in evaluation mode whose batch norm is far from doing nothing."""
    torch.manual_seed(0)
    network = TrainingNetwork(INCEPTIONV1, classes=5)
    images = noise(16, 48, 48)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
        for _ in range(20):
            network(images)
    return network.eval()


def test_every_node_has_the_value_that_numpy_computes(network):
    """At sizes that are no multiple of the strides, where SAME padding differs most from PyTorch's own."""
    images = noise(2, 37, 46)
    weights = fold(network)
    with torch.no_grad():
        values = exported_nodes(INCEPTIONV1, weights, images)
    for name, expected in numpy_nodes(weights, images.permute(0, 2, 3, 1).numpy()).items():
        assert_close(values[name].numpy().transpose(0, 2, 3, 1), expected, 1e-5, name)


def test_export_equals_the_forward_pass_to_float16_rounding(network):
    """Every convolution up to a layer may add float16's relative rounding, 2**-11; folding adds next to nothing."""
    convolutions_deep = {INPUT: 0}
    for node in INCEPTIONV1.nodes:
        convolutions_deep[node.name] = max(convolutions_deep[name] for name in node.inputs) + (node.op == "conv")
    images = noise(4, 64, 64, seed=1)
    folded = fold(network)
    rounded = to_float16(folded, INCEPTIONV1, "test")
    with torch.no_grad():
        trained = network.nodes(images)
        exact = exported_nodes(INCEPTIONV1, folded, images)
        exported = exported_nodes(INCEPTIONV1, rounded, images)
    for layer in INCEPTIONV1.layer_names:
        rounding = convolutions_deep[layer] * 2**-11
        assert_close(exact[layer].numpy(), trained[layer].numpy(), 1e-5, f"{layer}, folded in float32")
        assert_close(exported[layer].numpy(), trained[layer].numpy(), rounding, f"{layer}, rounded to float16")


def test_float16_weights_in_the_training_network_equal_their_export(network):
    """With the rounding on both sides there is nothing left to differ."""
    rounded = to_float16(fold(network), INCEPTIONV1, "test")
    copy = TrainingNetwork(INCEPTIONV1, classes=5).eval()
    for name, layer in copy.trunk.convolutions.items():
        kernel, bias = (torch.from_numpy(rounded[f"{name}_{part}"].astype(np.float32)) for part in "wb")
        layer.convolution.weight.data.copy_(kernel.permute(3, 2, 0, 1))
        layer.norm.bias.data.copy_(bias)
        layer.norm.eps = 0.0
    images = noise(4, 64, 64, seed=2)
    with torch.no_grad():
        trained, exported = copy.nodes(images), exported_nodes(INCEPTIONV1, rounded, images)
    for layer in INCEPTIONV1.layer_names:
        assert_close(exported[layer].numpy(), trained[layer].numpy(), 1e-5, layer)


def test_export_loads_as_a_network_and_has_the_same_bytes_every_time(network, tmp_path):
    rounded = to_float16(fold(network), INCEPTIONV1, "test")
    write_npz(tmp_path / "a.npz", rounded)
    write_npz(tmp_path / "b.npz", read_npz(tmp_path / "a.npz"))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    loaded = load_network("a", tmp_path / "a.npz", INCEPTIONV1)
    assert loaded.sha256 == hash_tensors(rounded)
    assert list(read_npz(tmp_path / "a.npz")) == list(read_npz(REPOSITORY / "assets/networks/inceptionv1-tiny.npz"))


def test_weights_too_large_for_float16_are_refused(network):
    tensors = fold(network)
    tensors["conv2d1_b"] = tensors["conv2d1_b"] + 1e5
    with pytest.raises(InputError, match="tensor conv2d1_b has a value too large for float16"):
        to_float16(tensors, INCEPTIONV1, "test")


@pytest.mark.slow
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the first training's checkpoint is not beside the repository")
def test_the_embedded_network_is_as_accurate_as_its_card_says():
    """Measured with this project's own code on the given checkpoint, whose head the embedded file does not have."""
    classes = tuple(line.split("\t")[0] for line in (REFERENCE / "classes.tsv").read_text().splitlines())
    held_out = read_held_out(REFERENCE / "tiny-imagenet-val.zip", classes)
    network = TrainingNetwork(INCEPTIONV1, len(classes)).eval()
    network.load_state_dict(
        {our_name(name): torch.from_numpy(value) for name, value in read_npz(REFERENCE / "checkpoint.npz").items()}
    )
    embedded = read_npz(REPOSITORY / "assets/networks/inceptionv1-tiny.npz")
    for name, value in fold(network).items():
        np.testing.assert_allclose(embedded[name], value, rtol=1e-3, atol=1e-7, err_msg=name)
    recognized = exported_accuracy(network, embedded, held_out, CPU)
    assert accuracy(network, held_out, CPU) == pytest.approx(recognized, abs=0.001)
    card = (REPOSITORY / "assets/networks/inceptionv1-tiny.md").read_text(encoding="utf-8")
    assert f"the {len(held_out):,} held-out pictures: **{recognized:.2%}**" in card and f"`{held_out.sha256}`" in card


@pytest.mark.slow
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the given zips are not beside the repository")
def test_the_given_zips_are_read_as_one_training_set():
    pictures = read_training([REFERENCE / f"tiny-imagenet-{part}.zip" for part in "ab"])
    assert pictures.images.shape == (50_000, 64, 64, 3)
    assert np.bincount(pictures.labels).tolist() == [250] * 200


def our_name(name: str) -> str:
    """A tensor's name in the training network, from its name in the recipe's."""
    if name.startswith("head.3."):
        return name.replace("head.3", "head.linear")
    module, tensor = (name.rsplit(mark, 1) for mark in (".conv.", ".norm.") if mark in name).__next__()
    kind = "convolution" if ".conv." in name else "norm"
    module = module.replace("head.0.branches.", "head_").replace("head.1", "head_top").replace(".branches.", "_")
    return f"{'head.' if module.startswith('head_') else ''}trunk.convolutions.{module}.{kind}.{tensor}"


def numpy_nodes(weights: dict[str, np.ndarray], images: np.ndarray) -> dict[str, np.ndarray]:
    """Every node in float64, window by window, NHWC: as TensorFlow's documentation has SAME, LRN and max-pool."""

    def windows(x, node, fill):
        pads = [(0, 0)]
        for size in x.shape[1:3]:
            lacking = max((int(np.ceil(size / node.stride)) - 1) * node.stride + node.kernel - size, 0)
            pads.append((lacking // 2, lacking - lacking // 2))
        padded = np.pad(x, [*pads, (0, 0)], constant_values=fill)
        return sliding_window_view(padded, (node.kernel, node.kernel), (1, 2))[:, :: node.stride, :: node.stride]

    values = {INPUT: images.astype(np.float64) - 117}
    for node in INCEPTIONV1.nodes:
        x = values[node.inputs[0]]
        if node.op == "conv":
            kernel = weights[f"{node.name}_w"].astype(np.float64)
            before = (
                np.einsum("nhwcij,ijco->nhwo", windows(x, node, 0), kernel, optimize=True) + weights[f"{node.name}_b"]
            )
            values[node.name] = np.maximum(before, 0)
        elif node.op == "max_pool":
            values[node.name] = windows(x, node, -np.inf).max((4, 5))
        elif node.op == "lrn":
            near = sliding_window_view(np.pad(x**2, [(0, 0)] * 3 + [(5, 5)]), 11, 3).sum(-1)
            values[node.name] = x / (2 + 1e-4 * near) ** 0.5
        else:
            values[node.name] = np.concatenate([values[name] for name in node.inputs], 3)
    return values


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float, what: str) -> None:
    """The largest difference, as a share of the largest expected value."""
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= tolerance * np.abs(expected).max(), what
