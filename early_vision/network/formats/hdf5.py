"""HDF5 files that hold one array each, read in a process of their own.

The HDF5 library is a large C program that a damaged file can crash or keep busy: what happens to it there is an error
message here. Only plain arrays that lie in the file itself are read: no links, no external or virtual storage, which
name other files, no filters, which unpack without bound. https://docs.hdfgroup.org/documentation/
"""

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.formats.bounds import MAX_FILE_BYTES

TIMEOUT_S = 60
MAX_MEMORY = 1 << 30
FLOATS = ("float16", "float32", "float64")


def read_hdf5(paths: Sequence[Path]) -> list[np.ndarray]:
    """The one array of each file, of a floating-point type.

    Raises:
        InputError: naming the first file that is absent, damaged or holds anything else.
    """
    for path in paths:
        if not path.is_file():
            raise InputError("there is no such file", file=path)
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"the file has more than {MAX_FILE_BYTES >> 20} MiB", file=path)
    # One thread: each would want an address space of its own.
    package = Path(__file__).resolve().parents[3]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HDF5_PLUGIN_PATH": ""}
    environment |= {"PYTHONPATH": os.pathsep.join([str(package), *sys.path]), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "early_vision.network.formats.hdf5", *(str(path.resolve()) for path in paths)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, env=environment, check=False)
    except subprocess.TimeoutExpired as error:
        raise InputError(f"the HDF5 library did not finish within {TIMEOUT_S} s", file=paths[0]) from error
    arrays, output = [], io.BytesIO(done.stdout)
    for path in paths:
        try:
            arrays.append(np.lib.format.read_array(output, allow_pickle=False))
        except (ValueError, EOFError, MemoryError) as error:
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            if done.returncode == 3:
                raise InputError(f"this needs h5py ({last[0]})", hint="Install it with: pip install h5py") from error
            why = last[0] if done.returncode == 2 and last else f"the HDF5 library ended with status {done.returncode}"
            raise InputError(f"the file cannot be read as HDF5: {why}", file=path) from error
    return arrays


def read_in_this_process(path: str) -> np.ndarray:
    """The one array of a file.

    Raises:
        ValueError: when it holds anything else, or lies elsewhere than plainly in the file.
        OSError, RuntimeError, KeyError, TypeError: as h5py does for damaged files.
    """
    import h5py  # type: ignore[import-untyped]

    with h5py.File(path, "r") as file:
        names = list(file)
        if len(names) != 1 or not isinstance(file.get(names[0], getlink=True), h5py.HardLink):
            raise ValueError(f"it holds {len(names)} entries, not one array of its own")
        dataset = file[names[0]]
        if not isinstance(dataset, h5py.Dataset):
            raise ValueError(f"{names[0]} is no array")
        if dataset.is_virtual or dataset.external or dataset.id.get_create_plist().get_nfilters():
            raise ValueError(f"{names[0]} is compressed or lies in other files")
        if dataset.dtype.name not in FLOATS:
            raise ValueError(f"{names[0]} holds {dataset.dtype}, not floating-point numbers")
        if dataset.ndim > 8 or dataset.nbytes > os.path.getsize(path):
            raise ValueError(f"{names[0]} has the shape {dataset.shape}, which the file is too small for")
        return dataset[()]


def _main(paths: Sequence[str]) -> int:
    """Write the arrays of files to standard output, one after the other, until one cannot be read."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        # Windows has no such limits.
        pass
    try:
        import h5py  # noqa: F401
    except ImportError as error:
        print(error, file=sys.stderr)
        return 3
    for path in paths:
        try:
            np.lib.format.write_array(sys.stdout.buffer, read_in_this_process(path), allow_pickle=False)
        except Exception as error:  # whatever h5py raises for a damaged file is the file's fault
            print(" ".join(str(error).split()), file=sys.stderr)
            return 2
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
