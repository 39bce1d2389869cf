"""Writing the site: all of it or nothing, only what changed, and nothing outside of the output folder."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename, dirname

from early_vision.errors import InputError
from early_vision.memory import Memory, stamps_in

MANIFEST = ".files"
"""In the site's folder and in each article's: what builds put there, one path a line. Only these files are ever replaced
or removed."""
LEGACY = ".built.json"
"""What builds once kept beside the site: all of such a site was written by them."""
SCRATCH = ".building-"
ABANDONED_AFTER_S = 3600.0


@dataclass(frozen=True)
class Written:
    """What a build did to the site: how many files it wrote, left as they were, and removed; and which it wrote."""

    written: int
    unchanged: int
    removed: int
    paths: tuple[str, ...] = field(default=(), compare=False, repr=False)


def write_site(
    files: Mapping[str, bytes | None],
    out: Path,
    folders: Iterable[str],
    memory: Memory | None = None,
    whole: bool = False,
) -> Written:
    """Bring the output folder up to date.

    Every changed file is first written into a scratch folder; only when all of them are there are they put in their
    places. An unchanged file keeps its time stamp.

    Args:
        files: contents by path within `out`, with forward slashes; None for a file that is there and stays.
        out: the output folder; made if need be.
        folders: folders within `out`, one per article, from which files of an earlier build are removed when they are
            not in `files` any more.
        memory: keeps what files hold that nobody has touched since.
        whole: whether there are no other articles, so that those of earlier builds are gone, with what only they had.

    Raises:
        InputError: for a file that is in the way and that no build has written, with the site as it was.
        InputError: when something cannot be written, with the site as it was.
    """
    folders, memory = tuple(folders), Memory() if memory is None else memory
    listed = {folder: _listed(out, folder) for folder in ("", *folders)}
    shared = {path for path in files if path.partition("/")[0] not in folders}
    kept = set() if whole else {path for path in listed[""] if (out / path).is_file()}
    files = {
        **files,
        **_manifests(files, folders),
        MANIFEST: "".join(f"{path}\n" for path in sorted(shared | kept)).encode(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        _check_targets(files, out)
        changed = _changed(files, out, memory)
        _check_authorship(changed, out, listed)
        stale = [path for folder in folders for path in _stale(out, folder, files)]
        if whole:
            gone = sorted(path.parent.name for path in out.glob(f"*/{MANIFEST}") if path.parent.name not in folders)
            stale += [path for folder in ("", *gone) for path in _stale(out, folder, files)]
            stale += [out / folder / name for folder in gone for name in (MANIFEST, f"{folder}.pdf")]
        stale = [path for path in (*stale, out / LEGACY) if path.is_file() or path.is_symlink()]
        _remove_abandoned(out)
        if changed:
            _write(changed, out)
        for path in stale:
            path.unlink(missing_ok=True)
        _remove_empty(stale, out)
    except OSError as error:
        where = error.filename if isinstance(error.filename, (str, Path)) else out
        hint = "Make room on the disk" if error.errno in (28, 122) else f"See to it that {out} can be written"
        raise InputError(f"the site cannot be written ({error.strerror or error})", file=where, hint=hint) from error
    return Written(len(changed), len(files) - len(changed), len(stale), tuple(changed))


def check_out(out: Path, articles: Iterable[Path]) -> None:
    """Refuses an output folder in which a site would be mixed with what it is made of.

    Raises:
        InputError: when `out` is inside of an article's folder, or an article's folder would be the site's.
    """
    for folder in articles:
        if out.resolve().is_relative_to(folder.resolve()):
            raise InputError("the output folder is inside of an article's folder", file=out, hint="Give another --out")
        if (out / Path(os.path.abspath(folder)).name).resolve() == folder.resolve():
            message = "the site would be written into the article's own folder"
            raise InputError(message, file=folder, hint="Give another --out")


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


def _changed(files: Mapping[str, bytes | None], out: Path, memory: Memory) -> dict[str, bytes]:
    """The files that are not there, or hold something else."""
    stamps = {parent: stamps_in(out / parent) for parent in {dirname(path) for path in files}}
    changed = {}
    for path, data in files.items():
        stamp = stamps[dirname(path)].get(basename(path))
        if data is not None and (stamp is None or not memory(_holds, out, path, data, stamp, at=path)):
            changed[path] = data
    return changed


def _check_targets(files: Iterable[str], out: Path) -> None:
    """Refuses paths that lead out of `out`, through a link or by name, and places that a folder or a file blocks."""
    root, blocking = out.resolve(), {}
    for path in files:
        if path.startswith("/") or ".." in path.split("/"):
            raise InputError(f"the path {path} leads out of the site", file=out)
        inside = dirname(path)
        if inside not in blocking:
            parent = out / inside
            if not parent.resolve().is_relative_to(root):
                raise InputError(
                    "this folder of the site is a link that leads out of it", file=parent, hint="Remove the link"
                )
            blocked = next(
                (p for p in (parent, *parent.parents) if p.is_relative_to(out) and p.exists() and not p.is_dir()), None
            )
            if blocked:
                raise InputError("a file is where the site needs a folder", file=blocked, hint="Remove or rename it")
            blocking[inside] = _folders_in(parent)
        if basename(path) in blocking[inside]:
            raise InputError("a folder is where the site needs a file", file=out / path, hint="Remove or rename it")


def _folders_in(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries if entry.is_dir()}


def _holds(out: Path, path: str, data: bytes, stamp: tuple[int, ...]) -> bool:
    return stamp[0] == len(data) and (out / path).read_bytes() == data


def _manifests(files: Mapping[str, bytes | None], folders: Iterable[str]) -> dict[str, bytes]:
    manifests = {}
    for folder in folders:
        paths = sorted(path.removeprefix(f"{folder}/") for path in files if path.startswith(f"{folder}/"))
        manifests[f"{folder}/{MANIFEST}"] = "".join(f"{path}\n" for path in paths).encode()
    return manifests


def _listed(out: Path, folder: str) -> list[str]:
    """What earlier builds put into a folder of the site, by paths from there."""
    try:
        return (out / folder / MANIFEST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _check_authorship(changed: Iterable[str], out: Path, listed: Mapping[str, Iterable[str]]) -> None:
    """Refuses to replace a file that no build has written."""
    if (out / LEGACY).is_file() or (not (out / MANIFEST).is_file() and any(out.glob(f"*/{MANIFEST}"))):
        # An earlier version has written it, and listed less.
        return
    ours = {f"{folder}/{path}" if folder else path for folder, paths in listed.items() for path in paths}
    for path in changed:
        if path not in ours and basename(path) != MANIFEST and (out / path).is_file():
            hint = "Move it away, or build into another folder with --out"
            raise InputError("this file is in the way, and no build has written it", file=out / path, hint=hint)


def _stale(out: Path, folder: str, files: Mapping[str, bytes | None]) -> list[Path]:
    """Files that an earlier build put into a folder and that do not belong there any more."""
    root, stale = (out / folder).resolve(), []
    for line in _listed(out, folder):
        if (f"{folder}/{line}" if folder else line) in files:
            continue
        path = out / folder / line
        if path.parent.resolve().is_relative_to(root) and (path.is_file() or path.is_symlink()):
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
