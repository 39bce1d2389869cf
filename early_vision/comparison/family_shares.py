"""How large a part of a layer each kind of neuron has, with intervals by bootstrap over neurons (Efron 1979).

Neurons are drawn anew with replacement from a layer's own: how much a share would vary if the layer had come out as
another draw of the same kinds. How many of a kind are drawn so is binomial, and is drawn as such. It says nothing about
how far the rule that sorts neurons is right.
"""

import math
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
    parts, drawn = _parts(kinds, named), _drawn(kinds, named, draws, seed)
    return {kind: _estimate(part, one) for kind, part, one in zip(named, parts, drawn, strict=True)}


def share_differences(
    some: Sequence[str | None], others: Sequence[str | None], named: Sequence[str], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Estimate]:
    """By how much the share of each kind is larger in one layer than in another, drawn independently of each other."""
    a, b = _parts(some, named), _parts(others, named)
    apart = _drawn(some, named, draws, seed) - _drawn(others, named, draws, seed + 1)
    return {kind: _estimate(a[at] - b[at], apart[at]) for at, kind in enumerate(named)}


def median_estimate(values: np.ndarray) -> Estimate:
    """The median over neurons, with the interval that its order statistics give whatever the distribution is: between the
    k-th lowest and the k-th highest value, k by the binomial distribution (Conover, Practical Nonparametric Statistics)."""
    ordered = np.sort(np.asarray(values, np.float64))
    count, below, k = len(ordered), 0.0, 0
    while k < count // 2 and (below := below + math.comb(count, k) * 0.5**count) <= WITHIN[0] / 100:
        k += 1
    k = max(k - 1, 0)
    return Estimate(float(np.median(ordered)), float(ordered[k]), float(ordered[count - 1 - k]))


def _parts(kinds: Sequence[str | None], named: Sequence[str]) -> list[float]:
    return [sum(one == kind for one in kinds) / len(kinds) for kind in named]


def _drawn(kinds: Sequence[str | None], named: Sequence[str], draws: int, seed: int) -> np.ndarray:
    """Shares in layers drawn anew, [kinds, draws]."""
    neurons, generator = len(kinds), np.random.default_rng(seed)
    return np.array([generator.binomial(neurons, part, draws) for part in _parts(kinds, named)]) / neurons


def _estimate(value: float, drawn: np.ndarray) -> Estimate:
    low, high = np.percentile(drawn, WITHIN)
    return Estimate(value, float(low), float(high))
