"""From a trained network to the file that the project embeds. Imports PyTorch."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from early_vision.network.architecture import Architecture
from early_vision.network.training.data import Pictures
from early_vision.artifacts import write_whole
from early_vision.network.training.model import Head, TrainingNetwork, exported_nodes
from early_vision.network.weights import network_from_tensors

EVALUATION_BATCH = 100


def fold(network: TrainingNetwork) -> dict[str, np.ndarray]:
    """Weights and biases that compute, without batch norm, what the network computes in evaluation mode.

    Returns:
        float32 `<conv>_w` [height, width, in, out] and `<conv>_b` [out], in the order of the architecture.
    """
    tensors = {}
    for node in network.architecture.convolutions:
        layer = network.trunk.convolutions[node.name]
        norm, kernel = layer.norm, layer.convolution.weight.detach().double()
        scale = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
        shift = norm.bias.detach().double() - norm.running_mean.double() * scale
        tensors[f"{node.name}_w"] = (kernel * scale[:, None, None, None]).permute(2, 3, 1, 0).float().cpu().numpy()
        tensors[f"{node.name}_b"] = shift.float().cpu().numpy()
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def to_float16(
    tensors: Mapping[str, np.ndarray], architecture: Architecture, source: Path | str
) -> dict[str, np.ndarray]:
    """The tensors rounded to float16.

    Raises:
        InputError: naming the tensor, when a value is too large for float16 or not finite: the training diverged.
    """
    with np.errstate(over="ignore"):
        rounded = {name: value.astype(np.float16) for name, value in tensors.items()}
    network_from_tensors("export", rounded, architecture, source)
    return rounded


def npz_bytes(tensors: Mapping[str, np.ndarray]) -> bytes:
    """An uncompressed .npz: the same bytes for the same tensors, whenever and wherever it is made."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, value in tensors.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            array = io.BytesIO()
            np.lib.format.write_array(array, np.ascontiguousarray(value), version=(1, 0), allow_pickle=False)
            file.writestr(entry, array.getvalue())
    return archive.getvalue()


def write_npz(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write weights, atomically.

    Raises:
        InputError: when the file cannot be written; the one before it stays.
    """
    write_whole(path, lambda file: file.write(npz_bytes(tensors)))


def network_accuracy(network: TrainingNetwork, pictures: Pictures, device: torch.device) -> float:
    """Share of pictures, 0 to 1, that the network recognizes in evaluation mode; its mode is as it was afterwards."""
    was_training = network.training
    network.eval()
    try:
        return _accuracy(network, pictures, device)
    finally:
        network.train(was_training)


def exported_accuracy(
    architecture: Architecture, weights: Mapping[str, np.ndarray], head: Head, pictures: Pictures, device: torch.device
) -> float:
    """Share of pictures, 0 to 1, that the exported weights recognize with the head on top of them."""
    last, was_training = architecture.layer_names[-1], head.training
    head.eval()
    try:
        return _accuracy(lambda images: head(exported_nodes(architecture, weights, images)[last]), pictures, device)
    finally:
        head.train(was_training)


def _accuracy(logits: Callable[[Tensor], Tensor], pictures: Pictures, device: torch.device) -> float:
    with torch.no_grad():
        right = sum(int((logits(images).argmax(1) == labels).sum()) for images, labels in _batches(pictures, device))
    return right / len(pictures)


def _batches(pictures: Pictures, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """Whole images, float32 [n, 3, height, width] from 0 to 255, and their labels."""
    for start in range(0, len(pictures), EVALUATION_BATCH):
        part = slice(start, start + EVALUATION_BATCH)
        images = torch.from_numpy(pictures.images[part]).to(device).permute(0, 3, 1, 2).float()
        yield images, torch.from_numpy(pictures.labels[part]).to(device)
