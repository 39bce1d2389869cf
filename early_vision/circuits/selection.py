"""Rules by which an author says which inputs of a neuron a figure shows, in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from early_vision.circuits.strengths import Kind, strongest
from early_vision.errors import InputError, did_you_mean

Sign = Literal["exciting", "inhibiting", "mixed"]

COUNT = re.compile(r"the (\d+) strongest(?: (exciting|inhibiting|mixed))?$")
SHARE = re.compile(r"(exciting |inhibiting |mixed )?at least (\d+(?:\.\d+)?) ?% of the largest$")
CHANNELS = re.compile(r"(?:[\w]+:)?\d+(?:\s*,\s*(?:[\w]+:)?\d+)*$")
EXAMPLES = ("the 16 strongest", "the 5 strongest exciting", "the 5 strongest inhibiting", "at least 30% of the largest",
            "exciting at least 30% of the largest", "inhibiting at least 30% of the largest")  # fmt: skip


@dataclass(frozen=True)
class Strongest:
    """So many of the strongest, of one kind or of any."""

    count: int
    sign: Sign | None = None


@dataclass(frozen=True)
class AtLeast:
    """All that have at least a share, in percent, of the strongest of all, of one kind or of any."""

    percent: float
    sign: Sign | None = None


@dataclass(frozen=True)
class Listed:
    """Channels by number, in the author's order."""

    channels: tuple[int, ...]


Rule = Strongest | AtLeast | Listed


def parse_rule(written: str | int | Sequence[int | str], layer: str) -> Rule:
    """A rule as an author wrote it.

    Args:
        written: such as "the 16 strongest", "at least 30% of the largest", "exciting at least 30% of the largest",
            "101, 115", [101, 115] or ["conv2d2:101"].
        layer: the layer that the inputs are in.

    Raises:
        InputError: without a file, for words that are no rule, with the nearest rule.
    """
    if isinstance(written, int):
        return Listed((_channel(written, layer),))
    if not isinstance(written, str):
        return Listed(tuple(_channel(one, layer) for one in written))
    text = " ".join(written.split())
    if match := COUNT.match(text):
        return Strongest(int(match[1]), _sign(match[2]))
    if match := SHARE.match(text):
        return AtLeast(float(match[2]), _sign(match[1]))
    if CHANNELS.match(text):
        return Listed(tuple(_channel(one, layer) for one in text.split(",")))
    raise InputError(f'"{text}" does not say which inputs', hint=_nearest_rule(text))


def select(rule: Rule, magnitudes: np.ndarray, kinds: np.ndarray, layer: str) -> tuple[int, ...]:
    """The channels that a rule picks from a neuron's inputs; by strength, except for a list.

    Args:
        rule: the rule.
        magnitudes: [inputs] what they are ranked by.
        kinds: [inputs] whether they excite, inhibit, or both: `Kind`s.
        layer: the layer that the inputs are in, for messages.

    Raises:
        InputError: without a file, when it picks nothing, more than there is, or what there is not.
    """
    last = len(magnitudes) - 1
    if isinstance(rule, Listed):
        for index, channel in enumerate(rule.channels):
            if not 0 <= channel <= last:
                raise InputError(f"there is no neuron {channel} in {layer}", hint=f"Its neurons are 0 to {last}")
            if channel in rule.channels[:index]:
                raise InputError(f"input {channel} is listed twice", hint="Keep it once")
        if not rule.channels:
            raise InputError("no inputs are listed", hint=f'Write for example "{EXAMPLES[0]}"')
        return rule.channels
    order = [int(i) for i in strongest(magnitudes) if rule.sign is None or Kind(kinds[i]).word == rule.sign]
    sort = f"{rule.sign} " if rule.sign else ""
    if isinstance(rule, Strongest):
        if rule.count > len(order):
            raise InputError(f"there are not {rule.count} {sort}inputs", hint=f"There are {len(order)} in {layer}")
        if rule.count == 0:
            raise InputError("this selects no input", hint='Write for example "the 5 strongest"')
        return tuple(order[: rule.count])
    chosen = tuple(i for i in order if magnitudes[i] > 0 and magnitudes[i] >= rule.percent / 100 * magnitudes.max())
    if not chosen:
        best = 100 * magnitudes[order[0]] / magnitudes.max() if order and magnitudes.max() > 0 else 0
        hint = (
            f"The strongest {sort}input has {best:.0f}% of the largest"
            if rule.percent <= 100
            else "The largest itself has 100%"
        )
        raise InputError(f"no {sort}input has {rule.percent:g}% of the largest", hint=hint)
    return chosen


def _sign(word: str | None) -> Sign | None:
    return None if word is None else "exciting" if word.strip() == "exciting" else "inhibiting"


def _channel(written: int | str, layer: str) -> int:
    if isinstance(written, int) and not isinstance(written, bool):
        return written
    name, _, number = str(written).strip().rpartition(":")
    if not number.isdigit():
        raise InputError(f'"{written}" is no neuron', hint=f"Write its channel, or {layer}:0")
    if name and name != layer:
        raise InputError(
            f"{written} is not in {layer}, which the inputs are in",
            hint=f"Write {layer}:{number}, or name the layer with `from`",
        )
    return int(number)


def _nearest_rule(text: str) -> str:
    """The example nearest to the words, with the author's own number in it."""
    number = re.search(r"\d+(\.\d+)?", text)
    rules = [re.sub(r"\d+", number[0] if number else r"\g<0>", example) for example in EXAMPLES]
    return did_you_mean(text, rules) or f'Write for example "{EXAMPLES[0]}" or "{EXAMPLES[3]}"'
