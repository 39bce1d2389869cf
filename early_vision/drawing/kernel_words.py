"""A kernel in words, for those who cannot see it: what it does, and where most."""

import numpy as np

from early_vision.circuits.strengths import Kind

ROWS, COLUMNS = ("upper", "", "lower"), ("left", "", "right")
VERBS = {Kind.EXCITING: "excites", Kind.INHIBITING: "inhibits"}


def kernel_words(kernel: np.ndarray, kind: Kind) -> str:
    """Such as "excites, most at the upper left", or "excites most in the middle, inhibits most at the right"; without
    places for a kernel of one cell, and "no weight" for zeros alone.

    Args:
        kernel: [k, k] weights.
        kind: whether it excites, inhibits, or both.
    """
    if not kernel.any():
        return "no weight"
    places = {Kind.EXCITING: place_of(kernel), Kind.INHIBITING: place_of(-kernel)}
    if kind == Kind.MIXED:
        return ", ".join(f"{VERBS[one]} most {place}" for one, place in places.items())
    if kernel.size == 1:
        return VERBS[kind]
    return f"{VERBS[kind]}, most {places[kind]}"


def place_of(kernel: np.ndarray) -> str:
    """Where the largest weight of a kernel [k, k] is, in thirds of its side: such as "at the upper left"."""
    places = np.unravel_index(int(kernel.argmax()), kernel.shape)
    third = [int((at + 0.5) * 3 / side) for at, side in zip(places, kernel.shape, strict=True)]
    words = ROWS[third[0]], COLUMNS[third[1]]
    if not any(words):
        return "in the middle"
    upright = {"upper": "top", "lower": "bottom"}
    return f"at the {' '.join(word for word in words if word) if words[1] else upright[words[0]]}"
