"""Claims about tests on photographs, written so that they read as sentences.

All begin with `photographs`; the tests are those of early_vision/circuits/photographs.py, made by `build.py photographs`:

    photographs mixed3a:52 tint at least 0.3
    photographs mixed3a:52 tint exceeds chance
    photographs mixed3a:153 bend_side near 90 within 15

`exceeds chance` compares a test with its own null: `tint`, `hue`, `sharp`, `centre`, `lines` and `bend` have one.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields

from early_vision.article.circuit_entries import parse_neuron
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.photographs import PhotographTests
from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import Architecture
from early_vision.tuning.drives import distance

NUMBER = r"-?\d+(?:\.\d+)?"
CLAIM = re.compile(
    rf"photographs (?P<neuron>\w+:\d+) (?P<test>\w+) (?:(?P<relation>at least|at most) (?P<bound>{NUMBER})"
    rf"|near (?P<near>{NUMBER}) within (?P<within>{NUMBER})|(?P<beyond>exceeds chance))$"
)
EXAMPLE = "Write for example `photographs mixed3a:52 tint at least 0.3`"
PERIODS = {"orientation": 180.0, "sharp_side": 360.0, "bend_side": 360.0}


def is_about_photographs(claim: str) -> bool:
    return claim.startswith("photographs ")


def check_photographs(
    claim: str, architecture: Architecture, tests: Mapping[Neuron, PhotographTests], network: str
) -> tuple[bool, str]:
    """Whether a claim holds, and what was measured, in words.

    Args:
        claim: as the author wrote it.
        architecture: of the network.
        tests: of its neurons.
        network: its name, for what to do where a neuron was not tested.

    Raises:
        InputError: without a file, when it cannot be understood, names what there is not, or was not measured.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)
    neuron, name, known = (
        parse_neuron(match["neuron"], architecture),
        match["test"],
        [f.name for f in fields(PhotographTests)],
    )
    if name not in known or (match["beyond"] and f"{name}_null" not in known):
        raise InputError(f'there is no test "{name}" on photographs', hint=did_you_mean(name, known) or EXAMPLE)
    if neuron not in tests:
        hint = f"Run: python build.py photographs --network {network} --pictures PICTURES"
        raise InputError(f"{neuron} was not tested on photographs", hint=hint)
    values = asdict(tests[neuron])
    value = values[name]
    if match["beyond"]:
        return abs(value) > values[f"{name}_null"], f"{value:.3g}, by chance {values[f'{name}_null']:.3g}"
    if match["near"]:
        apart = distance(value, float(match["near"]), PERIODS.get(name))
        return bool(apart <= float(match["within"])), f"{value:.3g}"
    bound = float(match["bound"])
    return (value >= bound if match["relation"] == "at least" else value <= bound), f"{value:.3g}"
