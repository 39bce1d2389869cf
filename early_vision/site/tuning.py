"""What a neuron's page says of its tuning: figures, family scores with their evidence, and all measures."""

from dataclasses import dataclass

import numpy as np

from early_vision.tuning import LayerTuning
from early_vision.tuning.explain import FAMILIES_SHOWN, formatted
from early_vision.tuning.families import FAMILIES, evidence
from early_vision.tuning.measures import MEASURES
from early_vision.tuning.plots import PLOTS, HueWheel, Plot, hue_wheel


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
        plots: tuning to orientation, direction, hue and spatial frequency.
        scores: of the families that fit best.
        measures: (name, value with unit, meaning).
        hue_wheel: what plots of hue are cut out of.
    """

    best: str
    best_response: float
    grey_response: float
    plots: tuple[Plot, ...]
    scores: tuple[Score, ...]
    measures: tuple[tuple[str, str, str], ...]
    hue_wheel: HueWheel = hue_wheel()


def view_tuning(tuning: LayerTuning, channel: int) -> TuningView:
    """The tuning of one neuron of a layer."""
    best, response = tuning.drives.best_stimulus(channel)
    order = np.argsort(-tuning.scores[channel], kind="stable")[:FAMILIES_SHOWN]
    return TuningView(
        best=best,
        best_response=float(response),
        grey_response=float(tuning.drives.grey[channel]),
        plots=tuple(plot(tuning, [channel]) for plot in PLOTS.values()),
        scores=tuple(_score(tuning, channel, int(index)) for index in order),
        measures=tuple(
            (name, formatted(measure, float(tuning.measures[name][channel])), measure.meaning)
            for name, measure in MEASURES.items()
        ),
    )


def _score(tuning: LayerTuning, channel: int, index: int) -> Score:
    family, reasons = FAMILIES[index], []
    for one in evidence(family, tuning.measures, channel):
        condition, shown = one.condition, formatted(MEASURES[one.condition.measure], one.value)
        reasons.append(f"{condition.measure} {shown} (0 at {condition.none:g}, 1 at {condition.full:g})")
    return Score(family.name_in(tuning.layer), family.meaning, float(tuning.scores[channel, index]), tuple(reasons))
