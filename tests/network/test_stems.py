"""Stems of published networks, their real numbers on a picture-like image, against NumPy: skipped without ../shared."""

import numpy as np
import pytest
import stems
from numpy_network import convolution, numpy_values, windows

tf = pytest.importorskip("tensorflow")

from early_vision.network.crop import crops
from early_vision.network.tensorflow_ops import forward, forward_cropped

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(not stems.SHARED.is_dir(), reason="../shared/networks, the published files, is not here"),
]
NETWORKS = {
    "squeezenet": stems.squeezenet,
    "googlenet": stems.googlenet,
    "resnet18-binary": lambda: stems.resnet18("binary.npz"),
    "resnet18-binary-stage1-float": lambda: stems.resnet18("stage1-float.npz"),
}


def photograph(side):
    """Edges, gradients and noise with a spectrum like that of photographs: amplitudes fall as 1 / frequency."""
    random = np.random.default_rng(11)
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    f[0, 0] = 1 / side
    noise = np.stack([np.fft.ifft2(np.fft.fft2(random.normal(size=(side, side))) / f).real for _ in range(3)], 2)
    image = 120 + 45 * (0.7 * noise.mean(2, keepdims=True) + 0.3 * noise) / noise.std()
    image[side // 3 :, side // 2 :] = 235 - image[side // 3 :, side // 2 :]
    return image.clip(0, 255).astype(np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_whole_stem_agrees_with_numpy(name):
    network, image = NETWORKS[name](), photograph(113 if name == "squeezenet" else 112)
    names = [node.name for node in network.architecture.nodes]
    ours, theirs = forward(network, tf.constant(image[None]), names), numpy_values(network, image)
    for each in names:
        apart = np.abs(ours[each].numpy()[0] - theirs[each])
        assert apart.max() <= 1e-4 * np.abs(theirs[each]).max(), each


@pytest.mark.parametrize("name", NETWORKS)
def test_crops_of_a_stem_are_the_whole(name):
    network, image = NETWORKS[name](), photograph(256)
    for layer in network.architecture.layer_names:
        field = network.architecture.receptive_fields[layer]
        position = (128 - field.start - field.size // 2) // field.stride
        start = field.start + position * field.stride
        part = image[None, start : start + field.size, start : start + field.size]
        assert part.shape[1:3] == (field.size, field.size)
        whole = forward(network, tf.constant(image[None]), [f"{layer}_pre_relu"])[f"{layer}_pre_relu"]
        cropped = forward_cropped(network, tf.constant(part), crops(network.architecture, layer))[f"{layer}_pre_relu"]
        apart = np.abs(cropped.numpy()[0] - whole.numpy()[0, position, position])
        assert apart.max() <= 1e-4 * np.abs(whole).max(), layer


def test_the_layers_are_those_of_the_published_networks():
    found = {
        name: [(layer.name, layer.neurons, layer.receptive_field) for layer in make().architecture.layers.values()]
        for name, make in NETWORKS.items()
    }
    assert found["squeezenet"][0] == ("conv1", 64, 3) and found["squeezenet"][-1][:2] == ("fire5", 256)
    assert [layer[:2] for layer in found["resnet18-binary"]] == [("conv0", 64), ("stage1", 64), ("stage2", 128)]
    assert [layer[1] for layer in found["googlenet"]] == [64, 64, 192, 256, 480]


@pytest.mark.parametrize("file", ["binary.npz", "stage1-float.npz"])
def test_the_xnor_convention_is_that_of_the_symbol_graph(file):
    """Straight from the published numbers: batch norms as they are written, ±1 weights, (dot + n) / 2."""
    given = {key: value.astype(np.float64) for key, value in np.load(stems.SHARED / "resnet18-binary" / file).items()}
    integer = {key for key, value in np.load(stems.SHARED / "resnet18-binary" / file).items() if value.dtype == np.int8}

    def norm(x, name, gamma=True):
        factor = (given[f"{name}_gamma"] if gamma else 1.0) / np.sqrt(given[f"{name}_moving_var"] + 2e-5)
        return (x - given[f"{name}_moving_mean"]) * factor + given[f"{name}_beta"]

    def conv(x, name, stride=1):
        kernel, binary = given[f"{name}_weight"].transpose(2, 3, 1, 0), f"{name}_weight" in integer
        pad = (kernel.shape[0] // 2,) * 2
        dot = convolution(x, kernel, 0.0, stride, pad, 1.0 if binary else 0.0)
        return (dot + kernel[..., 0].size) / 2 if binary else dot

    def active(x, name):
        return np.where(x >= 0, 1.0, -1.0) if f"{name}_weight" in integer else np.maximum(x, 0)

    image = photograph(112)
    x = norm(image - np.array([123.68, 116.779, 103.939]), "bn_data", gamma=False)
    x = np.maximum(norm(conv(x, "conv0", 2), "bn0"), 0)
    expected = {"conv0": x}
    x = windows(x, 3, 2, (1, 1), -np.inf).max((3, 4))
    for stage in (1, 2):
        for unit in (1, 2):
            at, stride = f"stage{stage}_unit{unit}", 2 if (stage, unit) == (2, 1) else 1
            bits = active(norm(x, f"{at}_bn1"), f"{at}_conv1")
            y = conv(bits, f"{at}_conv1", stride)
            y = conv(active(norm(y, f"{at}_bn2"), f"{at}_conv2"), f"{at}_conv2")
            x = y + (conv(bits, f"{at}_sc", stride) if unit == 1 else x)
        expected[f"stage{stage}"] = x
    ours = forward(stems.resnet18(file), tf.constant(image[None]), expected)
    for name, value in expected.items():
        apart = np.abs(ours[name].numpy()[0] - value)
        assert apart.max() <= 1e-4 * np.abs(value).max(), (name, apart.max(), np.abs(value).max())
