"""What came of removing a circuit's inputs, as sentences and as a table under its figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.removal import Effect, Removal, removals_of, split

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class InputRow:
    """A removed input: its kernel's norm, and its contribution at the places that were looked at, as a share of what
    all removed ones give there."""

    neuron: Neuron
    norm: float
    contribution: float


@dataclass(frozen=True)
class RemovalView:
    """One test of a figure.

    Attributes:
        sentence: what came of it.
        means: the same with inputs set to their means.
        rows: the inputs, by contribution.
        places: at how many it was looked at.
        main: whether it is about all inputs of one kind that the figure draws of a neuron that it is about.
    """

    removal: Removal
    sentence: str
    means: str
    rows: tuple[InputRow, ...]
    places: int
    main: bool


@dataclass(frozen=True)
class TestRow:
    """A test of a circuit figure in the table of all.

    Attributes:
        change: of the response without the inputs: its fall for exciting ones, its rise for inhibiting ones, as a share.
        others: the least, mean and largest change without others of as much weight; None where there are no others.
        beyond: whether the change exceeds that of every draw of others.
    """

    removal: Removal
    change: float
    others: tuple[float, float, float] | None
    beyond: bool


@dataclass(frozen=True)
class InterventionsView:
    """The tests of an article's circuit figures: of exciting inputs, and of inhibiting ones.

    Attributes:
        address: of a neuron's page.
    """

    exciting: tuple[TestRow, ...]
    inhibiting: tuple[TestRow, ...]
    address: Callable[[Neuron], str]

    @property
    def largest(self) -> float:
        """The largest change of all, what the longest bar stands for."""
        rows = (*self.exciting, *self.inhibiting)
        return max((max(row.change, row.others[2] if row.others else 0.0) for row in rows), default=1.0)


def view_interventions(
    figures: Sequence[Circuit], effects: Mapping[Removal, Effect], address: Callable[[Neuron], str]
) -> InterventionsView:
    """A row for all inputs of one kind that a figure draws of a neuron that it is about, each set once."""
    tests = dict.fromkeys(one.removal for figure in figures for one in view_removals(figure, effects) if one.main)
    rows = [_test_row(one, effects[one]) for one in tests]
    exciting, inhibiting = (
        tuple(row for row in rows if row.removal.kind == kind) for kind in ("exciting", "inhibiting")
    )
    return InterventionsView(exciting, inhibiting, address)


def _test_row(removal: Removal, effect: Effect) -> TestRow:
    known = effect.others_zero if max(effect.counts, default=0) else ()
    others = (min(known), float(np.mean(known)), max(known)) if known else None
    return TestRow(removal, effect.zero, others, bool(known) and effect.zero > max(known))


def view_removals(circuit: Circuit, effects: Mapping[Removal, Effect]) -> tuple[RemovalView, ...]:
    """The tests of a figure that were made, in the order of its neurons."""
    asked = [one for one in removals_of(circuit) if one in effects]
    targets = {part.target for part in circuit.parts}
    several, views = len({one.target for one in asked}) > 1, []
    headings = {one: part.heading for part in circuit.parts for one in split(part.target, part.inputs)}
    for one in asked:
        # The first set of a neuron has all of its inputs of a kind, those after it some of these.
        first = next(other for other in asked if (other.target, other.kind) == (one.target, one.kind)) == one
        heading = "" if first else headings.get(one, "")
        views.append(_view(one, effects[one], several, heading, first and one.target in targets))
    return tuple(views)


def _view(removal: Removal, effect: Effect, several: bool, heading: str, main: bool) -> RemovalView:
    order = sorted(
        zip(removal.inputs, effect.norms, effect.contributions, strict=True), key=lambda one: (-abs(one[2]), one[0])
    )
    total = sum(abs(one[2]) for one in order) or 1.0
    rows = tuple(InputRow(Neuron(removal.source, i), norm, given / total) for i, norm, given in order)
    said = sentence(removal, effect, several)
    return RemovalView(removal, f"{heading}: {said}" if heading else said, _means(effect), rows, effect.places, main)


def sentence(removal: Removal, effect: Effect, several: bool = False) -> str:
    """What came of a removal; `several` where there are several neurons that it could be about."""
    many = len(removal.inputs) > 1
    number = f"{_number(len(removal.inputs))} " if many else ""
    inputs = f"{'these' if many else 'this'} {number}{removal.kind} input{'s' * many}"
    if several:
        inputs += f" of {removal.target}"
    change = _change(effect.zero, removal.kind) + _others(effect.others_zero, effect)
    if removal.kind == "exciting":
        return f"Without {inputs}, its response {change}."
    return f"Where {inputs} {'act' if many else 'acts'} most, its response without {'them' if many else 'it'} {change}."


def _means(effect: Effect) -> str:
    return f"Set to their means: {_percent(effect.mean)}{_against(effect.others_mean)}"


def _change(value: float, kind: str) -> str:
    falls = kind == "exciting"
    if round(100 * value) == 0:
        return "stays as it is"
    if value < 0:
        value, falls = -value, not falls
    of = "" if kind == "exciting" else " of that at its best places"
    return f"{'falls' if falls else 'rises'} by {_percent(value)}{of}"


def _others(changes: tuple[float, ...], effect: Effect) -> str:
    if not changes or not max(effect.counts):
        return "; there are no others of this kind"
    least, most = min(effect.counts), max(effect.counts)
    number = f"{_number(least)}" if least == most else f"{least} to {most}"
    weight = float(np.mean(effect.weights))
    amount = "of as much weight" if weight >= 0.9 else f"of {_percent(weight)} of their weight, all that there are"
    noun = "other" if most == 1 else "others"
    return f"; without {number} {noun} {amount}, by {_percent(float(np.mean(changes)))} {_range(changes)}".rstrip()


def _against(changes: tuple[float, ...]) -> str:
    return f"; others: {_percent(float(np.mean(changes)))} {_range(changes)}".rstrip() if changes else ""


def _range(changes: tuple[float, ...]) -> str:
    low, high = f"{_signed(min(changes))}", f"{_percent(max(changes))}"
    return f"({low} to {high})" if f"{low}%" != high else ""


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _signed(share: float) -> str:
    return f"{100 * share:.0f}".replace("-0", "0").replace("-", "−")


def _percent(share: float) -> str:
    return f"{_signed(share)}%"
