"""MXNet's lists of named arrays, `.params`: read as numbers, nothing of it is executed.

All of it is little-endian: a magic number, a zero, arrays with their count before them, names with theirs. An array is
its shape, where it lay, its type and its numbers; later versions put a number of their own and longer sizes in front.
The forms are those of NDArray::Load and LegacyLoad in MXNet's src/ndarray/ndarray.cc; only dense arrays are read.
"""

import struct
from math import prod
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.formats.bounds import MAX_FILE_BYTES

MAGIC = 0x112
START = MAGIC.to_bytes(8, "little")
MOST_ARRAYS = 10_000
MOST_DIMENSIONS = 8
LONGEST_NAME = 1_000
V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
DENSE = 0
TYPES = {0: "<f4", 1: "<f8", 2: "<f2", 3: "u1", 4: "<i4", 5: "i1", 6: "<i8"}
"""MXNet's numbers of types."""


def read_mxnet(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a list by their names, without the `arg:` and `aux:` that say how they are learned.

    Raises:
        InputError: when the file is absent, too large, damaged or holds anything else than dense arrays.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"the file has more than {MAX_FILE_BYTES >> 20} MiB", file=path)
        return _parse(_Reader(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read as MXNet's list of arrays ({error})", file=path) from error


class _Reader:
    """Numbers from bytes, one after the other; a ValueError where they end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> int:
        """Go on by so many bytes, and return where they begin."""
        if not 0 <= count <= len(self.data) - self.at:
            raise ValueError("it ends too early")
        self.at += count
        return self.at - count

    def numbers(self, form: str, count: int = 1) -> tuple[int, ...]:
        form = f"<{count}{form}"
        return struct.unpack_from(form, self.data, self.take(struct.calcsize(form)))

    def count(self, most: int, what: str) -> int:
        (value,) = self.numbers("Q")
        if value > most:
            raise ValueError(f"it says that it holds {value} {what}")
        return value


def _parse(reader: _Reader) -> dict[str, np.ndarray]:
    magic, _ = reader.numbers("Q", 2)
    if magic != MAGIC:
        raise ValueError("it does not begin as one")
    arrays = [_array(reader) for _ in range(reader.count(MOST_ARRAYS, "arrays"))]
    if reader.count(MOST_ARRAYS, "names") != len(arrays):
        raise ValueError("there are not as many names as arrays")
    named: dict[str, np.ndarray] = {}
    for array in arrays:
        length = reader.count(LONGEST_NAME, "letters of a name")
        start = reader.take(length)
        name = reader.data[start : start + length].decode("utf-8")
        name = name.removeprefix("arg:").removeprefix("aux:")
        if name in named:
            raise ValueError(f"two arrays are named {name!r}")
        if array is not None:
            named[name] = array
    if reader.at != len(reader.data):
        raise ValueError("something follows its end")
    return named


def _array(reader: _Reader) -> np.ndarray | None:
    """The next array; None for one that was never filled."""
    (first,) = reader.numbers("I")
    if first in (V2, V3):
        (storage,) = reader.numbers("i")
        if storage != DENSE:
            raise ValueError("one of its arrays is sparse")
    dimensions = first if first not in (V1, V2, V3) else reader.numbers("I")[0]
    if dimensions > MOST_DIMENSIONS:
        raise ValueError(f"an array has {dimensions} dimensions")
    shape = reader.numbers("I" if first == dimensions else "q", dimensions)
    if not dimensions:
        return None
    *_, kind = reader.numbers("i", 3)
    if kind not in TYPES:
        raise ValueError(f"an array is of the type {kind}")
    dtype = np.dtype(TYPES[kind])
    if min(shape) < 0:
        raise ValueError(f"an array has the shape {shape}")
    start = reader.take(prod(shape) * dtype.itemsize)
    return np.frombuffer(reader.data, dtype, prod(shape), start).reshape(shape)
