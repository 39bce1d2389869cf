"""Safetensors: a length, that many bytes of JSON, and the numbers that it speaks of.

Read by hand, since NumPy has no bfloat16 and the package stops at it. https://huggingface.co/docs/safetensors
"""

import json
from math import prod
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.formats.bounds import MAX_FILE_BYTES

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
         "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"}  # fmt: skip
MOST_HEADER_BYTES = 1 << 24
MOST_DIMENSIONS = 8


def is_safetensors(start: bytes, size: int) -> bool:
    """Whether a file of `size` bytes that begins with `start`, 9 bytes, is meant as one: a length, then JSON.

    Pickles begin with 0x80 and never with a length that fits.
    """
    return start[8:9] == b"{" and (start[:1] != b"\x80" or int.from_bytes(start[:8], "little") <= size - 8)


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file by their names; bfloat16 comes as float32, which holds it exactly.

    Raises:
        InputError: when it is too large, damaged, or holds numbers of another type than NumPy's and bfloat16.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"the file has more than {MAX_FILE_BYTES >> 20} MiB", file=path)
        return _parse(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the .safetensors cannot be read ({error})", file=path) from error


def _parse(data: bytes) -> dict[str, np.ndarray]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, MOST_HEADER_BYTES):
        raise ValueError("its header goes on beyond its end")
    header = json.loads(data[8 : 8 + length].decode("utf-8"))
    if not isinstance(header, dict):
        raise ValueError("its header is no set of names")
    body = memoryview(data)[8 + length :]
    return {name: _tensor(name, about, body) for name, about in header.items() if name != "__metadata__"}


def _tensor(name: str, about: object, body: memoryview) -> np.ndarray:
    if not isinstance(about, dict) or not {"dtype", "shape", "data_offsets"} <= about.keys():
        raise ValueError(f"of {name!r} it says neither type, shape nor place")
    kind, shape, place = about["dtype"], _naturals(about["shape"]), _naturals(about["data_offsets"])
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"{name!r} is of the type {kind!r}; F64, F32, F16 and BF16 are read")
    if shape is None or len(shape) > MOST_DIMENSIONS or place is None or len(place) != 2:
        raise ValueError(f"of {name!r} shape or place are none")
    dtype, (start, stop) = np.dtype(TYPES[kind]), place
    if stop > len(body) or stop - start != prod(shape) * dtype.itemsize:
        raise ValueError(f"the bytes of {name!r} are not as many as its shape needs, or lie beyond the end")
    value = np.frombuffer(body[start:stop], dtype).reshape(shape)
    return (value.astype(np.uint32) << 16).view(np.float32) if kind == "BF16" else value


def _naturals(value: object) -> tuple[int, ...] | None:
    if isinstance(value, list) and all(type(one) is int and 0 <= one < 1 << 63 for one in value):
        return tuple(value)
    return None
