"""Writing the site: all of it or nothing, only what changed, and nothing outside of the output folder."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from early_vision.errors import InputError

MANIFEST = ".files"
"""In each article's folder: what the build put there, one path a line. Only these files are ever removed."""
SCRATCH = ".building-"
ABANDONED_AFTER_S = 3600.0


@dataclass(frozen=True)
class Written:
    """What a build did to the site: how many files it wrote, left as they were, and removed."""

    written: int
    unchanged: int
    removed: int


def write_site(files: Mapping[str, bytes | None], out: Path, folders: Iterable[str]) -> Written:
    """Bring the output folder up to date.

    Every changed file is first written into a scratch folder; only when all of them are there are they put in their
    places. An unchanged file keeps its time stamp.

    Args:
        files: contents by path within `out`, with forward slashes; None for a file that is there and stays.
        out: the output folder; made if need be.
        folders: folders within `out`, one per article, from which files of an earlier build are removed when they are
            not in `files` any more.

    Raises:
        InputError: when something cannot be written, with the site as it was.
    """
    folders = tuple(folders)
    files = {**files, **_manifests(files, folders)}
    try:
        out.mkdir(parents=True, exist_ok=True)
        _check_targets(files, out)
        changed = {path: data for path, data in files.items() if data is not None and not _holds(out / path, data)}
        stale = [path for folder in folders for path in _stale(out, folder, files)]
        _remove_abandoned(out)
        if changed:
            _write(changed, out)
        for path in stale:
            path.unlink(missing_ok=True)
        _remove_empty(stale, out)
    except OSError as error:
        where = error.filename if isinstance(error.filename, (str, Path)) else out
        mend = "Make room on the disk" if error.errno in (28, 122) else f"See to it that {out} can be written"
        raise InputError(f"the site cannot be written ({error.strerror or error})", file=where, mend=mend) from error
    return Written(len(changed), len(files) - len(changed), len(stale))


def _write(changed: Mapping[str, bytes], out: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=out))
    try:
        for number, data in enumerate(changed.values()):
            (scratch / str(number)).write_bytes(data)
        for parent in sorted({(out / path).parent for path in changed}):
            parent.mkdir(parents=True, exist_ok=True)
            if not os.access(parent, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(parent))
        for number, path in enumerate(changed):
            os.replace(scratch / str(number), out / path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check_targets(files: Iterable[str], out: Path) -> None:
    """Refuses paths that lead out of `out`, through a link or by name, and places that a folder or a file blocks."""
    root, checked = out.resolve(), set()
    for path in files:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise InputError(f"the path {path} leads out of the site", file=out)
        parent = (out / path).parent
        if parent not in checked:
            checked.add(parent)
            if not parent.resolve().is_relative_to(root):
                raise InputError(
                    "this folder of the site is a link that leads out of it", file=parent, mend="Remove the link"
                )
            blocked = next(
                (p for p in (parent, *parent.parents) if p.is_relative_to(out) and p.exists() and not p.is_dir()), None
            )
            if blocked:
                raise InputError("a file is where the site needs a folder", file=blocked, mend="Remove or rename it")
        if (out / path).is_dir():
            raise InputError("a folder is where the site needs a file", file=out / path, mend="Remove or rename it")


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size == len(data) and path.read_bytes() == data


def _manifests(files: Mapping[str, bytes | None], folders: Iterable[str]) -> dict[str, bytes]:
    manifests = {}
    for folder in folders:
        paths = sorted(path.removeprefix(f"{folder}/") for path in files if path.startswith(f"{folder}/"))
        manifests[f"{folder}/{MANIFEST}"] = "".join(f"{path}\n" for path in paths).encode()
    return manifests


def _stale(out: Path, folder: str, files: Mapping[str, bytes | None]) -> list[Path]:
    """Files that an earlier build put into an article's folder and that do not belong there any more."""
    try:
        listed = (out / folder / MANIFEST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    root, stale = (out / folder).resolve(), []
    for line in listed:
        path = out / folder / line
        if (
            f"{folder}/{line}" not in files
            and path.parent.resolve().is_relative_to(root)
            and (path.is_file() or path.is_symlink())
        ):
            stale.append(path)
    return stale


def _remove_empty(removed: Iterable[Path], out: Path) -> None:
    for folder in sorted({path.parent for path in removed}, reverse=True):
        while folder != out and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _remove_abandoned(out: Path) -> None:
    """Scratch folders of builds that were killed."""
    for folder in out.glob(SCRATCH + "*"):
        if time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S:
            shutil.rmtree(folder, ignore_errors=True)
