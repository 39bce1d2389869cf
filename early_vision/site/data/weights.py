"""A neuron's strongest connections as a script: what the weight explorer reads, also on pages opened from the disk."""

import json
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour
from early_vision.network.architecture import INPUT

STEPS = 2047
"""Weights are whole numbers of so many to the largest magnitude, either way: two digits each."""
DIGITS = np.array([*(ascii_uppercase + ascii_lowercase + digits + "+/")])
"""From 0 to 63, as in base64."""


def weights_js(neuron: Neuron, inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> str:
    """The script that puts a neuron's weights into `earlyVisionWeights`, under its name.

    It holds `inputs` and `outputs`, as far as there are any between neurons, the strongest first. Either has

    layer     where the other ends are
    scale     the largest magnitude among its weights
    channels  of the other ends
    kinds     a letter for each: e for exciting, i for inhibiting, m for mixed
    kernels   of each, in base64's digits: one for the side of its expanded weights, and two for each of these, rows from
              the top: STEPS more than its share of scale, in 1 / STEPS
    """
    directions = {"inputs": inputs, "outputs": outputs}
    found = {name: _columns(some) for name, some in directions.items() if some and some[0].neuron.layer != INPUT}
    return f'(globalThis.earlyVisionWeights ??= {{}})["{neuron}"] = {json.dumps(found, separators=(",", ":"))};\n'


def _columns(some: Sequence[Neighbour]) -> dict:
    scale = max(float(np.abs(one.kernel).max()) for one in some) or 1.0
    return {
        "layer": some[0].neuron.layer,
        "scale": float(f"{scale:.6g}"),
        "channels": [one.neuron.channel for one in some],
        "kinds": "".join(one.kind.word[0] for one in some),
        "kernels": "".join(_packed(one.kernel, scale) for one in some),
    }


def _packed(kernel: np.ndarray, scale: float) -> str:
    numbers = np.rint(kernel.ravel() / scale * STEPS).astype(int) + STEPS
    return "".join(DIGITS[[len(kernel), *np.column_stack(np.divmod(numbers, 64)).ravel()]])
