"""Claims about what is left of a neuron's response when inputs are removed, written so that they read as sentences.

All begin with `ablation`; what is compared was measured by `build.py interventions`:

    ablation mixed3a:90 without the 6 strongest falls by at least 20%
    ablation mixed3a:90 without conv2d2:101, 115, 171 falls by 15% against 8%
    ablation mixed3a:52 without inhibiting of the 16 strongest rises by at least 50%
    ablation mixed3a:90 without exciting of the 8 strongest falls beyond others
    ablation mixed3a:90 with the mean of the 6 strongest falls by at least 20%

`falls` is about the neuron's best places in natural pictures: by how much of its response there. `rises` is about those
where it is excited and these inputs inhibit it most: by how much of its mean response at its best places. The number
behind `against` is the mean over the draws of as much weight of other inputs; `beyond others` says that no draw changes
the response as much. Inputs are given as in a figure, or one by one; `exciting of` and `inhibiting of` leave out the
others, where inputs that excite at some places and inhibit at others count as exciting. Percentages count as equal when
they round to what is written. See early_vision/circuits/removal.py for how it is measured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from early_vision.article.circuit_entries import parse_neuron
from early_vision.circuits.circuit import Connect, Neuron, part_of
from early_vision.circuits.connections import adjacent_pairs
from early_vision.circuits.removal import Effect, Removal
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture

PERCENT = r"(?:at least |at most )?-?\d+(?:\.\d+)?%"
CLAIM = re.compile(
    r"ablation (?P<target>\w+:\d+) (?P<how>without|with the mean of) (?:(?P<kind>exciting|inhibiting) of )?"
    r"(?P<rule>the \d+ strongest(?: exciting| inhibiting)?|\w+:\d+(?:, ?(?:\w+:)?\d+)*)"
    rf" (?P<verb>falls|rises) (?:by (?P<by>{PERCENT})(?: against (?P<against>{PERCENT}))?|(?P<beyond>beyond others))$"
)
EXAMPLE = "Write for example `ablation mixed3a:90 without the 6 strongest falls by at least 20%`"


@dataclass(frozen=True)
class CheckedAblation:
    """A claim and what came of the removal: whether it holds, and the values, in words."""

    claim: str
    holds: bool
    measured: str


def is_about_ablation(claim: str) -> bool:
    return claim.startswith("ablation ")


def neuron_of(claim: str, architecture: Architecture) -> tuple[tuple[str, Neuron], ...]:
    """The neuron whose inputs a claim goes by, after the layer of these inputs; none where it is about something else.

    Raises:
        InputError: without a file, for a neuron that there is not.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        return ()
    target = parse_neuron(match["target"], architecture)
    return ((_source(match, target, architecture), target),)


def removal_in(claim: str, architecture: Architecture, connect: Connect) -> Removal:
    """What a claim removes.

    Raises:
        InputError: without a file, when it cannot be understood or names what there is not.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)
    target = parse_neuron(match["target"], architecture)
    source = _source(match, target, architecture)
    part = part_of(connect(source, target.layer), target.channel, parse_rule(match["rule"], source))
    chosen = [one.neuron.channel for one in part.inputs if match["kind"] in (None, one.reading)]
    if not chosen:
        raise InputError(f"none of these inputs of {target} is {match['kind']}")
    return Removal(target, source, tuple(sorted(chosen)), "exciting" if match["verb"] == "falls" else "inhibiting")


def check_ablation(
    claim: str, architecture: Architecture, connect: Connect, effects: Mapping[Removal, Effect], network: str
) -> CheckedAblation:
    """Hold a claim against what was measured.

    Args:
        claim: as the author wrote it.
        architecture, connect: of the network.
        effects: of all that was removed.
        network: its name, for what to do where this was not.

    Raises:
        InputError: without a file, when it cannot be understood, names what there is not, or was not measured.
    """
    removal = removal_in(claim, architecture, connect)
    if removal not in effects:
        hint = f"Run: python build.py interventions --network {network} --pictures PICTURES"
        raise InputError(f'what the claim "{claim}" removes was not removed yet', hint=hint)
    match, effect = CLAIM.match(" ".join(claim.split())), effects[removal]
    assert match
    change, others = (
        (effect.zero, effect.others_zero) if match["how"] == "without" else (effect.mean, effect.others_mean)
    )
    control = float(np.mean(others)) if others else 0.0
    shown = f"{100 * change:.1f}%, others {100 * control:.1f}%"
    if others:
        shown += f" ({100 * min(others):.1f} to {100 * max(others):.1f}%)"
    if match["beyond"]:
        return CheckedAblation(claim, change > max(others, default=0.0), shown)
    holds = _fulfils(change, match["by"]) and (not match["against"] or _fulfils(control, match["against"]))
    return CheckedAblation(claim, holds, shown)


def _source(match: re.Match, target: Neuron, architecture: Architecture) -> str:
    """The layer that inputs are in: that of the first one that is named, or the one before."""
    if ":" in match["rule"]:
        return parse_neuron(match["rule"].split(",")[0], architecture).layer
    source = dict((later, earlier) for earlier, later in adjacent_pairs(architecture))[target.layer]
    if source == INPUT:
        raise InputError(f"{target.layer} reads the picture itself: it has no inputs that are neurons")
    return source


def _fulfils(value: float, written: str) -> bool:
    words, number = written.rstrip("%").rpartition(" ")[::2]
    bound, percent = float(number), 100 * value
    if words:
        return percent >= bound if words == "at least" else percent <= bound
    digits = len(number.partition(".")[2])
    return abs(percent - bound) <= 0.5 * 10.0**-digits + 1e-9
