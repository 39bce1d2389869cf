"""How large a part of a layer each kind of neuron has, with intervals by bootstrap over neurons (Efron 1979).

Neurons are drawn anew with replacement from a layer's own: how much a share would vary if the layer had come out as
another draw of the same kinds. It says nothing about how far the rule that sorts neurons is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS, SEED = 2000, 0
WITHIN = 2.5, 97.5
"""Percentiles of the interval."""


@dataclass(frozen=True)
class Estimate:
    """A value and its interval."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether 0 lies outside of the interval."""
        return self.low > 0 or self.high < 0


def shares(
    kinds: Sequence[str | None], named: Sequence[str], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Estimate]:
    """The share of each kind in a layer.

    Args:
        kinds: of every neuron, None for one of no kind.
        named: the kinds to estimate.
    """
    members = _members(kinds, named)
    drawn = _drawn(members, draws, seed)
    return {kind: _estimate(float(members[at].mean()), drawn[at]) for at, kind in enumerate(named)}


def share_differences(
    some: Sequence[str | None], others: Sequence[str | None], named: Sequence[str], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Estimate]:
    """By how much the share of each kind is larger in one layer than in another, drawn independently of each other."""
    a, b = _members(some, named), _members(others, named)
    apart = _drawn(a, draws, seed) - _drawn(b, draws, seed + 1)
    return {kind: _estimate(float(a[at].mean() - b[at].mean()), apart[at]) for at, kind in enumerate(named)}


def median_estimate(values: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> Estimate:
    """The median over neurons, with its interval."""
    values = np.asarray(values, np.float64)
    chosen = np.random.default_rng(seed).integers(len(values), size=(draws, len(values)))
    return _estimate(float(np.median(values)), np.median(values[chosen], axis=1))


def _members(kinds: Sequence[str | None], named: Sequence[str]) -> np.ndarray:
    """Whether each neuron is of each kind, [kinds, neurons]."""
    return np.array([[one == kind for one in kinds] for kind in named], np.float64).reshape(len(named), len(kinds))


def _drawn(members: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Shares in layers drawn anew, [kinds, draws], whatever order the neurons are in."""
    members = np.sort(members, axis=1)
    neurons = members.shape[1]
    chosen = np.random.default_rng(seed).integers(neurons, size=(draws, neurons))
    return np.stack([one[chosen].mean(1) for one in members]) if len(members) else np.zeros((0, draws))


def _estimate(value: float, drawn: np.ndarray) -> Estimate:
    low, high = np.percentile(drawn, WITHIN)
    return Estimate(value, float(low), float(high))
