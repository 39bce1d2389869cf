"""A network as a script: its architecture as data and its weights as text, for the page that runs it on one's own pictures."""

import base64
import json

import numpy as np

from early_vision.network.architecture import Lrn, Node
from early_vision.network.weights import Network
from early_vision.site.data.live_pictures import drawn_pictures

SMALL = 10_000
"""Tensors of at most so many numbers stay float32."""
SCRIPT_HEAD = """\
/* A network that live-worker.js computes.

   name, sha256  of the network
   inputMean     what is subtracted from pixel values of 0 to 255: a number, or one for each colour
   nodes         operations, each after its inputs; those of early_vision/network/architecture.py by the same names
   layers        names of the nodes to show, with the place of their first position (start), the distance between
                 positions (stride) and the side (size) of what one sees, in pixels of the picture
   tensors       name, shape, type, and where in the weights it begins, in bytes
   weights       all tensors, little-endian, in base64
   pictures      some to begin with: name, what they show, and a PNG in base64 */
"""


def live_js(network: Network) -> str:
    """The script that assigns `earlyVisionNetwork`; its head says what that holds.

    Large kernels are rounded to float16, which halves the script: at most 2^-11 of each weight. Small ones, biases and what
    float16 cannot hold stay float32: rounding the first two kernels of inceptionv1-2015 would move conv2d1 by 0.5% of its
    largest activation.
    """
    tensors, parts, offset = [], [], 0
    for node in network.architecture.weighted:
        for name in (f"{node.name}_w", f"{node.name}_b"):
            value = network.weights[name]
            with np.errstate(over="ignore"):
                half = value.astype("<f2")
            rounded = value.size > SMALL and bool(np.isfinite(half).all())
            data = half.tobytes() if rounded else value.astype("<f4").tobytes()
            kind = "float16" if rounded else "float32"
            tensors.append({"name": name, "shape": list(value.shape), "type": kind, "offset": offset})
            parts.append(data)
            offset += len(data)
    fields = network.architecture.receptive_fields
    known = {
        "name": network.name,
        "sha256": network.sha256,
        "inputMean": network.architecture.input_mean,
        "nodes": [_node(node) for node in network.architecture.nodes],
        "layers": {
            name: {"start": fields[name].start, "stride": fields[name].stride, "size": fields[name].size}
            for name in network.architecture.layer_names
        },
        "tensors": tensors,
        "pictures": [
            {"name": one.name, "alt": one.alt, "png": base64.b64encode(one.png).decode()} for one in drawn_pictures()
        ],
        "weights": base64.b64encode(b"".join(parts)).decode(),
    }
    lines = ",\n".join(f" {_json(name)}: {_json(value)}" for name, value in known.items())
    return f"{SCRIPT_HEAD}globalThis.earlyVisionNetwork = {{\n{lines}\n}};\n"


def _node(node: Node) -> dict:
    """All that the worker needs of a node; what its operation does not use is left out."""
    known: dict = {"name": node.name, "op": node.op, "inputs": node.inputs, "channels": node.channels}
    if node.op in ("conv", "max_pool", "avg_pool"):
        known |= {"kernel": node.kernel, "stride": node.stride, "padding": node.padding, "ceil": node.ceil}
    if node.op == "conv":
        known |= {"activation": node.activation, "groups": node.groups, "paddingValue": node.padding_value}
    if node.op == "lrn":
        known["lrn"] = _lrn(node.lrn)
    if "leaky_relu" in (node.op, node.activation):
        known["slope"] = node.slope
    return known


def _lrn(lrn: Lrn) -> dict[str, float]:
    return {"depthRadius": lrn.depth_radius, "bias": lrn.bias, "alpha": lrn.alpha, "beta": lrn.beta}


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
