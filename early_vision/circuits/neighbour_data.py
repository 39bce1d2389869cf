"""A neuron's connections as files to download: JSON with the kernels, and CSV with one line for each connection."""

import csv
import io
import json
from collections.abc import Sequence

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour

DIGITS = 4
UNIT = 1e-4
"""Of the weights in kernels, which are whole numbers of it: so they take half the room."""
COLUMNS = ("direction", "layer", "channel", "norm", "excitation", "inhibition", "share")


def connections_json(neuron: Neuron, weights: str, inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> str:
    """A neuron's strongest inputs and outputs as columns, the strongest first.

    Either direction has `layer`, where the other ends are, and lists of one length: their `channel`, the L2 norm of the
    expanded weights (`norm`), the sum of the positive ones (`excitation`) and of the negative ones (`inhibition`), and
    the weights themselves (`kernel`): rows from the top, one after another, counted in `unit`.

    Args:
        neuron: whose they are.
        weights: the network's SHA-256.
        inputs, outputs: its connections.
    """
    whole = {"neuron": str(neuron), "weights": weights, "unit": UNIT}
    whole |= {name: _columns(some) for name, some in (("inputs", inputs), ("outputs", outputs)) if some}
    return json.dumps(whole, separators=(",", ":")) + "\n"


def connections_csv(inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> str:
    """The same without kernels, as a table; `share` is the norm as a part of the strongest in that direction."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for direction, neighbours in (("input", inputs), ("output", outputs)):
        for one in neighbours:
            numbers = (one.norm, one.excitation, one.inhibition, one.share)
            table.writerow(
                (direction, one.neuron.layer, one.neuron.channel, *(round(number, DIGITS) for number in numbers))
            )
    return file.getvalue()


def _columns(some: Sequence[Neighbour]) -> dict:
    numbers = {
        name: [round(float(getattr(one, name)), DIGITS) for one in some]
        for name in ("norm", "excitation", "inhibition")
    }
    return {
        "layer": some[0].neuron.layer,
        "channel": [one.neuron.channel for one in some],
        **numbers,
        "kernel": [np.rint(one.kernel.ravel() / UNIT).astype(int).tolist() for one in some],
    }
