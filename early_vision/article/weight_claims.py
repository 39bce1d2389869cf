"""Claims about weights that an author makes and a build checks, written so that they read as sentences.

All begin with `weights`; what is compared follows from the expanded weights between adjacent layers:

    weights conv2d0:31 to conv2d1:41 sum is 0.23
    weights conv2d0:31 to conv2d1:41 share at least 60%
    weights conv2d2:115 to mixed3a:90 upper left is 0.15
    weights mixed3a:52 inhibiting of the 16 strongest is 12
    weights mixed3a:52 colour_selectivity of inhibiting of the 16 strongest is 0.75
    weights mixed3b:207 and mixed3b:295 mirrored is 0.58
    weights mixed3b:207 and mixed3b:295 correlation is -0.37

`sum` is the sum of a kernel, `excitation` and `inhibition` that of its positive and of its negative weights, `norm` its
L2 norm, `share` that norm as a part of the strongest input's; a place such as
`upper left` is one corner, edge or the `middle` of the kernel. A measure of tuning is averaged over the inputs named.
`mirrored` is the cosine between the weights of one neuron, mirrored left to right, and those of the other.
Values count as equal when they round to what is written: `is 12`, `is 8%`, `is 0.25`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from early_vision.article.circuit_entries import parse_neuron
from early_vision.circuits.circuit import Neuron, Part, part_of
from early_vision.circuits.connections import Connections, adjacent_pairs
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INPUT, Architecture

NEURON = r"[\w]+:\d+"
NUMBER = r"[-−+]?\d+(?:\.\d+)?%?"
CLAIM = re.compile(
    rf"weights (?:(?P<source>{NEURON}) to (?P<target>{NEURON}) (?P<what>sum|excitation|inhibition|norm|share|[a-z ]+?)"
    rf"|(?P<a>{NEURON}) and (?P<b>{NEURON}) (?P<alike>mirrored|correlation)"
    rf"|(?P<of>{NEURON}) (?:(?P<measure>\w+) of )??(?:(?P<kind>exciting|inhibiting|mixed) of )?(?P<rule>the \d+ strongest))"
    rf" (?P<relation>is|at least|at most) (?P<bound>{NUMBER})$"
)
PLACES = {"upper": 0.0, "lower": 1.0, "left": 0.0, "right": 1.0, "middle": 0.5}
EXAMPLE = "Write for example `weights conv2d0:31 to conv2d1:41 sum is 0.23`"
Connect = Callable[[str, str], Connections]
Measure = Callable[[str, str], np.ndarray]
"""measure(layer, name): a measure of tuning of each of its neurons, [n]; it raises InputError for an unknown name."""


@dataclass(frozen=True)
class CheckedWeights:
    """A claim and what the weights say about it: whether it holds, and the value, in words."""

    claim: str
    holds: bool
    measured: str


def is_about_weights(claim: str) -> bool:
    return claim.startswith("weights ")


def neurons_of(claim: str, architecture: Architecture) -> tuple[tuple[str, Neuron], ...]:
    """Those whose inputs a claim goes by, each after the layer of these inputs; none where it is about something else.

    Raises:
        InputError: without a file, for a neuron that there is not.
    """
    match = CLAIM.match(" ".join(claim.split()))
    named = [match[one] for one in ("target", "a", "b", "of") if match[one]] if match else []
    found = [parse_neuron(one, architecture) for one in named]
    return tuple((_source_of(neuron.layer, architecture), neuron) for neuron in found)


def check_weights(claim: str, architecture: Architecture, connect: Connect, measure: Measure) -> CheckedWeights:
    """Hold a claim against the weights.

    Raises:
        InputError: without a file, when it cannot be understood or is about neurons or measures that there are not.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be understood', hint=EXAMPLE)
    if match["source"]:
        value = _connection(match["source"], match["target"], match["what"], architecture, connect)
    elif match["a"]:
        a, b = (_kernels(parse_neuron(match[end], architecture), architecture, connect) for end in "ab")
        value = alike(a, b, match["alike"] == "mirrored")
    else:
        value = _inputs(match, architecture, connect, measure)
    holds, shown = _compare(value, match["relation"], match["bound"])
    return CheckedWeights(claim, holds, shown)


def alike(a: np.ndarray, b: np.ndarray, mirrored: bool) -> float:
    """The cosine, -1 to 1, between two neurons' weights [k, k, in], the first one mirrored left to right or not."""
    a = a[:, ::-1] if mirrored else a
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / size if size else 0.0


def _source_of(layer: str, architecture: Architecture) -> str:
    return dict((later, earlier) for earlier, later in adjacent_pairs(architecture))[layer]


def _kernels(neuron: Neuron, architecture: Architecture, connect: Connect) -> np.ndarray:
    """All weights of a neuron, [k, k, in], as large as its layer has them."""
    connections = connect(_source_of(neuron.layer, architecture), neuron.layer)
    connections.need(neuron.channel)
    return connections.weights[..., neuron.channel]


def _connection(source: str, target: str, what: str, architecture: Architecture, connect: Connect) -> float:
    start, end = parse_neuron(source, architecture), parse_neuron(target, architecture)
    before = _source_of(end.layer, architecture)
    if start.layer != before:
        hint = (
            f"What leads to {end.layer} comes from {before}"
            if before != INPUT
            else f"{end.layer} reads the picture itself"
        )
        raise InputError(f"{start} is not in the layer right before {end}", hint=hint)
    one = part_of(connect(before, end.layer), end.channel, parse_rule(start.channel, before)).inputs[0]
    known = {
        "sum": one.excitation + one.inhibition,
        "excitation": one.excitation,
        "inhibition": one.inhibition,
        "norm": float(np.linalg.norm(one.kernel)),
        "share": one.share,
    }
    if what in known:
        return known[what]
    unknown = [word for word in what.split() if word not in PLACES]
    if unknown:
        words = [*known, *PLACES]
        raise InputError(
            f'"{unknown[0]}" is nothing that a connection has',
            hint=did_you_mean(unknown[0], words) or f"Known: {', '.join(words)}",
        )
    return float(weights_at(one.kernel, what))


def weights_at(kernels: np.ndarray, place: str) -> np.ndarray:
    """The weights at a place such as "upper left" of kernels [k, k, ...]: [...]."""
    side = kernels.shape[0] - 1
    row = next((PLACES[word] for word in place.split() if word in ("upper", "lower")), 0.5)
    column = next((PLACES[word] for word in place.split() if word in ("left", "right")), 0.5)
    return kernels[round(row * side), round(column * side)]


def _inputs(match: re.Match, architecture: Architecture, connect: Connect, measure: Measure) -> float:
    neuron = parse_neuron(match["of"], architecture)
    source = _source_of(neuron.layer, architecture)
    part: Part = part_of(connect(source, neuron.layer), neuron.channel, parse_rule(match["rule"], source))
    chosen = [one for one in part.inputs if match["kind"] in (None, one.kind.word)]
    if not match["measure"]:
        return float(len(chosen))
    if not chosen:
        raise InputError(f"none of {match['rule']} inputs of {neuron} is {match['kind']}")
    values = measure(source, match["measure"])
    return float(np.mean([values[one.neuron.channel] for one in chosen]))


def _compare(value: float, relation: str, written: str) -> tuple[bool, str]:
    """Whether a value fulfils what is written, and the value as it would be written."""
    number = written.replace("−", "-").rstrip("%")
    percent = written.endswith("%")
    value = 100 * value if percent else value
    decimals = len(number.partition(".")[2])
    shown = f"{value:.{decimals if relation == 'is' else max(decimals, 2)}f}{'%' if percent else ''}"
    bound = float(number)
    if relation == "is":
        return round(value, decimals) == bound or abs(value - bound) <= 0.5 * 10**-decimals, shown
    return (value >= bound if relation == "at least" else value <= bound), shown
