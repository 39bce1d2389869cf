"""A comparison as numbers: a table of its medians for the terminal, everything as JSON, one value a row as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from early_vision.comparison.family_shares import DRAWS, WITHIN, Estimate
from early_vision.comparison.recording import CONTROLS
from early_vision.comparison.report import BEYOND, CANDIDATES, SEED, TO, Comparison, LayerComparison
from early_vision.comparison.similarity import FOLDS, PENALTIES

DIGITS = 4
COLUMNS = ("network", "layer", "other", "other_layer", "responses_to", "measure", "value", "low", "high")


def summary(comparison: Comparison) -> str:
    """A table for each pair of networks: a line for each of its pairs of layers."""
    lines = [f"The median over neurons of the correlation with the best of {CANDIDATES}; in brackets with those of the other's "
             "control, shuffled and untrained; found: neurons matched better than in 95% of the shuffled control."]  # fmt: skip
    for (one, other), layers in comparison.pairs.items():
        lines += ["", f"{one} -> {other}"]
        for name, found in layers.items():
            cells = [f"  {name:<8} {found.other_layer:<8}"]
            for to in TO:
                matches = found.matches(to)
                nulls = ", ".join(f"{np.median(matches.controls[kind]):.2f}" for kind in CONTROLS)
                cells.append(f"{to} {matches.median.value:.2f} ({nulls}) found {matches.found.value:4.0%}")
            nulls = ", ".join(f"{found.cka_controls[kind]:.2f}" for kind in CONTROLS)
            cells.append(f"CKA {found.cka:.2f} ({nulls})")
            nulls = ", ".join(f"{found.predictivity_controls[kind]:.2f}" for kind in CONTROLS)
            cells.append(f"R² {found.predictivity:.2f} ({nulls})")
            lines.append("  ".join(cells))
    lines += ["", "Neurons, dead ones, filters of noise:"]
    for name, recording in comparison.recordings.items():
        counted = {layer: comparison.counts(name, layer) for layer in recording.layers}
        lines.append(f"  {name}: " + ", ".join(
            f"{layer} {one.neurons}, {one.dead}, {'-' if one.noise is None else one.noise}" for layer, one in counted.items()
        ))  # fmt: skip
    return "\n".join(lines)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything, with what it was made with."""
    first = next(iter(comparison.recordings.values()))
    return {
        "made_with": {
            "candidates": CANDIDATES, "bootstrap_draws": DRAWS, "interval_percentiles": list(WITHIN), "seed": SEED,
            "folds": FOLDS, "ridge_penalties": list(PENALTIES), "found_beyond_percentile": BEYOND,
            "stimuli": first.stimuli, "pictures": first.pictures, "rules": first.rules,
            "weights": {name: one.weights for name, one in comparison.recordings.items()},
        },
        "layers": [_layers(found) for layers in comparison.pairs.values() for found in layers.values()],
        "families": [
            {"network": network, "control": control or None, "layer": layer,
             "shares": {kind: _rounded(one) for kind, one in found.items()}}
            for network, control, layer, found in _shares(comparison)
        ],
        "counts": [
            {"network": name, "layer": layer, **vars(comparison.counts(name, layer))}
            for name, recording in comparison.recordings.items()
            for layer in recording.layers
        ],
    }  # fmt: skip


def as_csv(comparison: Comparison) -> str:
    """One value a row: what of which layers, and its interval where there is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for layers in comparison.pairs.values():
        for found in layers.values():
            about = found.one.network, found.layer, found.other.network, found.other_layer
            for to, measure, value in _values(found):
                one = value if isinstance(value, Estimate) else Estimate(value, np.nan, np.nan)
                writer.writerow(
                    [*about, to, measure, *("" if np.isnan(v) else f"{v:.{DIGITS}f}" for v in vars(one).values())]
                )
    for network, control, layer, shares in _shares(comparison):
        for kind, one in shares.items():
            about = network, layer, control, ""
            writer.writerow([*about, "stimuli", f"share of {kind}", *(f"{v:.{DIGITS}f}" for v in vars(one).values())])
    return out.getvalue()


def _values(found: LayerComparison) -> Iterator[tuple[str, str, Estimate | float]]:
    for to in TO:
        matches = found.matches(to)
        yield to, "median best match", matches.median
        yield to, "neurons found again", matches.found
        yield to, "median best match in its own layer", float(np.median(matches.itself))
        for kind, values in matches.controls.items():
            yield to, f"median best match, {kind}", float(np.median(values))
    yield "pictures", "linear CKA", found.cka
    yield "pictures", "ridge R2", found.predictivity
    for kind in CONTROLS:
        yield "pictures", f"linear CKA, {kind}", found.cka_controls[kind]
        yield "pictures", f"ridge R2, {kind}", found.predictivity_controls[kind]


def _layers(found: LayerComparison) -> dict[str, Any]:
    return {
        "network": found.one.network, "layer": found.layer, "other": found.other.network, "other_layer": found.other_layer,
        "values": [
            {"responses_to": to, "measure": measure,
             **(_rounded(value) if isinstance(value, Estimate) else {"value": _finite(value)})}
            for to, measure, value in _values(found)
        ],
        "matches": {
            to: {
                "channel": one.channels.tolist(),
                "best": one.best.tolist(),
                "similarity": [_finite(value) for value in one.similarity],
                "expected": [_finite(value) for value in one.expected],
                "controls": {kind: [_finite(value) for value in values] for kind, values in one.controls.items()},
            }
            for to, one in ((to, found.matches(to)) for to in TO)
        },
    }  # fmt: skip


def _shares(comparison: Comparison) -> Iterator[tuple[str, str, str, dict[str, Estimate]]]:
    for name, recording in comparison.recordings.items():
        for control in ("", *CONTROLS):
            for layer in recording.layers:
                if (found := comparison.shares(name, layer, control)) is not None:
                    yield name, control, layer, found


def _rounded(one: Estimate) -> dict[str, float | None]:
    return {key: _finite(value) for key, value in vars(one).items()}


def _finite(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), DIGITS)
