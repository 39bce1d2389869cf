"""What comparing neurons needs beyond `neuron_data`: one script for each layer, loaded when one of it is compared."""

import json
from collections.abc import Sequence

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.drawing.tuning_plots import Plot
from early_vision.site.views.neuron import NeuronFacts

INPUTS = 30
"""Inputs of each neuron that are compared with those of others."""
HEAD = """\
/* Details of {layer}, in columns that have one entry for each channel.

   pictures  path from the article's folder, and sides: in CSS pixels
   plots     kind, title, at (of each bar, in degrees or cycles per pixel), lengths (of each neuron's bars, in percent
             of its longest), marks (each neuron's preferred value) and texts (in words)
   inputs    channels of the strongest inputs, and strengths: in percent of the strongest of all, negative where one
             inhibits on the whole; both in the order of strength */
"""


def details_js(layer: str, facts: Sequence[NeuronFacts], wiring: Wiring) -> str:
    """The script that adds a layer's details to `earlyVisionNeurons`; its head says what they are.

    Args:
        layer: its name.
        facts: of all of its neurons, in the order of channels.
        wiring: the connections of the network.
    """
    inputs = [wiring.inputs(Neuron(layer, channel), INPUTS) for channel in range(len(facts))]
    signed = [[one.share if one.exciting else -one.share for one in some] for some in inputs]
    details = {
        "pictures": [one.pictures.exciting.path for one in facts],
        "sides": [one.pictures.exciting.width for one in facts],
        "plots": [
            _plot(kind)
            for kind in zip(*([plot for plot, _ in one.tuning.plots] for one in facts if one.tuning), strict=False)
        ],
        "inputs": {
            "channels": [[one.neuron.channel for one in some] for some in inputs],
            "strengths": [[round(100 * share) for share in some] for some in signed],
        },
    }
    return f"{HEAD.format(layer=layer)}earlyVisionNeurons.details[{_json(layer)}] = {_json(details)};\n"


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
