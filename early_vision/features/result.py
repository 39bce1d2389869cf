"""What feature visualization gives for a neuron: the record that the later stages read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.features.sheets import Pixels


@dataclass(frozen=True)
class Made:
    """How a layer's feature visualizations were made.

    Attributes:
        artifact: the name of the artifact that they were read from, which ends in its key.
        version: of the stage's arithmetic.
        request: what was asked for, as the artifact has it: `recipe` with the seed and all parameters, `seeds`,
            `inhibiting` and `diverse`.
    """

    artifact: str
    version: int
    request: Mapping


@dataclass(frozen=True, eq=False)
class FeatureVisualization:
    """One neuron's feature visualizations, and how they compare with natural images.

    Activations are the neuron's own, before its ReLU, with all of its receptive field in view.

    Attributes:
        layer, channel: the neuron.
        image: uint8 [size, size, 3], RGB: excites the neuron most; `size` is the receptive field of the neuron's branch.
            None where it could not be rendered, since the weights are not here.
        activation: what the neuron gives for `image`; None likewise.
        held_out: the highest activation of the neuron over the held-out images; None where none were measured.
        inhibiting: like `image`: inhibits the neuron most; None where it was not asked for.
        inhibiting_activation: what the neuron gives for `inhibiting`.
        diverse: like `image`: excite the neuron and differ from each other; empty where they were not asked for.
        diverse_activations: what the neuron gives for each of `diverse`.
        agreement: mean Pearson correlation, -1 to 1, between the pixels of the exciting images from different seeds:
            near 1 for a picture that comes out the same each time; None where only one seed was asked for.
        made: how; None where that is not known.
    """

    layer: str
    channel: int
    image: Pixels | None
    activation: float | None
    held_out: float | None
    inhibiting: Pixels | None = None
    inhibiting_activation: float | None = None
    diverse: tuple[Pixels, ...] = ()
    diverse_activations: tuple[float, ...] = ()
    agreement: float | None = None
    made: Made | None = None

    @property
    def inactive(self) -> bool:
        """Whether the neuron never fired on the held-out images."""
        return self.held_out is not None and self.held_out <= 0


def not_rendered(layer: str, neurons: int) -> tuple[FeatureVisualization, ...]:
    """What is known of a layer's neurons without the weights: that there are so many."""
    return tuple(FeatureVisualization(layer, channel, None, None, None) for channel in range(neurons))


def agreement(images: np.ndarray) -> np.ndarray:
    """Mean pairwise Pearson correlation between images of several seeds.

    Args:
        images: uint8 [seeds, n, size, size, 3], two seeds or more.

    Returns:
        float64 [n], -1 to 1; an image without any contrast correlates with nothing (0).
    """
    pixels = images.reshape(*images.shape[:2], -1).astype(np.float64)
    pixels -= pixels.mean(axis=2, keepdims=True)
    size = np.sqrt((pixels**2).sum(axis=2, keepdims=True))
    pixels = np.divide(pixels, size, out=np.zeros_like(pixels), where=size > 0)
    correlation = np.einsum("anp,bnp->abn", pixels, pixels)
    pairs = np.triu_indices(len(images), k=1)
    return correlation[pairs].mean(axis=0)
