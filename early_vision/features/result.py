"""What feature visualization gives for a neuron: the record that the later stages read."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FeatureVisualization:
    """One neuron's feature visualization, and how it compares with natural images.

    Attributes:
        layer, channel: the neuron.
        image: uint8 [size, size, 3], RGB; `size` is the receptive field of the neuron's branch.
        activation: what the neuron gives for `image`, before its ReLU, all of the receptive field in view.
        held_out: the highest activation of the neuron over the held-out images, before its ReLU; None where no
            held-out images were measured.
    """

    layer: str
    channel: int
    image: np.ndarray
    activation: float
    held_out: float | None

    @property
    def inactive(self) -> bool:
        """Whether the neuron never fired on the held-out images."""
        return self.held_out is not None and self.held_out <= 0
