"""Damaged files of every foreign format, from fixed seeds: each has to give a plain error, or numbers that are in it.

    python -m tools.fuzz_readers [--count N] [--reader NAME ...]

Every reader has a process of its own. What counts as a failure: any exception but InputError, more than ten seconds for
a file, a crash, a file outside of the folder where networks are kept, more than 1 GiB of memory beyond that of the
imports, a tensor that is not finite, and other numbers than before where the format has a checksum.
"""

import argparse
import io
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from tools.foreign_files import caffe_model, mxnet_list, safetensors

LIMIT_S = 10
"""For one file."""
MEMORY = 1 << 30
YAML = """input: {mean: 117.0}
layers: [stem, next]
nodes:
  - {name: stem, op: conv, inputs: [input], kernel: 3, channels: 4}
  - {name: next, op: conv, inputs: [stem], kernel: 1, channels: 5}
"""
RANDOM = np.random.default_rng(3)
TENSORS = {
    "stem_w": RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32),
    "stem_b": RANDOM.normal(size=4).astype(np.float32),
    "next_w": RANDOM.normal(size=(1, 1, 4, 5)).astype(np.float32),
    "next_b": RANDOM.normal(size=5).astype(np.float32),
}
OIHW = {name: value.transpose(3, 2, 0, 1) if value.ndim == 4 else value for name, value in TENSORS.items()}


@dataclass(frozen=True)
class Reader:
    """A reader to be tried.

    Attributes:
        make: a whole file.
        read: reads a file, given it and the folder where networks are kept; returns its tensors.
        zipped: whether the file is a zip archive, whose entries can be damaged and put together again.
        checked: whether a damaged file that can be read must hold the numbers of the whole one.
        suffix: of the file.
    """

    make: Callable[[], bytes]
    read: Callable[[Path, Path], dict[str, np.ndarray]]
    zipped: bool = False
    checked: bool = False
    suffix: str = ""


def described(path: Path, folder: Path) -> dict[str, np.ndarray]:
    """Import by an architecture file, as the command line does."""
    from early_vision.network.imports import import_described
    from early_vision.network.release import GOOGLES

    network = import_described(path, path.with_name("net.yaml"), "net", GOOGLES, folder, lambda _: None)
    return dict(network.weights)


def raw(path: Path, _: Path) -> dict[str, np.ndarray]:
    from early_vision.network.formats.raw import read_raw

    return {"stem_w": np.nan_to_num(read_raw(path, TENSORS["stem_w"].shape))}


def hdf5(path: Path, _: Path) -> dict[str, np.ndarray]:
    from early_vision.network.formats.hdf5 import read_hdf5

    return {"stem_w": np.nan_to_num(read_hdf5([path])[0])}


def keras_model(path: Path, folder: Path) -> dict[str, np.ndarray]:
    from early_vision.network.imports import import_keras_model

    return dict(import_keras_model(path, ["next"], "net", (0.0, 255.0), folder).weights)


def npz_file() -> bytes:
    data = io.BytesIO()
    np.savez(data, allow_pickle=False, **TENSORS)
    return data.getvalue()


def hdf5_file() -> bytes:
    import h5py  # type: ignore[import-untyped]

    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        file["stem_w"] = TENSORS["stem_w"]
    return data.getvalue()


def graph_file() -> bytes:
    from early_vision.network.architecture import Architecture, Node
    from early_vision.network.weights import network_from_tensors
    from tools.frozen_graph_reference import graph_def

    nodes = (Node("stem", "conv", ("input",), 3, 1, 4), Node("next", "conv", ("stem",), 1, 1, 5))
    network = network_from_tensors("net", TENSORS, Architecture(nodes, ("stem", "next"), 117.0), "here")
    return graph_def(network).SerializeToString(deterministic=True)


def keras_file() -> bytes:
    import keras

    model = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3, name="stem"), keras.layers.Conv2D(5, 1, name="next")]
    )
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "a.keras")
        return (Path(folder) / "a.keras").read_bytes()


READERS = {
    "raw": Reader(TENSORS["stem_w"].tobytes, raw),
    "npz": Reader(npz_file, described, zipped=True, checked=True),
    "safetensors": Reader(lambda: safetensors({k: ("F32", v) for k, v in TENSORS.items()}), described),
    "mxnet": Reader(lambda: mxnet_list({f"arg:{k[:-1]}{'weight' if k[-1] == 'w' else 'bias'}": v
                                        for k, v in OIHW.items()}), described),
    "caffe": Reader(lambda: caffe_model({n: (OIHW[f"{n}_w"], OIHW[f"{n}_b"]) for n in ("stem", "next")}, "layer"),
                    described, suffix=".caffemodel"),
    "caffe-old": Reader(lambda: caffe_model({n: (OIHW[f"{n}_w"], OIHW[f"{n}_b"]) for n in ("stem", "next")}, "layers"),
                        described, suffix=".caffemodel"),
    "graph": Reader(graph_file, described),
    "hdf5": Reader(hdf5_file, hdf5, suffix=".h5"),
    "keras": Reader(keras_file, keras_model, zipped=True, suffix=".keras"),
}  # fmt: skip


def damaged(data: bytes, random: np.random.Generator) -> bytes:
    """The bytes after one to four changes: bits, bytes, integers of all sizes, pieces removed, doubled or moved."""
    held = bytearray(data)
    for _ in range(random.integers(1, 5)):
        size = len(held)
        if not size:
            return b""
        # Sizes and types stand at the beginning and the end of most formats.
        near = [random.integers(size), random.integers(min(size, 256)), size - 1 - random.integers(min(size, 256))]
        at, length = int(near[random.integers(3)]), int(random.integers(1, 65))
        kind = random.integers(7)
        if kind == 0:
            held[at] ^= 1 << int(random.integers(8))
        elif kind == 1:
            held[at] = (0, 1, 0x7F, 0x80, 0xFF, int(random.integers(256)))[random.integers(6)]
        elif kind == 2:
            width = (2, 4, 8)[random.integers(3)]
            value = (0, 1, 1 << (8 * width - 1), (1 << 8 * width) - 1, 1 << (4 * width))[random.integers(5)]
            held[at : at + width] = value.to_bytes(width, "little")
        elif kind == 3:
            del held[at : at + length]
        elif kind == 4:
            held[at:at] = held[at : at + length]
        elif kind == 5:
            other = int(random.integers(size))
            held[at : at + length] = held[other : other + length]
        else:
            del held[at:]
    return bytes(held)


def damaged_entry(data: bytes, random: np.random.Generator) -> bytes:
    """A zip archive with one of its entries damaged, and everything else, checksums too, as it should be."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        names = before.namelist()
        chosen = names[random.integers(len(names))]
        for name in names:
            content = before.read(name)
            after.writestr(name, damaged(content, random) if name == chosen else content)
    return out.getvalue()


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    def late(*_):
        raise TimeoutError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fuzz(name: str, count: int, place: Path) -> list[str]:
    """Try a reader on so many damaged files; what went wrong, a line each."""
    reader, whole, failures = READERS[name], READERS[name].make(), []
    file, folder = place / f"a{reader.suffix}", place / "networks"
    (place / "net.yaml").write_text(YAML)
    file.write_bytes(whole)
    right = reader.read(file, folder)
    memory, start, refused = peak(), time.monotonic(), 0
    for i in range(count):
        random = np.random.default_rng([2026, sorted(READERS).index(name), i])
        inside = reader.zipped and i % 2 == 1
        data = (damaged_entry if inside else damaged)(whole, random)
        for old in folder.glob("*"):
            old.unlink()
        file.write_bytes(data)
        print(f"{name} {i}", file=sys.stderr, flush=True)
        try:
            with limited(LIMIT_S):
                found = reader.read(file, folder)
        except InputError as error:
            refused += 1
            if not str(error).strip() or len(str(error)) > 5000:
                failures.append(f"{name} {i}: a message of {len(str(error))} letters")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            failures.append(f"{name} {i}: {type(error).__name__}: {error} ({where.filename}:{where.lineno})")
        else:
            failures += [f"{name} {i}: {problem}" for problem in wrong(found, right, reader.checked and not inside)]
        strays = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
        if strays := strays - {file.name, "net.yaml", "networks/net.npz", "networks/net.yaml"}:
            failures.append(f"{name} {i}: it left {', '.join(sorted(strays))}")
    grown = peak() - memory
    if grown > MEMORY:
        failures.append(f"{name}: {grown / 2**20:.0f} MiB of memory")
    print(f"{name:12} {count} damaged files: {refused} refused, {count - refused - len(failures)} read, {len(failures)} "
          f"failures; {time.monotonic() - start:.1f} s, {grown / 2**20:.0f} MiB more memory", flush=True)  # fmt: skip
    return failures


def wrong(found: dict[str, np.ndarray], right: dict[str, np.ndarray], checked: bool) -> Iterator[str]:
    """What is wrong with tensors that were read from a damaged file."""
    if found.keys() != right.keys():
        yield f"it gave {sorted(found)}"
    for key, value in found.items():
        if not np.isfinite(value).all():
            yield f"{key} is not finite"
        elif checked and key in right and not np.array_equal(value, right[key]):
            yield f"{key} has other numbers, and no checksum was missed"


def peak() -> int:
    """Bytes that this process, and those it started, held at most."""
    return 1024 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--reader", action="append", choices=READERS)
    parser.add_argument("--here", action="store_true", help="in this process, and only one reader")
    arguments = parser.parse_args()
    names = arguments.reader or list(READERS)
    if arguments.here:
        with tempfile.TemporaryDirectory() as place:
            failures = fuzz(names[0], arguments.count, Path(place))
        print("\n".join(failures))
        return 1 if failures else 0
    worst = 0
    for name in names:
        command = [
            sys.executable,
            "-m",
            "tools.fuzz_readers",
            "--here",
            "--reader",
            name,
            "--count",
            str(arguments.count),
        ]
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        print(done.stdout, end="", flush=True)
        if done.returncode not in (0, 1):
            last = [line for line in done.stderr.splitlines() if line.startswith(f"{name} ")][-1:]
            print(f"{name}: the process ended with status {done.returncode} at {last or done.stderr[-500:]}")
        worst = max(worst, abs(done.returncode))
    return min(worst, 1)


if __name__ == "__main__":
    sys.exit(main())
