"""Connections as data to download: of a neuron with their kernels, of a layer as a table with a line for each."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour, Wiring

DIGITS = 4
UNIT = 1e-4
"""Of the weights in kernels, which are whole numbers of it: so they take half the room."""
COLUMNS = ("channel", "source", "kind", "norm", "excitation", "inhibition")


def connection_columns(inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> dict[str, dict]:
    """A neuron's strongest `inputs` and `outputs` as columns, the strongest first; a direction without any is left out.

    Either has `layer`, where the other ends are; and of each, in one order, its `channel`, the expanded weights (`kernel`):
    rows from the top, one after another, in whole UNITs; and a letter for its `kind`: e for exciting, i for inhibiting, m
    for mixed, which is the one or the other depending on place.
    """
    return {name: _columns(some) for name, some in (("inputs", inputs), ("outputs", outputs)) if some}


def connections_csv(wiring: Wiring, layer: str) -> str:
    """The strongest inputs of all neurons of a layer as a table, those of each neuron together, the strongest first.

    Its columns: the neuron's `channel`, the `source` that its input is, the `kind` of the connection: "exciting",
    "inhibiting", or "mixed" depending on place; the L2 norm of its expanded weights, and the sums of the positive and of
    the negative ones.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for channel in range(wiring.strengths[layer].norm.shape[1]):
        for one in wiring.inputs(Neuron(layer, channel)):
            numbers = (f"{round(number, DIGITS):g}" for number in (one.norm, one.excitation, one.inhibition))
            table.writerow((channel, one.neuron.channel, one.kind.word, *numbers))
    return file.getvalue()


def _columns(some: Sequence[Neighbour]) -> dict:
    return {
        "layer": some[0].neuron.layer,
        "channel": [one.neuron.channel for one in some],
        "kind": "".join(one.kind.word[0] for one in some),
        "kernel": [np.rint(one.kernel.ravel() / UNIT).astype(int).tolist() for one in some],
    }
