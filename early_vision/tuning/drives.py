"""Responses as measures need them: how far each stimulus lifts a neuron above its response to grey, and what is
reckoned from such drives: contrasts of two, means over angles."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from early_vision.tuning.stimuli import Series


@dataclass(frozen=True)
class Drives:
    """Responses of a layer's neurons to series of stimuli.

    The drive of a stimulus is the response before the ReLU less the response to uniform grey, or 0 where that is
    negative: what a stimulus adds, however far below or above its threshold a neuron rests. It is never negative and
    has the unit of the neuron's activation.

    Attributes:
        responses: kind to pre-activations float32 [neurons, *shape of the series].
        series: kind to series.
        scales: of each neuron, how large what it was shown is, as a part of the sizes that the series say, [neurons]: its
            branch's receptive field over the layer's. None where all are 1.
    """

    responses: Mapping[str, np.ndarray]
    series: Mapping[str, Series]
    scales: np.ndarray | None = None

    @property
    def neurons(self) -> int:
        return len(self.grey)

    @cached_property
    def grey(self) -> np.ndarray:
        """Response to uniform grey, [neurons]."""
        return self.responses["grey"][:, self.series["grey"].axes["level"].index(0.0)]

    def of(self, kind: str) -> np.ndarray:
        """Drives [neurons, *shape]."""
        grey = self.grey.reshape(-1, *[1] * len(self.series[kind].shape))
        return np.maximum(self.responses[kind] - grey, 0.0)

    def best(self, *kinds: str) -> np.ndarray:
        """The largest drive of any stimulus of some kinds, [neurons]."""
        return np.max([self.of(kind).reshape(self.neurons, -1).max(1) for kind in kinds], axis=0)

    def scale(self, neuron: int) -> float:
        """Of one neuron."""
        return 1.0 if self.scales is None else float(self.scales[neuron])

    def sizes(self, kind: str, name: str, at: np.ndarray) -> np.ndarray:
        """The size, in pixels, that each neuron was shown, [neurons], from the place of its value, [neurons]."""
        values = self.values(kind, name)[at].astype(float)
        return values if self.scales is None else values * self.scales

    @cached_property
    def highest(self) -> np.ndarray:
        """The largest drive of any stimulus, [neurons]."""
        return self.best(*self.series)

    def share(self, drive: np.ndarray) -> np.ndarray:
        """A drive as a share of the neuron's largest, 0 where that is 0."""
        whole = self.highest.reshape(-1, *[1] * (drive.ndim - 1))
        return np.divide(drive, whole, out=np.zeros_like(drive), where=whole > 0)

    def by(self, kind: str, *axes: str, **only) -> np.ndarray:
        """The largest drive for each combination of values of some axes, [neurons, *axes in the given order].

        Args:
            kind: the stimulus.
            axes: names of its parameters to keep apart; the best of all others counts.
            only: parameter to the one value of it that counts.
        """
        drive, names = self.of(kind), list(self.series[kind].axes)
        for name, value in only.items():
            index = list(self.series[kind].axes[name]).index(value)
            drive = np.take(drive, [index], axis=names.index(name) + 1)
        rest = tuple(i + 1 for i, name in enumerate(names) if name not in axes)
        kept = [name for name in names if name in axes]
        drive = drive.max(axis=rest) if rest else drive
        return np.moveaxis(drive, [kept.index(name) + 1 for name in axes], range(1, len(axes) + 1))

    def values(self, kind: str, name: str) -> np.ndarray:
        """The values of a parameter."""
        return np.array(self.series[kind].axes[name])

    def best_stimulus(self, neuron: int) -> tuple[str, float]:
        """The stimulus with the highest response, in words, and that response."""
        best = {kind: self.responses[kind][neuron].ravel() for kind in self.series}
        kind = max(best, key=lambda kind: best[kind].max())
        label = self.series[kind].label(int(best[kind].argmax()), self.scale(neuron))
        return label, float(best[kind].max())


def resultant(weights: np.ndarray, angles: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Direction and length of the mean resultant vector.

    The length is 1 minus the circular variance, which Ringach, Shapley and Hawken, Orientation Selectivity in Macaque
    V1, J. Neurosci. 2002, eq. 1, define for firing rates over orientation (a period of 180). It is theirs where weights
    are responses after the ReLU; of drives, which may lie below a neuron's threshold, it is lower.

    Args:
        weights: not negative, [..., angles].
        angles: degrees, evenly spaced over the period.
        period: 180 for orientations, 360 for directions and hues.

    Returns:
        (degrees in [0, period), length 0 to 1), each [...]; a row of zeros has direction 0 and length 0.
    """
    turns = np.exp(2j * np.pi * np.asarray(angles, float) / period)
    total = weights.sum(-1)
    vector = (weights * turns).sum(-1) / np.where(total > 0, total, 1)
    length = np.abs(vector)
    # Below rounding there is no direction: a result of 1e-17 would have any.
    angle = np.where(length > 1e-9, np.angle(vector), 0.0) / (2 * np.pi) * period
    return np.mod(np.mod(angle, period), period), length


def distance(a, b, period: float | None):
    """How far apart two values are, on a circle if they have a period."""
    return np.abs(np.mod(np.asarray(a) - b + period / 2, period) - period / 2) if period else np.abs(np.asarray(a) - b)


def contrast(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a - b) / (a + b) of values that are not negative: -1 to 1, 0 where both are 0 (Michelson contrast)."""
    total = a + b
    return np.where(total > 0, (a - b) / np.where(total > 0, total, 1), 0.0)
