"""What a neuron's page says of its tuning: figures, family scores with their evidence, and all measures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.drawing.tuning_plots import Plot
from early_vision.site.pictures import Picture
from early_vision.site.views.stimuli import LayerStimuli, Row
from early_vision.tuning import LayerTuning
from early_vision.tuning.explain import FAMILIES_SHOWN, formatted, shown
from early_vision.tuning.families import ENOUGH, FAMILIES, Family, evidence
from early_vision.tuning.measures import MEASURES, Measure
from early_vision.tuning.null_scores import RATE


@dataclass(frozen=True)
class Score:
    """A family and how well a neuron fits it.

    Attributes:
        family, meaning: its name in the layer, and what its neurons respond to.
        score: 0 to 1, that of the condition it fulfils least.
        reasons: each condition in words, such as "orientation_selectivity 0.71 (0 at 0.3, 1 at 0.5)".
    """

    family: str
    meaning: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class TuningView:
    """A neuron's tuning.

    Attributes:
        best: the stimulus that drives it most, and its response there and to uniform grey, both before the ReLU.
        flat: whether it responds to nothing more than to uniform grey, so that there is nothing that it prefers.
        row: the stimuli that excite it most, as pictures; None of a flat one.
        plots: tuning to orientation, direction, hue and spatial frequency, each with a picture of stimuli along its axis.
        scores: of the families that fit best; none where none does at all.
        weakest: each family's name in the layer to its score and what keeps it from being higher.
        measures: (name, value with unit).
    """

    best: str
    best_response: float
    grey_response: float
    flat: bool
    row: Row | None
    plots: tuple[tuple[Plot, Picture], ...]
    scores: tuple[Score, ...]
    weakest: Mapping[str, tuple[float, str]]
    measures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MeasureEntry:
    """A measure: its range, such as "0 to 1" or "0° to 180°", and what it says."""

    name: str
    range: str
    meaning: str


@dataclass(frozen=True)
class Chance:
    """A family in a layer and in its null networks.

    Attributes:
        here: neurons that fulfil its rule.
        mean, most: the mean number over the null networks, and the largest.
        factor: by how much the rule's ramps are stretched in this layer.
        assigned: whether the family is assigned in this layer.
    """

    here: int
    mean: float
    most: int
    factor: float
    assigned: bool


@dataclass(frozen=True)
class Glossary:
    """What all measures and families mean; `enough` is the score from which on a neuron is a family's member.

    Attributes:
        layers: those that were held against null networks, each with its number of neurons.
        chance: for each family what came of that in these layers.
        networks: how many null networks there are of a layer.
        photographs: whether neurons were tested on photographs, too.
        rate: the part of a null network's neurons that may have a family's name.
    """

    measures: tuple[MeasureEntry, ...]
    layers: tuple[tuple[str, int], ...]
    chance: tuple[tuple[Chance, ...], ...]
    networks: int
    photographs: bool = False
    rate: float = RATE
    families: tuple[Family, ...] = FAMILIES
    enough: float = ENOUGH


def view_chance(tuning: LayerTuning) -> dict[str, Chance]:
    """What null networks say of each family in a layer, by its name there, in the order of `FAMILIES`; nothing without them."""
    if (nulls := tuning.nulls) is None:
        return {}
    return {
        family.name_in(tuning.layer): Chance(
            int(tuning.members[index]),
            float(nulls.mean[index]),
            int(nulls.most[index]),
            nulls.factors[index],
            bool(tuning.supported[index]),
        )
        for index, family in enumerate(FAMILIES)
    }


def view_glossary(tuning: Mapping[str, LayerTuning], photographs: bool) -> Glossary:
    """The glossary of all measures and families, and what null networks say of these in the layers of a network."""
    held = [(layer, layer.nulls) for layer in tuning.values() if layer.nulls is not None]
    return Glossary(
        tuple(MeasureEntry(one.name, _range(one), one.meaning) for one in MEASURES.values()),
        tuple((layer.layer, layer.neurons) for layer, _ in held),
        tuple(zip(*(view_chance(layer).values() for layer, _ in held), strict=True)),
        max((len(nulls.networks) for _, nulls in held), default=0),
        photographs,
    )


def _range(measure: Measure) -> str:
    unit = measure.unit if measure.unit in ("", "°") else f" {measure.unit}"
    low, high = (None if end is None else f"{end:g}".replace("-", "−") for end in (measure.low, measure.high))
    if measure.unit == "°":
        return f"{low}° to {high}°"
    if low is None or high is None:
        return f"from {low}{unit}" if low is not None else f"any{unit}"
    return f"{low} to {high}{unit}"


def view_tuning(stimuli: LayerStimuli, channel: int, plots: tuple[Plot, ...]) -> TuningView:
    """The tuning of one neuron of a layer, given the layer's stimuli; `plots` are its own of `neuron_plots`."""
    tuning = stimuli.tuning
    best, response = tuning.drives.best_stimulus(channel)
    flat = not tuning.drives.highest[channel] > 0
    order = np.argsort(-tuning.scores[channel], kind="stable")[:FAMILIES_SHOWN]
    fitting = [index for index in order if tuning.scores[channel, index] > 0]
    return TuningView(
        best=best,
        best_response=float(response),
        grey_response=float(tuning.drives.grey[channel]),
        flat=flat,
        row=None if flat else stimuli.row(channel),
        plots=() if flat else tuple((plot, stimuli.axis(plot.measure)) for plot in plots),
        scores=tuple(_score(tuning, channel, int(index)) for index in fitting),
        weakest={
            family.name_in(tuning.layer): (
                float(tuning.scores[channel, index]),
                _weakest(tuning, channel, index, family),
            )
            for index, family in enumerate(tuning.families)
        },
        measures=tuple((name, shown(tuning, name, channel)) for name in MEASURES),
    )


def _weakest(tuning: LayerTuning, channel: int, index: int, family: Family) -> str:
    """What keeps a neuron from a family: that it is not assigned in the layer, or what the neuron fulfils least."""
    if not tuning.supported[index]:
        return "that null networks have as many neurons that fit it, so that it is not assigned in this layer"
    least = min(evidence(family, tuning.measures, channel), key=lambda one: one.degree)
    condition, shown = least.condition, formatted(MEASURES[least.condition.measure], least.value)
    wanted = "at least" if condition.full > condition.none else "at most"
    for check, found in tuning.check_scores.items():
        if found[channel, index] < min(least.degree, ENOUGH):
            return f"that {check} it scores {found[channel, index]:.2f}"
    return f"a {condition.measure.replace('_', ' ')} of {shown}, where {wanted} {condition.full:.3g} is asked for"


def _score(tuning: LayerTuning, channel: int, index: int) -> Score:
    family, reasons = tuning.families[index], []
    for one in evidence(family, tuning.measures, channel):
        condition, shown = one.condition, formatted(MEASURES[one.condition.measure], one.value)
        reasons.append(f"{condition.measure} {shown} (0 at {condition.none:.3g}, 1 at {condition.full:.3g})")
    reasons += [f"{found[channel, index]:.2f} {check}" for check, found in tuning.check_scores.items()]
    return Score(family.name_in(tuning.layer), family.meaning, float(tuning.scores[channel, index]), tuple(reasons))
