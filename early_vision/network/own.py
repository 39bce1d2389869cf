"""Networks that a user brings: weights in an .npz, and beside it the architecture in a YAML file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from early_vision.network.architecture import INPUT
from early_vision.network.architecture_file import Described, read_architecture
from early_vision.network.named_tensors import LAYOUTS
from early_vision.network.npz import read_npz
from early_vision.network.weights import Network, network_from_tensors


def load_own_network(name: str, weights: Path, description: Path) -> Network:
    """A network from its two files. What its input is scaled with, and an order of colours
    other than red, green, blue, go into the first convolutions.

    Args:
        name: what it is called.
        weights: the .npz.
        description: the architecture file.

    Raises:
        InputError: everything that is wrong in the architecture file.
        InputError: for weights that do not fit it, as `load_network` says.
    """
    described = read_architecture(description)
    tensors = read_npz(weights)
    if described.layout == "oihw":
        order = LAYOUTS["OIHW"]
        tensors = {key: value.transpose(order) if value.ndim == 4 else value for key, value in tensors.items()}
    network = network_from_tensors(name, tensors, described.architecture, source=weights)
    changed = as_pixels(network.weights, described)
    return network_from_tensors(name, changed, described.architecture, source=weights) if changed else network


def as_pixels(tensors: Mapping[str, np.ndarray], described: Described) -> dict[str, np.ndarray]:
    """The tensors for an input of pixels minus the mean, red, green and blue; none where they are that already.

    Args:
        tensors: checked to fit the architecture.
        described: says what the first convolutions see.
    """
    if described.input_scale == 1.0 and described.colours == "rgb":
        return {}
    scale = np.broadcast_to(described.input_scale, described.architecture.input_channels)[:, None]
    order = slice(None, None, -1 if described.colours == "bgr" else 1)
    first = {f"{conv.name}_w" for conv in described.architecture.convolutions if conv.inputs == (INPUT,)}
    return {key: value[:, :, order] * scale if key in first else value for key, value in tensors.items()}
