"""A neuron in words and numbers: what it responds to, and why it counts as what it counts as."""

from collections.abc import Iterator

import numpy as np

from early_vision.tuning.families import ENOUGH, FAMILIES, OTHER, evidence
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.measures import MEASURES, Measure

FAMILIES_SHOWN, NEIGHBOURS = 4, 5
OF_STRIPES = ("orientation", "frequency", "bandwidth", "phase_modulation")


def explain(tuning: LayerTuning, neuron: int) -> str:
    """A neuron's measurements, scores with their evidence, and nearest neurons, as lines of text."""
    return "\n".join(
        [*_head(tuning, neuron), *_families(tuning, neuron), *_measures(tuning, neuron), *_nearest(tuning, neuron)]
    )


def formatted(measure: Measure, value: float) -> str:
    """A value with its unit."""
    digits = 0 if measure.period else 3 if measure.unit == "cycles/px" else 2
    separator = "" if measure.unit == "°" else " "
    return f"{value:.{digits}f}{separator if measure.unit else ''}{measure.unit}"


def shown(tuning: LayerTuning, name: str, neuron: int) -> str:
    """A neuron's measure with its unit; "none" for what stripes tell of neurons that they do not make fire."""
    if name in OF_STRIPES and tuning.silent[neuron]:
        return "none"
    return formatted(MEASURES[name], float(tuning.measures[name][neuron]))


def by_rule(tuning: LayerTuning, name: str) -> str:
    """How many neurons of a layer, and of its null networks, fulfil a family's rule: a sentence.

    Empty for a name that no family has there, and where there were no null networks.
    """
    index = next((i for i, family in enumerate(FAMILIES) if name in (family.name, family.name_in(tuning.layer))), None)
    if index is None or tuning.nulls is None:
        return ""
    mean, most = tuning.nulls.mean[index], int(tuning.nulls.most[index])
    counts = f"{tuning.members[index]} of {tuning.neurons} here, {mean:.1f} in null networks (at most {most})"
    if tuning.supported[index]:
        return f"By the rule {counts}."
    return f"The rule is not assigned in this layer: {counts}."


def _head(tuning: LayerTuning, neuron: int) -> Iterator[str]:
    label, response = tuning.drives.best_stimulus(neuron)
    yield f"{tuning.layer}:{neuron}"
    yield f"  best stimulus: {label} (response {response:.2f}, to grey {tuning.drives.grey[neuron]:.2f})"


def _families(tuning: LayerTuning, neuron: int) -> Iterator[str]:
    scores = tuning.scores[neuron]
    order = np.argsort(-scores, kind="stable")[:FAMILIES_SHOWN]
    best = FAMILIES[order[0]].name_in(tuning.layer) if scores[order[0]] >= ENOUGH else OTHER
    yield f"  proposed group: {best}"
    for index in order:
        family = tuning.families[index]
        yield f"  {scores[index]:.2f} {family.name_in(tuning.layer)}: {family.meaning}"
        if told := by_rule(tuning, family.name):
            yield f"       {told}"
        for check, found in tuning.check_scores.items():
            yield f"       {found[neuron, index]:.2f} {check}"
        for one in evidence(family, tuning.measures, neuron):
            shown = formatted(MEASURES[one.condition.measure], one.value)
            ramp = f"0 at {one.condition.none:.3g}, 1 at {one.condition.full:.3g}"
            yield f"       {one.degree:.2f} {one.condition.measure} = {shown} ({ramp})"


def _measures(tuning: LayerTuning, neuron: int) -> Iterator[str]:
    yield "  measures:"
    for name, measure in MEASURES.items():
        yield f"    {name:<28} {shown(tuning, name, neuron):>14}  {measure.meaning}"


def _nearest(tuning: LayerTuning, neuron: int) -> Iterator[str]:
    alike = tuning.nearest_neurons(neuron, NEIGHBOURS)
    yield "  nearest neurons: " + ", ".join(f"{tuning.layer}:{other} ({cosine:.2f})" for other, cosine in alike)
