"""Files as other frameworks write them, from their formats' descriptions: for tests and for fuzzing our readers."""

import json
import struct
from collections.abc import Mapping, Sequence

import numpy as np

TYPES = {"float32": 0, "float64": 1, "float16": 2, "uint8": 3, "int32": 4, "int8": 5, "int64": 6}
"""MXNet's."""


def mxnet_list(arrays: Mapping[str, np.ndarray], version: int | None = None) -> bytes:
    """A list of named arrays, in the oldest form or with a version's number in front of each."""
    parts = [struct.pack("<QQQ", 0x112, 0, len(arrays))]
    for value in arrays.values():
        if version is not None:
            parts.append(struct.pack("<Ii", version, 0))
        parts.append(struct.pack(f"<I{value.ndim}{'I' if version is None else 'q'}", value.ndim, *value.shape))
        parts += [struct.pack("<iii", 1, 0, TYPES[value.dtype.name]), np.ascontiguousarray(value).tobytes()]
    parts.append(struct.pack("<Q", len(arrays)))
    parts += [struct.pack("<Q", len(name)) + name.encode() for name in arrays]
    return b"".join(parts)


def caffe_model(
    layers: Mapping[str, Sequence[np.ndarray]], form: str, spread: bool = False, shape: Sequence[int] | None = None
) -> bytes:
    """A NetParameter with these blobs by layer, float32.

    Args:
        layers: blobs of every layer.
        form: `layer`, with shapes of any length, or `layers`, of before, with four numbers.
        spread: give every number a field of its own.
        shape: what every blob says its shape is; None for the truth.
    """
    at, named, held = (100, 1, 7) if form == "layer" else (2, 4, 6)
    network = _field(1, b"a network")
    for name, blobs in layers.items():
        layer = _field(named, name.encode())
        for blob in blobs:
            sizes = shape or blob.shape
            if form == "layer":
                said = _field(7, _field(1, b"".join(map(_varint, sizes))))
            else:
                four = [1] * (4 - len(sizes)) + list(sizes)
                said = b"".join(_varint(number << 3) + _varint(size) for number, size in enumerate(four, start=1))
            data = np.ascontiguousarray(blob, "<f4").tobytes()
            each = (_varint(5 << 3 | 5) + data[i : i + 4] for i in range(0, len(data), 4))
            layer += _field(held, said + (b"".join(each) if spread else _field(5, data)))
        network += _field(at, layer)
    return network


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def safetensors(tensors: Mapping[str, tuple[str, np.ndarray]], length: int | None = None) -> bytes:
    """A .safetensors with these types and numbers, its header filled up to a length with spaces."""
    header, body = {}, b""
    for name, (kind, value) in tensors.items():
        data = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text = text.ljust(length or len(text))
    if length and len(text) != length:
        raise ValueError(f"the header has {len(text)} bytes, more than {length}")
    return struct.pack("<Q", len(text)) + text + body
