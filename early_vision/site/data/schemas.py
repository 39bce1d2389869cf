"""What the data files hold, for programs: JSON Schema for JSON, W3C's metadata vocabulary (CSVW) for tables."""

import json
from collections.abc import Mapping, Sequence

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
COUNT = {"type": "integer", "minimum": 0}
NUMBER = {"type": "number"}
NUMBERS = {"type": "array", "items": NUMBER}
COUNTS = {"type": "array", "items": COUNT}


def _object(properties: Mapping, optional: Sequence[str] = ()) -> dict:
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": needed}


def _said(schema: Mapping, meaning: str) -> dict:
    return {**schema, "description": meaning}


def _list(items: Mapping) -> dict:
    return {"type": "array", "items": items}


_CURVE = _object(
    {
        "at": _said(NUMBERS, "degrees counter-clockwise from rightwards, or cycles per pixel"),
        "drive": _said(NUMBERS, "the drive there as a share of the best, 0 to 1"),
    }
)
_CONNECTIONS = _object(
    {
        "layer": _said({"type": "string"}, "where the other ends are"),
        "channel": _said(COUNTS, "which neurons they are, the strongest first"),
        "kind": _said(
            {"type": "string"}, "a letter each: exciting, inhibiting, or mixed, which is both, depending on place"
        ),
        "kernel": _said(
            _list({"type": "array", "items": {"type": "integer"}}), "rows from the top, in units of `unit`"
        ),
    }
)
SCHEMAS: Mapping[str, Mapping] = {
    "groups": {
        "title": "The neuron groups of every layer, in the shape in which the taxonomy of 2020 was published",
        "type": "object",
        "additionalProperties": _object(
            {
                "neurons": _said(COUNT, "how many the layer has"),
                "groups": _list(
                    _object(
                        {
                            "name": {"type": "string"},
                            "anchor": _said({"type": "string"}, "the id of the group's card in the article"),
                            "priority": _said({"type": "integer"}, "higher ones come first"),
                            "units": _said(COUNTS, "its neurons as channels of the layer, in display order"),
                        }
                    )
                ),
            }
        ),
    },
    "network": {
        "title": "The network's layers",
        **_object(
            {
                "name": {"type": "string"},
                "sha256": _said({"type": ["string", "null"]}, "of its weights; null where they are not here"),
                "layers": {
                    "type": "object",
                    "additionalProperties": _object(
                        {
                            "neurons": COUNT,
                            "kernel": _said(COUNT, "side in positions of the layer before it"),
                            "stride": _said(COUNT, "in pixels of the picture"),
                            "receptive_field": _said(COUNT, "side in pixels of the picture"),
                        }
                    ),
                },
                "stand_in": _said({"type": "boolean"}, "true where the weights are random"),
            },
            optional=("stand_in",),
        ),
    },
    "strengths": {
        "title": "The norm of every connection between two layers, and what it does",
        **_object(
            {
                "from": {"type": "string"},
                "to": {"type": "string"},
                "unit": _said(NUMBER, "of the norms"),
                "norms": _said(_list(COUNTS), "a row for each source channel, an entry for each neuron"),
                "kinds": _said(
                    _list({"type": "string"}), "the same, a letter each: e for exciting, i for inhibiting, m for mixed"
                ),
            }
        ),
    },
    "neuron": {
        "title": "One neuron; all activations are before the ReLU",
        **_object(
            {
                "neuron": _said({"type": "string"}, "such as mixed3a:79"),
                "branch": _said({"type": "string"}, "the convolution that computes it"),
                "activation": _said(NUMBER, "in its picture"),
                "held_out": _said(NUMBER, "the highest on held-out images"),
                "inhibiting": _said(NUMBER, "in the picture that inhibits it most"),
                "diverse": _said(NUMBERS, "in the pictures rendered to differ"),
                "agreement": _said(NUMBER, "correlation of what inputs give in pictures from different seeds, -1 to 1"),
                "curves": {"type": "object", "additionalProperties": _CURVE},
                "unit": _said(NUMBER, "of the weights in kernels"),
                "inputs": _CONNECTIONS,
                "outputs": _CONNECTIONS,
                "symmetries": _list({"type": "array", "minItems": 3, "maxItems": 3}),
                "provenance": {"type": "object"},
            },
            optional=("held_out", "inhibiting", "diverse", "agreement", "curves", "inputs", "outputs", "symmetries"),
        ),
    },
}
"""What kind of file to its schema, without the address of the vocabulary."""

CONNECTION_COLUMNS = {
    "channel": ("integer", "the neuron"),
    "source": ("integer", "the neuron of the layer before that is its input, or 0 to 2 for red, green and blue"),
    "kind": ("string", "exciting, inhibiting, or mixed: both, depending on place"),
    "norm": ("number", "the L2 norm of the connection's expanded weights"),
    "excitation": ("number", "the sum of the positive ones"),
    "inhibition": ("number", "the sum of the negative ones"),
}


def schema_files(layers: Sequence[str]) -> dict[str, bytes]:
    """Schemas by path in the article's folder, given the layers that have a table of connections."""
    files = {
        f"data/schemas/{name}.schema.json": _json({"$schema": SCHEMA, **schema}) for name, schema in SCHEMAS.items()
    }
    for layer in layers:
        columns = [
            {"name": name, "datatype": kind, "dc:description": meaning}
            for name, (kind, meaning) in CONNECTION_COLUMNS.items()
        ]
        files[f"data/connections-{layer}.csv-metadata.json"] = _json(
            {
                "@context": "http://www.w3.org/ns/csvw",
                "url": f"connections-{layer}.csv",
                "dc:description": f"The strongest inputs of the neurons of {layer}, those of each together.",
                "tableSchema": {"primaryKey": ["channel", "source"], "columns": columns},
            }
        )
    return files


def _json(value: Mapping) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
