"""A circuit as numbers: which neurons, joined by which weights, said in which words. What the layouts draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from early_vision.circuits.connections import Connections
from early_vision.circuits.selection import Listed, Rule, select
from early_vision.circuits.strengths import Kind, Measure, kinds_of, strengths
from early_vision.errors import InputError

Connect = Callable[[str, str], Connections]
"""connect(source, layer): the expanded weights between two layers."""


@dataclass(frozen=True)
class Neuron:
    """A neuron by its place in the network."""

    layer: str
    channel: int

    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}"


@dataclass(frozen=True, eq=False)
class Input:
    """An input of a neuron.

    Attributes:
        neuron: where it comes from.
        kernel: float32 [k, k], its expanded weights; [0, 0] where the weights are not here.
        share: its strength as a share, 0 to 1, of the target's strongest input of all.
    """

    neuron: Neuron
    kernel: np.ndarray
    share: float

    @cached_property
    def excitation(self) -> float:
        """The sum of the positive weights."""
        return float(np.maximum(self.kernel, 0).sum())

    @cached_property
    def inhibition(self) -> float:
        """The sum of the negative weights, 0 or less."""
        return float(np.minimum(self.kernel, 0).sum())

    @cached_property
    def kind(self) -> Kind:
        """Whether it excites, inhibits, or both; unknown where the weights are not here."""
        return Kind(int(kinds_of(self.excitation, self.inhibition))) if self.kernel.size else Kind.UNKNOWN

    @property
    def reading(self) -> Literal["exciting", "inhibiting"]:
        """What it is called when it is removed: one that does both excites where it is wanted."""
        return "inhibiting" if self.kind is Kind.INHIBITING else "exciting"

    def largest_in_half(self, half: str) -> float:
        """The largest weight in the "upper" or "lower" half of the kernel, the row in the middle belonging to both."""
        return float(self._half(half).max())

    def place_in_half(self, half: str) -> float:
        """Where the largest weight of that half lies across: 0 (left) to 1 (right)."""
        cells = self._half(half)
        return float(np.unravel_index(cells.argmax(), cells.shape)[1] / max(cells.shape[1] - 1, 1))

    def _half(self, half: str) -> np.ndarray:
        side = self.kernel.shape[0]
        return self.kernel[: (side + 1) // 2] if half == "upper" else self.kernel[side // 2 :]


@dataclass(frozen=True)
class Part:
    """A neuron and inputs of it.

    Attributes:
        target: the neuron.
        inputs: in the order in which they were selected.
        heading: what stands above them, or empty.
        behind: for a circuit in two steps, the inputs of each input.
        rule: where the weights that it goes by are not here, the rule that selects the inputs, in words; or empty.
    """

    target: Neuron
    inputs: tuple[Input, ...]
    heading: str = ""
    behind: tuple["Part", ...] = ()
    rule: str = ""


@dataclass(frozen=True)
class Circuit:
    """What a figure shows.

    Attributes:
        layout: how to draw it.
        title: what it shows, in a few words.
        parts: its neurons with their inputs.
        note: a sentence inside the figure, or empty.
        scaled_by: what weights were multiplied with, in words, or None.
        weighted: whether the weights are here; without them it is who feeds whom, and no more.
    """

    layout: str
    title: str
    parts: tuple[Part, ...]
    note: str = ""
    scaled_by: str | None = None
    weighted: bool = True

    @cached_property
    def scale(self) -> float:
        """The largest magnitude of any weight in it: what the darkest cell of its kernels means."""
        kernels = [one.kernel for part in self.parts for inner in (part, *part.behind) for one in inner.inputs]
        return max((float(np.abs(kernel).max(initial=0.0)) for kernel in kernels), default=0.0) or 1.0

    @cached_property
    def kernels(self) -> dict[str, np.ndarray]:
        """Every kernel that a drawing can name: by `kernel_key`, and by `mean_key` those of all inputs of one kind."""
        found = {}
        for part in self.parts:
            for inner in (part, *part.behind):
                found.update({kernel_key(inner.target, one.neuron): one.kernel for one in inner.inputs})
                for kind in Kind:
                    if kind and (kernels := [one.kernel for one in inner.inputs if one.kind == kind]):
                        found[mean_key(inner.target, kind)] = np.mean(kernels, axis=0)
        return found

    @cached_property
    def neurons(self) -> tuple[Neuron, ...]:
        """Every neuron in it, once."""
        found: dict[Neuron, None] = {}
        for part in self.parts:
            for inner in (part, *part.behind):
                found.update(dict.fromkeys((inner.target, *(one.neuron for one in inner.inputs))))
        return tuple(found)


def kernel_key(target: Neuron, source: Neuron) -> str:
    """The name of the kernel from one neuron to another."""
    return f"{source}>{target}"


def mean_key(target: Neuron, kind: Kind) -> str:
    """The name of the mean of the kernels of a neuron's inputs of one kind that a figure shows."""
    return f"mean of {kind.word}>{target}"


def part_of(connections: Connections, channel: int, rule: Rule, by: Measure = "norm", heading: str = "") -> Part:
    """A neuron with those of its inputs that a rule selects.

    Raises:
        InputError: without a file, when the neuron does not exist or the rule selects nothing.
    """
    neurons = sum(len(part.branch) for part in connections.branches)
    if not 0 <= channel < neurons:
        raise InputError(
            f"there is no neuron {channel} in {connections.layer}", hint=f"Its neurons are 0 to {neurons - 1}"
        )
    connections.need(channel)
    part = connections.part(channel)
    kernels = part.weights[..., channel - part.branch.start]
    known = strengths(kernels[..., None])
    magnitudes = known.by(by)[:, 0]
    chosen = select(rule, magnitudes, known.kinds[:, 0], connections.source)
    largest = float(magnitudes.max()) or 1.0
    inputs = (Input(Neuron(connections.source, i), kernels[..., i], float(magnitudes[i]) / largest) for i in chosen)
    return Part(Neuron(connections.layer, channel), tuple(inputs), heading)


def outline_part(target: Neuron, source: str, neurons: int, rule: Rule, written: str, heading: str = "") -> Part:
    """A neuron with the inputs that an author lists, without their weights; a rule that goes by weights selects none.

    Args:
        target: the neuron.
        source: the layer that the inputs are in.
        neurons: how many that layer has.
        rule: what selects them.
        written: the rule in the author's words.
        heading: what stands above them.

    Raises:
        InputError: without a file, when a listed input does not exist or is listed twice.
    """
    if not isinstance(rule, Listed):
        return Part(target, (), heading, rule=written)
    chosen = select(rule, np.zeros(neurons), np.zeros(neurons, np.int8), source)
    nothing = np.zeros((0, 0), np.float32)
    return Part(target, tuple(Input(Neuron(source, channel), nothing, 1.0) for channel in chosen), heading)


def by_strength(inputs: Sequence[Input], kind: Kind) -> tuple[Input, ...]:
    """The inputs of one kind, the strongest first."""
    return tuple(sorted((one for one in inputs if one.kind == kind), key=lambda one: -one.share))
