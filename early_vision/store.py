"""The store between the stages: costly results, named by a hash of all that determines them, written whole or not at all.

An `Artifact` is one file of it: what it was made of stands in the file and is compared when it is read.
"""

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from platformdirs import user_cache_path

from early_vision.errors import InputError


def user_cache() -> Path:
    """Where the project keeps what it fetches and computes for one user: laid out as assets/ is, and safe to remove.

    On Linux the folder early-vision in $XDG_CACHE_HOME, or in ~/.cache.
    """
    return user_cache_path("early-vision", appauthor=False)


@dataclass(frozen=True)
class Artifact:
    """A file that holds a costly result, and what it must have been made of.

    Files of the first version that do not say their stage and version (`held-out.json`) count as version 1 of it.

    Attributes:
        path: where it is.
        stage: what makes it, such as "features".
        version: of that stage's arithmetic.
        weights: the network's SHA-256.
        other: what is wrong when it was made of something else.
        hint: how to make it.
    """

    path: Path
    stage: str
    version: int
    weights: str
    other: str
    hint: str

    @property
    def about(self) -> dict[str, Any]:
        """What its file says of itself."""
        return {"stage": self.stage, "version": self.version, "weights": self.weights}

    def fits(self, found: Mapping[str, Any]) -> bool:
        """Whether what a file says of itself is what this artifact is made of."""
        return self.about.items() <= {"stage": self.stage, "version": 1, **found}.items()

    def check(self, found: Mapping[str, Any]) -> None:
        """
        Raises:
            InputError: when what the file says of itself does not fit.
        """
        if not self.fits(found):
            raise InputError(self.other, file=self.path, hint=self.hint)

    def read(self) -> dict[str, Any]:
        """Its JSON object.

        Raises:
            InputError: when it is absent, damaged, or made of something else.
        """
        found = read_json(self.path)
        self.check(found)
        return found

    def write(self, content: Mapping[str, Any], compact: bool = False) -> None:
        """Write its JSON object: the content, and what it was made of.

        Raises:
            InputError: when it cannot be written; what was there stays.
        """
        write_whole(self.path, to_json({**self.about, **content}, compact))

    @contextlib.contextmanager
    def parsing(self) -> Iterator[None]:
        """In here what goes wrong with the content is said of the file.

        Raises:
            InputError: for what is missing or of another kind or shape.
        """
        try:
            yield
        except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
            message = f"the artifact is damaged ({error!r})"
            raise InputError(message, file=self.path, hint=f"Remove it. {self.hint}") from error


def artifact_key(stage: str, version: int, weights: str, parameters: Mapping) -> str:
    """The name of a result: 16 hexadecimal digits, from all that determines it.

    Args:
        stage: what makes it, such as "features".
        version: of that stage's arithmetic; raised when the same parameters give another result.
        weights: the network's SHA-256 (`Network.sha256`).
        parameters: everything else, as JSON can hold it.
    """
    whole = {"stage": stage, "version": version, "weights": weights, "parameters": parameters}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def write_whole(path: Path, data: bytes | Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place, then move it there: whoever reads `path` sees the old file or the new one.

    Args:
        path: where to write; its folder is made if need be.
        data: the content, or a function that writes it to an open file.

    Raises:
        InputError: when it cannot be written (no permission, disk full); what was there stays.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            data(file) if callable(data) else file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        # PyTorch reports a failed write as a RuntimeError, with the cause behind it.
        cause = error if isinstance(error, OSError) else error.__context__
        if isinstance(error, (OSError, RuntimeError)) and isinstance(cause, OSError):
            hint = "See to room on the disk and permission to write there"
            raise InputError(f"the file cannot be written ({cause.strerror or cause})", file=path, hint=hint) from error
        raise


def remove_abandoned(folder: Path) -> None:
    """Remove the unfinished files of `write_whole` that a killed process left in a folder."""
    for path in folder.glob(".*.*"):
        path.unlink(missing_ok=True)


def to_json(value: Any, compact: bool = False) -> bytes:
    """JSON as artifacts hold it: sorted keys, a line for every entry or one line for all, the same bytes every time."""
    form: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 1}
    return (json.dumps(value, sort_keys=True, **form) + "\n").encode()


def to_npz(arrays: Mapping[str, np.ndarray], compressed: bool = True) -> bytes:
    """Arrays as an .npz whose bytes depend on nothing but them and their order: numpy.savez stamps the time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, value in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system = (zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED), 3
            # Weights and responses have had these permissions since there are any: their bytes stay.
            info.external_attr = (0o600 if compressed else 0o644) << 16
            array = io.BytesIO()
            np.lib.format.write_array(array, np.ascontiguousarray(value), allow_pickle=False)
            archive.writestr(info, array.getvalue())
    return out.getvalue()


def read_json(path: Path) -> dict:
    """An artifact's JSON object.

    Raises:
        InputError: when it is absent or damaged.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("there is no such artifact", file=path) from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"the artifact is damaged ({error})", file=path, hint="Remove it and run: python build.py precompute"
        ) from error
    if not isinstance(value, dict):
        raise InputError(
            "the artifact is damaged (no JSON object)", file=path, hint="Remove it and run: python build.py precompute"
        )
    return value
