"""A neuron's connections as data to download: columns with the kernels, and CSV with one line for each connection."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from early_vision.circuits.neighbours import Neighbour

DIGITS = 4
UNIT = 1e-4
"""Of the weights in kernels, which are whole numbers of it: so they take half the room."""
COLUMNS = ("direction", "layer", "channel", "norm", "excitation", "inhibition")


def connection_columns(inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> dict[str, dict]:
    """A neuron's strongest `inputs` and `outputs` as columns, the strongest first; a direction without any is left out.

    Either has `layer`, where the other ends are, and lists of one length: their `channel`, and the expanded weights
    (`kernel`): rows from the top, one after another, in whole UNITs.
    """
    return {name: _columns(some) for name, some in (("inputs", inputs), ("outputs", outputs)) if some}


def connections_csv(inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> str:
    """The same as a table: not each kernel, but its L2 norm, and the sums of its positive and its negative weights."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for direction, neighbours in (("input", inputs), ("output", outputs)):
        for one in neighbours:
            numbers = (round(number, DIGITS) for number in (one.norm, one.excitation, one.inhibition))
            table.writerow((direction, one.neuron.layer, one.neuron.channel, *numbers))
    return file.getvalue()


def _columns(some: Sequence[Neighbour]) -> dict:
    return {
        "layer": some[0].neuron.layer,
        "channel": [one.neuron.channel for one in some],
        "kernel": [np.rint(one.kernel.ravel() / UNIT).astype(int).tolist() for one in some],
    }
