"""The networks that the project knows by name: those in the repository, and those in the user's cache."""

import re
from dataclasses import replace
from pathlib import Path

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.architecture_file import read_architecture
from early_vision.network.catalogue import read_catalogue
from early_vision.network.own import load_own_network
from early_vision.network.provenance import read_provenance
from early_vision.network.release import GOOGLES
from early_vision.network.weights import Network, State, load_network
from early_vision.places import own_home
from early_vision.store import read_json, to_json, user_cache, write_whole

EMBEDDED = "inceptionv1-tiny"


def state_of(name: str, assets: Path) -> State:
    """What is here of a network. The one place that decides it."""
    return "here" if network_home(name, assets) else "computed" if results_home(name, assets) else "absent"


def network_homes(assets: Path) -> tuple[Path, ...]:
    """The folders that may hold a network, in `networks/`, and what was computed from it, in `precomputed/`: the
    program's, the project's where that is another folder, and the user's cache."""
    own = own_home()
    return (assets, *([own] if own else ()), user_cache())


def network_home(name: str, assets: Path) -> Path | None:
    """The one of `network_homes` that holds a network's weights; None where none does."""
    return next((home for home in network_homes(assets) if (home / "networks" / f"{name}.npz").is_file()), None)


def results_home(name: str, assets: Path) -> Path | None:
    """The one of `network_homes` that holds all results that pages show of a network; None where none does."""
    return next((home for home in network_homes(assets) if record_path(home, name).is_file()), None)


def home_of(name: str, assets: Path) -> Path:
    """The folder that holds what was computed from a network, or where that would be kept.

    For weights in the user's cache of a network whose results are in the repository, that is the repository.
    """
    return results_home(name, assets) or network_home(name, assets) or assets


def record_path(home: Path, name: str) -> Path:
    """The record that all results of a network are there, and which weights they come from."""
    return home / "precomputed" / name / "network.json"


def write_record(home: Path, network: Network) -> Path:
    """Record that all results of a network, its connections among them, are there: without weights it is "computed".

    Raises:
        InputError: when the record cannot be written.
    """
    path = record_path(home, network.name)
    write_whole(path, to_json({"network": network.name, "weights": network.sha256}))
    return path


def known_networks(assets: Path) -> tuple[str, ...]:
    """The names of all networks whose weights are here."""
    return tuple(sorted({path.stem for home in network_homes(assets) for path in (home / "networks").glob("*.npz")}))


def find_network(name: str, assets: Path) -> Network:
    """A network by name: its weights are `networks/<name>.npz` under `assets` or in the user's cache.

    Its architecture is what `<name>.yaml` beside the weights describes, else that of the catalogue, else InceptionV1's.

    Raises:
        InputError: for a name without weights, with what to do about it, or weights that cannot be used.
        InputError: everything that is wrong in the description of the architecture.
    """
    home = network_home(name, assets)
    if home is None:
        raise InputError(f"there is no network {name!r}", hint=_how_to_get(name, assets))
    weights, description = home / "networks" / f"{name}.npz", home / "networks" / f"{name}.yaml"
    if description.is_file():
        return load_own_network(name, weights, description)
    if (entry := read_catalogue(assets).get(name)) and entry.architecture_file:
        return load_network(name, weights, entry.architecture)
    try:
        network = load_network(name, weights, INCEPTIONV1)
    except InputError as error:
        other = (
            f"An architecture other than InceptionV1's belongs in {description.name} (docs/bring-your-own-network.md)"
        )
        hint = f"{error.hint}{'' if error.hint.endswith('?') else '.'} {other}" if error.hint else other
        raise InputError(error.message, file=error.file, line=error.line, hint=hint) from error
    provenance = read_provenance(weights, network.weights)
    return replace(network, stand_in=provenance.stand_in) if provenance else network


def outline(name: str) -> Network:
    """A released network of which nothing is here but its architecture.

    Raises:
        InputError: for one that is not known without its weights.
    """
    if name != GOOGLES.network:
        raise InputError(f"the architecture of {name!r} is not known without its weights")
    return Network(name, INCEPTIONV1, {}, "", state="absent")


def find_network_or_outline(name: str, assets: Path) -> Network:
    """A network by name in the state that it is in: here, else computed, else absent.

    Raises:
        InputError: as `find_network` does.
    """
    state = state_of(name, assets)
    if state == "computed":
        return _from_results(name, assets)
    return outline(name) if state == "absent" and name == GOOGLES.network else find_network(name, assets)


def _from_results(name: str, assets: Path) -> Network:
    """A network without its weights, of which all results are here."""
    home = home_of(name, assets)
    path, description = record_path(home, name), home / "networks" / f"{name}.yaml"
    entry = read_catalogue(assets).get(name)
    weights = read_json(path).get("weights")
    if not isinstance(weights, str) or not re.fullmatch("[0-9a-f]{64}", weights):
        raise InputError("the record is damaged (no hash of the weights)", file=path)
    known = entry.architecture if entry else INCEPTIONV1
    architecture = read_architecture(description).architecture if description.is_file() else known
    return Network(name, architecture, {}, weights, state="computed")


def _how_to_get(name: str, assets: Path) -> str:
    if name == GOOGLES.network:
        return f"Its weights are Google's, a download of 50 MB. Run: python build.py weights fetch {name}"
    catalogue = read_catalogue(assets)
    if (entry := catalogue.get(name)) and entry.source:
        return f"A download of {entry.source.bytes / 1e6:.1f} MB. Run: python build.py weights fetch {name}"
    if name == EMBEDDED:
        return f"{assets}/networks/{name}.npz belongs to the repository: get it from there again"
    known = known_networks(assets)
    where = f"weights belong in {assets}/networks/{name}.npz"
    return did_you_mean(name, {*known, *catalogue, GOOGLES.network}) or where
