"""Claims about tests on photographs, written so that they read as sentences.

All begin with `photographs`; the tests are those of early_vision/circuits/photographs.py, made by `build.py photographs`:

    photographs mixed3a:52 tint at least 0.3
    photographs mixed3a:52 tint exceeds chance
    photographs mixed3a:153 bend_side near 90 within 15
    photographs group_mixed3a_curves bend in 12 of 14
    photographs group_mixed3a_curves bend_side agrees within 10

`exceeds chance` compares a test with its own null: `tint`, `hue`, `sharp`, `centre`, `lines` and `bend` have one. `in` says of
how many of a group's neurons a test passes, which for edits means a tenth of the response, too. `agrees` holds an angle that
photographs give against the one that synthetic stimuli give, over the neurons of which the test passes: their median distance
in degrees.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from early_vision.article.circuit_entries import parse_neuron
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.photographs import EDITS, FOUND, PhotographTests
from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import Architecture
from early_vision.tuning.drives import distance
from early_vision.tuning.layer_tuning import LayerTuning

NUMBER = r"-?\d+(?:\.\d+)?"
CLAIM = re.compile(
    rf"photographs (?:(?P<neuron>\w+:\d+) (?P<test>\w+) (?:(?P<relation>at least|at most) (?P<bound>{NUMBER})"
    rf"|near (?P<near>{NUMBER}) within (?P<within>{NUMBER})|(?P<beyond>exceeds chance))"
    rf"|(?P<group>[\w-]+) (?P<of>\w+) (?:in (?P<passed>\d+) of (?P<all>\d+)|agrees within (?P<agrees>{NUMBER})))$"
)
EXAMPLE = "Write for example `photographs mixed3a:52 tint at least 0.3`"
PERIODS = {"orientation": 180.0, "sharp_side": 360.0, "bend_side": 360.0}


@dataclass(frozen=True)
class Angle:
    """An angle that photographs give.

    Attributes:
        test: which has to pass.
        measure: what stimuli give.
        turned: by how many degrees the two differ in what they mean: a curve's bulge points away from its centre.
    """

    test: str
    measure: str
    turned: float = 0.0


ANGLES = {
    "orientation": Angle("lines", "orientation"),
    "sharp_side": Angle("sharp", "high_low_direction"),
    "bend_side": Angle("bend", "curve_direction", 180.0),
}
Groups = Mapping[str, tuple[str, Sequence[int]]]
Tests = Mapping[Neuron, PhotographTests]


def is_about_photographs(claim: str) -> bool:
    return claim.startswith("photographs ")


def check_photographs(
    claim: str,
    architecture: Architecture,
    tests: Tests,
    network: str,
    groups: Groups,
    tuning: Mapping[str, LayerTuning],
) -> tuple[bool, str]:
    """Whether a claim holds, and what was measured, in words.

    Args:
        claim: as the author wrote it.
        architecture: of the network.
        tests: of its neurons.
        network: its name, for what to do where a neuron was not tested.
        groups: anchor of each group to its layer and neurons.
        tuning: of its layers.

    Raises:
        InputError: without a file, when it cannot be understood, names what there is not, or was not measured.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)
    if match["group"]:
        return _check_group(match, tests, network, groups, tuning)
    neuron, name, known = (
        parse_neuron(match["neuron"], architecture),
        match["test"],
        [f.name for f in fields(PhotographTests)],
    )
    if name not in known or (match["beyond"] and f"{name}_null" not in known):
        raise InputError(f'there is no test "{name}" on photographs', hint=did_you_mean(name, known) or EXAMPLE)
    if neuron not in tests:
        raise _untested(str(neuron), network)
    values = asdict(tests[neuron])
    value = values[name]
    if match["beyond"]:
        return abs(value) > values[f"{name}_null"], f"{value:.3g}, by chance {values[f'{name}_null']:.3g}"
    if match["near"]:
        apart = distance(value, float(match["near"]), PERIODS.get(name))
        return bool(apart <= float(match["within"])), f"{value:.3g}"
    bound = float(match["bound"])
    return (value >= bound if match["relation"] == "at least" else value <= bound), f"{value:.3g}"


def passed_in(test: str, layer: str, channels: Sequence[int], tests: Tests) -> tuple[int, ...]:
    """Of which neurons a test passes."""
    return tuple(one for one in channels if (found := tests.get(Neuron(layer, one))) and test in found.passed)


def agreement(angle: str, layer: str, channels: Sequence[int], tests: Tests, tuning: LayerTuning) -> float | None:
    """By how many degrees an angle on photographs differs from that to stimuli, the median over the neurons of which the
    test passes and which have one to stimuli; None where there are none."""
    about = ANGLES[angle]
    measured = tuning.measure(about.measure)
    apart = [
        distance(getattr(tests[Neuron(layer, one)], angle), measured[one] + about.turned, PERIODS[angle])
        for one in passed_in(about.test, layer, channels, tests)
        if np.isfinite(measured[one])
    ]
    return float(np.median(apart)) if apart else None


def _check_group(
    match: re.Match, tests: Tests, network: str, groups: Groups, tuning: Mapping[str, LayerTuning]
) -> tuple[bool, str]:
    known = tuple(ANGLES) if match["agrees"] else (*EDITS, *FOUND)
    if match["of"] not in known:
        raise InputError(f'there is no test "{match["of"]}" on photographs', hint=f"Known: {', '.join(known)}")
    if match["group"] not in groups:
        raise InputError(f'there is no neuron group "{match["group"]}"', hint=did_you_mean(match["group"], groups))
    layer, channels = groups[match["group"]]
    if not any(neuron.layer == layer for neuron in tests):
        raise _untested(layer, network)
    if match["agrees"]:
        if layer not in tuning:
            raise InputError(f"{layer} was not measured", hint=f"Run: python build.py measure --network {network}")
        apart = agreement(match["of"], layer, channels, tests, tuning[layer])
        shown = "of no neuron of the group the test passes" if apart is None else f"{apart:.0f}°"
        return apart is not None and apart <= float(match["agrees"]), shown
    passed = len(passed_in(match["of"], layer, channels, tests))
    return (passed, len(channels)) == (int(match["passed"]), int(match["all"])), f"{passed} of {len(channels)}"


def _untested(what: str, network: str) -> InputError:
    hint = f"Run: python build.py photographs --network {network} --pictures PICTURES"
    return InputError(f"{what} was not tested on photographs", hint=hint)
