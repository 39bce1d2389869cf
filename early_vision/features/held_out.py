"""How strongly each neuron responds to pictures that the network was not trained on: the honest yardstick.

The pictures themselves are no part of the project: whoever has them measures, and the numbers are the artifact.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from early_vision.errors import InputError
from early_vision.network.weights import Network
from early_vision.store import Artifact

SUFFIXES = (".jpeg", ".jpg", ".png", ".webp")
STAGE, VERSION = "held-out", 1
FILE = "held-out.json"
BATCH = 50
DIGITS = 4


def measure_held_out(network: Network, pictures: Path, folder: Path) -> None:
    """Write the highest activation of every neuron, before its ReLU, over all positions of all pictures.

    Pictures are taken as they are, with SAME padding at their edges, as the network was trained.

    Args:
        network: what to measure.
        pictures: a folder or a zip of pictures, searched in depth.
        folder: where the artifact belongs.

    Raises:
        InputError: when there are no pictures, one cannot be read, or the artifact cannot be written.
    """
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward, layer_node_names

    names = layer_node_names(network.architecture)

    @tf.function(reduce_retracing=True, autograph=False)
    def highest(batch: tf.Tensor) -> list[tf.Tensor]:
        values = forward(network, batch, names)
        return [tf.reduce_max(values[name], axis=[0, 1, 2]) for name in names]

    best: list[np.ndarray] | None = None
    digest, count = hashlib.sha256(), 0
    for batch in picture_batches(pictures):
        digest.update(batch.tobytes())
        count += len(batch)
        found = [value.numpy() for value in highest(tf.constant(batch, tf.float32))]
        best = found if best is None else [np.maximum(a, b) for a, b in zip(best, found, strict=True)]
    if best is None:
        raise InputError("there are no pictures here", file=pictures, hint=f"They should end in {', '.join(SUFFIXES)}")
    layers = dict(zip(network.architecture.layer_names, best, strict=True))
    result = {
        "pictures": count,
        "pictures_sha256": digest.hexdigest(),
        "highest": {name: [round(float(value), DIGITS) for value in values] for name, values in layers.items()},
    }
    _artifact(network, folder).write(result)


def read_held_out(network: Network, folder: Path) -> dict[str, np.ndarray]:
    """Layer to the highest activations [neurons] over held-out pictures; empty where none were measured.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return {}
    result = artifact.read()
    with artifact.parsing():
        values = {name: np.array(result["highest"][name], np.float64) for name in network.architecture.layer_names}
        for name, layer in network.architecture.layers.items():
            if values[name].shape != (layer.neurons,):
                raise ValueError(f"not one value per neuron of {name}")
    return values


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these held-out activations were measured with other weights"
    hint = f"Run: python build.py precompute --network {network.name} --held-out PICTURES"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)


def picture_batches(pictures: Path) -> Iterator[np.ndarray]:
    """Pictures of one size after another, uint8 [n, height, width, 3], in order of their names."""
    batch: list[np.ndarray] = []
    for name, data in _files(pictures):
        try:
            with Image.open(io.BytesIO(data)) as image:
                pixels = np.asarray(image.convert("RGB"))
        except (OSError, UnidentifiedImageError) as error:
            raise InputError(f"the picture {name} cannot be read", file=pictures) from error
        if batch and (len(batch) == BATCH or batch[0].shape != pixels.shape):
            yield np.stack(batch)
            batch = []
        batch.append(pixels)
    if batch:
        yield np.stack(batch)


def _files(pictures: Path) -> Iterator[tuple[str, bytes]]:
    if pictures.is_dir():
        for path in sorted(p for p in pictures.rglob("*") if p.suffix.lower() in SUFFIXES):
            yield path.name, path.read_bytes()
        return
    try:
        with zipfile.ZipFile(pictures) as archive:
            for name in sorted(n for n in archive.namelist() if n.lower().endswith(SUFFIXES)):
                yield name, archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"no folder and no zip of pictures ({error})", file=pictures) from error
