"""Raw numbers: a file of little-endian float32 and nothing else. Its shape and layout are known from elsewhere."""

from math import prod
from pathlib import Path

import numpy as np

from early_vision.errors import InputError


def read_raw(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers of a file, float32, in row-major order.

    Args:
        path: the file.
        shape: of what it holds, in the file's own order of axes.

    Raises:
        InputError: when it cannot be read, or is not as long as the shape needs.
    """
    expected = 4 * prod(shape)
    try:
        size = path.stat().st_size
        if size != expected:
            raise InputError(f"the file has {size:,} bytes, but {shape} of float32 are {expected:,}", file=path)
        return np.frombuffer(path.read_bytes(), "<f4").reshape(shape)
    except (OSError, ValueError) as error:
        raise InputError(f"the file cannot be read ({error})", file=path) from error
