"""How strong a connection is, in one number, and which are the strongest."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Measure = Literal["norm", "largest"]
"""By what connections are ranked: the L2 norm of the kernel, or its weight of the largest magnitude."""


@dataclass(frozen=True)
class Strengths:
    """Each connection of a layer in single numbers, arrays [in, out], in the unit of the expanded weights.

    Attributes:
        norm: L2 norm of the kernel, 0 or more.
        largest: the weight of the largest magnitude, with its sign.
        excitation, inhibition: the sum of the kernel's positive weights, and of its negative ones (0 or less).
    """

    norm: np.ndarray
    largest: np.ndarray
    excitation: np.ndarray
    inhibition: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """What a source that is equally active everywhere gives: the sum of the kernel."""
        return self.excitation + self.inhibition

    @property
    def exciting(self) -> np.ndarray:
        """Whether a connection excites on the whole: bool [in, out]."""
        return self.total >= 0

    def by(self, measure: Measure) -> np.ndarray:
        """The magnitude that connections are ranked by, [in, out]."""
        return self.norm if measure == "norm" else np.abs(self.largest)


def strengths(weights: np.ndarray) -> Strengths:
    """The strengths of expanded weights [k, k, in, out]."""
    flat = weights.reshape(-1, *weights.shape[2:])
    at = np.abs(flat).argmax(axis=0)
    return Strengths(
        norm=np.sqrt(np.einsum("kio,kio->io", flat, flat)),
        largest=np.take_along_axis(flat, at[None], axis=0)[0],
        excitation=np.maximum(flat, 0).sum(axis=0),
        inhibition=np.minimum(flat, 0).sum(axis=0),
    )


def strongest(magnitudes: np.ndarray, count: int | None = None) -> np.ndarray:
    """Indices of the largest of some magnitudes [n], in falling order; of equals, the lower index first."""
    return np.argsort(-magnitudes, kind="stable")[:count]
