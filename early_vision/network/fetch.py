"""Fetching a released network: download, check to the last bit, take out the tensors that are needed, keep them."""

import contextlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from early_vision.errors import InputError
from early_vision.network.architecture import Architecture
from early_vision.network.catalogue import KnownNetwork, PublishedFile, Source
from early_vision.network.download import ELSEWHERE, Manners, check_address, download
from early_vision.network.provenance import Provenance, keep_weights
from early_vision.network.published import check_file, read_published
from early_vision.network.release import Fingerprint, Release
from early_vision.network.weights import Network, hash_tensors, network_from_tensors, to_float16
from early_vision.network.weights_file import Found, fingerprint, graph_in_archive, graph_weights
from early_vision.progress import progress


def mirror_address(release: Release, mirror: str | None) -> str:
    """Where to get the archive: a mirror is the archive's own address, or the folder that it is in.

    Raises:
        InputError: when the mirror is no address.
    """
    if not mirror:
        return release.url
    url = check_address(mirror)
    return url if url.endswith(".zip") else f"{url.rstrip('/')}/{release.file_name}"


def fetch_network(
    release: Release,
    architecture: Architecture,
    cache: Path,
    say: Callable[[str], None],
    mirror: str | None = None,
    manners: Manners = Manners(),
) -> Network:
    """Fetch a released network and keep what the architecture needs of it, in half precision.

    The archive comes to `downloads/` and is removed at the end. Broken off, the next call goes on with it.

    Args:
        release: what to fetch, and what makes sure that it is that.
        architecture: whose tensors to keep.
        cache: the folder in which networks are kept in `networks/`.
        say: is told what the user should know, in sentences.
        mirror: another place to get the archive from.
        manners: how patient to be.

    Raises:
        InputError: when it cannot be downloaded, is another file, or cannot be kept. Nothing half-done takes its place.
    """
    url, partial = mirror_address(release, mirror), cache / "downloads" / f"{release.file_name}.part"
    resumed = partial.is_file() and partial.stat().st_size > 0
    own = _download(release, url, partial, say, manners)
    if own != release.archive and resumed:
        say("the parts of the download do not belong together: all of it is fetched again")
        partial.unlink()
        own = _download(release, url, partial, say, manners)
    if own != release.archive:
        partial.unlink()
        what = f"what came from {url} is not the archive: its SHA-256 is {own.sha256}, not {release.archive.sha256}"
        raise InputError(what, hint=ELSEWHERE)
    graph = graph_in_archive(partial, release.graph_name)
    found = graph_weights(graph, architecture, release, f"{url}/{release.graph_name}")
    if found.graph is not None and found.graph != release.graph:
        raise InputError(
            f"{release.graph_name} in the archive is another one: its SHA-256 is {found.graph.sha256}", file=url
        )
    found = Found(found.tensors, "zip archive", own, found.graph, found.notes)
    network = keep_found(found, release.network, architecture, cache / "networks", url, release.stand_in)
    partial.unlink()
    with contextlib.suppress(OSError):
        partial.parent.rmdir()
    return network


def fetch_files(
    known: KnownNetwork,
    cache: Path,
    say: Callable[[str], None],
    mirror: str | None = None,
    manners: Manners = Manners(),
) -> Network:
    """Fetch the files of a known network, each checked by its hash, and keep its tensors, checked by theirs.

    Files come to `downloads/<name>/` and are removed at the end. Broken off, the next call goes on with the first file
    that is not whole.

    Args:
        known: what to fetch.
        cache: the folder in which networks are kept in `networks/`.
        say: is told what the user should know, in sentences.
        mirror: another address of the folder that holds the files.
        manners: how patient to be.

    Raises:
        InputError: when a file cannot be downloaded or is another one. Nothing half-done takes the network's place.
    """
    source = known.source
    if source is None:
        raise InputError(f"there is nothing to fetch for {known.name!r}")
    address = f"{check_address(mirror).rstrip('/')}/" if mirror else source.address
    folder = cache / "downloads" / known.name
    files = _fetch_all(source, address, folder, known.name, say, manners)
    network = keep_published(known, files, cache / "networks", address)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
    return network


def _fetch_all(
    source: Source, address: str, folder: Path, name: str, say: Callable[[str], None], manners: Manners
) -> dict[str, Path]:
    """Where the files of a source are, by their paths, once all of them are there."""
    files = {file.path: folder / file.path for file in source.files}
    missing = [file for file in source.files if not check_file(file, files[file.path])]
    done = source.bytes - sum(file.bytes for file in missing)
    if done:
        say(f"going on after the {len(source.files) - len(missing)} of {len(source.files)} files that are there")
    with progress(f"Fetching {name}", -(-source.bytes // 1000), "kB", done // 1000) as shown:
        came = done

        def advance(count: int) -> None:
            nonlocal came
            before, came = came, came + count
            if units := _kilobytes(came, source.bytes) - _kilobytes(before, source.bytes):
                shown(units, address)

        for file in missing:
            _fetch_file(file, f"{address}{file.path}", files[file.path], advance, say, manners)
    return files


def _fetch_file(
    file: PublishedFile, url: str, path: Path, advance: Callable[[int], None], say: Callable[[str], None],
    manners: Manners,
) -> None:  # fmt: skip
    """Fetch one file to its place; a part of it waits beside that."""
    partial = path.with_name(f"{path.name}.part")
    resumed = partial.is_file() and 0 < partial.stat().st_size <= file.bytes
    if partial.is_file() and not resumed:
        partial.unlink()
    if resumed:
        advance(partial.stat().st_size)
    download(url, partial, file.bytes, advance, say, manners)
    if not check_file(file, partial) and resumed:
        say(f"the parts of {file.path} do not belong together: all of it is fetched again")
        advance(-file.bytes)
        partial.unlink()
        download(url, partial, file.bytes, advance, say, manners)
    if not check_file(file, partial):
        own = fingerprint(partial.read_bytes())
        partial.unlink()
        what = f"what came from {url} is another file: its SHA-256 is {own.sha256}, not {file.sha256}"
        raise InputError(what, hint=ELSEWHERE)
    partial.replace(path)


def keep_published(known: KnownNetwork, files: Mapping[str, Path], folder: Path, address: str) -> Network:
    """Keep the tensors of a known network, float32, with a record of where they came from.

    Args:
        known: whose.
        files: where each of its published files is, by the path that it is published under.
        folder: where networks are kept.
        address: where the files came from.

    Raises:
        InputError: when a file cannot be read, its tensors are others, or they cannot be written.
    """
    kind = f"{len(files)} files, {known.source.format}" if known.source else "files"
    return keep_tensors(known, read_published(known, files), folder, address, kind)


def keep_tensors(known: KnownNetwork, tensors: Mapping, folder: Path, source: str, kind: str) -> Network:
    """Keep the tensors of a known network, float32, with a record of where they came from.

    Raises:
        InputError: when they do not fit its architecture, or cannot be written.
    """
    network = network_from_tensors(known.name, tensors, known.architecture, source)
    keep_weights(folder, known.name, tensors, Provenance(source, kind, hash_tensors(tensors)))
    return network


def keep_found(
    found: Found, name: str, architecture: Architecture, folder: Path, source: str, stand_in: bool = False
) -> Network:
    """Keep the tensors of a file as a network, rounded to half precision, with a record of where they came from.

    Raises:
        InputError: naming the tensor, when one cannot be used; or when they cannot be written.
    """
    tensors = to_float16(found.tensors, architecture, source)
    record = Provenance(source, found.kind, hash_tensors(tensors), found.archive, found.graph, found.notes, stand_in)
    keep_weights(folder, name, tensors, record)
    return network_from_tensors(name, tensors, architecture, source)


def _download(release: Release, url: str, partial: Path, say: Callable[[str], None], manners: Manners) -> Fingerprint:
    size = release.archive.size
    done = min(partial.stat().st_size, size) if partial.is_file() else 0
    if partial.is_file() and partial.stat().st_size > size:
        partial.unlink()
        done = 0
    if done:
        say(f"going on after the {done / 1e6:.1f} MB that are there")
    with progress(f"Fetching {release.file_name}", -(-size // 1000), "kB", done // 1000) as shown:
        came = done

        def advance(count: int) -> None:
            nonlocal came
            before, came = came, came + count
            if units := _kilobytes(came, size) - _kilobytes(before, size):
                shown(units, url)

        download(url, partial, size, advance, say, manners)
    return fingerprint(partial.read_bytes())


def _kilobytes(count: int, size: int) -> int:
    return -(-size // 1000) if count == size else count // 1000
