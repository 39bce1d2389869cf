"""Networks that a user brings: weights in an .npz, and beside it the architecture in a YAML file."""

from pathlib import Path

import numpy as np

from early_vision.network.architecture import INPUT
from early_vision.network.architecture_file import read_architecture
from early_vision.network.weights import Network, load_network, network_from_tensors


def load_own_network(name: str, weights: Path, description: Path) -> Network:
    """A network from its two files. The scale of its input, if any, is multiplied into the first convolutions.

    Args:
        name: what it is called.
        weights: the .npz.
        description: the architecture file.

    Raises:
        InputError: everything that is wrong in the architecture file.
        InputError: for weights that do not fit it, as `load_network` says.
    """
    described = read_architecture(description)
    architecture = described.architecture
    network = load_network(name, weights, architecture)
    if described.input_scale == 1.0:
        return network
    scale = np.broadcast_to(described.input_scale, architecture.input_channels)[:, None]
    first = {f"{conv.name}_w" for conv in architecture.convolutions if conv.inputs == (INPUT,)}
    tensors = {key: value * scale if key in first else value for key, value in network.weights.items()}
    return network_from_tensors(name, tensors, architecture, source=weights)
