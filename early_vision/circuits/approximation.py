"""How good expanded weights are: the activations that they predict, against those that the network gives to pictures.

Where a bottleneck's ReLU or normalization lies between two layers, expanded weights are an approximation. The pictures
are no part of the project: whoever has them measures, and the numbers are the artifact.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from early_vision.circuits.connections import Connection, adjacent_pairs, connect
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT
from early_vision.network.weights import Network
from early_vision.store import Artifact

STAGE, VERSION = "approximation", 1
FILE = "approximation.json"
DIGITS = 4


@dataclass(frozen=True)
class Approximation:
    """What held-out pictures say about a network's expanded weights.

    Attributes:
        pictures: how many were measured.
        correlation: layer to Pearson's correlation, -1 to 1, [neurons], between the activation before the ReLU as the
            expanded weights from the layer below predict it and as it is; 0 for a neuron that never varies.
        mean_activation: layer to the mean activation after the ReLU, [neurons]: what is typical of a neuron.
    """

    pictures: int
    correlation: dict[str, np.ndarray]
    mean_activation: dict[str, np.ndarray]


class _Correlation:
    """Pearson's correlation of two series of vectors that come in pieces, in double precision."""

    def __init__(self):
        self.count = 0
        self.sums: np.ndarray = np.zeros(())

    def add(self, a: np.ndarray, b: np.ndarray) -> None:
        """Take in [n, neurons] of each series."""
        a, b = a.astype(np.float64), b.astype(np.float64)
        self.count += len(a)
        self.sums = self.sums + np.stack([a.sum(0), b.sum(0), (a * a).sum(0), (b * b).sum(0), (a * b).sum(0)])

    def value(self) -> np.ndarray:
        a, b, aa, bb, ab = self.sums / self.count
        varies = np.sqrt(np.maximum(aa - a * a, 0) * np.maximum(bb - b * b, 0))
        return np.divide(ab - a * b, varies, out=np.zeros_like(ab), where=varies > 0)


def measure_approximation(network: Network, batches: Iterable[np.ndarray], folder: Path) -> None:
    """Compare predicted with real activations wherever a neuron's kernel lies within the picture.

    Args:
        network: what to measure.
        batches: held-out pictures, uint8 [n, height, width, 3], those of a batch of one size.
        folder: where the artifact belongs.

    Raises:
        InputError: when there are no pictures large enough, or the artifact cannot be written.
    """
    from early_vision.network.tensorflow_ops import forward

    architecture = network.architecture
    pairs = [(source, connect(network, source, layer).branches) for source, layer in adjacent_pairs(architecture)]
    names = [f"{part.branch.node}_pre_relu" for _, parts in pairs for part in parts]
    found = {part.branch.node: _Correlation() for _, parts in pairs for part in parts}
    activity = dict.fromkeys(architecture.layer_names, np.zeros(()))
    positions = dict.fromkeys(architecture.layer_names, 0)
    digest, count = hashlib.sha256(), 0
    for batch in batches:
        digest.update(batch.tobytes())
        count += len(batch)
        images = batch.astype(np.float32)
        given = {
            name: value.numpy() for name, value in forward(network, images, [*names, *architecture.layer_names]).items()
        }
        given[INPUT] = images - architecture.input_mean
        for source, parts in pairs:
            for part in parts:
                real, predicted = compared(part, given[source], given[f"{part.branch.node}_pre_relu"])
                if real.size:
                    found[part.branch.node].add(predicted, real)
        for layer in architecture.layer_names:
            activity[layer] = activity[layer] + given[layer].sum(axis=(0, 1, 2), dtype=np.float64)
            positions[layer] += given[layer][..., 0].size
    if not all(one.count for one in found.values()):
        raise InputError("there are no pictures, or none that is large enough for the largest kernel")
    layers = architecture.layers.values()
    result = {
        "pictures": count,
        "pictures_sha256": digest.hexdigest(),
        "correlation": {
            layer.name: _rounded(np.concatenate([found[branch.node].value() for branch in layer.branches]))
            for layer in layers
        },
        "mean_activation": {name: _rounded(activity[name] / positions[name]) for name in architecture.layer_names},
    }
    _artifact(network, folder).write(result)


def compared(part: Connection, source: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real and predicted activations, [positions, neurons] each, where the kernel lies within the picture.

    Predicted ones lack the bias, which no correlation can tell.

    Args:
        part: the expanded weights of a branch.
        source: [n, height, width, channels] of the source layer, after its ReLU.
        real: [n, height, width, neurons] of the branch, before its ReLU.
    """
    last = part.start + (part.cells - 1) * part.step + part.window - 1
    kept = [
        [
            p
            for p in range(real.shape[axis])
            if p * part.stride + part.start >= 0 and p * part.stride + last < source.shape[axis]
        ]
        for axis in (1, 2)
    ]
    pooled, predicted = _window_maximum(source, part.window), np.zeros((), source.dtype)
    for i in range(part.cells):
        rows = np.array(kept[0], int) * part.stride + part.start + i * part.step
        for j in range(part.cells):
            columns = np.array(kept[1], int) * part.stride + part.start + j * part.step
            predicted = predicted + pooled[:, rows][:, :, columns] @ part.weights[i, j]
    neurons = real.shape[-1]
    return real[:, kept[0]][:, :, kept[1]].reshape(-1, neurons), predicted.reshape(-1, neurons)


def read_approximation(network: Network, folder: Path) -> Approximation | None:
    """What was measured; None where nothing was.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return None
    result = artifact.read()
    with artifact.parsing():
        correlation, activation = (
            {name: np.array(result[key].get(name, ()), np.float64) for name in network.architecture.layer_names}
            for key in ("correlation", "mean_activation")
        )
        for name, layer in network.architecture.layers.items():
            if any(values[name].shape != (layer.neurons,) for values in (correlation, activation)):
                raise ValueError(f"not one value per neuron of {name}")
        return Approximation(int(result["pictures"]), correlation, activation)


def _artifact(network: Network, folder: Path) -> Artifact:
    other, hint = "this was measured with other weights or by an older version", "Measure again, or remove it"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)


def _window_maximum(value: np.ndarray, window: int) -> np.ndarray:
    """The maximum over the window that begins at each position: [n, height, width, c] to fewer positions."""
    for axis in (1, 2):
        stop = value.shape[axis] - window + 1
        value = (
            np.maximum.reduce([value.take(range(i, stop + i), axis) for i in range(window)]) if window > 1 else value
        )
    return value


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
