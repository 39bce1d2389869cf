"""Symmetries: the neurons that would be each other if the picture were turned, mirrored, or changed in its colours.

After Olah et al., Naturally Occurring Equivariance in Neural Networks, Distill 2020: there, such families were found by
looking. Here they are found in the expanded weights from layer to layer. Let g change a picture. Two neurons a and b
match under g when g applied to the weights of a gives the weights of b; and applied to weights, g acts twice: it turns
or mirrors the kernel, and it turns every source neuron into the one that matches it. Since no source neuron has an
exact match, the second is a matrix: `s[i, j]`, the score of source neurons i and j under g. So the scores of a layer
follow from those of the layer below, and those of RGB are known:

    score(a, b) = <g a, b> / sqrt(<g a, g a> <b, b>)
    <g a, b> = sum over cells x and source neurons i, j of (g a)[x, i] s[i, j] b[x, j]

with the score under no change at all in place of s for the two below the root. A ReLU between the layers keeps the
positive half of what correlates: Gaussians with a correlation of r become correlated by `rectified(r)` (Cho and Saul,
Kernel Methods for Deep Learning, NIPS 2009, eq. 6). Pooling is taken as it is: its windows have no direction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.connections import Connections

STEP = 15
"""Degrees between the rotations that are tried."""
DIGITS = 3
MARGIN = 0.05
"""By how much each further part of a change (a turn, a mirror, other colours) has to improve a match: two neurons that
are nearly alike as they are match after any small turn too."""
OPPOSITE_HUE = 2 / 3 - np.eye(3)
"""RGB to RGB: keeps luminance and turns every colour into its opposite."""
COLOURS = {"as they are": np.eye(3), "opposite hue": OPPOSITE_HUE, "negative": -np.eye(3)}


@dataclass(frozen=True)
class Change:
    """A change of a picture: first mirrored left to right, then turned, then its colours changed.

    Attributes:
        turn: degrees counter-clockwise, as one sees it, in [0, 360).
        mirrored: whether left and right change places.
        colours: "as they are", "opposite hue" (every colour becomes its opposite, luminance stays) or "negative" (dark
            becomes light, and every colour its opposite).
    """

    turn: int = 0
    mirrored: bool = False
    colours: str = "as they are"

    @property
    def parts(self) -> int:
        return bool(self.turn) + self.mirrored + (self.colours != "as they are")

    @property
    def words(self) -> str:
        """Such as "mirrored left to right, turned by 45°"."""
        if self.mirrored and self.turn == 180:
            parts = ["mirrored top to bottom"]
        else:
            parts = ["mirrored left to right"] * self.mirrored + [f"turned by {self.turn}°"] * bool(self.turn)
        named = {"as they are": [], "opposite hue": ["in opposite hues"], "negative": ["as a negative"]}
        return ", ".join(parts + named[self.colours]) or "unchanged"


@dataclass(frozen=True)
class Match:
    """A neuron that another one becomes under a change, and how nearly: 1 is exactly."""

    channel: int
    change: Change
    score: float


UNCHANGED = Change()


def changes() -> tuple[Change, ...]:
    """All changes that are tried: every rotation, by itself, mirrored, in opposite hues, and as a negative."""
    kinds = ((False, "as they are"), (True, "as they are"), (False, "opposite hue"), (False, "negative"))
    every = (Change(turn, mirrored, colours) for mirrored, colours in kinds for turn in range(0, 360, STEP))
    return tuple(change for change in every if change != UNCHANGED)


def symmetry_scores(layers: Mapping[str, Connections], change: Change) -> dict[str, np.ndarray]:
    """Layer to scores, float32 [n, n], -1 to 1: how nearly neuron a, changed, is neuron b, at [a, b].

    Args:
        layers: the expanded weights of each layer from the one below, from the input on.
        change: the change.
    """
    return _scores(layers, change, _metrics(layers))


def best_matches(
    layers: Mapping[str, Connections], count: int, tried: Iterable[Change] = ()
) -> dict[str, list[tuple[Match, ...]]]:
    """Layer to each neuron's best matches, best first, each other neuron once, under the change that suits it best.

    Args:
        layers: the expanded weights of each layer from the one below, from the input on.
        count: matches for each neuron at most.
        tried: which changes; all by default.
    """
    tried, metrics = (UNCHANGED, *(tuple(tried) or changes())), _metrics(layers)
    best, which = {}, {}
    for index, change in enumerate(tried):
        for name, scores in _scores(layers, change, metrics).items():
            scores = scores - MARGIN * change.parts
            if name not in best:
                best[name], which[name] = scores, np.zeros(scores.shape, int)
            better = scores > best[name]
            best[name][better], which[name][better] = scores[better], index
    return {
        name: [_matches(best[name][a], which[name][a], a, tried, count) for a in range(len(best[name]))]
        for name in layers
    }


def changed_kernels(weights: np.ndarray, change: Change) -> np.ndarray:
    """Kernels [k, k, in, out] mirrored and turned about their middle by bilinear interpolation; outside they are 0."""
    mirrored = weights[:, ::-1] if change.mirrored else weights
    if change.turn % 90 == 0:
        return np.rot90(mirrored, change.turn // 90)
    side = weights.shape[0]
    # Rows count downwards, people count angles upwards.
    angle, middle = np.radians(change.turn), (side - 1) / 2
    y, x = np.indices((side, side)) - middle
    from_x, from_y = np.cos(angle) * x - np.sin(angle) * y + middle, np.sin(angle) * x + np.cos(angle) * y + middle
    padded, turned = np.pad(mirrored, ((1, 1), (1, 1), (0, 0), (0, 0))), np.zeros_like(weights)
    for down in (0, 1):
        for across in (0, 1):
            row, column = np.floor(from_y).astype(int) + down, np.floor(from_x).astype(int) + across
            share = ((1 - np.abs(from_y - row)) * (1 - np.abs(from_x - column))).astype(weights.dtype)
            turned += share[..., None, None] * padded[np.clip(row, -1, side) + 1, np.clip(column, -1, side) + 1]
    return turned


def rectified(correlation: np.ndarray) -> np.ndarray:
    """The correlation that is left when Gaussians of zero mean, so correlated, pass through a ReLU: 1 to 1, 0 to 0."""
    r = np.clip(correlation, -1, 1)
    product = (np.sqrt(1 - r * r) + (np.pi - np.arccos(r)) * r) / np.pi
    return (product - 1 / np.pi) / (1 - 1 / np.pi)


@dataclass(frozen=True)
class _Metric:
    """How alike a layer's source neurons are as they are, [in, in], and the length [out] of each of its neurons."""

    alike: np.ndarray
    lengths: np.ndarray


def _metrics(layers: Mapping[str, Connections]) -> dict[str, _Metric]:
    alike, metrics = np.eye(3, dtype=np.float32), {}
    for name, connections in layers.items():
        flat = _flat(connections.weights)
        metrics[name] = _Metric(alike, _lengths(flat, alike))
        alike = rectified(_cosines(_through(flat, alike), metrics[name].lengths, flat, metrics[name].lengths))
    return metrics


def _scores(layers: Mapping[str, Connections], change: Change, metrics: Mapping[str, _Metric]) -> dict[str, np.ndarray]:
    below, found = COLOURS[change.colours].astype(np.float32), {}
    for name, connections in layers.items():
        changed, metric = _flat(changed_kernels(connections.weights, change)), metrics[name]
        lengths = _lengths(changed, metric.alike)
        found[name] = _cosines(_through(changed, below), lengths, _flat(connections.weights), metric.lengths)
        below = rectified(found[name])
    return found


def _flat(weights: np.ndarray) -> np.ndarray:
    """Kernels [k, k, in, out] as [out, cells, in]."""
    return np.ascontiguousarray(weights.reshape(-1, *weights.shape[2:]).transpose(2, 0, 1))


def _through(kernels: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Kernels [out, cells, in] in terms of the source neurons that theirs are matched with."""
    return (kernels.reshape(-1, kernels.shape[2]) @ between).reshape(kernels.shape)


def _lengths(kernels: np.ndarray, alike: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.einsum("nxi,nxi->n", _through(kernels, alike), kernels), 0))


def _cosines(a: np.ndarray, a_lengths: np.ndarray, b: np.ndarray, b_lengths: np.ndarray) -> np.ndarray:
    product = a.reshape(len(a), -1) @ b.reshape(len(b), -1).T
    size = a_lengths[:, None] * b_lengths
    return np.clip(np.divide(product, size, out=np.zeros_like(product), where=size > 0), -1, 1)


def _matches(
    best: np.ndarray, which: np.ndarray, neuron: int, tried: tuple[Change, ...], count: int
) -> tuple[Match, ...]:
    """The matches of a neuron, whose scores less margins are `best` under the changes `which`, [n] both."""
    scores = best + MARGIN * np.array([change.parts for change in tried])[which]
    order = [b for b in np.argsort(-scores, kind="stable") if b != neuron and tried[which[b]] != UNCHANGED]
    return tuple(Match(int(b), tried[which[b]], round(float(scores[b]), DIGITS)) for b in order[:count])
