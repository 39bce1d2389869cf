"""The data beside an article: its taxonomy and its network, as JSON that a person can read too."""

import json
from collections.abc import Mapping

from early_vision.article.groups import Group
from early_vision.network.weights import Network


def groups_json(taxonomy: Mapping[str, tuple[Group, ...]], neurons: Mapping[str, int]) -> str:
    """The taxonomy in the shape in which that of 2020 was published: lists of channels on one line each.

    Every layer has `neurons`, how many it has, and `groups`: `name`, `anchor`, `priority`, and the channels as `units`.
    """
    layers = []
    for layer, groups in taxonomy.items():
        written = [
            "   {\n"
            f'    "name": {_json(group.name)},\n'
            f'    "anchor": {_json(group.anchor)},\n'
            f'    "priority": {group.priority},\n'
            f'    "units": {_json(group.neurons)}\n'
            "   }"
            for group in groups
        ]
        layers.append(
            f' {_json(layer)}: {{\n  "neurons": {neurons[layer]},\n  "groups": [\n' + ",\n".join(written) + "\n  ]\n }"
        )
    return "{\n" + ",\n".join(layers) + "\n}\n"


def network_json(network: Network) -> str:
    """The network's name, the SHA-256 of its weights (null where they are not here), and each layer's neurons, kernel, stride and receptive field."""
    layers = {
        layer.name: {
            "neurons": layer.neurons,
            "kernel": layer.kernel,
            "stride": layer.stride,
            "receptive_field": layer.receptive_field,
        }
        for layer in network.architecture.layers.values()
    }
    known = {"name": network.name, "sha256": network.sha256 or None, "layers": layers}
    return json.dumps(known | ({"stand_in": True} if network.stand_in else {}), indent=1) + "\n"


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)
