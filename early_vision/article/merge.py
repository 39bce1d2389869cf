"""Proposals and an author's file of groups brought together, in the author's own text.

What an author placed stays where it is, with its order, description and comments, letter for letter. Only neurons that
are in no group, or under the heading `PLACEHOLDER`, are placed anew; comments say which they are.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from early_vision.article.proposals import Proposal
from early_vision.errors import InputError

PLACEHOLDER = "Not yet grouped"
WIDTH = 112
MEND = "Put right what `python build.py check` says about it, then propose again"


@dataclass(frozen=True)
class Written:
    """A group as it stands in an author's file.

    Attributes:
        name: what the author calls it.
        neurons: channels in the author's order.
        node: the list of them in the text.
        key: the word `neurons` in the text.
        start, stop: where the group begins and ends in the text.
    """

    name: str
    neurons: tuple[int, ...]
    node: yaml.SequenceNode
    key: yaml.ScalarNode
    start: int
    stop: int


def merge(text: str | None, layer: str, proposals: Iterable[Proposal], file: str = "") -> str:
    """The text of a groups file with the proposals worked in.

    Args:
        text: the author's file, or None where there is none.
        layer: which layer it sorts.
        proposals: every neuron of the layer once.
        file: what messages call the file.

    Returns:
        the same text where nothing is new.

    Raises:
        InputError: when the author's file cannot be read as a list of groups.
    """
    if text is None or not text.strip():
        return _heading(layer) + "\n".join(_block(proposal) for proposal in proposals)
    groups = _read(text, file)
    kept = [group for group in groups if group.name != PLACEHOLDER]
    placed = {neuron for group in kept for neuron in group.neurons}
    new = [_without(proposal, placed) for proposal in proposals]
    by_name = {group.name: group for group in kept}
    edits: list[tuple[int, int, str]] = [(group.start, group.stop, "") for group in groups if group.name == PLACEHOLDER]
    blocks = []
    for proposal in (p for p in new if p.neurons):
        if proposal.name in by_name:
            edits += _additions(text, by_name[proposal.name], proposal)
        else:
            blocks.append(_block(proposal))
    for start, stop, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[stop:]
    if blocks:
        text = text.rstrip("\n") + ("\n\n" if text.strip() else "") + "\n".join(blocks)
    return text


def _heading(layer: str) -> str:
    return (
        f"# Groups of {layer} as proposed from measurements. Rename, reorder and describe them: proposing again keeps\n"
        "# what is here.\n\n"
    )


def _read(text: str, file: str) -> list[Written]:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InputError("the groups cannot be read as YAML", file=file or None, hint=MEND) from error
    items = root.value if isinstance(root, yaml.SequenceNode) else [None]
    return [_group(item, text, file) for item in items]


def _group(item: yaml.Node | None, text: str, file: str) -> Written:
    entries = {key.value: (key, value) for key, value in item.value} if isinstance(item, yaml.MappingNode) else {}
    if (
        item is None
        or not {"name", "neurons"} <= entries.keys()
        or not isinstance(entries["neurons"][1], yaml.SequenceNode)
    ):
        line = item.start_mark.line + 1 if item else 1
        raise InputError("this is no group with a name and neurons", file=file or None, line=line, hint=MEND)
    key, node = entries["neurons"]
    channels = [one.value for one in node.value]
    if not channels or not all(re.fullmatch(r"\d+", str(channel)) for channel in channels):
        raise InputError(
            "the neurons are not a list of channels", file=file or None, line=key.start_mark.line + 1, hint=MEND
        )
    start = text.rindex("-", 0, item.start_mark.index)
    last = max(value.end_mark.index for _, value in entries.values())
    end = text.find("\n", last - 1)
    stop = len(text) if end < 0 else end + 1
    return Written(str(entries["name"][1].value), tuple(map(int, channels)), node, key, start, stop)


def _without(proposal: Proposal, placed: set[int]) -> Proposal:
    kept = [i for i, neuron in enumerate(proposal.neurons) if neuron not in placed]
    confidence = proposal.confidence and tuple(proposal.confidence[i] for i in kept)
    return Proposal(proposal.name, tuple(proposal.neurons[i] for i in kept), confidence)


def _additions(text: str, group: Written, proposal: Proposal) -> list[tuple[int, int, str]]:
    """The edits that put neurons at the end of an author's list, with a comment above it."""
    last, key = group.node.value[-1].end_mark.index, group.key.start_mark
    if group.node.flow_style:
        added = "".join(f", {neuron}" for neuron in proposal.neurons)
    else:
        indent = " " * (group.node.value[-1].start_mark.column - 2)
        added = "".join(f"\n{indent}- {neuron}" for neuron in proposal.neurons)
    line = text.rindex("\n", 0, key.index) + 1
    comment = "".join(f"{' ' * key.column}{one}\n" for one in _comment("new", _confidences(proposal)))
    return [(line, line, comment), (last, last, added)]


def _block(proposal: Proposal) -> str:
    """A new group, with a comment on how sure it is."""
    listed = ", ".join(map(str, proposal.neurons))
    one_line = f"  neurons: [{listed}]"
    if len(one_line) > WIDTH:
        wrapped = textwrap.fill(listed, WIDTH, initial_indent="    ", subsequent_indent="    ")
        one_line = f"  neurons: [\n{wrapped}\n  ]"
    comment = "\n".join(_comment("proposed", _certainty(proposal)))
    return f"{comment}\n- name: {proposal.name}\n{one_line}\n"


def _certainty(proposal: Proposal) -> str:
    if proposal.confidence is None:
        return "by the rule for the filters of a first layer"
    least, most = min(proposal.confidence), max(proposal.confidence)
    doubtful = [f"{n} ({c:.2f})" for n, c in zip(proposal.neurons, proposal.confidence, strict=True) if c < 0.6]
    listed = f"; below 0.6: {', '.join(doubtful)}" if doubtful and len(doubtful) < len(proposal.neurons) else ""
    return f"with scores of {least:.2f} to {most:.2f}{listed}"


def _confidences(proposal: Proposal) -> str:
    if proposal.confidence is None:
        return ", ".join(map(str, proposal.neurons))
    return ", ".join(f"{n} ({c:.2f})" for n, c in zip(proposal.neurons, proposal.confidence, strict=True))


def _comment(mark: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{mark}: {text}" if mark == "new" else f"{mark} {text}", WIDTH, initial_indent="# ", subsequent_indent="# "
    )
