"""From a trained network to the file that the project embeds. Imports PyTorch."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from early_vision.network.architecture import Architecture
from early_vision.network.training.data import Pictures
from early_vision.network.training.model import Head, TrainingNetwork, exported_nodes

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
