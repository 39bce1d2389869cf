"""The texts of an article in the order in which its page shows them, and what their marks can lead to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from early_vision.article.blocks import Block
from early_vision.article.computed import GroupSize
from early_vision.article.directives import LayerGroups
from early_vision.article.groups import Group, display_order, in_part
from early_vision.article.markdown_html import Heading, Rendered
from early_vision.article.numbering import WORDS, counted_as
from early_vision.article.references import Answers, Target, Written, answer_all
from early_vision.article.source import Source
from early_vision.errors import Problem


@dataclass(frozen=True)
class Texts:
    """Everything in an article that may hold marks."""

    abstract: Markup
    body: tuple[Markup | Block, ...]
    taxonomy: Mapping[str, tuple[Group, ...]]
    acknowledgements: Markup


def answer_texts(texts: Texts, sources: Mapping[str, Source], answers: Answers) -> tuple[Texts, tuple[Problem, ...]]:
    """An article's texts with all marks answered, and everything that is wrong with these.

    Args:
        texts: as they were read.
        sources: where the "head" of the article and its "body" were written.
        answers: takes up what is cited.
    """
    order = dict(_in_order(texts, sources))
    html, problems = answer_all(order.values(), answers)
    done = dict(zip(order, html, strict=True))
    body = tuple(
        replace(piece, text=done["body", index]) if isinstance(piece, Block) else done["body", index]
        for index, piece in enumerate(texts.body)
    )
    taxonomy = {
        layer: tuple(replace(group, description=done.get((layer, group.anchor), Markup())) for group in groups)
        for layer, groups in texts.taxonomy.items()
    }
    return Texts(done["abstract", 0], body, taxonomy, done["acknowledgements", 0]), problems


def _in_order(texts: Texts, sources: Mapping[str, Source]) -> Iterator[tuple[tuple[str, str | int], Written]]:
    """Every text and what it is, in the order of the page; groups that it does not show come last."""
    yield ("abstract", 0), Written(texts.abstract, sources["head"])
    left = {layer: list(display_order(groups)) for layer, groups in texts.taxonomy.items()}
    for index, piece in enumerate(texts.body):
        block = piece if isinstance(piece, Block) else None
        if block and isinstance(block.directive, LayerGroups):
            groups = left.get(block.directive.layer, [])
            shown = in_part(groups, block.directive.part)
            left[block.directive.layer] = [group for group in groups if group not in shown]
            yield from _descriptions(shown)
        yield ("body", index), Written(piece.text if isinstance(piece, Block) else piece, sources["body"])
    yield ("acknowledgements", 0), Written(texts.acknowledgements, sources["head"])
    for groups in left.values():
        yield from _descriptions(groups)


def _descriptions(groups: Iterable[Group]) -> Iterator[tuple[tuple[str, str], Written]]:
    for group in groups:
        if group.text:
            yield (group.layer, group.anchor), Written(group.description, group.text)


def targets(
    rendered: Rendered, blocks: Sequence[Block], pieces: Iterable[Markup | Block], groups: Iterable[Group]
) -> dict[str, dict[str, Target]]:
    """What cross-references can lead to, by kind and by name.

    Args:
        rendered: the article's text.
        blocks: as they were read.
        pieces: the same with their numbers, or nothing when the text could not be cut into pieces.
        groups: of all layers.
    """
    found: dict[str, dict[str, Target]] = {kind: {} for kind in (*WORDS, "eq", "sec", "group")}
    shown = [piece for piece in pieces if isinstance(piece, Block)]
    for block in shown or blocks:
        if block.written_id and (kind := counted_as(block)):
            words = Markup(f"{WORDS[kind].capitalize()}\u00a0{block.number}")
            found[kind].setdefault(block.written_id, Target(block.anchor, words))
    for one in rendered.equations:
        if one.label.startswith("eq:"):
            words = Markup(f"Equation\u00a0{escape(one.number)}")
            found["eq"].setdefault(one.label.removeprefix("eq:"), Target(one.anchor, words))
    for heading in _all(rendered.headings):
        found["sec"][heading.anchor] = Target(heading.anchor, heading.text)
    for group in groups:
        found["group"].setdefault(group.anchor, Target(group.anchor, escape(group.name)))
    return found


def _all(headings: Iterable[Heading]) -> Iterator[Heading]:
    for heading in headings:
        yield heading
        yield from _all(heading.below)


def group_sizes(groups: Iterable[Group], layers: Mapping[str, int]) -> dict[str, GroupSize]:
    """What can be counted, by its anchor."""
    sizes = {layer: GroupSize(neurons, sum(layers.values()), "") for layer, neurons in layers.items()}
    for group in groups:
        sizes.setdefault(group.anchor, GroupSize(len(group.neurons), layers[group.layer], group.layer))
    return sizes
