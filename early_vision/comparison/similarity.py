"""How alike two layers are: neuron by neuron, and as a whole. Responses are [neurons, stimuli], stimuli the same for both.

- Matched neurons: the correlation of each neuron with the neuron of the other layer that it correlates with most (Li,
  Yosinski, Clune, Lipson and Hopcroft, Convergent Learning, 2015). The more candidates there are, the better the best of
  them is by chance. So what is compared is the expectation over all choices of a fixed number of candidates, which needs
  no drawing (`expected_best`).
- Whole layers: linear CKA (Kornblith, Norouzi, Lee and Hinton, Similarity of Neural Network Representations Revisited,
  ICML 2019), by the unbiased estimate of HSIC (Song, Smola, Gretton, Bedo and Borgwardt, Feature Selection via Dependence
  Maximization, JMLR 2012, eq. 5), since with fewer stimuli than neurons the usual one is high for any two layers. It
  compares which stimuli are alike for a layer, as representational similarity analysis does (Kriegeskorte, Mur and
  Bandettini, 2008), and does not change when neurons are mixed by a rotation. And ridge regression, which asks whether the
  neurons of one layer are sums of those of the other (as do Morcos, Raghu and Bengio, 2018, by other means).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 5
PENALTIES = tuple(float(10.0**power) for power in range(-2, 4))
"""Of ridge regression, in parts of the mean variance along an axis of the predictors."""


def correlations(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Pearson's correlation of every neuron with every neuron of another layer.

    Args:
        some: responses [n, stimuli].
        others: responses [m, stimuli].

    Returns:
        [n, m], -1 to 1; 0 for a neuron that responds to all stimuli alike.
    """
    return _standardized(some) @ _standardized(others).T


def best_matches(similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each neuron the one that it is most like, the first of several, and how much: [n] each."""
    best = similarity.argmax(1)
    return best, similarity[np.arange(len(similarity)), best]


def expected_best(similarity: np.ndarray, candidates: int) -> np.ndarray:
    """How like its best match each neuron is when only so many candidates can be had: the mean over all choices of them.

    Args:
        similarity: [n, m], of every neuron with every candidate.
        candidates: how many; at most m.

    Returns:
        [n].

    Raises:
        ValueError: where there are fewer candidates than that.
    """
    available = similarity.shape[1]
    if not 0 < candidates <= available:
        raise ValueError(f"{candidates} candidates of {available}")
    # The i-th best is the best of a choice when it is in it, and the better ones are not.
    chance, left = np.zeros(available), 1.0
    for rank in range(available - candidates + 1):
        chance[rank] = left * candidates / (available - rank)
        left *= 1.0 - candidates / (available - rank)
    return -np.sort(-similarity, axis=1) @ chance


def expected_best_of_others(similarity: np.ndarray, candidates: int) -> np.ndarray:
    """`expected_best` within one layer, [n, n]: no neuron is a candidate for itself."""
    neurons = len(similarity)
    others = similarity[~np.eye(neurons, dtype=bool)].reshape(neurons, neurons - 1)
    return expected_best(others, candidates)


def linear_cka(some: np.ndarray, others: np.ndarray) -> float:
    """Linear CKA, at most 1 and about 0 for layers that have nothing in common; the same under rotations of either layer.

    Args:
        some: responses [n, stimuli].
        others: responses [m, stimuli].

    Returns:
        nan where a layer responds to all stimuli alike.
    """
    return cka_of(likeness(some), likeness(others))


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike all pairs of stimuli are for a layer.

    Attributes:
        products: the inner products of the layer's responses, centred by neurons, 0 for each with itself, [stimuli, stimuli].
        own: their unbiased HSIC with themselves.
    """

    products: np.ndarray
    own: float


def likeness(responses: np.ndarray) -> Likeness:
    """Of responses [neurons, stimuli]: all of them that linear CKA needs."""
    centred = np.asarray(responses, np.float64) - np.mean(responses, 1, keepdims=True, dtype=np.float64)
    centred /= np.abs(centred).max(initial=0.0) or 1.0
    products = centred.T @ centred
    np.fill_diagonal(products, 0.0)
    return Likeness(products, _unbiased_hsic(products, products))


def cka_of(some: Likeness, others: Likeness) -> float:
    """As `linear_cka`."""
    if min(some.own, others.own) <= 0:
        return float("nan")
    return _unbiased_hsic(some.products, others.products) / float(np.sqrt(some.own * others.own))


def ridge_predictivity(
    some: np.ndarray, others: np.ndarray, folds: int = FOLDS, penalties: Sequence[float] = PENALTIES
) -> np.ndarray:
    """How well a weighted sum of one layer's neurons gives each neuron of another, on stimuli that were held out.

    Neurons of either layer count alike: each is scaled to a variance of 1. Every fold's penalty is the one that serves best
    on average over neurons when single stimuli are left out of the others (Golub, Heath and Wahba 1979); folds are every
    so-manieth stimulus.

    Args:
        some: responses [n, stimuli] that predict.
        others: responses [m, stimuli] to be predicted.

    Returns:
        [m], R² over all stimuli, each predicted by the fold that it is not in; negative where the mean does better.
    """
    x, y = _standardized(some).T * np.sqrt(some.shape[1]), _standardized(others).T * np.sqrt(some.shape[1])
    predicted = np.zeros_like(y)
    for fold in range(folds):
        held = np.arange(len(x)) % folds == fold
        predicted[held] = _ridge(x[~held], y[~held], x[held], penalties)
    left, whole = ((y - predicted) ** 2).sum(0), ((y - y.mean(0)) ** 2).sum(0)
    return 1.0 - np.divide(left, whole, out=np.ones_like(left), where=whole > 0)


def _ridge(x: np.ndarray, y: np.ndarray, asked: np.ndarray, penalties: Sequence[float]) -> np.ndarray:
    middle, level = x.mean(0), y.mean(0)
    left, singular, right = np.linalg.svd(x - middle, full_matrices=False)
    centred, along = y - level, left.T @ (y - level)
    unit = float((singular**2).mean()) or 1.0

    def shrinkage(penalty: float) -> np.ndarray:
        return singular**2 / (singular**2 + penalty * unit)

    def left_out_error(penalty: float) -> float:
        kept = shrinkage(penalty)
        # The fit's own share in what it fits, with that of the mean.
        leverage = 1.0 / len(x) + (left**2) @ kept
        misses = ((centred - left @ (kept[:, None] * along)) ** 2).sum(1)
        return float((misses / np.maximum(1.0 - leverage, 1e-6) ** 2).sum())

    best = min(penalties, key=left_out_error)
    inverse = np.divide(shrinkage(best), singular, out=np.zeros_like(singular), where=singular > 0)
    return level + (asked - middle) @ (right.T @ (inverse[:, None] * along))


def _standardized(responses: np.ndarray) -> np.ndarray:
    """Each neuron's responses less their mean, as a vector of length 1; zeros where they do not vary."""
    centred = np.asarray(responses, np.float64) - np.mean(responses, 1, keepdims=True, dtype=np.float64)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    # Below rounding, what varies is the arithmetic.
    varies = length > 1e-9 * (1e-30 + np.abs(responses).max(initial=0.0))
    return np.divide(centred, length, out=np.zeros_like(centred), where=varies)


def _unbiased_hsic(a: np.ndarray, b: np.ndarray) -> float:
    count = len(a)
    whole = float(np.vdot(a, b) + a.sum() * b.sum() / ((count - 1) * (count - 2)))
    return (whole - 2.0 / (count - 2) * float(a.sum(0) @ b.sum(0))) / (count * (count - 3))
