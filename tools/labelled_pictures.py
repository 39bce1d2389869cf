"""Labelled pictures for training: Tiny ImageNet's folder, or the same in zips, decoded once. Needs no PyTorch.

A folder and a zip are alike here: names that can be read. Pictures are sorted by class and name, so the same pictures
train the same network however they were packed.
"""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from early_vision.errors import InputError, did_you_mean
from early_vision.progress import progress

SUFFIXES = (".jpeg", ".jpg", ".png")
ANNOTATIONS, CLASS_LIST = "val_annotations.txt", "wnids.txt"


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
class _Source:
    """A folder or zip: where it is, the '/'-separated names of the files in it, and how to read one."""

    path: Path
    names: tuple[str, ...]
    read: Callable[[str], bytes]

    def named(self, file: str) -> str | None:
        """The first of its names that ends in this file's."""
        return next((name for name in self.names if name.rpartition("/")[2] == file), None)

    def text(self, name: str) -> str:
        try:
            return self.read(name).decode()
        except (UnicodeDecodeError, zipfile.BadZipFile, OSError) as error:
            raise InputError(f"{name} cannot be read ({error})", file=self.path) from error


@dataclass(frozen=True)
class _Entry:
    """One picture yet to be read."""

    class_name: str
    file_name: str
    source: _Source
    name: str


def read_training(paths: Sequence[Path]) -> Pictures:
    """Training pictures from one or several folders or zips.

    Each is Tiny ImageNet (`train/<class>/images/*.JPEG`, beside other things) or just `<class>/*.JPEG`. Classes are
    numbered in the order of their names.

    Raises:
        InputError: when a path is absent, no folder or zip, or holds no pictures, when classes listed in `wnids.txt`
            are missing, when a picture is there twice, damaged, or of another size than the rest.
    """
    entries = [entry for path in paths for entry in _training_entries(_open(path))]
    classes = tuple(sorted({entry.class_name for entry in entries}))
    if len(classes) < 2:
        message = f"all training pictures are of one class, {classes[0]}"
        raise InputError(message, file=paths[0], hint="Each class has a folder of its own")
    return _read(entries, classes, paths)


def read_held_out(path: Path, classes: Sequence[str]) -> Pictures:
    """Held-out pictures from a folder or zip, labelled by the training set's classes.

    It is Tiny ImageNet (`val/images` with `val_annotations.txt`), its `val`, or just `<class>/*.JPEG`.

    Raises:
        InputError: as `read_training` does, and for a class that the training set does not have.
    """
    source = _open(path)
    annotations = source.named(ANNOTATIONS)
    entries = list(_annotated_entries(source, annotations) if annotations else _entries_by_folder(source, "val"))
    for entry in entries:
        if entry.class_name not in classes:
            hint = (
                did_you_mean(entry.class_name, classes) or "Held-out pictures need the classes of the training pictures"
            )
            message = f"held-out picture {entry.name} is of class {entry.class_name}, which no training picture is of"
            raise InputError(message, file=path, hint=hint)
    return _read(entries, classes, [path])


def pictures_in_common(one: Pictures, other: Pictures) -> int:
    """How many pictures of `one` are, pixel for pixel, also in `other`."""
    known = {hashlib.sha256(image.tobytes()).digest() for image in other.images}
    return sum(hashlib.sha256(image.tobytes()).digest() in known for image in one.images)


def _open(path: Path) -> _Source:
    if path.is_dir():
        files = [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
        names, read = [file.relative_to(path).as_posix() for file in files], lambda name: (path / name).read_bytes()
    elif path.is_file():
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            message = f"the file is no zip, or damaged ({error})"
            raise InputError(message, file=path, hint="Give a folder or a zip of pictures") from error
        names, read = [info.filename for info in archive.infolist() if not info.is_dir()], archive.read
    else:
        raise InputError("there is no such folder or zip of pictures", file=path)
    # Without what systems leave in folders and zips (.DS_Store, __MACOSX).
    visible = [n for n in names if not any(part.startswith((".", "__MACOSX")) for part in n.split("/"))]
    return _Source(path, tuple(sorted(visible)), read)


def _training_entries(source: _Source) -> list[_Entry]:
    entries = list(_entries_by_folder(source, "train"))
    list_name = source.named(CLASS_LIST)
    if list_name:
        listed, found = set(source.text(list_name).split()), {entry.class_name for entry in entries}
        for missing in sorted(listed - found):
            count = f"{len(listed - found)} of {len(listed)} classes"
            raise InputError(f"class {missing} of {list_name} has no pictures ({count})", file=source.path)
        for unlisted in sorted(found - listed):
            hint = did_you_mean(unlisted, listed) or "Mend the list, or take the folder away"
            raise InputError(f"class {unlisted} has pictures but is not in {list_name}", file=source.path, hint=hint)
    return entries


def _entries_by_folder(source: _Source, part: str) -> Iterator[_Entry]:
    """Pictures whose class is the folder they are in, or the one above a folder `images`.

    Where some folder is named `part` ("train", "val"), only the pictures below it count.
    """
    pictures = [name for name in source.names if name.lower().endswith(SUFFIXES)]
    if not pictures:
        raise InputError("there are no pictures in it", file=source.path, hint="Expected are <class>/<name>.JPEG")
    if any(part in name.split("/")[:-1] for name in pictures):
        pictures = [name for name in pictures if part in name.split("/")[:-1]]
    elif source.named(ANNOTATIONS):
        raise InputError(f"there are held-out pictures in it, but no folder {part}", file=source.path)
    for name in pictures:
        *folders, file_name = name.split("/")
        if folders and folders[-1] == "images":
            folders.pop()
        if not folders or folders[-1] == part:
            message = f"picture {name} is in no class's folder"
            raise InputError(message, file=source.path, hint="Expected is <class>/<name>.JPEG")
        yield _Entry(folders[-1], file_name, source, name)


def _annotated_entries(source: _Source, annotations: str) -> list[_Entry]:
    """Pictures whose class a tab-separated list tells: file name, class, and what else."""
    folder, names = annotations.rpartition("/")[0], set(source.names)
    prefix, place = f"{folder}/images/" if folder else "images/", f"{source.path}/{annotations}"
    entries: dict[str, _Entry] = {}
    for line, text in enumerate(source.text(annotations).splitlines(), start=1):
        if not text.strip():
            continue
        file_name, class_name = (part.strip() for part in f"{text}\t".split("\t")[:2])
        if not class_name:
            raise InputError("the line has no class", file=place, line=line, hint="Expected are file name, tab, class")
        if prefix + file_name not in names:
            raise InputError(f"there is no picture {prefix}{file_name}", file=place, line=line)
        if file_name in entries:
            raise InputError(f"picture {file_name} is listed twice", file=place, line=line)
        entries[file_name] = _Entry(class_name, file_name, source, prefix + file_name)
    if not entries:
        raise InputError("no picture is listed", file=place)
    return list(entries.values())


def _read(found: Sequence[_Entry], classes: Sequence[str], paths: Sequence[Path]) -> Pictures:
    entries = sorted(found, key=lambda entry: (entry.class_name, entry.file_name))
    for before, entry in pairwise(entries):
        if (before.class_name, before.file_name) == (entry.class_name, entry.file_name):
            where = f"also in {before.source.path}"
            message = f"picture {entry.file_name} of class {entry.class_name} is there twice, {where}"
            raise InputError(message, file=entry.source.path, hint="Give each folder or zip once")
    digest, images = hashlib.sha256(), np.empty((0, 0, 0, 3), np.uint8)
    with progress("reading", len(entries), "pictures") as advance:
        for index, entry in enumerate(entries):
            data, image = _decode(entry)
            digest.update(f"{entry.class_name}/{entry.file_name} {len(data)}\n".encode() + data)
            if index == 0:
                images = np.empty((len(entries), *image.shape), np.uint8)
            if image.shape != images.shape[1:]:
                here, rest = (f"{shape[1]} x {shape[0]}" for shape in (image.shape, images.shape[1:]))
                message = f"picture {entry.name} has {here} pixels, those before it {rest}"
                raise InputError(message, file=entry.source.path)
            images[index] = image
            advance(1, entry.class_name)
    labels = np.array([list(classes).index(entry.class_name) for entry in entries], np.int64)
    return Pictures(images, labels, tuple(classes), digest.hexdigest(), tuple(path.name for path in paths))


def _decode(entry: _Entry) -> tuple[bytes, np.ndarray]:
    """The encoded bytes of a picture and its pixels, uint8 [height, width, 3]."""
    try:
        data = entry.source.read(entry.name)
        with Image.open(io.BytesIO(data)) as image:
            return data, np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, zipfile.BadZipFile, Image.DecompressionBombError) as error:
        raise InputError(f"picture {entry.name} is damaged ({error})", file=entry.source.path) from error
