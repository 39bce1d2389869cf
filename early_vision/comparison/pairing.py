"""Which layer of one network to hold against which of another: by what they see, and by how deep they are."""

import math
from collections.abc import Mapping

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INPUT, Architecture


def depths(architecture: Architecture) -> dict[str, int]:
    """For each layer how many convolutions lie on the longest way from the picture to its values, its own included."""
    found = {INPUT: 0}
    for node in architecture.nodes:
        found[node.name] = max(found[name] for name in node.inputs) + (node.op == "conv")
    return {name: found[name] for name in architecture.layer_names}


def pair_layers(one: Architecture, other: Architecture) -> dict[str, str]:
    """For each layer the layer of another network that is nearest in receptive field and depth.

    Distances are counted in octaves of the receptive field's side and of the depth, and added; of two as near, the first.
    """
    own, theirs = depths(one), depths(other)

    def far(layer: str, candidate: str) -> float:
        sides = one.layers[layer].receptive_field, other.layers[candidate].receptive_field
        return abs(math.log2(sides[0] / sides[1])) + abs(math.log2(own[layer] / theirs[candidate]))

    return {layer: min(other.layer_names, key=lambda candidate: far(layer, candidate)) for layer in one.layer_names}


def named_pairs(written: str, one: Architecture, other: Architecture) -> Mapping[str, str]:
    """Pairs of layers as a user writes them: `conv2d0=conv1,mixed3a=fire4`.

    Raises:
        InputError: for what is no pair, or a layer that there is not.
    """
    pairs = {}
    for pair in written.split(","):
        layer, equals, candidate = (part.strip() for part in pair.partition("="))
        if not equals:
            raise InputError(f'"{pair}" is no pair of layers', hint="Write for example conv2d0=conv1,mixed3a=fire4")
        for name, architecture in ((layer, one), (candidate, other)):
            if name not in architecture.layers:
                known = architecture.layer_names
                hint = did_you_mean(name, known) or f"Known layers: {', '.join(known)}"
                raise InputError(f'there is no layer "{name}"', hint=hint)
        pairs[layer] = candidate
    return pairs
