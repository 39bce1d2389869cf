"""The artifact of the interventions: what came of each removal, as JSON. Numbers only, so that pages need no weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.removal import DRAWS, PLACES, Effect, Removal
from early_vision.network.weights import Network
from early_vision.store import Artifact

STAGE, VERSION = "interventions", 1
FILE = "interventions.json"
DIGITS = 4


@dataclass(frozen=True, eq=False)
class Interventions:
    """What was removed on which pictures.

    Attributes:
        pictures: how many; 0 where nothing was measured.
        sha256: of their pixels.
        effects: what came of each removal.
    """

    pictures: int = 0
    sha256: str = ""
    effects: Mapping[Removal, Effect] = field(default_factory=dict)


def write_interventions(network: Network, folder: Path, found: Interventions) -> Path:
    """Write the artifact: removals in the order of layers, neurons and inputs.

    Raises:
        InputError: when it cannot be written.
    """
    names = list(network.architecture.layer_names)
    order = lambda one: (names.index(one.target.layer), one.target.channel, one.source, one.kind, one.inputs)
    entries = [_entry(one, found.effects[one]) for one in sorted(found.effects, key=order)]
    result = {"pictures": found.pictures, "pictures_sha256": found.sha256, "draws": DRAWS, "most_places": PLACES}
    artifact = _artifact(network, folder)
    artifact.write({**result, "removals": entries})
    return artifact.path


def read_interventions(network: Network, folder: Path) -> Interventions:
    """What was measured; nothing where nothing was.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return Interventions()
    result = artifact.read()
    with artifact.parsing():
        effects = dict(map(_removal, result["removals"]))
        return Interventions(int(result["pictures"]), str(result["pictures_sha256"]), effects)


def _entry(removal: Removal, effect: Effect) -> dict[str, Any]:
    about = {"target": str(removal.target), "source": removal.source, "inputs": removal.inputs, "kind": removal.kind}
    return about | {name: _rounded(value) for name, value in asdict(effect).items()}


def _removal(entry: dict[str, Any]) -> tuple[Removal, Effect]:
    layer, channel = entry["target"].split(":")
    removal = Removal(Neuron(layer, int(channel)), entry["source"], tuple(map(int, entry["inputs"])), entry["kind"])
    values: dict[str, Any] = {one.name: entry[one.name] for one in fields(Effect)}
    if removal.kind not in ("exciting", "inhibiting") or len(values["norms"]) != len(removal.inputs):
        raise ValueError(f"no removal: {entry}")
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
    return removal, Effect(**given)


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_rounded(one) for one in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these interventions were measured with other weights or by an older version"
    hint = f"Run: python build.py interventions --network {network.name} --pictures PICTURES"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)
