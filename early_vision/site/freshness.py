"""Whether a site is what its inputs would give again: then a build has nothing to do."""

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path

from early_vision.store import write_whole


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


def record_of(cache: Path, out: Path) -> Path:
    """Where it is kept of what a site was built: beside the site's sources, not in the site."""
    return cache / "built" / f"{hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]}.json"


def count_if_fresh(record_file: Path, out: Path, key: str) -> int | None:
    """The number of the site's files if the last build had the same inputs and nobody touched any file since."""
    try:
        record = json.loads(record_file.read_text("utf-8"))
        return record["files"] if record == _record(out, key) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(record_file: Path, out: Path, key: str) -> None:
    """Record what a build made, and from what.

    Raises:
        InputError: when the record cannot be written.
    """
    write_whole(record_file, json.dumps(_record(out, key)).encode())


def _libraries() -> list[str]:
    """The libraries whose version may show in the site's bytes: all that the project needs for building."""
    try:
        needed = requires("early-vision") or ()
    except PackageNotFoundError:
        return sorted({one.metadata["Name"] for one in distributions()})
    return sorted(name for one in needed if "extra ==" not in one for name in re.findall(r"^[\w.-]+", one))


def _record(out: Path, key: str) -> dict[str, str | int]:
    """How many files there are, and a hash of their names, sizes and times: a list would be half a megabyte."""
    lines = []
    for folder, _, names in os.walk(out):
        within = os.path.relpath(folder, out)
        for name in names:
            status = os.stat(f"{folder}/{name}")
            lines.append(f"{within} {name} {status.st_size} {status.st_mtime_ns}")
    stamps = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return {"key": key, "files": len(lines), "stamps": stamps}
