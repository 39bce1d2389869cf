"""A circuit figure as an author writes it, and the circuit that it stands for.

In an article, between `/// circuit | fan-in` and `///`, as YAML:

    title: Stripes of either contrast
    target: conv2d1:41                       # or `parts`: several of them, each with its own target and inputs
    inputs: at least 50% of the largest

What may stand there is in `FigureEntry`. The words of `inputs` are explained in `selection`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, get_args

import numpy as np
from pydantic import ConfigDict, Field

from early_vision.article.schema import Strict, Text
from early_vision.circuits.circuit import Circuit, Connect, Neuron, Part, outline_part, part_of
from early_vision.circuits.connections import Connections, adjacent_pairs, scaled
from early_vision.circuits.selection import parse_rule
from early_vision.circuits.strengths import Measure
from early_vision.drawing.layouts import LAYOUTS
from early_vision.errors import InputError, Problem, closest, did_you_mean
from early_vision.network.architecture import INPUT, Architecture

Inputs = str | int | Annotated[tuple[int | str, ...], Field(strict=False)]


class PartEntry(Strict):
    """One neuron with inputs of it.

    Attributes:
        target: the neuron, such as `mixed3a:52`; may be left out where the figure has one for all parts.
        inputs: which ones, such as `the 16 strongest` or `[101, 115]`.
        from_: the layer they are in; by default the one right before the target's.
        heading: what stands above them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    inputs: Inputs
    target: Text | None = None
    from_: Annotated[Text | None, Field(alias="from")] = None
    heading: Text | None = None


class FigureEntry(Strict):
    """A circuit figure.

    Attributes:
        title: what it shows, in a few words: the figure's name for those who cannot see it.
        parts: its neurons with their inputs, each with `target`, `inputs` and `from`.
        target, inputs, from_: in place of `parts`, for one neuron.
        through: for a figure in two steps, which inputs of each input are shown.
        by: what inputs are ranked by: the `norm` of their kernel, or its `largest` weight.
        scaled: `typical` multiplies weights with the source's mean activation.
        note: a sentence inside the figure.
        caption: markdown, below it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    title: Text
    target: Text | None = None
    inputs: Inputs | None = None
    from_: Annotated[Text | None, Field(alias="from")] = None
    through: Inputs | None = None
    parts: Annotated[tuple[PartEntry, ...], Field(strict=False)] = ()
    by: Text = "norm"
    scaled: Text | None = None
    note: Text | None = None
    caption: Text | None = None


Misplaced = tuple[tuple[str | int, ...], Problem]
"""The keys of a figure that lead to the place, and what is wrong there."""


Typical = Callable[[str], tuple[np.ndarray, str]]
"""typical(layer): the typical activation of its neurons, [n], and which one that is, in words."""


def resolve(
    layout: str, entry: FigureEntry, architecture: Architecture, connect: Connect | None, typical: Typical | None = None
) -> tuple[Circuit | None, tuple[Misplaced, ...]]:
    """The circuit that a figure stands for, or None and everything that is wrong with it.

    Args:
        layout: the name of a layout.
        entry: what the author wrote.
        architecture: of the network.
        connect: gives the expanded weights between two layers; called only for layers that there are. None where the
            weights are not here.
        typical: gives what weights are scaled with; None where nothing was measured.
    """
    if layout not in LAYOUTS:
        return None, (
            (
                (),
                Problem(
                    f'there is no layout "{layout}"',
                    hint=did_you_mean(layout, LAYOUTS) or f"Known layouts: {', '.join(LAYOUTS)}",
                ),
            ),
        )
    found: list[Part] = []
    wrong = list(_shape_problems(layout, entry))
    if not wrong:
        for index, part in enumerate(
            entry.parts or (PartEntry(inputs=entry.inputs or (), target=entry.target, from_=entry.from_),)
        ):
            path: tuple[str | int, ...] = ("parts", index) if entry.parts else ()
            resolved, problems = _part(entry, part, path, architecture, connect, typical)
            found += [resolved] if resolved else []
            wrong += problems
    if wrong:
        return None, tuple(wrong)
    if layout == "mirrored":
        # The same inputs at either side, whatever their rank there.
        first = [one.neuron for one in found[0].inputs]
        if {one.neuron for one in found[1].inputs} == set(first):
            found[1] = replace(found[1], inputs=tuple(sorted(found[1].inputs, key=lambda one: first.index(one.neuron))))
    what = typical(found[0].inputs[0].neuron.layer)[1] if entry.scaled and connect and typical else None
    return Circuit(layout, entry.title, tuple(found), entry.note or "", what, connect is not None), ()


def parse_neuron(written: str, architecture: Architecture) -> Neuron:
    """A neuron such as `mixed3a:52`.

    Raises:
        InputError: without a file, when there is none of that name, with the nearest valid thing.
    """
    layer, colon, channel = written.partition(":")
    layer = layer.strip()
    if not colon or not channel.strip().isdigit():
        hint = f"Write it as layer and channel, such as {nearest_layer(layer, architecture)}:0"
        raise InputError(f'"{written}" is no neuron', hint=hint)
    if layer not in architecture.layers:
        hint = did_you_mean(layer, architecture.layers) or f"Known layers: {', '.join(architecture.layers)}"
        raise InputError(f'there is no layer "{layer}"', hint=hint)
    neurons, number = architecture.layers[layer].neurons, int(channel)
    if number >= neurons:
        raise InputError(f"there is no neuron {number} in {layer}", hint=f"Its neurons are 0 to {neurons - 1}")
    return Neuron(layer, number)


def nearest_layer(word: str, architecture: Architecture) -> str:
    """The layer with the nearest name, or the first one."""
    names = list(architecture.layers)
    return next((name for name in names if closest(word, [name])), names[0])


def _shape_problems(layout: str, entry: FigureEntry) -> list[Misplaced]:
    """Parts that are missing, too many, or beside what would be one of their own."""
    takes, count = LAYOUTS[layout], len(entry.parts) or 1
    if entry.parts and entry.inputs is not None:
        return [(("inputs",), Problem("`inputs` stands beside `parts`", hint="Put it into the parts"))]
    if not entry.parts and (entry.target is None or entry.inputs is None):
        return [
            (
                (),
                Problem(
                    "the figure does not say which neuron and which inputs", hint="Write `target: …` and `inputs: …`"
                ),
            )
        ]
    if not takes.least <= count <= takes.most:
        number = f"{takes.least}" if takes.least == takes.most else f"{takes.least} to {takes.most}"
        noun = "part" if takes.most == 1 else "parts"
        return [(("parts",), Problem(f"the layout {layout} takes {number} {noun}, not {count}"))]
    problems: list[Misplaced] = [
        (
            (key,),
            Problem(f'`{key}` cannot be "{value}"', hint=did_you_mean(value, known) or f"Known: {', '.join(known)}"),
        )
        for key, value, known in (("by", entry.by, get_args(Measure)), ("scaled", entry.scaled, ("typical",)))
        if value is not None and value not in known
    ]
    for index, part in enumerate(entry.parts):
        if part.target is None and entry.target is None:
            problems.append((("parts", index), Problem(f"part {index + 1} has no `target`")))
        if takes.one_target and part.target not in (None, entry.target):
            problems.append(
                (
                    ("parts", index, "target"),
                    Problem(f"the layout {layout} has one target", hint="Write it once, above `parts`"),
                )
            )
        if takes.one_target and not part.heading:
            problems.append(
                (
                    ("parts", index),
                    Problem(f"part {index + 1} has no `heading`", hint="Name the cue that its inputs have in common"),
                )
            )
    if (layout == "two-step") != (entry.through is not None):
        message = (
            "a figure in two steps needs `through`"
            if layout == "two-step"
            else f"the layout {layout} takes no `through`"
        )
        problems.append(
            (
                ("through",),
                Problem(message, hint="Such as `through: the 4 strongest`" if layout == "two-step" else "Remove it"),
            )
        )
    return problems


def _part(
    entry: FigureEntry,
    part: PartEntry,
    path: tuple,
    architecture: Architecture,
    connect: Connect | None,
    typical: Typical | None,
) -> tuple[Part | None, list[Misplaced]]:
    at = (*path, "target") if part.target or not path else ("target",)
    measure: Measure = "largest" if entry.by == "largest" else "norm"
    try:
        target = parse_neuron(part.target or entry.target or "", architecture)
        at = (*path, "from")
        source = _source(part.from_, target.layer, architecture)
        if connect is None:
            at = (*path, "inputs")
            rule, neurons = parse_rule(part.inputs, source), architecture.layers[source].neurons
            return outline_part(target, source, neurons, rule, str(part.inputs), part.heading or ""), []
        at = (*path, "scaled")
        connections = _scaled(connect(source, target.layer), entry, typical)
        at = (*path, "inputs")
        found = part_of(connections, target.channel, parse_rule(part.inputs, source), measure, part.heading or "")
        if entry.through is not None:
            at = ("through",)
            before = _source(None, source, architecture)
            behind = _scaled(connect(before, source), entry, typical)
            rule = parse_rule(entry.through, before)
            found = replace(
                found, behind=tuple(part_of(behind, one.neuron.channel, rule, measure) for one in found.inputs)
            )
    except InputError as error:
        return None, [(at, one) for one in error.problems]
    return found, []


def _source(written: str | None, layer: str, architecture: Architecture) -> str:
    """The layer that inputs are in."""
    before = dict((later, earlier) for earlier, later in adjacent_pairs(architecture))
    if written is None:
        if before[layer] == INPUT:
            raise InputError(
                f"{layer} reads the picture itself: it has no inputs that are neurons", hint="Name a later layer"
            )
        return before[layer]
    names = list(architecture.layers)
    if written not in names:
        raise InputError(
            f'there is no layer "{written}"', hint=did_you_mean(written, names) or f"Known layers: {', '.join(names)}"
        )
    if names.index(written) >= names.index(layer):
        raise InputError(f"no path leads from {written} to {layer}", hint=f"The layer before it is {before[layer]}")
    return written


def _scaled(connections: Connections, entry: FigureEntry, typical: Typical | None) -> Connections:
    if entry.scaled is None:
        return connections
    if typical is None:
        raise InputError(
            "typical activations were not measured for this network", hint="Remove `scaled`, or measure them"
        )
    activation, what = typical(connections.source)
    return scaled(connections, activation, what)
