"""The artifact of a network's responses to some stimuli and natural pictures, with those of its controls.

Responses are kept to one of LEVELS values between a neuron's lowest and highest, which leaves correlations as they are to
the third digit and takes half a byte or less for each. The file says which stimuli, pictures and rules of families it was
made with: only recordings that agree on them can be compared.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from early_vision.circuits.natural_places import Pictures
from early_vision.comparison.similarity import Likeness, likeness
from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import Architecture
from early_vision.network.catalogue import read_catalogue
from early_vision.network.known import find_network_or_outline, network_homes, state_of
from early_vision.network.npz import read_npz
from early_vision.network.nulls import Null
from early_vision.network.weights import Network
from early_vision.store import Artifact, to_npz, write_whole
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.responses import VERSION as TUNING_VERSION
from early_vision.tuning.stimuli import Series, series_for

STAGE, VERSION, FILE = "comparison", 1, "responses.npz"
LEVELS = 32
MOST = 12
"""Stimuli of each kind that are kept, at most."""
ANY_FIELD = 59
"""Sizes of stimuli follow from the receptive field alone."""
CONTROLS: tuple[Null, ...] = ("shuffled", "untrained")
PROFILES = ("orientation", "direction", "hue", "frequency")


@dataclass(frozen=True, eq=False)
class LayerRecording:
    """What neurons of a layer respond to: all of a network's, some of a control's.

    Attributes:
        stimuli: responses before the activation to the thinned stimuli, [neurons, stimuli].
        pictures: the highest response at any position of each natural picture, [neurons, pictures].
        dead: neurons that respond to everything alike, bool [neurons].
        noise: neurons whose filter is no more ordered than its own pixels shuffled, bool [neurons]; None where the layer
            reads no pictures.
        families: of every neuron of the layer, None for one of no family; None where they were not measured. Of a control
            they are those of all neurons, not only of those whose responses are kept.
        profiles: tuning curves as parts of the neuron's best drive, by name, [neurons, values].
    """

    stimuli: np.ndarray
    pictures: np.ndarray
    dead: np.ndarray
    noise: np.ndarray | None
    families: tuple[str | None, ...] | None
    profiles: Mapping[str, np.ndarray]

    @cached_property
    def live(self) -> np.ndarray:
        """The channels of neurons that are not dead."""
        return np.flatnonzero(~self.dead)

    @cached_property
    def seen(self) -> np.ndarray:
        """The live neurons' responses to pictures."""
        return self.pictures[self.live]

    @cached_property
    def likeness(self) -> Likeness:
        """How alike pictures are for them."""
        return likeness(self.seen)

    def responses(self, to: str) -> np.ndarray:
        """Those to "stimuli" or to "pictures"."""
        return self.stimuli if to == "stimuli" else self.pictures


@dataclass(frozen=True, eq=False)
class Recording:
    """A network's responses and those of its controls.

    Attributes:
        network, weights: its name, and the hash of its weights.
        layers: every layer, all of its neurons.
        controls: by kind; every layer, some of its neurons.
        stimuli, pictures, rules: fingerprints of what it was made with.
    """

    network: str
    weights: str
    architecture: Architecture
    layers: Mapping[str, LayerRecording]
    controls: Mapping[str, Mapping[str, LayerRecording]]
    stimuli: str
    pictures: str
    rules: str


def thinned(series: Series) -> tuple[Series, tuple[tuple[int, ...], ...]]:
    """A kind of stimulus with at most MOST of its stimuli, and which values of each axis those are.

    Of the longest axis every other value is left out until few enough remain.
    """
    kept = {name: list(range(len(values))) for name, values in series.axes.items()}
    while np.prod([len(some) for some in kept.values()]) > MOST:
        longest = max(kept, key=lambda name: len(kept[name]))
        kept[longest] = kept[longest][::2]
    axes = {name: tuple(series.axes[name][at] for at in some) for name, some in kept.items()}
    return replace(series, axes=axes), tuple(tuple(some) for some in kept.values())


def write_recording(path: Path, recording: Recording) -> Path:
    """Write a recording.

    Raises:
        InputError: when it cannot be written.
    """
    about = {"stage": STAGE, "version": VERSION, "weights": recording.weights, "network": recording.network,
             "stimuli": recording.stimuli, "pictures": recording.pictures, "rules": recording.rules,
             "families": [family.name for family in FAMILIES]}  # fmt: skip
    arrays = {"about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)}
    for where, layers in {
        "": recording.layers,
        **{f"{kind}/": some for kind, some in recording.controls.items()},
    }.items():
        for name, layer in layers.items():
            arrays |= {f"{where}{name}/{key}": value for key, value in _packed(layer).items()}
    write_whole(path, to_npz(dict(sorted(arrays.items()))))
    return path


def read_recording(path: Path, network: Network) -> Recording:
    """A network's recording; needs no weights.

    Raises:
        InputError: when it is absent, damaged or was made from other weights.
    """
    return _read(path, network.name, network.architecture, network.sha256)


def find_recording(name: str, assets: Path) -> Recording:
    """The recording of a network of which perhaps nothing else is here.

    Raises:
        InputError: when there is none, or it was made from other weights than those that are here.
    """
    path = next((p for home in network_homes(assets) if (p := recording_path(home, name)).is_file()), None)
    catalogue = read_catalogue(assets)
    if state_of(name, assets) != "absent":
        network = find_network_or_outline(name, assets)
        return _read(path or recording_path(assets, name), name, network.architecture, network.sha256)
    if path is None or name not in catalogue:
        known = sorted(
            {
                one.parents[1].name
                for home in network_homes(assets)
                for one in home.glob(f"precomputed/*/{STAGE}/{FILE}")
            }
        )
        hint = did_you_mean(name, known) or _hint(name)
        raise InputError(f"the responses of {name} are not recorded", hint=hint)
    return _read(path, name, catalogue[name].architecture, None)


def _read(path: Path, name: str, architecture: Architecture, weights: str | None) -> Recording:
    """Of any weights where none are given."""
    if not path.is_file():
        raise InputError(f"the responses of {name} are not recorded", file=path.parent, hint=_hint(name))
    arrays = read_npz(path)
    artifact = Artifact(path, STAGE, VERSION, weights or "", "these responses come from other weights", _hint(name))
    with artifact.parsing():
        about = json.loads(arrays["about"].tobytes())
        replace(artifact, weights=weights or about["weights"]).check(about)
        layers = architecture.layer_names
        whole = {
            where: {layer: _unpacked(arrays, f"{where}{layer}/", about["families"]) for layer in layers}
            for where in ("", *(f"{kind}/" for kind in CONTROLS))
        }
        for layer in layers:
            if len(whole[""][layer].stimuli) != architecture.layers[layer].neurons:
                raise ValueError(f"not every neuron of {layer}")
        return Recording(
            name, about["weights"], architecture, whole[""], {kind: whole[f"{kind}/"] for kind in CONTROLS},
            about["stimuli"], about["pictures"], about["rules"],
        )  # fmt: skip


def _hint(name: str) -> str:
    return f"Run: python build.py compare {name} --record --pictures PICTURES"


def comparable(recordings: Sequence[Recording]) -> None:
    """See that recordings were made with the same stimuli, pictures and rules.

    Raises:
        InputError: naming the first that was not.
    """
    first = recordings[0]
    for other in recordings[1:]:
        for what in ("stimuli", "pictures", "rules"):
            if getattr(other, what) != getattr(first, what):
                known = {"stimuli": "stimuli", "pictures": "pictures", "rules": "rules of families"}[what]
                raise InputError(
                    f"{other.network} and {first.network} were recorded with different {known}",
                    hint="Record both again: build.py compare A B --record --pictures PICTURES",
                )


def recording_path(home: Path, name: str) -> Path:
    """Where a network's recording is kept."""
    return home / "precomputed" / name / STAGE / FILE


def stimuli_fingerprint() -> str:
    """Of all kinds of stimuli, as one receptive field has them, and of which are kept."""
    kinds = [[one.kind, {name: list(values) for name, values in one.axes.items()}, thinned(one)[1]]
             for one in series_for(ANY_FIELD)]  # fmt: skip
    return _fingerprint([TUNING_VERSION, kinds])


def pictures_fingerprint(pictures: Pictures) -> str:
    return f"{len(pictures.squares)} {pictures.sha256[:16]}"


def rules_fingerprint() -> str:
    """Of the families' conditions."""
    return _fingerprint([[one.name, [[c.measure, c.none, c.full] for c in one.conditions]] for one in FAMILIES])


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _packed(layer: LayerRecording) -> dict[str, np.ndarray]:
    arrays = {"dead": np.packbits(layer.dead)}
    for what in ("stimuli", "pictures"):
        values = layer.responses(what)
        low, span = values.min(1), np.ptp(values, axis=1)
        step = np.where(span > 0, span / (LEVELS - 1), 1.0)
        arrays[what] = np.round((values - low[:, None]) / step[:, None]).astype(np.uint8)
        arrays[f"{what}-scale"] = np.stack([low, np.where(span > 0, step, 0.0)]).astype(np.float32)
    if layer.noise is not None:
        arrays["noise"] = np.packbits(layer.noise)
    if layer.families is not None:
        known = {family.name: at for at, family in enumerate(FAMILIES)}
        arrays["families"] = np.array([-1 if one is None else known[one] for one in layer.families], np.int8)
    for name, values in layer.profiles.items():
        arrays[f"profile-{name}"] = np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)
    return arrays


def _unpacked(arrays: Mapping[str, np.ndarray], where: str, families: Sequence[str]) -> LayerRecording:
    values = {}
    for what in ("stimuli", "pictures"):
        low, step = arrays[f"{where}{what}-scale"].astype(np.float64)
        values[what] = low[:, None] + step[:, None] * arrays[where + what]
    neurons = len(values["stimuli"])
    bits = lambda key: np.unpackbits(arrays[where + key], count=neurons).astype(bool)
    named = arrays.get(f"{where}families")
    return LayerRecording(
        values["stimuli"],
        values["pictures"],
        bits("dead"),
        bits("noise") if f"{where}noise" in arrays else None,
        None if named is None else tuple(families[one] if one >= 0 else None for one in named),
        {name: arrays[f"{where}profile-{name}"] / 255.0 for name in PROFILES if f"{where}profile-{name}" in arrays},
    )
