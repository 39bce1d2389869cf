"""Reading labelled pictures: Tiny ImageNet's folder, or the same in zips, decoded once to uint8. Needs no PyTorch.

A folder and a zip are alike here: a list of names that can be read. Pictures are sorted by class and name, so the same
pictures train the same network however they were packed.
"""

import hashlib
import io
import itertools
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from early_vision.errors import InputError, nearest

SUFFIXES = (".jpeg", ".jpg", ".png")
ANNOTATIONS = "val_annotations.txt"
CLASS_LIST = "wnids.txt"

Progress = Callable[[int, int], None]
"""Told how many pictures of how many have been read."""


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures, all of one size.

    Attributes:
        images: uint8 [n, height, width, 3], RGB.
        labels: int64 [n], indices into `classes`.
        classes: the name (WordNet id) of every class.
        sha256: hash of the pictures' classes, names and encoded bytes: the same for a folder and a zip of it.
        sources: the names of the folders and zips they came from.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    sha256: str
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Source:
    """A folder or zip: where it is, the '/'-separated names of the files in it, and how to read one."""

    path: Path
    names: tuple[str, ...]
    read: Callable[[str], bytes]


@dataclass(frozen=True)
class Entry:
    """One picture yet to be read."""

    class_name: str
    file_name: str
    source: Source
    name: str


def read_training(paths: Sequence[Path], progress: Progress | None = None) -> Pictures:
    """Training pictures from one or several folders or zips.

    Each is Tiny ImageNet (`train/<class>/images/*.JPEG`, beside other things) or just `<class>/*.JPEG`. Classes are
    numbered in the order of their names.

    Raises:
        InputError: when a path is absent, no folder or zip, or holds no pictures, when classes listed in `wnids.txt`
            are missing, when a picture is there twice, damaged, or of another size than the rest.
    """
    entries = [entry for path in paths for entry in _training_entries(open_source(path))]
    classes = tuple(sorted({entry.class_name for entry in entries}))
    if len(classes) < 2:
        raise InputError(
            f"all training pictures are of one class, {classes[0]}",
            file=paths[0],
            hint="Each class has a folder of its own",
        )
    return _read(entries, classes, paths, progress)


def read_held_out(path: Path, classes: Sequence[str], progress: Progress | None = None) -> Pictures:
    """Held-out pictures from a folder or zip, labelled by the training set's classes.

    It is Tiny ImageNet (`val/images` with `val_annotations.txt`), its `val`, or just `<class>/*.JPEG`.

    Raises:
        InputError: as `read_training` does, and for a class that the training set does not have.
    """
    source = open_source(path)
    annotations = [name for name in source.names if name.rpartition("/")[2] == ANNOTATIONS]
    entries = _annotated_entries(source, annotations[0]) if annotations else _entries_by_folder(source, "val")
    known = set(classes)
    for entry in entries:
        if entry.class_name not in known:
            hint = nearest(entry.class_name, classes) or "Held-out pictures need the classes of the training pictures"
            message = f"held-out picture {entry.name} is of class {entry.class_name}, which no training picture is of"
            raise InputError(message, file=path, hint=hint)
    return _read(entries, classes, [path], progress)


def pictures_in_common(one: Pictures, other: Pictures) -> int:
    """How many pictures of `one` are, pixel for pixel, also in `other`."""
    known = {hashlib.sha256(image.tobytes()).digest() for image in other.images}
    return sum(hashlib.sha256(image.tobytes()).digest() in known for image in one.images)


def open_source(path: Path) -> Source:
    """The files in a folder or zip.

    Raises:
        InputError: when there is neither at this path.
    """
    if path.is_dir():
        names = [
            (Path(folder) / file).relative_to(path).as_posix() for folder, _, files in os.walk(path) for file in files
        ]
        return Source(path, _visible(names), lambda name: (path / name).read_bytes())
    if not path.is_file():
        raise InputError("there is no such folder or zip of pictures", file=path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            f"the file is no zip, or damaged ({error})", file=path, hint="Give a folder or a zip of pictures"
        ) from error
    return Source(path, _visible(info.filename for info in archive.infolist() if not info.is_dir()), archive.read)


def _visible(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, without what systems leave in folders and zips (.DS_Store, __MACOSX)."""
    return tuple(sorted(n for n in names if not any(part.startswith((".", "__MACOSX")) for part in n.split("/"))))


def _training_entries(source: Source) -> list[Entry]:
    entries = _entries_by_folder(source, "train")
    lists = [name for name in source.names if name.rpartition("/")[2] == CLASS_LIST]
    if lists:
        listed, found = set(_text(source, lists[0]).split()), {entry.class_name for entry in entries}
        missing, unlisted = sorted(listed - found), sorted(found - listed)
        if missing:
            raise InputError(
                f"class {missing[0]} of {lists[0]} has no pictures ({_of(missing, listed)})", file=source.path
            )
        if unlisted:
            hint = nearest(unlisted[0], listed) or "Mend the list, or take the folder away"
            raise InputError(f"class {unlisted[0]} has pictures but is not in {lists[0]}", file=source.path, hint=hint)
    return entries


def _of(some: Sequence[str], all_: Iterable[str]) -> str:
    return f"{len(some)} of {len(list(all_))} classes"


def _entries_by_folder(source: Source, part: str) -> list[Entry]:
    """Pictures whose class is the folder they are in, or the one above a folder `images`.

    Where some folder is named `part` ("train", "val"), only the pictures below it count.
    """
    pictures = [name for name in source.names if name.lower().endswith(SUFFIXES)]
    if not pictures:
        raise InputError("there are no pictures in it", file=source.path, hint="Expected are <class>/<name>.JPEG")
    if any(part in name.split("/")[:-1] for name in pictures):
        pictures = [name for name in pictures if part in name.split("/")[:-1]]
    elif any(name.rpartition("/")[2] == ANNOTATIONS for name in source.names):
        raise InputError(f"there are held-out pictures in it, but no folder {part}", file=source.path)
    entries = []
    for name in pictures:
        *folders, file_name = name.split("/")
        if folders and folders[-1] == "images":
            folders.pop()
        if not folders or folders[-1] == part:
            raise InputError(
                f"picture {name} is in no class's folder", file=source.path, hint="Expected is <class>/<name>.JPEG"
            )
        entries.append(Entry(folders[-1], file_name, source, name))
    return entries


def _annotated_entries(source: Source, annotations: str) -> list[Entry]:
    """Pictures whose class a tab-separated list tells: file name, class, and what else."""
    folder, names = annotations.rpartition("/")[0], set(source.names)
    prefix = f"{folder}/images/" if folder else "images/"
    place = source.path / annotations if source.path.is_dir() else f"{source.path}/{annotations}"
    entries: dict[str, Entry] = {}
    for line, text in enumerate(_text(source, annotations).splitlines(), start=1):
        if not text.strip():
            continue
        file_name, _, rest = text.partition("\t")
        class_name = rest.split("\t")[0].strip()
        if not class_name:
            raise InputError("the line has no class", file=place, line=line, hint="Expected are file name, tab, class")
        if prefix + file_name not in names:
            raise InputError(f"there is no picture {prefix}{file_name}", file=place, line=line)
        if file_name in entries:
            raise InputError(f"picture {file_name} is listed twice", file=place, line=line)
        entries[file_name] = Entry(class_name, file_name, source, prefix + file_name)
    if not entries:
        raise InputError("no picture is listed", file=place)
    return list(entries.values())


def _text(source: Source, name: str) -> str:
    try:
        return source.read(name).decode()
    except (UnicodeDecodeError, zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{name} cannot be read ({error})", file=source.path) from error


def _read(entries: list[Entry], classes: Sequence[str], paths: Sequence[Path], progress: Progress | None) -> Pictures:
    entries = sorted(entries, key=lambda entry: (entry.class_name, entry.file_name))
    for before, entry in itertools.pairwise(entries):
        if (before.class_name, before.file_name) == (entry.class_name, entry.file_name):
            message = (
                f"picture {entry.file_name} of class {entry.class_name} is there twice, also in {before.source.path}"
            )
            raise InputError(message, file=entry.source.path, hint="Give each folder or zip once")
    number = {name: index for index, name in enumerate(classes)}
    digest, images = hashlib.sha256(), None
    for index, entry in enumerate(entries):
        data, image = _decode(entry)
        digest.update(f"{entry.class_name}/{entry.file_name} {len(data)}\n".encode())
        digest.update(data)
        if images is None:
            images = np.empty((len(entries), *image.shape), np.uint8)
        if image.shape != images.shape[1:]:
            here, rest = (f"{shape[1]} x {shape[0]}" for shape in (image.shape, images.shape[1:]))
            raise InputError(f"picture {entry.name} has {here} pixels, those before it {rest}", file=entry.source.path)
        images[index] = image
        if progress:
            progress(index + 1, len(entries))
    labels = np.array([number[entry.class_name] for entry in entries], np.int64)
    return Pictures(images, labels, tuple(classes), digest.hexdigest(), tuple(path.name for path in paths))


def _decode(entry: Entry) -> tuple[bytes, np.ndarray]:
    """The encoded bytes of a picture and its pixels, uint8 [height, width, 3]."""
    try:
        data = entry.source.read(entry.name)
        with Image.open(io.BytesIO(data)) as image:
            return data, np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, zipfile.BadZipFile, Image.DecompressionBombError) as error:
        raise InputError(f"picture {entry.name} is damaged ({error})", file=entry.source.path) from error
