"""What comparing neurons needs beyond `neuron_data`: one script for each layer, loaded when one of it is compared."""

import json
from collections.abc import Sequence

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour, Wiring
from early_vision.drawing.tuning_plots import Plot
from early_vision.site.views.neuron import NeuronFacts

INPUTS = 30
"""Inputs of each neuron that are compared with those of others."""
HEAD = """\
/* Details of {layer}, in columns that have one entry for each channel.

   pictures  path from the article's folder, and sides: in CSS pixels
   plots     kind, title, at (of each bar, in degrees or cycles per pixel), lengths (of each neuron's bars, in percent
             of its longest), marks (each neuron's preferred value) and texts (in words)
   inputs    of each neuron, in the order of strength: channels of the strongest; strengths, the norms of their kernels
             in percent of the strongest of all; shares, what part of their weights is excitation, in percent of their
             magnitudes; kinds, a letter for each: e for exciting, i for inhibiting, m for mixed
   alike     how nearly two neurons weigh the inputs that are among the strongest of both alike: of each neuron but the
             first, with each before it, the cosine between their kernels in percent; null where they share none */
"""


def details_js(layer: str, facts: Sequence[NeuronFacts], wiring: Wiring) -> str:
    """The script that adds a layer's details to `earlyVisionNeurons`; its head says what they are.

    Args:
        layer: its name.
        facts: of all of its neurons, in the order of channels.
        wiring: the connections of the network.
    """
    inputs = [wiring.inputs(Neuron(layer, channel), INPUTS) for channel in range(len(facts))]
    pictures = [one.pictures.exciting for one in facts]
    details = {
        "pictures": [one.path for one in pictures if one],
        "sides": [one.width for one in pictures if one],
        "plots": [
            _plot(kind)
            for kind in zip(*([plot for plot, _ in one.tuning.plots] for one in facts if one.tuning), strict=False)
        ],
        "inputs": {
            "channels": [[one.neuron.channel for one in some] for some in inputs],
            "strengths": [[round(100 * one.share) for one in some] for some in inputs],
            "shares": [[_excitation(one) for one in some] for some in inputs],
            "kinds": ["".join(one.kind.word[0] for one in some) for some in inputs],
        },
        "alike": shared_likeness(inputs),
    }
    return f"{HEAD.format(layer=layer)}earlyVisionNeurons.details[{_json(layer)}] = {_json(details)};\n"


def shared_likeness(inputs: Sequence[Sequence[Neighbour]]) -> list[list[int | None]]:
    """The cosine, in percent, between the kernels of the inputs that two neurons share: of each neuron with those before.

    Args:
        inputs: the strongest inputs of every neuron.
    """
    side = max((one.kernel.shape[0] for some in inputs for one in some), default=1)
    sources = 1 + max((one.neuron.channel for some in inputs for one in some), default=0)
    kernels = np.zeros((len(inputs), sources, side, side), np.float32)
    for neuron, some in enumerate(inputs):
        for one in some:
            margin = (side - one.kernel.shape[0]) // 2
            kernels[neuron, one.neuron.channel, margin : side - margin, margin : side - margin] = one.kernel
    flat = kernels.reshape(len(inputs), sources, -1)
    squares, listed = (flat**2).sum(axis=2), np.zeros((len(inputs), sources), np.float32)
    for neuron, some in enumerate(inputs):
        listed[neuron, [one.neuron.channel for one in some]] = 1
    product = flat.reshape(len(inputs), -1) @ flat.reshape(len(inputs), -1).T
    shared = squares @ listed.T
    size = np.sqrt(shared * shared.T)
    return [
        [round(100 * float(product[a, b] / size[a, b])) if size[a, b] > 0 else None for b in range(a)]
        for a in range(len(inputs))
    ]


def _excitation(one: Neighbour) -> int:
    size = one.excitation - one.inhibition
    return round(100 * one.excitation / size) if size else 0


def _plot(neurons: Sequence[Plot]) -> dict:
    """One kind of figure for all neurons of a layer."""
    first = neurons[0]
    return {
        "kind": first.kind,
        "title": first.title,
        "at": [bar.at for bar in first.bars],
        "lengths": [[round(100 * bar.length) for bar in plot.bars] for plot in neurons],
        "marks": [[round(mark, 2) for mark in plot.marks] for plot in neurons],
        "texts": [plot.text for plot in neurons],
    }


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
