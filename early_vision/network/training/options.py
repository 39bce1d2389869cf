"""What determines the result of a training, apart from the data. Needs no PyTorch."""

import math
from dataclasses import asdict, dataclass

from early_vision.errors import InputError


@dataclass(frozen=True)
class Options:
    """Two runs with equal options and equal data make the same steps.

    Raises:
        InputError: naming the option that cannot be, when one is made.
    """

    epochs: int = 30
    """Times that every training picture is seen, unless `steps` is given."""
    steps: int | None = None
    """Steps of gradient descent, in place of `epochs`."""
    batch: int = 128
    """Pictures in a step."""
    seed: int = 0
    peak_learning_rate: float = 0.2
    warm_up: float = 0.1
    """Share of the steps in which the learning rate climbs to its peak; it falls along a half cosine after that."""
    momentum: float = 0.9
    weight_decay: float = 5e-4
    """Of kernels only: biases and batch norm are left free."""
    label_smoothing: float = 0.1
    dropout: float = 0.3
    """Before the last layer of the head."""
    size: int = 64
    """Side in pixels of the pictures that the network is trained on."""
    early_size: int = 48
    """Their side in the first part of the training, which costs about half as much."""
    early_share: float = 0.45
    """Share of the steps at the early size."""
    least_side: float = 0.55
    """The smallest share of a picture's side that a random crop shows."""

    def __post_init__(self):
        for name in ("epochs", "batch", "size", "early_size"):
            _require(self, name, getattr(self, name) >= 1, "at least 1")
        _require(self, "steps", self.steps is None or self.steps >= 1, "at least 1")
        _require(self, "seed", self.seed >= 0, "0 or more")
        _require(self, "peak_learning_rate", 0 < self.peak_learning_rate < math.inf, "more than 0")
        _require(self, "weight_decay", 0 <= self.weight_decay < math.inf, "0 or more")
        for name in ("warm_up", "momentum", "label_smoothing", "dropout", "early_share"):
            _require(self, name, 0 <= getattr(self, name) <= 1, "from 0 to 1")
        _require(self, "least_side", 0 < self.least_side <= 1, "more than 0 and at most 1")

    def total_steps(self, pictures: int) -> int:
        """Steps in the whole training. An epoch's last pictures that do not fill a batch wait for another epoch."""
        return self.steps or self.epochs * self.steps_per_epoch(pictures)

    def steps_per_epoch(self, pictures: int) -> int:
        return pictures // self.batch

    def learning_rate(self, step: int, total: int) -> float:
        """The learning rate of a step, counted from 0."""
        rising = self.warm_up * total
        if step < rising:
            return self.peak_learning_rate * min((step + 1) / rising, 1.0)
        return self.peak_learning_rate * 0.5 * (1 + math.cos(math.pi * (step - rising) / (total - rising)))

    def size_at(self, step: int, total: int) -> int:
        """Side in pixels of the pictures of a step, counted from 0."""
        return self.early_size if step < self.early_share * total else self.size

    def as_dict(self) -> dict[str, int | float | None]:
        return asdict(self)


def _require(options: Options, name: str, holds: bool, wanted: str) -> None:
    if not holds:
        raise InputError(f"{name.replace('_', ' ')} is {getattr(options, name)}, but should be {wanted}")
