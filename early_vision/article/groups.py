"""Neuron groups: reading them, and seeing to it that every neuron of a layer is in exactly one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from early_vision.article.markdown_html import render_markdown
from early_vision.article.schema import GroupEntry, Part, validate
from early_vision.article.source import Source, read_source
from early_vision.article.yaml_source import Located, read_yaml
from early_vision.errors import InputError, Problem, did_you_mean
from early_vision.memory import Memory

RANGE = re.compile(r"\s*(\d{1,5})\s*[-–]\s*(\d{1,5})\s*")


@dataclass(frozen=True)
class Group:
    """A neuron group of a layer.

    Attributes:
        layer, name: the layer it sorts, and what it is called.
        anchor: the id of its card, unique on the page.
        priority: higher ones come first in the layer.
        description: HTML, or empty.
        neurons: channels in display order.
        links: every address that the description links to.
        file, line: where the author wrote it.
        text: the file from the description on, for places in messages; None without one.
    """

    layer: str
    name: str
    anchor: str
    priority: int
    description: Markup
    neurons: tuple[int, ...]
    links: tuple[str, ...]
    file: Path
    line: int
    text: Source | None = None


@dataclass(frozen=True)
class Placed:
    """A channel as an author wrote it into a group."""

    channel: int
    group: str
    line: int


def anchor_of(layer: str, name: str) -> str:
    """The anchor of a group by the rule of 2020: lower case, letters of any script, digits and
    full stops stay, all else becomes one underscore."""
    return f"group_{layer}_" + re.sub(r"[^\w.]+|_+", "_", name.lower()).strip("_")


def display_order(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The order in which a layer shows its groups: by priority, then the larger first, then as written."""
    return tuple(sorted(groups, key=lambda group: (-group.priority, -len(group.neurons))))


def in_part(groups: Iterable[Group], part: Part) -> tuple[Group, ...]:
    """The groups of a layer that belong to one of its parts, in display order."""
    shown = display_order(groups)
    return shown if part == "all" else tuple(group for group in shown if (group.priority > 0) == (part == "priority"))


def read_taxonomy(
    folder: Path, layers: Mapping[str, int], memory: Memory
) -> tuple[dict[str, tuple[Group, ...]], tuple[Problem, ...]]:
    """The groups of every layer, in the order of their files, and everything that is wrong with them.

    Args:
        folder: holds `<layer>.yaml` for each layer.
        layers: how many neurons each layer has.
        memory: keeps the groups of files that stay the same.
    """
    taxonomy, problems = {}, []
    # Names that begin with a full stop are those of editors and Macs.
    for path in sorted(path for path in folder.glob("*.y*ml") if not path.name.startswith(".")):
        if path.stem not in layers or path.suffix != ".yaml":
            hint = (
                did_you_mean(path.name, [f"{layer}.yaml" for layer in layers]) or f"Known layers: {', '.join(layers)}"
            )
            problems.append(Problem("no layer of the network goes by this file's name", file=path, hint=hint))
    for layer, neurons in layers.items():
        path = folder / f"{layer}.yaml"
        if not path.is_file():
            hint = f"Write a list of groups that holds the neurons 0 to {neurons - 1}"
            problems.append(Problem(f"layer {layer} has no groups file", file=path, hint=hint))
            continue
        try:
            taxonomy[layer], found = memory(read_groups, read_source(path), layer, layers, at=path)
            problems += found
        except InputError as error:
            taxonomy[layer] = ()
            problems += error.problems
    return taxonomy, tuple(problems)


def read_groups(source: Source, layer: str, layers: Mapping[str, int]) -> tuple[tuple[Group, ...], tuple[Problem, ...]]:
    """The groups of one layer, and everything that is wrong with them; `layers` has the neurons of every layer."""
    located, problems = read_yaml(source)
    if not isinstance(located.data, list):
        if not problems:
            problems = (source.problem("the file is not a list of groups", 1, "Begin each group with `- name: …`"),)
        return (), problems
    located = _with_ranges(located)
    groups, found = [], list(problems)
    for index in range(len(located.data)):
        entry, wrong = validate(GroupEntry, located, (index,))
        found += wrong
        if entry:
            group, wrong = _group(located, index, layer, entry, layers)
            groups.append(group)
            found += wrong
    found += _twice(source, groups, "name") + _twice(source, groups, "anchor")
    found += coverage(source, _placed(located), layers[layer])
    return tuple(groups), tuple(sorted(found, key=lambda error: error.line or 0))


def _with_ranges(located: Located) -> Located:
    """A file's groups with the channels of ranges such as `0-2` one by one."""
    data, places = [], dict(located.places)
    for index, entry in enumerate(located.data):
        if isinstance(entry, dict) and isinstance(entry.get("neurons"), list):
            channels: list[object] = []
            for position, channel in enumerate(entry["neurons"]):
                line = located.line((index, "neurons", position))
                found = RANGE.fullmatch(channel) if isinstance(channel, str) else None
                first, last = (int(found[1]), int(found[2])) if found else (0, -1)
                some = range(first, last + 1) if first <= last else [channel]
                places |= {(index, "neurons", len(channels) + at): line for at in range(len(some))}
                channels += some
            entry = {**entry, "neurons": channels}
        data.append(entry)
    return replace(located, data=data, places=places)


def coverage(source: Source, placed: Sequence[Placed], neurons: int) -> list[Problem]:
    """What keeps the neurons 0 to `neurons` - 1 from being in exactly one group each."""
    problems: list[Problem] = []
    first: dict[int, Placed] = {}
    for one in placed:
        if not 0 <= one.channel < neurons:
            hint = f"Its neurons are 0 to {neurons - 1}"
            problems.append(
                source.problem(f'neuron {one.channel} of "{one.group}" is not in the layer', one.line, hint)
            )
        elif (other := first.setdefault(one.channel, one)) is not one:
            where = (
                f'"{other.group}" on line {other.line}'
                if other.group != one.group
                else f"this group on line {other.line}"
            )
            message = f'neuron {one.channel} of "{one.group}" is already in {where}'
            problems.append(source.problem(message, one.line, "Keep it in one of the two places"))
    missing = [channel for channel in range(neurons) if channel not in first]
    if missing:
        listed = ", ".join(map(str, missing[:20])) + (f" and {len(missing) - 20} more" if len(missing) > 20 else "")
        verb = "neuron is" if len(missing) == 1 else "neurons are"
        problems.append(source.problem(f"{len(missing)} {verb} in no group: {listed}", source.first_line))
    return problems


def _placed(located: Located) -> list[Placed]:
    """Every whole number in a group's list of neurons, whatever else is wrong with the group."""
    placed = []
    for index, entry in enumerate(located.data):
        channels = entry.get("neurons") if isinstance(entry, dict) else None
        for position, channel in enumerate(channels if isinstance(channels, list) else ()):
            if isinstance(channel, int) and not isinstance(channel, bool):
                line = located.line((index, "neurons", position))
                placed.append(Placed(channel, str(entry.get("name", f"group {index + 1}")), line))
    return placed


def _group(
    located: Located, index: int, layer: str, entry: GroupEntry, layers: Mapping[str, int]
) -> tuple[Group, tuple[Problem, ...]]:
    description, text = Markup(), None
    links: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    if entry.description:
        text = located.source.since(located.line((index, "description")))
        rendered, problems = render_markdown(entry.description, text, layers)
        description, links = rendered.html, rendered.found.links
    anchor = entry.anchor or anchor_of(layer, entry.name)
    line = located.line((index, "anchor") if entry.anchor else (index, "name"))
    group = Group(
        layer, entry.name, anchor, entry.priority, description, entry.neurons, links, located.source.file, line, text
    )
    return group, problems


def _twice(source: Source, groups: Sequence[Group], what: str) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[str, Group] = {}
    for group in groups:
        value = getattr(group, what)
        other = first.setdefault(value.lower(), group)
        # Groups of one name have one anchor too: say it once.
        if other is not group and not (what == "anchor" and other.name.lower() == group.name.lower()):
            hint = "Give one of them another name" if what == "name" else "Give one of them another `anchor`"
            problems.append(
                source.problem(
                    f'two groups have the {what} "{value}", the first on line {other.line}', group.line, hint
                )
            )
    return problems
