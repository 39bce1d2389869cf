"""Where a network's weights came from: a record beside them, which speaks of these weights and of no others."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from early_vision.errors import InputError
from early_vision.network.npz import write_npz
from early_vision.network.release import Fingerprint, Release
from early_vision.network.weights import hash_tensors
from early_vision.store import read_json, to_json, write_whole

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Provenance:
    """Where weights came from.

    Attributes:
        source: an address, or the name of a file.
        kind: what was there, in words.
        tensors: SHA-256 of the weights as they are kept (`hash_tensors`).
        archive: of the zip archive that they were in, if any.
        graph: of the graph that they were in, if any.
        notes: what was said when they were taken over.
        stand_in: whether they are random numbers in the place of the network's.
    """

    source: str
    kind: str
    tensors: str
    archive: Fingerprint | None = None
    graph: Fingerprint | None = None
    notes: tuple[str, ...] = ()
    stand_in: bool = False

    def is_of(self, release: Release) -> bool:
        """Whether these are the weights of a release, known by the hash of the graph that they were in."""
        return self.graph == release.graph and not self.stand_in


def keep_weights(folder: Path, name: str, tensors: Mapping, provenance: Provenance) -> Path:
    """Write weights and their record, each whole or not at all, and return the weights' file.

    The record comes first. Cut off between the two, old weights have a record that does not speak of them, which
    `read_provenance` refuses: random numbers never lose the mark that they are.

    Raises:
        InputError: when they cannot be written.
    """
    write_whole(folder / f"{name}.json", to_json(asdict(provenance)))
    path = folder / f"{name}.npz"
    write_npz(path, tensors)
    return path


def read_provenance(weights: Path, tensors: Mapping) -> Provenance | None:
    """The record beside a network's weights; None where there is none.

    Raises:
        InputError: when it is damaged or speaks of other weights.
    """
    path = weights.with_suffix(".json")
    if not path.is_file():
        return None
    try:
        provenance = _parse(read_json(path))
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            "the record of where these weights came from is damaged", file=path, hint=_again(weights)
        ) from error
    if provenance.tensors != hash_tensors(tensors):
        raise InputError("this record is of other weights than those beside it", file=path, hint=_again(weights))
    return provenance


def _again(weights: Path) -> str:
    return f"Remove it and {weights.name}, then fetch or import the weights again"


def _parse(record: dict[str, Any]) -> Provenance:
    def fingerprint(value: dict | None) -> Fingerprint | None:
        return None if value is None else Fingerprint(str(value["sha256"]), int(value["size"]))

    if not HASH.fullmatch(record["tensors"]) or not isinstance(record["stand_in"], bool):
        raise ValueError("no such record")
    return Provenance(
        source=str(record["source"]),
        kind=str(record["kind"]),
        tensors=record["tensors"],
        archive=fingerprint(record["archive"]),
        graph=fingerprint(record["graph"]),
        notes=tuple(map(str, record["notes"])),
        stand_in=record["stand_in"],
    )
