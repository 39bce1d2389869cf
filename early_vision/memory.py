"""What a process has worked out, kept for as long as what it was worked out from stays the same."""

import hashlib
import os
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from early_vision.cache import Cache
from early_vision.errors import InputError

T = TypeVar("T")
SETTLED_AFTER_S = 2.0
"""A file that was changed less than this ago may change again without its stamp telling."""


class Memory:
    """Results of functions with what they were given.

    A result is used again only where all arguments are equal to, or the very same objects as, those that it came from.
    So it cannot be out of date as long as functions depend on their arguments alone: none that closes over anything
    else, and no argument that is changed afterwards. Files are no exception: what is read from them is remembered
    together with their hashes.

    Args:
        cache: what earlier processes worked out; by default nothing.
    """

    def __init__(self, cache: Cache | None = None):
        self.cache = cache or Cache()
        self._known: dict[Hashable, tuple[tuple, Any]] = {}

    def __call__(self, function: Callable[..., T], *given: Any, at: Hashable = None) -> T:
        """What `function` gives, from memory where it was last given the same.

        Args:
            function: depends on nothing but its arguments.
            given: its arguments.
            at: tells apart the things that one function is used for. Only the last result for each is kept.
        """
        place = (function, at)
        known = self._known.get(place)
        if known and _same(known[0], given):
            return known[1]
        result = function(*given)
        self._known[place] = given, result
        return result


def _same(some: tuple, other: tuple) -> bool:
    try:
        return some == other
    except ValueError:
        # Arrays, of which one cannot say so: only the very same one is known to be equal.
        return False


def hash_files(root: Path, paths: Iterable[Path], memory: Memory) -> Mapping[str, str]:
    """The SHA-256 of each file by its path from `root`; files that have not changed are not read again.

    Raises:
        InputError: when one cannot be read.
    """
    hashes = {}
    for path in sorted(paths):
        try:
            hashes[path.relative_to(root).as_posix()] = memory(_hash_file, path, stamp(path.stat()), at=path)
        except FileNotFoundError:
            # Such as an editor's own, gone since the folder was listed.
            continue
        except OSError as error:
            raise InputError(f"the file cannot be read ({error.strerror})", file=path) from error
    return hashes


def files_in(folder: Path) -> tuple[Path, ...]:
    """All files in a folder and in the folders of it, but for what Python leaves there."""
    return tuple(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def stamp(status: os.stat_result) -> tuple[int, ...]:
    """What tells a file from the same file at another time. A file that was only just changed is like no other."""
    settled = time.time() - max(status.st_mtime, status.st_ctime) > SETTLED_AFTER_S
    moment = () if settled else (time.monotonic_ns(),)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, *moment)


def stamps_in(folder: Path) -> dict[str, tuple[int, ...]]:
    """The stamp of each file right in a folder, by its name, without links; none for a folder that there is not."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: stamp(entry.stat()) for entry in entries if entry.is_file(follow_symlinks=False)}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _hash_file(path: Path, stamp: tuple[int, ...]) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
