"""How what a neuron's page shows was made: enough to make it again, or to see that it was made otherwise."""

from collections.abc import Mapping

from early_vision.circuits import approximation, symmetry_artifact
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.circuits.symmetries import STEP
from early_vision.features.result import Made
from early_vision.tuning import LayerTuning
from early_vision.tuning.responses import VERSION as TUNING_VERSION


def provenance(made: Made | None, tuning: LayerTuning | None, circuits: NetworkCircuits) -> dict:
    """Weights, artifacts and parameters behind all numbers and pictures of a layer's neurons.

    `network` and `weights` (the SHA-256); `pictures`, `tuning`, `symmetries` and `held_out`, each with the version of
    its stage and what else determines it, as far as it was computed. An artifact's name ends in its key, the hash of
    all that it was made from.
    """
    found: dict[str, object] = {"network": circuits.network.name, "weights": circuits.network.sha256}
    if circuits.network.stand_in:
        found["stand_in"] = True
    if made:
        found["pictures"] = {"artifact": made.artifact, "version": made.version, **made.request}
    if tuning and tuning.artifact:
        found["tuning"] = {"artifact": tuning.artifact, "version": TUNING_VERSION}
    if circuits.symmetries:
        found["symmetries"] = {"version": symmetry_artifact.VERSION, "step": STEP}
    if circuits.approximation:
        found["held_out"] = {"version": approximation.VERSION, "pictures": circuits.approximation.pictures}
    return found


def in_short(found: Mapping) -> dict:
    """A provenance without the parameters, which artifacts are named by and neurons' pages list."""
    return {key: part.get("artifact", part) if isinstance(part, Mapping) else part for key, part in found.items()}


def in_words(found: Mapping) -> tuple[tuple[str, str], ...]:
    """Each part of a provenance, and its parameters in a line."""
    stand_in = ", random numbers in the place of the network's own" if found.get("stand_in") else ""
    weights = ("Weights", f"{found['network']}, SHA-256 {found['weights']}{stand_in}")
    titles = {"pictures": "Pictures", "tuning": "Tuning", "symmetries": "Symmetries", "held_out": "Held-out images"}
    return (weights, *((title, _line(found[key])) for key, title in titles.items() if key in found))


def _line(part: Mapping) -> str:
    said = []
    for name, value in part.items():
        if isinstance(value, Mapping):
            said.append(_line(value))
        elif isinstance(value, bool):
            said.append(f"{name}: {'yes' if value else 'no'}")
        else:
            said.append(f"{name.replace('_', ' ')} {value}")
    return ", ".join(said)
