"""Google's archive with other numbers: the same nodes, order, operations, shapes and sizes, so far as they are known.

Up to mixed3b they are those of the graph as published; the layers above, whose names and sizes are those of the paper
and of lucid's list, are there so that the file is as large and its other nodes as many.
"""

import io
import zipfile
from dataclasses import replace

import numpy as np

from early_vision.network.architecture import INCEPTIONV1, Architecture, Node, mixed
from early_vision.network.release import GOOGLES, Release
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import network_from_tensors
from early_vision.network.weights_file import fingerprint
from tools.frozen_graph_reference import add_const, graph_def

UPPER = {
    "mixed4a": (192, 96, 204, 16, 48, 64),
    "mixed4b": (160, 112, 224, 24, 64, 64),
    "mixed4c": (128, 128, 256, 24, 64, 64),
    "mixed4d": (112, 144, 288, 32, 64, 64),
    "mixed4e": (256, 160, 320, 32, 128, 128),
    "mixed5a": (256, 160, 320, 48, 128, 128),
    "mixed5b": (384, 192, 384, 48, 128, 128),
}
HEADS = {"head0_bottleneck": (1, 1, 508, 128), "nn0": (2048, 1024), "softmax0": (1024, 1008),
         "head1_bottleneck": (1, 1, 528, 128), "nn1": (2048, 1024), "softmax1": (1024, 1008), "softmax2": (1024, 1008)}  # fmt: skip


def whole_architecture() -> Architecture:
    """InceptionV1 up to mixed5b."""
    nodes, source = list(INCEPTIONV1.nodes), "mixed3b"
    for name, sizes in UPPER.items():
        channels = nodes[-1].channels
        if name in ("mixed4a", "mixed5a"):
            nodes.append(Node(f"maxpool{name[5]}", "max_pool", (source,), 3, 2, channels))
            source = nodes[-1].name
        nodes += mixed(name, source, channels, *sizes)
        source = name
    return Architecture(tuple(nodes), INCEPTIONV1.layer_names)


def stand_in_graph(whole: bool = False, tensors: dict | None = None):
    """A GraphDef with random weights: up to mixed3b, or as large as Google's."""
    architecture = whole_architecture() if whole else INCEPTIONV1
    tensors = tensors or stand_in_tensors(architecture)
    graph = graph_def(network_from_tensors("stand-in", tensors, architecture, "a test"))
    if whole:
        random = np.random.default_rng(1)
        for name, shape in HEADS.items():
            add_const(graph, f"{name}_w", random.normal(0, 0.02, shape).astype(np.float32))
            add_const(graph, f"{name}_b", np.zeros(shape[-1], np.float32))
    # All Const nodes come first, as in Google's.
    nodes = sorted(graph.node, key=lambda node: node.op != "Const")
    ordered = type(graph)()
    ordered.node.extend(nodes)
    return ordered


def archive_of(graph: bytes) -> bytes:
    """The zip archive, with the labels and the licence that Google's has beside the graph."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("imagenet_comp_graph_label_strings.txt", "dummy\nkit fox\n" * 500)
        file.writestr(GOOGLES.graph_name, graph)
        file.writestr("LICENSE", "Apache License\n" * 100)
    return archive.getvalue()


def release_of(archive: bytes, graph: bytes) -> Release:
    """The release with this archive's checksums in the place of Google's."""
    return replace(GOOGLES, archive=fingerprint(archive), graph=fingerprint(graph), stand_in=True)
