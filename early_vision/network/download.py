"""Downloading one file of known size over a connection that may break, and going on where it broke."""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from early_vision.errors import InputError

PIECE = 1 << 16
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that pass by themselves. 404 is tried once more: a server that is just being filled answers with it."""
TRIES = 6
ELSEWHERE = "Another place to get it from: --mirror URL, or a file that you have: build.py weights import FILE"
HEADERS = {"User-Agent": "early-vision", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Manners:
    """How patient a download is.

    Attributes:
        timeout: seconds without a byte after which a connection counts as broken.
        wait: sleeps for so many seconds before a further try.
        tries: how often to try without getting any further.
    """

    timeout: float = 30.0
    wait: Callable[[float], None] = time.sleep
    tries: int = TRIES


class _Broken(Exception):
    """A try that failed in a way that may pass.

    Attributes:
        after: seconds that the server wants to be left alone; 0 where it says nothing.
        hopeless: whether a second failure of the kind is one too many.
    """

    def __init__(self, message: str, after: float = 0.0, hopeless: bool = False):
        super().__init__(message)
        self.after, self.hopeless = after, hopeless


def download(
    url: str,
    path: Path,
    size: int,
    advance: Callable[[int], None],
    say: Callable[[str], None],
    manners: Manners = Manners(),
) -> None:
    """Bring a file to `path`, beginning after the bytes that are there already.

    What is there is never looked into: the caller knows the file's hash. A server that sends other than the missing part
    begins anew. Redirects are followed.

    Args:
        url: http or https.
        path: the file; what a broken download leaves there is gone on with next time.
        size: of the whole file, in bytes.
        advance: is told how many bytes came; a negative number where bytes are thrown away.
        say: is told in a sentence when a try failed and another one follows.
        manners: how patient to be.

    Raises:
        InputError: when the server refuses, or goes on failing, or sends a file of another size; or when the disk is full.
    """
    failures, hopeless, best = 0, 0, _size(path)
    while _size(path) < size:
        try:
            _go_on(url, path, size, advance, manners.timeout)
        except _Broken as error:
            got = _size(path)
            failures, best = (1, got) if got > best else (failures + 1, best)
            hopeless += error.hopeless
            if failures >= manners.tries or hopeless > 1:
                kept = (
                    f"{got / 1e6:.1f} of {size / 1e6:.1f} MB are kept: the same command goes on with them"
                    if got
                    else None
                )
                raise InputError(f"{url} cannot be downloaded: {error}", hint=kept or ELSEWHERE) from error
            pause = max(min(2.0 ** (failures - 1), 30.0), min(error.after, 60.0))
            say(f"{error}; trying again in {pause:.0f} s")
            manners.wait(pause)


def _go_on(url: str, path: Path, size: int, advance: Callable[[int], None], timeout: float) -> None:
    """One try: asks for what is missing and writes what comes."""
    have = _size(path)
    headers = HEADERS | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
            if have and response.status != 206:
                advance(-have)
                have = 0
            if have and response.headers.get("Content-Range", "").strip() != f"bytes {have}-{size - 1}/{size}":
                _begin_anew(path, advance, "the server sends another part than it was asked for")
            _check_size(url, response, size - have)
            with _open(path, "ab" if have else "wb") as file:
                while piece := response.read1(PIECE):
                    have += len(piece)
                    if have > size:
                        raise InputError(f"{url} is more than the {size} bytes expected", hint=ELSEWHERE)
                    _write(file, piece)
                    advance(len(piece))
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:
            _begin_anew(path, advance, "the server has no such part of the file")
        _answer(url, error)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            hint = "Python finds no certificate that it trusts. Or download it in a browser and: build.py weights import FILE"
            raise InputError(f"{url} cannot be downloaded: {error.reason.verify_message}", hint=hint) from error
        raise _Broken(str(error.reason)) from error
    except (http.client.HTTPException, OSError) as error:
        if isinstance(error, _DiskError):
            raise InputError(
                f"the file cannot be written ({error})", file=path, hint="See to room on the disk"
            ) from error
        raise _Broken(str(error) or type(error).__name__) from error
    if have < size:
        raise _Broken(f"the connection broke off after {have / 1e6:.1f} of {size / 1e6:.1f} MB")


class _DiskError(OSError):
    """Told apart from errors of the connection, which are OSErrors too."""


def _open(path: Path, mode: str):
    """The file, unbuffered: what came is there, however the program ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open(mode, buffering=0)
    except OSError as error:
        raise _DiskError(error.strerror or str(error)) from error


def _write(file, piece: bytes) -> None:
    left = memoryview(piece)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise _DiskError(error.strerror or str(error)) from error


def _begin_anew(path: Path, advance: Callable[[int], None], why: str) -> NoReturn:
    advance(-_size(path))
    path.unlink()
    raise _Broken(f"{why}: all of it is asked for", hopeless=True)


def _check_size(url: str, response, expected: int) -> None:
    """Refuse before the first byte what announces another size; without an announcement the bytes are counted."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != expected:
        what = f"{url} has {int(announced)} bytes where {expected} were expected: it is another file"
        raise InputError(what, hint=ELSEWHERE)


def _answer(url: str, error: urllib.error.HTTPError) -> NoReturn:
    """What to make of an HTTP error."""
    message = f"the server answers {error.code} {error.reason}"
    if error.code in PASSING or error.code == 404:
        after = error.headers.get("Retry-After", "")
        raise _Broken(message, float(after) if after.isdecimal() else 0.0, hopeless=error.code == 404) from error
    raise InputError(f"{url} cannot be downloaded: {message}", hint=ELSEWHERE) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def check_address(url: str) -> str:
    """The address, if it is one that files are downloaded from.

    Raises:
        InputError: for anything but http and https.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        hint = "It begins with https://; for a file on this machine: build.py weights import FILE"
        raise InputError(f"{url!r} is no address to download from", hint=hint)
    return url
