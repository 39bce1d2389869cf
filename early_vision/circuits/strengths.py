"""How strong a connection is, in one number; whether it excites, inhibits or both; and which are the strongest."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

Measure = Literal["norm", "largest"]
"""By what connections are ranked: the L2 norm of the kernel, or its weight of the largest magnitude."""
MIXED_FROM = 0.5
"""A connection is mixed where the smaller of its excitation and its inhibition is over this part of the larger: its sum
says little then, and not seldom has the sign of neither."""


class Kind(IntEnum):
    """What a connection does: its number is a sign, where it has one.

    EXCITING and INHIBITING ones do so on the whole, MIXED ones depending on place. UNKNOWN is for figures without
    weights.
    """

    INHIBITING = -1
    UNKNOWN = 0
    EXCITING = 1
    MIXED = 2

    @property
    def word(self) -> str:
        """Its name in data, rules and claims, such as "exciting"."""
        return self.name.lower()


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
    def kinds(self) -> np.ndarray:
        """The `Kind` of each connection, int8 [in, out]."""
        return kinds_of(self.excitation, self.inhibition)

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


def kinds_of(excitation: np.ndarray | float, inhibition: np.ndarray | float) -> np.ndarray:
    """The `Kind`s, int8, of connections with these sums of positive weights (0 or more) and negative ones (0 or less)."""
    for_it, against = np.asarray(excitation), -np.asarray(inhibition)
    mixed = np.minimum(for_it, against) > MIXED_FROM * np.maximum(for_it, against)
    on_the_whole = np.where(for_it >= against, Kind.EXCITING, Kind.INHIBITING)
    return np.where(mixed, Kind.MIXED, on_the_whole).astype(np.int8)


def strongest(magnitudes: np.ndarray, count: int | None = None) -> np.ndarray:
    """Indices of the largest of some magnitudes [n], in falling order; of equals, the lower index first."""
    return np.argsort(-magnitudes, kind="stable")[:count]
