"""Caffe's `.caffemodel`: the numbers of its layers, by the layers' names. Nothing of it is executed.

The messages are NetParameter, LayerParameter (`layer`, since 2014), V1LayerParameter (`layers`, before) and BlobProto of
Caffe's src/caffe/proto/caffe.proto; of each, only the fields needed here are read.
"""

from math import prod
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.formats.bounds import MAX_FILE_BYTES
from early_vision.network.protobuf import BYTES, FIXED32, FIXED64, VARINT, fields, packed, signed

MOST_LAYERS = 10_000
MOST_FIELDS = 1 << 22
"""A writer may give every number of a blob a field of its own."""
MOST_DIMENSIONS = 8
FORMS = {100: (1, 7), 2: (4, 6)}
"""The field of a network that holds its layers, to the fields of a layer that hold its name and its blobs."""
OLDEST = 1
"""The field of a V1LayerParameter that nests a layer of 2013."""


def read_caffe(path: Path) -> dict[str, tuple[np.ndarray, ...]]:
    """The blobs of every layer that has some, float32 or float64, by the layer's name: kernels [out, in, height, width].

    Raises:
        InputError: when the file is absent, too large, damaged, or of a form that is not read.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"the file has more than {MAX_FILE_BYTES >> 20} MiB", file=path)
        return _layers(memoryview(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read as a Caffe model ({error})", file=path) from error


def _layers(network: memoryview) -> dict[str, tuple[np.ndarray, ...]]:
    found: dict[str, tuple[np.ndarray, ...]] = {}
    count = 0
    for number, wire, _, value in fields(network, MOST_LAYERS):
        if number not in FORMS or wire != BYTES:
            continue
        count += 1
        name, blobs = _layer(value, *FORMS[number])
        if blobs and name in found:
            raise ValueError(f"two layers are named {name!r}")
        if blobs:
            found[name] = blobs
    if not count:
        raise ValueError("it has no layers")
    return found


def _layer(message: memoryview, named: int, held: int) -> tuple[str, tuple[np.ndarray, ...]]:
    name, blobs = "", []
    for number, wire, _, value in fields(message, MOST_FIELDS):
        if wire != BYTES:
            continue
        if number == named:
            name = bytes(value).decode("utf-8")
        elif number == held:
            blobs.append(_blob(value, name))
        elif number == OLDEST and named != OLDEST:
            hint = "Caffe's upgrade_net_proto_binary brings it up to date"
            raise ValueError(f"its layers are in the form of 2013. {hint}")
    return name, tuple(blobs)


def _blob(message: memoryview, name: str) -> np.ndarray:
    parts: dict[str, list[memoryview]] = {"<f4": [], "<f8": []}
    legacy, shape = {}, None
    for number, wire, integer, value in fields(message, MOST_FIELDS):
        if number <= 4 and wire == VARINT:
            legacy[number] = signed(integer)
        elif number in (5, 8) and wire in (BYTES, FIXED32, FIXED64):
            parts["<f4" if number == 5 else "<f8"].append(value)
        elif number == 7 and wire == BYTES:
            shape = _shape(value)
    if shape is None:
        shape = tuple(legacy.get(number, 0) for number in (1, 2, 3, 4)) if legacy else ()
    dtype = "<f8" if parts["<f8"] else "<f4"
    data = b"".join(parts[dtype])
    if min(shape, default=0) < 0 or len(shape) > MOST_DIMENSIONS or prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise ValueError(f"a blob of layer {name!r} has {len(data)} bytes for the shape {shape}")
    return np.frombuffer(data, dtype).reshape(shape)


def _shape(message: memoryview) -> tuple[int, ...]:
    sizes: list[int] = []
    for number, wire, integer, value in fields(message, MOST_DIMENSIONS + 1):
        if number == 1 and wire == BYTES:
            sizes += map(signed, packed(value, MOST_DIMENSIONS + 1))
        elif number == 1 and wire == VARINT:
            sizes.append(signed(integer))
    return tuple(sizes)
