"""The stems of published networks as architectures, and their numbers out of ../shared/networks."""

from pathlib import Path

import numpy as np

from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Lrn, Node
from early_vision.network.weights import network_from_tensors

SHARED = Path(__file__).resolve().parents[3] / "shared" / "networks"


def squeezenet():
    nodes = [
        Node("conv1", "conv", (INPUT,), 3, 2, 64, "valid"),
        Node("pool1", "max_pool", ("conv1",), 3, 2, 64, "valid", ceil=True),
    ]
    for i, (source, squeeze, expand) in enumerate(
        [("pool1", 16, 64), ("fire2", 16, 64), ("pool3", 32, 128), ("fire4", 32, 128)], start=2
    ):
        name = f"fire{i}"
        nodes += [
            Node(f"{name}_squeeze1x1", "conv", (source,), channels=squeeze),
            Node(f"{name}_expand1x1", "conv", (f"{name}_squeeze1x1",), channels=expand),
            Node(f"{name}_expand3x3", "conv", (f"{name}_squeeze1x1",), 3, 1, expand, (1, 1)),
            Node(name, "concat", (f"{name}_expand1x1", f"{name}_expand3x3"), channels=2 * expand),
        ]
        if i == 3:
            nodes.append(Node("pool3", "max_pool", ("fire3",), 3, 2, 128, "valid", ceil=True))
    architecture = Architecture(
        tuple(nodes), ("conv1", "fire2", "fire3", "fire4", "fire5"), input_mean=(123.0, 117.0, 104.0)
    )
    folder = SHARED / "squeezenet"
    tensors = {}
    for conv in architecture.convolutions:
        stem = folder / conv.name.replace("_", "/")
        tensors |= raw(conv.name, stem, architecture)
    return network_from_tensors("squeezenet", tensors, architecture, folder)


def raw(name, stem, architecture, joint="_"):
    """caffejs's files: kernels OHWI, the first one's channels blue, green, red."""
    k, _, channels_in, out = architecture.weight_shape(architecture.node(name))
    kernel = np.fromfile(f"{stem}{joint}filter.bin", "<f4").reshape(out, k, k, channels_in).transpose(1, 2, 3, 0)
    return {
        f"{name}_w": kernel[:, :, ::-1] if channels_in == 3 else kernel,
        f"{name}_b": np.fromfile(f"{stem}{joint}bias.bin", "<f4"),
    }


def googlenet():
    from dataclasses import replace

    lrn = Lrn(2, 1.0, 1e-4 / 5, 0.75)
    nodes = []
    for node in INCEPTIONV1.nodes:
        if node.op == "lrn":
            node = replace(node, lrn=lrn)
        elif node.name == "conv2d0":
            node = replace(node, padding=(3, 3))
        elif node.op == "max_pool":
            node = replace(node, padding="valid" if node.stride == 2 else (1, 1), ceil=True)
        nodes.append(node)
    architecture = Architecture(tuple(nodes), INCEPTIONV1.layer_names, input_mean=(123.0, 117.0, 104.0))
    named = {"conv2d0": "conv1/7x7_s2", "conv2d1": "conv2/3x3_reduce", "conv2d2": "conv2/3x3"}
    for letter in "ab":
        for ours, theirs in {"1x1": "1x1", "3x3_bottleneck": "3x3_reduce", "3x3": "3x3", "5x5_bottleneck": "5x5_reduce",
                             "5x5": "5x5", "pool_reduce": "pool_proj"}.items():  # fmt: skip
            named[f"mixed3{letter}_{ours}"] = f"inception_3{letter}/{theirs}"
    tensors = {}
    for name, path in named.items():
        tensors |= raw(name, SHARED / "googlenet-bvlc" / path, architecture)
    return network_from_tensors("googlenet", tensors, architecture, "googlenet-bvlc")


def resnet18(file):
    """ResNet-18 of BMXNet, `bn_data` and `bn0` multiplied into conv0, every other batch norm a scale."""
    given = dict(np.load(SHARED / "resnet18-binary" / file))
    tensors, nodes = {}, []

    def norm(name):
        factor = given[f"{name}_gamma"].astype(np.float64) / np.sqrt(given[f"{name}_moving_var"] + 2e-5)
        return factor, given[f"{name}_beta"] - given[f"{name}_moving_mean"] * factor

    def scaled(name, source, channels):
        tensors[f"{name}_w"], tensors[f"{name}_b"] = norm(name)
        nodes.append(Node(name, "scale", (source,), channels=channels))
        activation = "relu" if given[f"{name[:-1].replace('bn', 'conv')}{name[-1]}_weight"].dtype != np.int8 else "sign"
        nodes.append(Node(f"{name}_{activation}", activation, (name,), channels=channels))
        return f"{name}_{activation}"

    def convolved(name, source, stride=1):
        kernel = given[f"{name}_weight"]
        binary, (out, _, k, _) = kernel.dtype == np.int8, kernel.shape
        kernel = kernel.transpose(2, 3, 1, 0).astype(np.float32)
        tensors[f"{name}_w"] = kernel / 2 if binary else kernel
        tensors[f"{name}_b"] = np.full(out, kernel[..., 0].size / 2 if binary else 0.0, np.float32)
        nodes.append(Node(name, "conv", (source,), k, stride, out, (k // 2, k // 2), activation="linear",
                          padding_value=float(binary)))  # fmt: skip
        return name

    first, shift = norm("bn_data")
    first, shift = (
        first / given["bn_data_gamma"],
        given["bn_data_beta"] - given["bn_data_moving_mean"] * (first / given["bn_data_gamma"]),
    )  # bn_data has gamma 1
    factor, bias = norm("bn0")
    kernel = given["conv0_weight"].transpose(2, 3, 1, 0) * first[:, None] * factor
    tensors["conv0_w"], tensors["conv0_b"] = kernel, bias
    nodes += [
        Node("conv0", "conv", (INPUT,), 7, 2, 64, (3, 3)),
        Node("pooling0", "max_pool", ("conv0",), 3, 2, 64, (1, 1)),
    ]
    source, channels = "pooling0", 64
    for stage, out in ((1, 64), (2, 128)):
        for unit in (1, 2):
            name, stride = f"stage{stage}_unit{unit}", 2 if (stage, unit) == (2, 1) else 1
            bits = scaled(f"{name}_bn1", source, channels)
            top = convolved(f"{name}_conv1", bits, stride)
            top = convolved(f"{name}_conv2", scaled(f"{name}_bn2", top, out))
            if unit == 1:
                source = convolved(f"{name}_sc", bits, stride)
            total = f"stage{stage}" if unit == 2 else name
            nodes.append(Node(total, "add", (top, source), channels=out))
            source, channels = total, out
    mean = np.array([123.68, 116.779, 103.939]) - shift / first
    architecture = Architecture(tuple(nodes), ("conv0", "stage1", "stage2"), input_mean=tuple(map(float, mean)))
    return network_from_tensors("resnet18", tensors, architecture, file)
