"""Files that weights come in: Google's archive, the graph in it, an .npz, a .safetensors. Read as numbers only."""

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from early_vision.errors import InputError, Problem
from early_vision.network.architecture import Architecture
from early_vision.network.frozen_graph import GraphNode, read_nodes, tensor, tensor_shape
from early_vision.network.graph_structure import common_prefix, differences
from early_vision.network.named_tensors import our_tensors
from early_vision.network.npz import read_npz
from early_vision.network.release import Fingerprint, Release
from early_vision.network.weights import expected_shapes

MAX_FILE_BYTES = 1 << 28
"""Google's archive and its graph have 50 MB; a larger file than 256 MiB is a mistake or an attack."""
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


def read_weights_file(path: Path, architecture: Architecture, release: Release) -> Found:
    """The tensors of an architecture in a file, whose kind shows in its first bytes.

    Args:
        path: the file.
        architecture: whose tensors are wanted; others are left alone.
        release: the archive and the graph as released: a graph that is this one needs no look at its structure.

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
    if start[:1] == b"\x80":
        raise _pickle(path)
    if start[:2] == b"PK":
        return _from_zip(path, architecture, release)
    if start[8:] == b"{":
        tensors, notes = our_tensors(_read_safetensors(path), architecture, path)
        return Found(tensors, "safetensors", notes=notes)
    return graph_weights(path.read_bytes(), architecture, release, path)


def _from_zip(path: Path, architecture: Architecture, release: Release) -> Found:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"the file is a damaged zip archive ({error})", file=path, hint="Get it anew") from error
    if any(name.endswith(".pkl") for name in names):
        raise _pickle(path)
    if all(name.endswith(".npy") for name in names):
        tensors, notes = our_tensors(read_npz(path), architecture, path)
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
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
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


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(path.read_bytes())
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        # A type that NumPy lacks, such as bfloat16, is a KeyError.
        hint = "Float types that are read: float16, float32, float64"
        raise InputError(f"the .safetensors cannot be read ({error})", file=path, hint=hint) from error


def fingerprint(data: bytes) -> Fingerprint:
    """What a file is, to the last bit."""
    return Fingerprint(hashlib.sha256(data).hexdigest(), len(data))
