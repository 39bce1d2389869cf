"""Files that weights come in, told by their first bytes: graphs, .npz, .safetensors, MXNet's, Caffe's. Numbers only."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from early_vision.errors import InputError, Problem
from early_vision.network.architecture import Architecture
from early_vision.network.formats.bounds import MAX_FILE_BYTES
from early_vision.network.formats.caffe import read_caffe
from early_vision.network.formats.mxnet import START as MXNET
from early_vision.network.formats.mxnet import read_mxnet
from early_vision.network.formats.safetensors import is_safetensors, read_safetensors
from early_vision.network.frozen_graph import GraphNode, read_nodes, tensor, tensor_shape
from early_vision.network.graph_structure import common_prefix, differences
from early_vision.network.keras_file import HDF5
from early_vision.network.mxnet_tensors import EPSILON, mxnet_tensors
from early_vision.network.named_tensors import AS_IS, Convention, our_tensors
from early_vision.network.npz import DAMAGED_ZIP, read_npz
from early_vision.network.release import Fingerprint, Release
from early_vision.network.weights import expected_shapes

MAX_ENTRIES = 1_000
MOST_TOLD = 8
"""Differences of a graph that are told one by one."""


@dataclass(frozen=True)
class Found:
    """What a file holds.

    Attributes:
        tensors: by our names, in the layout [height, width, in, out]; checked for nothing but that they can be read.
        kind: what the file is, in words.
        archive: of the zip archive, if it was one.
        graph: of the graph, if there was one.
        notes: what its user should know of it.
    """

    tensors: Mapping[str, np.ndarray]
    kind: str
    archive: Fingerprint | None = None
    graph: Fingerprint | None = None
    notes: tuple[str, ...] = ()


def read_weights_file(
    path: Path, architecture: Architecture, release: Release, convention: Convention = AS_IS
) -> Found:
    """The tensors of an architecture in a file, whose kind shows in its first bytes; a Caffe model's in its suffix.

    Args:
        path: the file.
        architecture: whose tensors are wanted; others are left alone.
        release: the archive and the graph as released: a graph that is this one needs no look at its structure.
        convention: how a file of named tensors stores them.

    Raises:
        InputError: when the file is absent, too large, damaged, of no known kind, or a tensor is missing.
        InputError: for a graph that is another network, naming what differs.
    """
    if not path.is_file():
        raise InputError("there is no such file", file=path)
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise InputError(f"the file has {size / 2**20:.0f} MiB, more than such a network can have", file=path)
    with path.open("rb") as file:
        start = file.read(9)
    if start.startswith(HDF5):
        hint = ("A Keras model: load it and save it as .keras. Files with a tensor each: weights import NAME FOLDER, "
                "for a network of weights list")  # fmt: skip
        raise InputError("this is an HDF5 file, which is not read by itself", file=path, hint=hint)
    if start.startswith(MXNET):
        return _from_mxnet(path, architecture)
    if path.suffix == ".caffemodel":
        blobs = read_caffe(path)
        tensors, notes = our_tensors(_caffe_names(blobs), architecture, path, convention)
        return Found(tensors, "Caffe model", notes=notes)
    if is_safetensors(start, size):
        tensors, notes = our_tensors(read_safetensors(path), architecture, path, convention)
        return Found(tensors, "safetensors", notes=notes)
    if start[:1] == b"\x80":
        raise _pickle(path)
    if start[:2] == b"PK":
        return _from_zip(path, architecture, release, convention)
    return graph_weights(path.read_bytes(), architecture, release, path)


def _from_mxnet(path: Path, architecture: Architecture) -> Found:
    arrays = read_mxnet(path)
    try:
        given = mxnet_tensors(arrays, architecture, {})
    except ValueError as error:
        raise InputError(str(error), file=path) from error
    tensors, notes = our_tensors(given, architecture, path, Convention("OIHW"))
    norms = [f"batch norms are factors and shifts now, with an epsilon of {EPSILON:g}"]
    return Found(tensors, "MXNet", notes=(*notes, *(norms if any(n.op == "scale" for n in architecture.nodes) else [])))


def _caffe_names(layers: Mapping[str, tuple[np.ndarray, ...]]) -> dict[str, np.ndarray]:
    """Blobs by names as PyTorch gives them: the first two of a layer are its weight and its bias."""
    named = {}
    for layer, blobs in layers.items():
        named[f"{layer}.weight"] = blobs[0]
        if len(blobs) > 1:
            named[f"{layer}.bias"] = blobs[1].reshape(-1)
    return named


def _from_zip(path: Path, architecture: Architecture, release: Release, convention: Convention) -> Found:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED_ZIP as error:
        raise InputError(f"the file is a damaged zip archive ({error})", file=path, hint="Get it anew") from error
    if any(name.endswith(".pkl") for name in names):
        raise _pickle(path)
    if all(name.endswith(".npy") for name in names):
        tensors, notes = our_tensors(read_npz(path), architecture, path, convention)
        return Found(tensors, ".npz", notes=notes)
    graph = graph_in_archive(path, release.graph_name)
    found = graph_weights(graph, architecture, release, f"{path}/{release.graph_name}")
    return Found(found.tensors, "zip archive", fingerprint(path.read_bytes()), found.graph, found.notes)


def _pickle(path: Path) -> InputError:
    hint = "Save its tensors as .safetensors or .npz"
    return InputError(
        "this is a pickle, as PyTorch writes it, and could run code: it is never loaded", file=path, hint=hint
    )


def graph_in_archive(path: Path, name: str) -> bytes:
    """The graph in a zip archive. Nothing is unpacked to the disk, and no more of it than a graph can have is read.

    Args:
        path: the archive.
        name: of the graph's entry, in whatever folder of the archive it lies.

    Raises:
        InputError: when the archive is damaged, has no such entry or several, or is made to do harm.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise InputError(f"the archive has {len(entries)} entries, which no such archive has", file=path)
            for entry in entries:
                place = PurePosixPath(entry.filename.replace("\\", "/"))
                if place.is_absolute() or ".." in place.parts or ":" in entry.filename:
                    raise InputError(f"entry {entry.filename!r} of the archive lies outside of it", file=path,
                                     hint="Whoever made it meant harm: get it from elsewhere")  # fmt: skip
            graphs = [entry for entry in entries if PurePosixPath(entry.filename).name == name]
            if len(graphs) != 1:
                what = f"{len(graphs)} entries" if graphs else "no entry"
                raise InputError(f"the archive has {what} named {name}", file=path)
            if graphs[0].file_size > MAX_FILE_BYTES:
                raise InputError(f"{name} in the archive would be {graphs[0].file_size / 2**20:.0f} MiB", file=path)
            with archive.open(graphs[0]) as file:
                return file.read(MAX_FILE_BYTES)
    except DAMAGED_ZIP as error:
        raise InputError(f"the archive is damaged ({error})", file=path, hint="Get it anew") from error


def graph_weights(data: bytes, architecture: Architecture, release: Release, source: Path | str) -> Found:
    """The tensors of an architecture in a serialized GraphDef.

    Raises:
        InputError: when it is none, or a tensor is missing, of another shape or no floating-point numbers.
        InputError: when it is not the released graph and its structure is another one.
    """
    own = fingerprint(data)
    try:
        nodes = read_nodes(data)
        prefix = common_prefix(nodes, list(expected_shapes(architecture)))
        differing = list(differences(nodes, prefix, architecture))
    except ValueError as error:
        raise InputError(f"this is no frozen TensorFlow graph ({error})", file=source) from error
    tensors = _const_tensors(nodes, prefix, architecture, source)
    if own == release.graph:
        # Its hash says what it is; what the check of structures makes of it cannot change that.
        return Found(tensors, "graph", graph=own, notes=tuple(differing))
    if differing:
        more = [f"… and {len(differing) - MOST_TOLD} further differences"] if len(differing) > MOST_TOLD else []
        raise InputError.of(Problem(message, file=source) for message in [*differing[:MOST_TOLD], *more])
    note = f"the graph's SHA-256 is {own.sha256}, not that of the released graph; its structure is the same"
    return Found(tensors, "graph", graph=own, notes=(note,))


def _const_tensors(
    nodes: Mapping[str, GraphNode], prefix: str, architecture: Architecture, source: Path | str
) -> dict[str, np.ndarray]:
    tensors = {}
    for name, shape in expected_shapes(architecture).items():
        node = nodes.get(prefix + name)
        if node is None:
            raise InputError(
                f"node {name} is missing", file=source, hint=f"It should hold a tensor of the shape {shape}"
            )
        if node.op != "Const":
            raise InputError(f"node {name} is a {node.op!r}, not a Const", file=source, hint="Freeze the graph first")
        try:
            if (given := tensor_shape(node)) != shape:
                raise ValueError(f"it has the shape {given}, but the architecture needs {shape}")
            tensors[name] = tensor(node, shape)
        except ValueError as error:
            raise InputError(f"node {name} cannot be read: {error}", file=source) from error
    return tensors


def fingerprint(data: bytes) -> Fingerprint:
    """What a file is, to the last bit."""
    return Fingerprint(hashlib.sha256(data).hexdigest(), len(data))
