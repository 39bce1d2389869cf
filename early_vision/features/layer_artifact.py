"""The artifact of a layer: sheets of pictures, and an index in JSON that says what they are and how they were made."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.features.reading import Read
from early_vision.features.recipe import Request
from early_vision.features.result import FeatureVisualization, Made, agreement
from early_vision.features.sheets import LOSSY_QUALITY, Sheet, SheetImage, decode_sheet, encode_sheet
from early_vision.features.units import STAGE, VERSION, Unit, plan, unpack
from early_vision.network.weights import Network
from early_vision.store import Artifact, artifact_key, read_json, write_whole

EXCITING, INHIBITING, DIVERSE = "exciting", "inhibiting", "diverse"
DIGITS = 4


def index_path(folder: Path, network: Network, request: Request, layer: str) -> Path:
    """Where the index of a layer is: its name holds the hash of all that determines it."""
    return folder / f"{layer}-{_key(network, layer, asdict(request))}.json"


def write_layer(
    folder: Path, network: Network, request: Request, layer: str, result: Callable[[Unit], bytes], read: Read,
    quality: int | None = None,
) -> None:  # fmt: skip
    """Put the results of a layer's units together. The index is written last: with it the artifact is complete.

    Args:
        folder: of the network's feature visualizations.
        network: what was rendered.
        request: which images of every neuron.
        layer: its name.
        result: the bytes of a unit.
        read: reads pictures with the network's neurons, for what they answer to pictures as they are kept, and for the
            agreement between seeds.
        quality: of WebP, for all pictures; None keeps those that excite without loss, and the others well.

    Raises:
        InputError: when it cannot be written.
    """
    path = index_path(folder, network, request, layer)
    sheets, neurons = [], []
    units = plan(network, request, layer)
    for branch in network.architecture.layers[layer].branches:
        images, activations = {}, {}
        for kind in dict.fromkeys(unit.kind for unit in units):
            parts = [unpack(result(unit)) for unit in units if unit.branch == branch and unit.kind == kind]
            images[kind] = np.concatenate([part["images"] for part in parts])
            activations[kind] = np.concatenate([part["activations"] for part in parts])
        exciting = [kind for kind in images if kind == EXCITING or kind.startswith("seed-")]
        agree = None
        if len(exciting) > 1:
            agree = agreement(np.stack([read(branch.node, images[kind][:, :1]).given[:, 0] for kind in exciting]))
        for kind in [kind for kind in (EXCITING, INHIBITING, DIVERSE) if kind in images]:
            tiles = images[kind].reshape(-1, *images[kind].shape[2:])
            best = kind == EXCITING and quality is None
            data = encode_sheet(tiles, lossless=best, quality=quality or LOSSY_QUALITY)
            name = f"{branch.node}-{kind}-{path.stem.split('-')[-1]}.webp"
            write_whole(folder / name, data)
            if not best:
                kept = decode_sheet(folder / name, len(tiles), tiles.shape[1]).reshape(images[kind].shape)
                activations[kind] = read(branch.node, kept).activations
            sheets.append({"kind": kind, "convolution": branch.node, "file": name, "size": tiles.shape[1],
                           "images": images[kind].shape[1], "sha256": hashlib.sha256(data).hexdigest()})  # fmt: skip
        for i in range(len(branch)):
            neuron = {"channel": branch.start + i} | {
                kind: [round(float(value), DIGITS) for value in activations[kind][i]]
                for kind in (EXCITING, INHIBITING, DIVERSE) if kind in activations
            }  # fmt: skip
            neurons.append(neuron if agree is None else neuron | {"agreement": round(float(agree[i]), DIGITS)})
    index = {"network": network.name, "layer": layer, "request": asdict(request), "sheets": sheets, "neurons": neurons}
    _artifact(path, network, layer).write(index)
    remove_superseded(folder, layer, path, [sheet["file"] for sheet in sheets])


def remove_superseded(folder: Path, layer: str, index: Path, sheets: Iterable[str]) -> None:
    """Remove the layer's artifacts of other weights, recipes or versions."""
    keep = {index.name, *sheets}
    # Of this layer's convolutions, not of another layer whose name only begins like this one's.
    convolutions = {name.split("-")[0] for name in keep}
    old = (path for convolution in convolutions for path in folder.glob(f"{convolution}-*.webp"))
    for path in [*folder.glob(f"{layer}-*.json"), *old]:
        if path.name not in keep:
            path.unlink(missing_ok=True)


def read_layer(
    folder: Path, network: Network, layer: str, held_out: np.ndarray | None
) -> tuple[FeatureVisualization, ...]:
    """A layer's feature visualizations, one per channel in order.

    Args:
        folder: of the network's feature visualizations.
        network: the weights that they must come from.
        layer: its name.
        held_out: highest activations over held-out images, [neurons], or None.

    Raises:
        InputError: when they are absent, were made from other weights, or are damaged.
    """
    paths = sorted(folder.glob(f"{layer}-*.json"))
    if not paths:
        message = f"there are no feature visualizations of {layer} of {network.name}"
        raise InputError(message, file=folder, hint=_hint(network))
    indexes = [(_artifact(path, network, layer), read_json(path)) for path in paths]
    artifact, index = next(((one, found) for one, found in indexes if one.fits(found)), indexes[0])
    artifact.check(index)
    with artifact.parsing():
        if artifact.path != folder / f"{layer}-{_key(network, layer, index['request'])}.json":
            raise ValueError("its name is not that of its content")
        made = Made(artifact.path.stem, index["version"], index["request"])
        return _read(folder, network, layer, index, held_out, made)


def _artifact(path: Path, network: Network, layer: str) -> Artifact:
    other = f"these feature visualizations of {layer} were made from other weights or by an older version"
    return Artifact(path, STAGE, VERSION, network.sha256, other, _hint(network))


def _hint(network: Network) -> str:
    return f"Run: python build.py precompute --network {network.name}"


def _key(network: Network, layer: str, request: Mapping) -> str:
    return artifact_key(STAGE, VERSION, network.sha256, {"layer": layer, "request": request})


def _read(
    folder: Path, network: Network, layer: str, index: dict, held_out: np.ndarray | None, made: Made
) -> tuple[FeatureVisualization, ...]:
    pictures: dict[str, list[list[SheetImage]]] = {EXCITING: [], INHIBITING: [], DIVERSE: []}
    for branch in network.architecture.layers[layer].branches:
        for sheet in index["sheets"]:
            if sheet["convolution"] == branch.node:
                count, size = len(branch) * sheet["images"], sheet["size"]
                whole = Sheet(folder / sheet["file"], count, size, sheet["sha256"])
                whole.check()
                images = [SheetImage(whole, index) for index in range(count)]
                each = sheet["images"]
                pictures[sheet["kind"]] += [images[at : at + each] for at in range(0, count, each)]
    neurons = sorted(index["neurons"], key=lambda neuron: neuron["channel"])
    if [n["channel"] for n in neurons] != list(range(network.architecture.layers[layer].neurons)):
        raise ValueError("not every neuron is in the index once")
    return tuple(
        FeatureVisualization(
            layer=layer,
            channel=i,
            image=pictures[EXCITING][i][0],
            activation=neuron[EXCITING][0],
            held_out=None if held_out is None else float(held_out[i]),
            inhibiting=pictures[INHIBITING][i][0] if pictures[INHIBITING] else None,
            inhibiting_activation=neuron[INHIBITING][0] if INHIBITING in neuron else None,
            diverse=tuple(pictures[DIVERSE][i]) if pictures[DIVERSE] else (),
            diverse_activations=tuple(neuron.get(DIVERSE, ())),
            agreement=neuron.get("agreement"),
            made=made,
        )
        for i, neuron in enumerate(neurons)
    )
