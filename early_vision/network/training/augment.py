"""Random crops, and the random numbers of a training. Imports PyTorch.

Every draw is seeded by the training's seed, its purpose and the step or epoch it belongs to. So a resumed run draws
what the unbroken one would have, with no generator's state to be kept. Crops and order are the same on CPU and CUDA.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

INITIAL_WEIGHTS, ORDER, CROPS, DROPOUT = range(4)
"""What random numbers are drawn for."""

MOST_STRETCH = 1.25
"""A crop is at most this much wider than high, or the reverse."""


def derive_seed(seed: int, purpose: int, index: int = 0) -> int:
    """A seed below 2**63 for one purpose at one step or epoch."""
    return int(np.random.SeedSequence((seed, purpose, index)).generate_state(1, np.uint64)[0] >> 1)


def generator(seed: int, purpose: int, index: int = 0) -> torch.Generator:
    """A generator on the CPU, seeded as above."""
    return torch.Generator().manual_seed(derive_seed(seed, purpose, index))


def random_crops(images: Tensor, size: int, least_side: float, draws: torch.Generator) -> Tensor:
    """A random part of each image, mirrored half of the time, resampled bilinearly.

    Args:
        images: uint8 [n, 3, height, width].
        size: side of the result, pixels.
        least_side: the smallest share of an image's sides to show, 0 to 1.

    Returns:
        float32 [n, 3, size, size], values 0 to 255.
    """
    n = len(images)
    side, stretch, across, down, mirror = torch.rand(5, n, generator=draws)
    side = least_side + (1 - least_side) * side
    stretch = torch.exp((stretch - 0.5) * math.log(MOST_STRETCH))
    width, height = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    # What affine_grid takes: rows that map the result's coordinates (-1 to 1) to the image's.
    maps = torch.zeros(n, 2, 3)
    maps[:, 0, 0] = torch.where(mirror < 0.5, -width, width)
    maps[:, 0, 2] = (2 * across - 1) * (1 - width)
    maps[:, 1, 1] = height
    maps[:, 1, 2] = (2 * down - 1) * (1 - height)
    grid = functional.affine_grid(maps.to(images.device), [n, 3, size, size], align_corners=False)
    return functional.grid_sample(images.float(), grid, padding_mode="border", align_corners=False)
