"""From published files to a network's tensors: by our names, in our layout, checked by their hash."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture
from early_vision.network.catalogue import KnownNetwork, PublishedFile, Source
from early_vision.network.formats.caffe import read_caffe
from early_vision.network.formats.hdf5 import read_hdf5
from early_vision.network.formats.mxnet import read_mxnet
from early_vision.network.formats.raw import read_raw
from early_vision.network.mxnet_tensors import mxnet_tensors
from early_vision.network.weights import expected_shapes, hash_tensors

TO_HWIO = {"HWIO": (0, 1, 2, 3), "OHWI": (1, 2, 3, 0), "OIHW": (2, 3, 1, 0)}
"""Where height, width, inputs and outputs are among a kernel's axes."""


def read_published(known: KnownNetwork, files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """The tensors of a known network, float32, from its files.

    Args:
        known: whose.
        files: where each of its published files is, by the path that it is published under; their hashes are checked.

    Raises:
        InputError: when a file cannot be read, or the tensors are others than those that the entry pins.
    """
    source = known.source
    if source is None:
        raise InputError(f"{known.name} is published in no files")
    tensors = _read(source, files, known.architecture)
    return _checked(known, tensors, source)


def read_published_caffe(known: KnownNetwork, path: Path) -> dict[str, np.ndarray]:
    """The tensors of a known network, float32, from the Caffe model that its published files were made from.

    Layers are called in it as the files are, up to the `_filter.bin` or `_bias.bin` at their end.

    Raises:
        InputError: when the network has no such model, or as `read_published` does.
    """
    if (source := known.source) is None or source.format != "raw":
        raise InputError(f"{known.name} is not published as a Caffe model", file=path)
    layers = read_caffe(path)
    tensors = {}
    for file in source.files:
        layer, _, part = file.path.rpartition("_")
        blobs, index = layers.get(layer, ()), 0 if part == "filter.bin" else 1
        if file.tensor and len(blobs) > index:
            tensors[file.tensor] = blobs[index] if index == 0 else blobs[index].reshape(-1)
    shapes = expected_shapes(known.architecture)
    for name, value in tensors.items():
        if (expected := _in_layout(shapes[name], "OIHW")) != value.shape:
            raise InputError(f"{name} has the shape {value.shape}, not {expected}", file=path)
    return _checked(known, tensors, source.model_copy(update={"address": str(path), "layout": "OIHW"}))


def _checked(known: KnownNetwork, tensors: Mapping[str, np.ndarray], source: Source) -> dict[str, np.ndarray]:
    """All tensors of a network, in our layout.

    Raises:
        InputError: when one is missing, or they are others than those that the entry pins.
    """
    shapes = expected_shapes(known.architecture)
    missing = [name for name in shapes if name not in tensors]
    if missing:
        raise InputError(f"no file of {known.name} holds the tensor {missing[0]}", file=source.address)
    ours = {name: _ours(name, tensors[name], source, known.architecture) for name in shapes}
    if known.tensors and (own := hash_tensors(ours)) != known.tensors:
        what = f"the tensors of {known.name} are others than expected: their SHA-256 is {own}, not {known.tensors}"
        raise InputError(what, file=source.address)
    return ours


def _read(source: Source, files: Mapping[str, Path], architecture: Architecture) -> dict[str, np.ndarray]:
    """What the files hold, in their own layout."""
    shapes = expected_shapes(architecture)
    held = {file.tensor: files[file.path] for file in source.files if file.tensor}
    if source.format == "hdf5":
        return dict(zip(held, read_hdf5(list(held.values())), strict=True))
    if source.format == "raw":
        return {name: read_raw(path, _in_layout(shapes[name], source.layout)) for name, path in held.items()}
    if source.format == "mxnet":
        arrays = {name: value for path in files.values() for name, value in read_mxnet(path).items()}
        try:
            return mxnet_tensors(arrays, architecture, source.followed_by)
        except ValueError as error:
            raise InputError(str(error), file=source.address) from error
    raise InputError(f"files of the format {source.format} are not read here", file=source.address)


def _in_layout(shape: tuple[int, ...], layout: str) -> tuple[int, ...]:
    """The shape that a tensor of ours has in another layout."""
    if len(shape) != 4:
        return shape
    stored = [0, 0, 0, 0]
    for ours, theirs in enumerate(TO_HWIO[layout]):
        stored[theirs] = shape[ours]
    return tuple(stored)


def _ours(name: str, value: np.ndarray, source: Source, architecture: Architecture) -> np.ndarray:
    """A tensor in our layout, with the colours that it sees in the order red, green, blue."""
    if value.ndim != 4:
        return np.ascontiguousarray(value, np.float32)
    kernel = value.transpose(TO_HWIO[source.layout])
    if source.colours == "BGR" and INPUT in architecture.node(name[:-2]).inputs:
        kernel = kernel[:, :, ::-1]
    return np.ascontiguousarray(kernel, np.float32)


def check_file(file: PublishedFile, path: Path) -> bool:
    """Whether a file on this machine is, to the last bit, a published one."""
    from early_vision.network.weights_file import fingerprint

    return path.is_file() and path.stat().st_size == file.bytes and fingerprint(path.read_bytes()) == file.fingerprint
