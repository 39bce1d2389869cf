"""Random numbers in the place of a network's weights: for tests, and to see the pages that the network itself will fill."""

import numpy as np

from early_vision.network.architecture import Architecture
from early_vision.network.weights import expected_shapes

SEED = 0


def stand_in_tensors(architecture: Architecture, seed: int = SEED) -> dict[str, np.ndarray]:
    """Random weights, float32: normal kernels whose variance is 2 / inputs (He et al., ICCV 2015), and small biases."""
    random, tensors = np.random.default_rng(seed), {}
    for name, shape in expected_shapes(architecture).items():
        spread = np.sqrt(2 / np.prod(shape[:-1])) if name.endswith("_w") else 0.01
        tensors[name] = random.normal(0, spread, shape).astype(np.float32)
    return tensors
