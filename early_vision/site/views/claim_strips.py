"""What the strip plot of a claim shows: the layer that it is about, with its neurons and its bounds."""

from collections.abc import Mapping, Sequence

import numpy as np

from early_vision.article.circuit_entries import parse_neuron
from early_vision.article.claim_words import place_words
from early_vision.article.tuning_claims import CLAIM as TUNING
from early_vision.article.tuning_claims import Groups
from early_vision.article.weight_claims import CLAIM as WEIGHTS
from early_vision.article.weight_claims import weights_at
from early_vision.circuits.circuit import part_of
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.circuits.selection import parse_rule
from early_vision.drawing.claim_strips import Strip, draw_strip
from early_vision.tuning import LayerTuning


def view_strip(
    claim: str, tuning: Mapping[str, LayerTuning], groups: Groups, circuits: NetworkCircuits
) -> Strip | None:
    """The strip plot of a claim that can be understood; None for one that is about no value of each neuron of a layer."""
    text = " ".join(claim.split())
    if match := WEIGHTS.match(text):
        # Without the weights not all of a layer's are here to compare a neuron's with, and a page is the same with and without.
        if match["a"]:
            return None
        of = _of_connection if match["source"] else _of_inputs
        return of(match, circuits)
    match = TUNING.match(text)
    if not match or not (match["measure"] or match["family"]):
        return None
    subject, name = match["subject"], match["family"] or match["measure"]
    marked: Sequence[int] = ()
    if ":" in subject:
        layer, _, channel = subject.partition(":")
        marked = [int(channel)]
    elif subject in groups:
        layer, marked = groups[subject]
    else:
        layer = subject
    # The bound of a separation is on pairs, not on the values that are drawn.
    written = [match[one] for one in ("bound", "equal") if match[one] and match["quantity"] != "separation"]
    bounds = [float(one) for one in written]
    if match["near"]:
        near, within = float(match["near"]), float(match["within"])
        bounds = [near - within, near + within]
    values = tuning[layer].measure(name)
    if not marked and bounds and match["relation"]:
        fulfilled = values >= bounds[0] if match["relation"] == "at least" else values <= bounds[0]
        marked = np.flatnonzero(fulfilled).tolist()
    what = f"score for “{name}”" if match["family"] else name.replace("_", " ")
    return draw_strip(values, marked, bounds, f"{what} of all neurons of {layer}")


def _of_connection(match, circuits: NetworkCircuits) -> Strip | None:
    architecture = circuits.network.architecture
    start, end = parse_neuron(match["source"], architecture), parse_neuron(match["target"], architecture)
    known = circuits.wiring.strengths[end.layer]
    norm = known.norm[:, end.channel]
    values = {
        "sum": known.excitation[:, end.channel] + known.inhibition[:, end.channel],
        "excitation": known.excitation[:, end.channel],
        "inhibition": known.inhibition[:, end.channel],
        "norm": norm,
        "share": norm / (norm.max() or 1.0),
    }.get(match["what"])
    if values is None:
        part = circuits.connect(start.layer, end.layer).part(end.channel)
        values = weights_at(part.weights[..., end.channel - part.branch.start], match["what"])
        return draw_strip(
            values, [start.channel], [_bound(match)], f"weights {place_words(match['what'])} of all inputs of {end}"
        )
    said = "norm as a share of the strongest’s" if match["what"] == "share" else match["what"]
    return draw_strip(values, [start.channel], [_bound(match)], f"{said} of the weights of all inputs of {end}")


def _of_inputs(match, circuits: NetworkCircuits) -> Strip | None:
    """The sums of the strongest inputs' weights, where a claim counts those of a kind."""
    if match["measure"] or not match["kind"]:
        return None
    neuron = parse_neuron(match["of"], circuits.network.architecture)
    source = circuits.wiring.connections[neuron.layer].source
    inputs = part_of(circuits.connect(source, neuron.layer), neuron.channel, parse_rule(match["rule"], source)).inputs
    sums = np.array([one.excitation + one.inhibition for one in inputs])
    marked = [at for at, one in enumerate(inputs) if one.kind.word == match["kind"]]
    return draw_strip(sums, marked, [0.0], f"sum of the weights of {match['rule']} inputs of {neuron}")


def _bound(match) -> float:
    return float(match["bound"].replace("−", "-").rstrip("%")) / (100 if match["bound"].endswith("%") else 1)
