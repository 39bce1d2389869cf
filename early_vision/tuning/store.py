"""The artifact of a layer: the responses of its neurons, in an .npz named by all that determines them."""

import json
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.features.units import pack
from early_vision.network.npz import read_npz
from early_vision.network.weights import Network
from early_vision.store import artifact_key, write_whole
from early_vision.tuning.drives import Drives
from early_vision.tuning.responses import Responses
from early_vision.tuning.series import Series, series_for

STAGE, VERSION = "tuning", 1
LARGEST_FLOAT16 = 65_504.0


def responses_path(folder: Path, network: Network, layer: str) -> Path:
    """Where the responses of a layer are: the name holds the hash of weights, stimuli and version."""
    series = layer_series(network, layer)
    parameters = {"layer": layer, "series": {one.kind: {k: list(v) for k, v in one.axes.items()} for one in series}}
    return folder / f"{layer}-{artifact_key(STAGE, VERSION, network.sha256, parameters)}.npz"


def layer_series(network: Network, layer: str) -> tuple[Series, ...]:
    """The stimuli that a layer of a network is shown."""
    return series_for(network.architecture.layers[layer].receptive_field)


def write_responses(folder: Path, network: Network, layer: str, responses: Responses) -> Path:
    """Write a layer's responses in half precision (3 digits), and remove what they supersede.

    Raises:
        InputError: when they cannot be written.
    """
    path = responses_path(folder, network, layer)
    fits = all(np.abs(values).max(initial=0) < LARGEST_FLOAT16 for values in responses.values())
    about = {"stage": STAGE, "version": VERSION, "network": network.name, "weights": network.sha256, "layer": layer}
    arrays = {kind: values.astype(np.float16 if fits else np.float32) for kind, values in responses.items()}
    written = json.dumps(about, sort_keys=True).encode()
    write_whole(path, pack(arrays | {"about": np.frombuffer(written, np.uint8)}))
    for other in folder.glob(f"{layer}-*.npz"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def read_responses(folder: Path, network: Network, layer: str) -> Drives:
    """A layer's responses.

    Raises:
        InputError: when they are absent, come from other weights or an older version, or are damaged; with the command
            that makes them.
    """
    path, hint = responses_path(folder, network, layer), f"Run: python build.py measure --network {network.name}"
    if not path.is_file():
        others = sorted(folder.glob(f"{layer}-*.npz"))
        if others:
            raise InputError(
                f"these responses of {layer} come from other weights or an older version", file=others[0], hint=hint
            )
        raise InputError(f"the responses of {layer} of {network.name} are not measured", file=folder, hint=hint)
    series = {one.kind: one for one in layer_series(network, layer)}
    arrays = read_npz(path)
    about = json.loads(arrays.pop("about", np.array([123, 125], np.uint8)).tobytes())
    if about.get("weights") != network.sha256 or about.get("layer") != layer:
        raise InputError(f"these responses of {layer} come from other weights", file=path, hint=hint)
    neurons = network.architecture.layers[layer].neurons
    for kind, one in series.items():
        if kind not in arrays or arrays[kind].shape != (neurons, *one.shape) or not np.isfinite(arrays[kind]).all():
            raise InputError(f"the artifact is damaged ({kind})", file=path, hint=f"Remove it. {hint}")
    return Drives({kind: arrays[kind].astype(np.float32) for kind in series}, series)
