"""A neuron's strongest connections as a script: what the weight explorer reads, also on pages opened from the disk."""

import base64
import json
from collections.abc import Sequence

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour
from early_vision.network.architecture import INPUT

STEPS = 32767
"""In units of the largest magnitude's share of this, weights are whole numbers of 16 bits."""


def weights_js(neuron: Neuron, inputs: Sequence[Neighbour], outputs: Sequence[Neighbour]) -> str:
    """The script that puts a neuron's weights into `earlyVisionWeights`, under its name.

    It holds `inputs` and `outputs`, as far as there are any between neurons, the strongest first. Either has

    layer     where the other ends are
    scale     the largest magnitude among its weights
    channels  of the other ends
    kinds     a letter for each: e for exciting, i for inhibiting, m for mixed
    kernels   expanded weights of each, rows from the top: 16 bits little-endian in units of scale / 32767, in base64
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
        "kernels": [
            base64.b64encode(np.rint(one.kernel / scale * STEPS).astype("<i2").tobytes()).decode() for one in some
        ],
    }
