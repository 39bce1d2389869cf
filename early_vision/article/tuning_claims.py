"""Claims about neurons that an author makes and a build checks, written so that they read as sentences.

    <subject> <what> <bound>

A subject is a neuron (`conv2d2:17`), or many: a layer or a group's anchor, after `every`, `median`, `most` (more than
half) or `share` and `count` (of those that fulfil the bound, which is then followed by `is` and a number). After
`separation`, a group's anchor: in which part of all pairs of one of its neurons and one of the rest of its layer has that of
the group the larger value? 0.5 would be chance. This is the common language effect size (McGraw and Wong, A Common Language
Effect Size Statistic, Psychological Bulletin 1992), the area under the ROC curve.

    conv2d2:17 orientation near 45 within 10
    conv2d2:17 orientation_selectivity highest
    mixed3a:110 "High-Low Frequency" at least 0.8
    every group_conv2d1_complex_gabor phase_modulation at most 0.3
    count conv2d0 orientation_selectivity at least 0.5 is 17
    share mixed3a "Curves" at least 0.5 is 8%
    separation group_mixed3a_curves curve_over_opposite at least 0.9
    mixed3a:20 inhibited by uniform_hue hue=240

What is compared: a measure, or a family in quotes for its score. Values count as equal when they round to what is
written: `is 17`, `is 8%`, `is 0.25`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.tuning.drives import distance
from early_vision.tuning.explain import formatted
from early_vision.tuning.layer_tuning import LayerTuning, parse_neuron
from early_vision.tuning.measures import MEASURES, Measure
from early_vision.tuning.stimuli import Series

Groups = Mapping[str, tuple[str, Sequence[int]]]
"""Anchor of a group to its layer and neurons."""

NUMBER = r"-?\d+(?:\.\d+)?"
CLAIM = re.compile(
    r"(?:(?P<quantity>every|median|most|share|count|separation) )?(?P<subject>\S+)"
    r"(?: (?P<response>excited|inhibited) by (?P<stimulus>\w+(?: \w+=\S+)*)"
    r"| (?:\"(?P<family>[^\"]+)\"|(?P<measure>\w+))"
    rf" (?:(?P<relation>at least|at most) (?P<bound>{NUMBER})"
    rf"|near (?P<near>{NUMBER}) within (?P<within>{NUMBER})"
    rf"|(?P<extreme>highest|lowest)|is (?P<equal>{NUMBER})))"
    rf"(?: is (?P<total>{NUMBER}%?))?$"
)
EXAMPLE = "Write for example `conv2d2:17 orientation near 45 within 10`"


@dataclass(frozen=True)
class Checked:
    """A claim and what the measurements say about it.

    Attributes:
        holds: whether it is true.
        measured: the measured value in words.
    """

    claim: str
    holds: bool
    measured: str


def check_claim(claim: str, tuning: Mapping[str, LayerTuning], groups: Groups) -> Checked:
    """Hold a claim against the measurements.

    Args:
        claim: as the author wrote it.
        tuning: of every layer.
        groups: of every layer, by anchor.

    Raises:
        InputError: when the claim cannot be understood, or names something that there is not, with the nearest name.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)
    layer, neurons = _subject(match["subject"], tuning, groups)
    of = tuning[layer]
    if bool(match["quantity"]) != (len(neurons) > 1 or ":" not in match["subject"]):
        hint = (
            "Begin with every, median, most, share, count or separation"
            if not match["quantity"]
            else "A neuron needs no such word"
        )
        raise InputError(f'the claim "{claim}" does not say how many', hint=hint)
    if (match["quantity"] in ("share", "count")) != bool(match["total"]):
        raise InputError(
            f'the claim "{claim}" cannot be read', hint="`share` and `count` end with `is` and a number, others do not"
        )
    if match["quantity"] == "separation" and not match["relation"]:
        raise InputError(f'the claim "{claim}" cannot be read', hint="`separation` ends with at least or at most")
    if match["response"]:
        return _judged(claim, match, *_by_stimulus(of, neurons, match["response"], match["stimulus"]))
    name = match["family"] or match["measure"]
    values, measure = of.measure(name), MEASURES.get(name, Measure(name, "score of the family"))
    shown = lambda value: f"{name} = {formatted(measure, value)}"
    if match["quantity"] == "median":
        value = _median(values[neurons], measure, claim)
        return Checked(claim, bool(_bound(match, measure, values)(np.array([value]))[0]), "median " + shown(value))
    if match["quantity"] == "separation":
        value = _separation(values, neurons, measure, claim)
        return Checked(
            claim, bool(_bound(match, measure, values)(np.array([value]))[0]), f"{100 * value:.1f}% of pairs"
        )
    fulfilled = _bound(match, measure, values)(values[neurons])
    return _judged(claim, match, fulfilled, [f"{layer}:{n} {shown(float(values[n]))}" for n in neurons])


def _judged(claim: str, match: re.Match, fulfilled: np.ndarray, shown: Sequence[str]) -> Checked:
    """The verdict on many neurons, each with what was measured."""
    count, whole = int(fulfilled.sum()), len(fulfilled)
    match match["quantity"]:
        case "share":
            return Checked(
                claim,
                _rounds_to(100 * count / whole, match["total"].rstrip("%")),
                f"{count} of {whole}, {100 * count / whole:.1f}%",
            )
        case "count":
            return Checked(claim, _rounds_to(count, match["total"]), f"{count} of {whole}")
        case "most":
            return Checked(claim, 2 * count > whole, f"{count} of {whole}")
    failing = [text for text, good in zip(shown, fulfilled, strict=True) if not good]
    return Checked(
        claim, not failing, "; ".join(failing[:5]) if failing else shown[0] if whole == 1 else f"all {whole}"
    )


def _bound(match: re.Match, measure: Measure, layer: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The test that a claim puts values to; `layer` are those of all neurons of the layer."""
    if match["relation"]:
        bound = float(match["bound"])
        return (lambda v: v >= bound) if match["relation"] == "at least" else (lambda v: v <= bound)
    if match["near"]:
        return lambda v: distance(v, float(match["near"]), measure.period) <= float(match["within"])
    if match["extreme"]:
        best = layer.max() if match["extreme"] == "highest" else layer.min()
        return lambda v: v == best
    return lambda v: np.array([_rounds_to(float(value), match["equal"]) for value in v])


def _by_stimulus(of: LayerTuning, neurons: Sequence[int], response: str, stimulus: str) -> tuple[np.ndarray, list[str]]:
    """Whether stimuli lift neurons above their response to grey, or leave every one of them below it."""
    kind, *parameters = stimulus.split(" ")
    if kind not in of.drives.series:
        raise InputError(f'there is no stimulus "{kind}"', hint=did_you_mean(kind, of.drives.series))
    series, chosen = of.drives.series[kind], of.drives.responses[kind]
    for parameter in parameters:
        axis, index = _value(series, parameter)
        chosen = np.take(chosen, [index], axis=axis + 1)
    best = chosen.reshape(len(chosen), -1).max(1)[list(neurons)]
    grey = of.drives.grey[list(neurons)]
    shown = [f"{of.layer}:{n} gives {b:.2f}, to grey {g:.2f}" for n, b, g in zip(neurons, best, grey, strict=True)]
    return (best > grey if response == "excited" else best < grey), shown


def _value(series: Series, parameter: str) -> tuple[int, int]:
    """The axis of a parameter and the index of its value, from `name=value`."""
    name, _, written = parameter.partition("=")
    names = list(series.axes)
    if name not in names:
        raise InputError(
            f'{series.kind} has no parameter "{name}"', hint=did_you_mean(name, names) or f"It has: {', '.join(names)}"
        )
    values = [str(value) if isinstance(value, str) else f"{value:g}" for value in series.axes[name]]
    if written not in values:
        raise InputError(f"{series.kind} was not shown with {parameter}", hint=f"Values of {name}: {', '.join(values)}")
    return names.index(name), values.index(written)


def _subject(subject: str, tuning: Mapping[str, LayerTuning], groups: Groups) -> tuple[str, Sequence[int]]:
    if ":" in subject:
        layer, channel = parse_neuron(subject, {name: of.neurons for name, of in tuning.items()})
        return layer, [channel]
    if subject in tuning:
        return subject, range(tuning[subject].neurons)
    if subject in groups:
        return groups[subject][0], list(groups[subject][1])
    known = [*tuning, *groups]
    raise InputError(f'there is no neuron, layer or group "{subject}"', hint=did_you_mean(subject, known))


def _median(values: np.ndarray, measure: Measure, claim: str) -> float:
    if measure.period:
        raise InputError(f'the claim "{claim}" asks for the median of an angle', hint="Use every, most, share or count")
    return float(np.median(values))


def _separation(values: np.ndarray, neurons: Sequence[int], measure: Measure, claim: str) -> float:
    """The share of pairs of a neuron inside and one outside of a group in which that inside has the larger value."""
    if measure.period:
        raise InputError(
            f'the claim "{claim}" asks which of two angles is larger', hint="Use every, most, share or count"
        )
    inside = np.isin(np.arange(len(values)), neurons)
    if inside.all():
        raise InputError(f'the claim "{claim}" compares a whole layer with nothing', hint="Name a group, by its anchor")
    difference = values[inside][:, None] - values[~inside][None]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def _rounds_to(value: float, written: str) -> bool:
    """Whether a value is what was written, to the digits that were written."""
    digits = len(written.partition(".")[2])
    return abs(value - float(written)) <= 0.5 * 10.0**-digits + 1e-9
