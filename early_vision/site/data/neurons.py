"""What is known of every neuron, as a script for the pages' own use.

Scripts cannot fetch files on pages that were opened from the disk, so the data that they use are a script themselves.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import adjacent_pairs
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.features.examples import TILE as PATCH
from early_vision.site.data.words import WORDS
from early_vision.site.sprites import TILE
from early_vision.site.views.examples import ExamplesView
from early_vision.site.views.layers import LayerView, NeuronView
from early_vision.tuning import LayerTuning
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.measures import MEASURES, Measure
from early_vision.tuning.sentence import sentence

Tunings = Mapping[str, LayerTuning]

SHOWN_MEASURES = (
    "orientation", "orientation_selectivity", "frequency", "bandwidth", "phase_modulation", "colour_selectivity", "hue",
    "hue_selectivity", "chromatic_inhibition", "edge_direction", "edge_selectivity", "curvature", "curve_direction",
    "curve_selectivity", "line_over_edge", "spot_polarity", "sparseness",
)  # fmt: skip
"""The measures that pages search, sort and show by; the table to download has all."""
FAMILIES_SHOWN = 3
SCRIPT_HEAD = """\
/* All neurons of the network, in columns that have one entry for each, in the order of layers and channels.

   network   its name; weights: the SHA-256 of its weights
   layers    name, source (the layer that its inputs are in), first (place of its channel 0 in the columns), neurons,
             kernel, stride and receptive field in pixels
   groups    name, anchor (in the article) and layer (place in layers)
   families  meaning, and names: what the family is called in each layer, in their order
   sprites   path from the article's folder, width and height in CSS pixels; tile: the side of a neuron's part of it
   measures  unit, meaning, low, high (null where there is no end), period of an angle, and values
   words     what neurons can be searched by: name, also (other words for it), kind, meaning, bounds, and the neurons
             that it holds for (places in the columns)
   columns   group (place in groups), order (place in its group, as the article shows it), sprite (place in sprites),
             column and row (of its tile in the sprite), activation (in its picture), heldOut (highest on held-out
             images; both before the ReLU, null where unknown), families: [place, score from 0 to 1] of those that fit
             best; and facts: what it responds to, in a sentence
   examples  only where an author's pictures were looked at. side: of a patch in pixels; credits: of pictures; rows: of each
             neuron the path of the patches that excite it most, in a row, how many they are, and whose (places in credits)
   details   layer to more, once data/neurons-<layer>.js was loaded

   Without measurements, measures and words are empty, and families and facts have empty entries. A neuron's page is
   neurons/<layer>/<channel>.html in the article's folder. */
"""


def neurons_js(columns: Mapping) -> str:
    """The script that assigns `earlyVisionNeurons`, from what `neuron_columns` gives; its head says what that holds."""
    # One line for each part, and for each measure, word and column: small, and still to be read.
    lines = [' "details": {}']
    for name, part in columns.items():
        if name in ("measures", "columns"):
            inner = ",\n".join(f"  {_json(key)}: {_json(value)}" for key, value in part.items())
            lines.append(f" {_json(name)}: {{\n{inner}\n }}")
        elif name == "words":
            lines.append(f" {_json(name)}: [\n" + ",\n".join(f"  {_json(word)}" for word in part) + "\n ]")
        else:
            lines.append(f" {_json(name)}: {_json(part)}")
    return f"{SCRIPT_HEAD}globalThis.earlyVisionNeurons = {{\n" + ",\n".join(lines) + "\n};\n"


def neuron_columns(of: Mapping[str, LayerView], tuning: Tunings, circuits: NetworkCircuits) -> dict:
    """What is known of all neurons; the head of the script says what its parts are.

    Args:
        of: the layers of the article.
        tuning: of every layer, or empty.
        circuits: of the network.
    """
    layers = list(of.values())
    neurons = [neuron for layer in layers for neuron in layer.neurons]
    firsts = np.cumsum([0, *(layer.layer.neurons for layer in layers)]).tolist()
    groups = [card.group for layer in layers for card in layer.cards]
    names = list(of)
    place = {group.anchor: index for index, group in enumerate(groups)}
    orders = {neuron.name: at for layer in layers for card in layer.cards for at, neuron in enumerate(card.neurons)}
    sprites = list(dict.fromkeys(neuron.tile.sprite for neuron in neurons if neuron.tile))
    before = {later: earlier for earlier, later in adjacent_pairs(circuits.network.architecture)}
    return {
        "network": circuits.network.name,
        "weights": circuits.network.sha256,
        "layers": [
            {
                "name": layer.layer.name,
                "source": before[layer.layer.name],
                "first": first,
                "neurons": layer.layer.neurons,
                "kernel": layer.layer.kernel,
                "stride": layer.layer.stride,
                "receptiveField": layer.layer.receptive_field,
            }
            for layer, first in zip(layers, firsts, strict=False)
        ],
        "groups": [{"name": one.name, "anchor": one.anchor, "layer": names.index(one.layer)} for one in groups],
        "families": [
            {"meaning": family.meaning, "names": [family.name_in(name) for name in names]} for family in FAMILIES
        ],
        "tile": TILE,
        "sprites": [
            {"path": sprite.path, "width": sprite.width // 2, "height": sprite.height // 2} for sprite in sprites
        ],
        "measures": _measures(tuning),
        "words": _words(neurons, tuning, dict(zip(names, firsts, strict=False))),
        "columns": {
            "group": [place[neuron.group.anchor] for neuron in neurons],
            "order": [orders[neuron.name] for neuron in neurons],
            "sprite": [sprites.index(neuron.tile.sprite) if neuron.tile else None for neuron in neurons],
            "column": [neuron.tile.column if neuron.tile else None for neuron in neurons],
            "row": [neuron.tile.row if neuron.tile else None for neuron in neurons],
            "activation": [_rounded(neuron.feature.activation) for neuron in neurons],
            "heldOut": [_rounded(neuron.feature.held_out) for neuron in neurons],
            "families": [
                families for name, layer in of.items() for families in _families(tuning.get(name), layer.layer.neurons)
            ],
            "facts": [
                sentence(tuning[neuron.layer], neuron.channel) if neuron.layer in tuning else "" for neuron in neurons
            ],
        },
    }


def example_columns(of: Mapping[str, LayerView], examples: Mapping[Neuron, ExamplesView]) -> dict:
    """What the head of the script says of examples."""
    views = [
        examples[Neuron(layer.layer.name, channel)] for layer in of.values() for channel in range(len(layer.neurons))
    ]
    credits = list(dict.fromkeys(one for view in views for one in view.strongest.credits))
    place = {one: at for at, one in enumerate(credits)}
    rows = [
        [view.strongest.path, len(view.strongest.values), [place[one] for one in view.strongest.credits]]
        for view in views
    ]
    return {"side": PATCH, "credits": credits, "rows": rows}


def _measures(tuning: Tunings) -> dict:
    if not tuning:
        return {}
    return {
        name: {
            "unit": MEASURES[name].unit,
            "meaning": MEASURES[name].meaning,
            "low": MEASURES[name].low,
            "high": MEASURES[name].high,
            "period": MEASURES[name].period,
            "values": [_of(MEASURES[name], value) for layer in tuning.values() for value in layer.measures[name]],
        }
        for name in SHOWN_MEASURES
    }


def _words(neurons: Sequence[NeuronView], tuning: Tunings, firsts: Mapping[str, int]) -> list[dict]:
    words = [
        {
            "name": word.name,
            "also": word.also,
            "kind": word.kind,
            "meaning": word.meaning,
            "bounds": "; ".join(map(str, word.bounds)),
            "neurons": [
                firsts[name] + int(channel)
                for name, layer in tuning.items()
                for channel in word.members(layer.measures)
            ],
        }
        for word in (WORDS if tuning else ())
    ]
    if any(neuron.feature.held_out is not None for neuron in neurons):
        words.append(
            {
                "name": "inactive",
                "also": (),
                "kind": "selectivity",
                "meaning": "did not fire on any of the held-out images",
                "bounds": "highest activation on held-out images at most 0",
                "neurons": [index for index, neuron in enumerate(neurons) if neuron.feature.inactive],
            }
        )
    return words


def _families(tuning: LayerTuning | None, neurons: int) -> list[list]:
    """For each neuron of a layer [place, score] of the families that fit it best, without those that do not at all."""
    if tuning is None:
        return [[] for _ in range(neurons)]
    order = np.argsort(-tuning.scores, axis=1, kind="stable")[:, :FAMILIES_SHOWN]
    return [
        [[int(place), _rounded(scores[place])] for place in places if scores[place] > 0]
        for places, scores in zip(order, tuning.scores, strict=False)
    ]


def _of(measure: Measure, value: float) -> float | None:
    return _rounded(value, 0 if measure.period else 3 if measure.unit == "cycles/px" else 2)


def _rounded(value: float | None, digits: int = 2) -> float | None:
    """A number as short as JSON can have it."""
    if value is None:
        return None
    value = round(float(value), digits)
    return int(value) if value == int(value) else value


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
