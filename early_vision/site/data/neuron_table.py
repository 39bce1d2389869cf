"""All neurons as a table to download, and what its columns mean.

The description follows W3C's Metadata Vocabulary for Tabular Data, which programs find by its name beside the table's.
"""

import csv
import io
import json
from collections.abc import Mapping

from early_vision.site.views.layers import LayerView
from early_vision.tuning import LayerTuning
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.measures import MEASURES

DIGITS = 4
ABOUT: Mapping[str, tuple[str, str, str]] = {
    "layer": ("string", "", "where the neuron is"),
    "channel": ("integer", "", "its number in the layer"),
    "group": ("string", "", "the neuron group that the article has it in"),
    "activation": ("number", "", "activation before the ReLU, in its feature visualization"),
    "held_out": ("number", "", "the highest activation before the ReLU over the held-out images; empty where unknown"),
    "agreement": (
        "number",
        "",
        "correlation, -1 to 1, of what inputs give in pictures from different random starts; empty for one",
    ),
}
"""The columns that every table has: type, unit and meaning."""


def neurons_csv(layers: Mapping[str, LayerView], tuning: Mapping[str, LayerTuning]) -> str:
    """One line for each neuron: layer, channel, group, activations, and all measures and family scores, if measured."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow([column["name"] for column in _columns(tuning)])
    for name, layer in layers.items():
        measured = tuning.get(name)
        for neuron in layer.neurons:
            feature, numbers = neuron.feature, []
            if measured:
                numbers = [measured.measures[one][neuron.channel] for one in MEASURES]
                numbers += [*measured.scores[neuron.channel]]
            known = [_short(value) for value in (feature.activation, feature.held_out, feature.agreement, *numbers)]
            table.writerow([name, neuron.channel, neuron.group.name, *known])
    return file.getvalue()


def table_metadata(tuning: Mapping[str, LayerTuning]) -> str:
    """What the columns of the table mean: name, type, range, unit and meaning of each."""
    described = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "neurons.csv",
        "dc:description": "All neurons of the network: one row for each.",
        "tableSchema": {"primaryKey": ["layer", "channel"], "columns": _columns(tuning)},
    }
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _columns(tuning: Mapping[str, LayerTuning]) -> list[dict]:
    columns = [_column(name, *about) for name, about in ABOUT.items()]
    if tuning:
        columns += [_column(one.name, "number", one.unit, one.meaning, one.low, one.high) for one in MEASURES.values()]
        columns += [_column(f"family {one.name}", "number", "", one.meaning, 0.0, 1.0) for one in FAMILIES]
    return columns


def _column(name: str, kind: str, unit: str, meaning: str, low: float | None = None, high: float | None = None) -> dict:
    ends = {"minimum": low, "maximum": high}
    datatype = {"base": kind, **{end: value for end, value in ends.items() if value is not None}}
    described = f"{meaning}, in {unit}" if unit not in ("", "activation") else meaning
    return {"name": name, "datatype": datatype if len(datatype) > 1 else kind, "dc:description": described}


def _short(value: float | None) -> str:
    return "" if value is None else f"{round(float(value), DIGITS):g}"
