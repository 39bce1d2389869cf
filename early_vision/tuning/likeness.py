"""A map of a layer: its neurons in the plane, those with alike responses near each other.

Positions are those of t-SNE (van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 2008) over the distances of
neurons' signatures, begun at their first two principal components instead of at random: the same responses give the
same map. Then every neuron takes the free cell of a grid that is nearest to its position, so that none hides another.
"""

import math

import numpy as np

PERPLEXITY = 12.0
STEPS, EARLY = 400, 100
"""Of the descent, and how many of them with exaggerated likeness, which lets clusters find each other."""
EXAGGERATION, RATE = 6.0, 60.0
ROOM, ASPECT = 1.3, 1.6
"""Cells of the grid for every neuron, and how much wider than high it is."""


def likeness_map(signatures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each neuron of a layer.

    Args:
        signatures: drives by all stimuli as vectors of length 1, [neurons, stimuli], as `LayerTuning.signatures`.

    Returns:
        columns and rows, int [neurons] each, from 0 on; no two neurons have the same.
    """
    return on_grid(embedded(np.asarray(signatures, np.float64)))


def embedded(signatures: np.ndarray) -> np.ndarray:
    """Positions in the plane, [neurons, 2]."""
    neurons = len(signatures)
    centred = signatures - signatures.mean(0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    start = left[:, :2] * singular[:2]
    # The sign of a principal component is arbitrary: the largest entry is positive.
    start *= np.sign(start[np.abs(start).argmax(0), np.arange(start.shape[1])] + 1e-30)
    if neurons < 8 or start.shape[1] < 2:
        return np.pad(start, ((0, 0), (0, 2 - start.shape[1])))
    squared = np.maximum(2.0 - 2.0 * signatures @ signatures.T, 0.0)
    likely = _neighbourhoods(squared, min(PERPLEXITY, (neurons - 1) / 3))
    at, velocity = start / max(start.std(), 1e-12) * 1e-2, np.zeros_like(start)
    for step in range(STEPS):
        lengths = (at**2).sum(1)
        near = 1.0 / (1.0 + np.maximum(lengths[:, None] + lengths[None] - 2.0 * at @ at.T, 0.0))
        np.fill_diagonal(near, 0.0)
        wanted = likely * EXAGGERATION if step < EARLY else likely
        pull = (wanted - near / near.sum()) * near
        gradient = 4.0 * (pull.sum(1)[:, None] * at - pull @ at)
        velocity = (0.5 if step < EARLY else 0.8) * velocity - RATE * gradient
        at = at + velocity
        at -= at.mean(0)
    return at


def _neighbourhoods(squared: np.ndarray, perplexity: float) -> np.ndarray:
    """How likely each neuron would take each other one as its neighbour, symmetric, of sum 1."""
    neurons = len(squared)
    likely = np.zeros_like(squared)
    for neuron in range(neurons):
        others = np.delete(squared[neuron], neuron)
        others = others - others.min()
        low, high, precision = 0.0, math.inf, 1.0
        for _ in range(50):
            weights = np.exp(-others * precision)
            shares = weights / weights.sum()
            entropy = -np.sum(shares * np.log(np.maximum(shares, 1e-300)))
            if abs(entropy - math.log(perplexity)) < 1e-5:
                break
            if entropy > math.log(perplexity):
                low, precision = precision, precision * 2 if high == math.inf else (precision + high) / 2
            else:
                high, precision = precision, (precision + low) / 2
        likely[neuron, np.arange(neurons) != neuron] = shares
    both = likely + likely.T
    return np.maximum(both / both.sum(), 1e-12)


def on_grid(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each neuron, [neurons] columns and rows: the free one nearest to its position, the innermost neurons
    first; empty columns and rows at the edges are left out."""
    neurons = len(positions)
    columns = math.ceil(math.sqrt(ROOM * neurons * ASPECT))
    rows = math.ceil(ROOM * neurons / columns)
    # By ranks, half and half with the positions themselves: no corner of the grid is crowded.
    ranks = positions.argsort(0, kind="stable").argsort(0, kind="stable") / max(neurons - 1, 1)
    spread = (positions - positions.min(0)) / np.maximum(np.ptp(positions, axis=0), 1e-12)
    wanted = (ranks + spread) / 2 * [columns - 1, rows - 1]
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2).astype(float)
    free, taken = np.ones(len(cells), bool), np.zeros((neurons, 2), int)
    middle = np.array([columns - 1, rows - 1]) / 2
    for neuron in np.argsort(np.round(((wanted - middle) ** 2).sum(1), 6), kind="stable"):
        far = np.where(free, ((cells - wanted[neuron]) ** 2).sum(1), np.inf)
        cell = int(far.argmin())
        free[cell] = False
        taken[neuron] = cells[cell]
    taken -= taken.min(0)
    return taken[:, 0], taken[:, 1]
