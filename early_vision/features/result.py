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
        agreement: mean Pearson correlation, -1 to 1, between what the neuron's inputs give it in the exciting images from
            different seeds (`Reading.given`): near 1 where the same inputs at the same places do it each time, however the
            pixels differ; None where only one seed was asked for.
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


def agreement(given: np.ndarray) -> np.ndarray:
    """Mean pairwise Pearson correlation between what several seeds gave.

    Args:
        given: numbers [seeds, n, ...], two seeds or more.

    Returns:
        float64 [n], -1 to 1; what is the same everywhere correlates with nothing (0).
    """
    values = given.reshape(*given.shape[:2], -1).astype(np.float64)
    values -= values.mean(axis=2, keepdims=True)
    size = np.sqrt((values**2).sum(axis=2, keepdims=True))
    values = np.divide(values, size, out=np.zeros_like(values), where=size > 0)
    correlation = np.einsum("anp,bnp->abn", values, values)
    pairs = np.triu_indices(len(given), k=1)
    return correlation[pairs].mean(axis=0)
