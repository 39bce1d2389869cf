"""The store between the stages: costly results, named by a hash of all that determines them, written whole or not at all."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from early_vision.errors import InputError


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


def write_whole(path: Path, data: bytes | Callable[[BinaryIO], object]) -> None:
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


def to_json(value) -> bytes:
    """JSON as artifacts hold it: sorted keys, one line per entry of the outer levels, the same bytes every time."""
    return (json.dumps(value, sort_keys=True, indent=1) + "\n").encode()


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
