"""One neuron as JSON to download: what the table of all neurons, data/neurons.csv, cannot hold."""

import json
from collections.abc import Mapping, Sequence

from early_vision.circuits.circuit import Neuron
from early_vision.drawing.tuning_plots import Plot
from early_vision.features.result import FeatureVisualization
from early_vision.site.data.connections import UNIT, connection_columns
from early_vision.site.views.connections import ConnectionsView


def neuron_json(
    neuron: Neuron,
    branch: str,
    feature: FeatureVisualization,
    plots: Sequence[Plot],
    connections: ConnectionsView,
    provenance: Mapping,
) -> str:
    """One neuron as a JSON object on one line.

    neuron          such as "mixed3a:79"
    branch          the convolution that computes it
    activation      in its picture, before the ReLU as all activations here
    held_out        the highest on held-out images, where measured
    inhibiting      activation in the picture that inhibits it most, where rendered
    diverse         activations in the pictures rendered to differ, where rendered
    agreement       of what inputs give in pictures from different seeds, -1 to 1, where measured
    curves          tuning to orientation, direction, hue (degrees) and frequency (cycles per pixel): `at`, and `drive`
                    there as a share of the best
    inputs, outputs as `connection_columns` has them, their kernels in units of `unit`
    symmetries      neurons of the layer that this one would be after a change of the picture: channel, change, score
    provenance      weights, and the artifacts that this comes from; the neuron's page lists their parameters
    """
    whole: dict[str, object] = {"neuron": str(neuron), "branch": branch, "activation": feature.activation}
    whole |= {
        name: value
        for name, value in (
            ("held_out", feature.held_out),
            ("inhibiting", feature.inhibiting_activation),
            ("diverse", list(feature.diverse_activations) or None),
            ("agreement", feature.agreement),
        )
        if value is not None
    }
    if plots:
        whole["curves"] = {plot.kind: _curve(plot) for plot in plots}
    whole |= {"unit": UNIT, **connection_columns(*connections.neighbours)}
    if connections.matches:
        whole["symmetries"] = [[one.channel, one.change.words, one.score] for one in connections.matches]
    return json.dumps(whole | {"provenance": provenance}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _curve(plot: Plot) -> dict[str, list[float]]:
    # A rose of orientations has each twice.
    bars = plot.bars[: len(plot.bars) // 2] if plot.kind == "orientation" else plot.bars
    return {"at": [bar.at for bar in bars], "drive": [bar.length for bar in bars]}
