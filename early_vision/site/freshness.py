"""Whether a site is what its inputs would give again: then a build has nothing to do."""

import hashlib
import json
import platform
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path

from early_vision.artifacts import write_whole

RECORD = ".built.json"


def input_key(inputs: Iterable[Path], words: Iterable[str] = ()) -> str:
    """A hash of the names and contents of some files, and of all in some folders, of words, and of what else counts."""
    digest = hashlib.sha256(platform.python_version().encode())
    for library in _libraries():
        digest.update(f"{library} {version(library)}\n".encode())
    digest.update(f"{sorted(words)}\n".encode())
    for folder in inputs:
        digest.update(f"{folder.resolve()}\n".encode())
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def count_if_fresh(out: Path, key: str) -> int | None:
    """The number of the site's files if the last build had the same inputs and nobody touched any file since."""
    try:
        record = json.loads((out / RECORD).read_text("utf-8"))
        fresh = record["key"] == key and all(_stamp(out / path) == stamp for path, stamp in record["files"].items())
        return len(record["files"]) if fresh else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(out: Path, key: str) -> None:
    """Record what a build made, and from what.

    Raises:
        InputError: when the record cannot be written.
    """
    files = {path.relative_to(out).as_posix(): _stamp(path) for path in sorted(out.rglob("*")) if path.is_file()}
    files.pop(RECORD, None)
    write_whole(out / RECORD, json.dumps({"key": key, "files": files}).encode())


def _libraries() -> list[str]:
    """The libraries whose version may show in the site's bytes: all that the project needs for building."""
    try:
        needed = requires("early-vision") or ()
    except PackageNotFoundError:
        return sorted({one.metadata["Name"] for one in distributions()})
    return sorted(re.match(r"[\w.-]+", one)[0] for one in needed if "extra ==" not in one)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
