"""Arrays in an .npz file: read without ever unpickling, written as the same bytes every time."""

import io
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.store import to_npz, write_whole

MAX_ENTRY_BYTES = 1 << 28
"""No tensor of such a network comes near 256 MiB: a larger one is a mistake or an attack."""
MAX_BYTES = 1 << 30
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What Python raises for zip archives that are none, or damaged; a NotImplementedError is a RuntimeError."""


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz, with a bound on their size and without ever unpickling.

    Raises:
        InputError: when the file is absent, no .npz, damaged, holds a pickled object or is unreasonably large.
    """
    if not path.is_file():
        raise InputError("there is no such weights file", file=path)
    tensors = {}
    try:
        with zipfile.ZipFile(path) as archive:
            if (whole := sum(info.file_size for info in archive.infolist())) > MAX_BYTES:
                raise InputError(f"the arrays would be {whole / 2**20:.0f} MiB", file=path)
            for info in archive.infolist():
                if not info.filename.endswith(".npy"):
                    raise InputError(f"entry {info.filename} of the .npz is not an array", file=path)
                if info.file_size > MAX_ENTRY_BYTES:
                    raise InputError(
                        f"tensor {info.filename[:-4]} would be {info.file_size / 2**20:.0f} MiB", file=path
                    )
                with archive.open(info) as entry:
                    tensors[info.filename[:-4]] = _read_npy(info.filename[:-4], entry.read(MAX_ENTRY_BYTES), path)
    except DAMAGED_ZIP as error:
        raise InputError(
            f"the file is damaged or no .npz ({error})", file=path, hint="Get it anew, or import it again"
        ) from error
    return tensors


def _read_npy(name: str, data: bytes, path: Path) -> np.ndarray:
    try:
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except (ValueError, MemoryError, SyntaxError, RecursionError, tokenize.TokenError) as error:
        # NumPy takes a header for Python's words, and Python's tokenizer apart.
        if "pickle" in str(error).lower() or "object" in str(error).lower():
            raise InputError(f"tensor {name} holds a pickled object, which is never loaded", file=path) from error
        raise InputError(
            f"tensor {name} is damaged ({error})", file=path, hint="Get the file anew, or import it again"
        ) from error


def write_npz(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write weights, atomically.

    Raises:
        InputError: when the file cannot be written; the one before it stays.
    """
    write_whole(path, to_npz(tensors, compressed=False))
