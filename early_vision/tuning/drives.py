"""Responses as measures need them: how far each stimulus lifts a neuron above its response to grey."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from early_vision.tuning.series import Series


@dataclass(frozen=True)
class Drives:
    """Responses of a layer's neurons to series of stimuli.

    The drive of a stimulus is the response before the ReLU less the response to uniform grey, or 0 where that is
    negative: what a stimulus adds, however far below or above its threshold a neuron rests. It is never negative and
    has the unit of the neuron's activation.

    Attributes:
        responses: kind to pre-activations float32 [neurons, *shape of the series].
        series: kind to series.
    """

    responses: Mapping[str, np.ndarray]
    series: Mapping[str, Series]

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
        return self.series[kind].label(int(best[kind].argmax())), float(best[kind].max())
