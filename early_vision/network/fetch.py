"""Fetching a released network: download, check to the last bit, take out the tensors that are needed, keep them."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from early_vision.errors import InputError
from early_vision.network.architecture import Architecture
from early_vision.network.download import ELSEWHERE, Manners, check_address, download
from early_vision.network.provenance import Provenance, keep_weights
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
    if found.graph != release.graph:
        raise InputError(
            f"{release.graph_name} in the archive is another one: its SHA-256 is {found.graph.sha256}", file=url
        )
    found = Found(found.tensors, "zip archive", own, found.graph, found.notes)
    network = keep_found(found, release.network, architecture, cache / "networks", url, release.stand_in)
    partial.unlink()
    with contextlib.suppress(OSError):
        partial.parent.rmdir()
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
