"""Proposing the neuron groups of a layer: the best family of each neuron, in an order that a reader can follow."""

from dataclasses import dataclass

import numpy as np

from early_vision.network.architecture import INPUT
from early_vision.network.weights import Network
from early_vision.tuning import filters
from early_vision.tuning.families import ENOUGH, FAMILIES, OTHER
from early_vision.tuning.layer_tuning import LayerTuning

FILTER_ORDER = {
    "Color": "hue",
    "Color Contrast": "hue",
    "Light and Dark Spots": "brightness",
    "Checks": "mean_frequency",
}
"""The measure of a first layer's filters by which a group is ordered; the others by orientation."""


@dataclass(frozen=True)
class Proposal:
    """A proposed neuron group.

    Attributes:
        name: of the family in this layer, or `OTHER`.
        neurons: channels in the order in which to show them.
        confidence: the score that put each there, 0 to 1; for `OTHER`, its best score for any family. None where the
            rule gives no score, as for the filters of a first layer.
    """

    name: str
    neurons: tuple[int, ...]
    confidence: tuple[float, ...] | None


def propose(network: Network, tuning: LayerTuning) -> tuple[Proposal, ...]:
    """The groups of a layer: every neuron in exactly one, the largest group first, `OTHER` last.

    A layer that sees the pixels is sorted by its filters, whose weights say more than any number of stimuli.
    """
    if is_first(network, tuning.layer):
        return _of_filters(network.kernel(tuning.layer))
    best, top = tuning.scores.argmax(1), tuning.scores.max(1)
    found = []
    for index, family in enumerate(FAMILIES):
        members = np.flatnonzero((best == index) & (top >= ENOUGH))
        keys = [np.round(tuning.measures[name][members], 9) for name in reversed(family.order)]
        members = members[np.lexsort(np.stack([members, *keys]))]
        found.append(_proposal(family.name_in(tuning.layer), members, top))
    other = np.flatnonzero(top < ENOUGH)
    rest = _proposal(OTHER, other[np.argsort(-top[other], kind="stable")], top)
    return tuple(p for p in [*sorted(found, key=lambda p: -len(p.neurons)), rest] if p.neurons)


def is_first(network: Network, layer: str) -> bool:
    """Whether a layer is a convolution on the picture itself, in colour."""
    node = network.architecture.node(layer)
    return (
        node.op == "conv"
        and node.inputs == (INPUT,)
        and node.kernel > 1
        and node.groups == 1
        and network.architecture.input_channels == 3
    )


def _proposal(name: str, members: np.ndarray, scores: np.ndarray) -> Proposal:
    return Proposal(name, tuple(map(int, members)), tuple(float(scores[neuron]) for neuron in members))


def _of_filters(kernel: np.ndarray) -> tuple[Proposal, ...]:
    """Groups of a first layer, by `early_vision.tuning.filters`."""
    measures = filters.measure(kernel)
    names = filters.supported_families(kernel)
    found = []
    for name in dict.fromkeys(names):
        by = getattr(measures, FILTER_ORDER.get(name, "orientation"))
        members = [channel for channel, family in enumerate(names) if family == name]
        found.append(Proposal(name, tuple(sorted(members, key=lambda channel: (by[channel], channel))), None))
    return tuple(sorted(found, key=lambda p: (p.name == OTHER, -len(p.neurons))))
