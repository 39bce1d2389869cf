"""Anchors: each given once, each layer's there, and every link to one of them leading somewhere."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from early_vision.article.groups import Group
from early_vision.article.page_anchors import PAGE_ANCHORS, heading_anchor
from early_vision.article.source import Source
from early_vision.errors import Problem, did_you_mean


@dataclass(frozen=True)
class Link:
    """An address that an author links to, and where."""

    address: str
    file: Path
    line: int | None


def neuron_anchor(layer: str, channel: int) -> str:
    """The anchor of a neuron's picture in the article."""
    return f"{layer}:{channel}"


def anchor_line(body: Source, anchor: str, occurrence: int) -> int | None:
    """The line that gives an anchor for the n-th time: between braces, or as a heading of that text."""
    given = re.compile(rf"\{{:?[^}}]*#{re.escape(anchor)}[\s}}]")
    lines = [
        number for number, text in body.prose if given.search(text) or heading_anchor(text.lstrip("# "), "-") == anchor
    ]
    return lines[min(occurrence, len(lines) - 1)] if lines else None


def anchor_problems(
    body: Source, ids: tuple[str, ...], groups: Iterable[Group], layers: Mapping[str, int], links: Iterable[Link]
) -> list[Problem]:
    """Anchors given twice, layers without a section, and links to anchors that there are not.

    Args:
        body: the article's text.
        ids: the anchors in it.
        groups: the groups of all layers; those of one layer are already known to differ.
        layers: how many neurons each layer has.
        links: all links of the article.
    """
    problems, known = [], set(PAGE_ANCHORS)
    known.update(neuron_anchor(layer, channel) for layer, neurons in layers.items() for channel in range(neurons))
    for index, anchor in enumerate(ids):
        if anchor in known:
            line = anchor_line(body, anchor, ids[:index].count(anchor))
            message = (
                f'the anchor "{anchor}" is given twice'
                if anchor in ids[:index]
                else f'the anchor "{anchor}" is the page\'s own'
            )
            problems.append(body.problem(message, line, "Give the heading another one"))
        known.add(anchor)
    for group in groups:
        if group.anchor in ids:
            message = f'the anchor "{group.anchor}" is already given in {body.file.name}'
            problems.append(Problem(message, file=group.file, line=group.line, hint="Give the group another `anchor`"))
        known.add(group.anchor)
    for layer in layers:
        if layer not in ids:
            hint = f"Write its heading as `# … {{#{layer}}}`"
            problems.append(
                body.problem(f"layer {layer} has no section: no heading has the anchor {layer}", None, hint)
            )
    for link in links:
        if link.address.startswith("#") and link.address[1:] not in known:
            message = f'there is no anchor "{link.address[1:]}" to link to'
            problems.append(
                Problem(message, file=link.file, line=link.line, hint=did_you_mean(link.address[1:], known))
            )
    return problems
