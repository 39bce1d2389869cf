"""Numbers and ids of what is counted in an article: its figures and its tables."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup

from early_vision.article.allowed_html import check_html
from early_vision.article.blocks import Block
from early_vision.article.directives import DIRECTIVES
from early_vision.article.source import Source
from early_vision.errors import Problem

WORDS = {"fig": "figure", "table": "table"}


def counted_as(block: Block) -> str:
    """Among what a block is counted: "fig", "table", or nothing."""
    return DIRECTIVES[block.found.name].COUNTED


def numbered(pieces: Iterable[Markup | Block]) -> tuple[Markup | Block, ...]:
    """A text's pieces, with a number and an anchor for each block that is counted."""
    counts, found = dict.fromkeys(WORDS, 0), []
    for piece in pieces:
        if isinstance(piece, Block) and (kind := counted_as(piece)):
            counts[kind] += 1
            anchor = f"{kind}-{piece.written_id}" if piece.written_id else f"{WORDS[kind]}-{counts[kind]}"
            piece = replace(piece, number=counts[kind], anchor=anchor)
        found.append(piece)
    return tuple(found)


def block_ids(pieces: Iterable[Markup | Block]) -> tuple[str, ...]:
    """The anchors of a text's figures and tables, each once, and the ids in its raw HTML."""
    blocks = [piece for piece in pieces if isinstance(piece, Block)]
    anchors = dict.fromkeys(block.anchor for block in blocks if block.anchor)
    return (*anchors, *(id for block in blocks if block.found.name == "html" for id in check_html(block.text).ids))


def id_problems(source: Source, blocks: Sequence[Block]) -> list[Problem]:
    """Ids that two figures, or two tables, ask for."""
    problems: list[Problem] = []
    first: dict[tuple[str, str], Block] = {}
    for block in blocks:
        if block.written_id and (kind := counted_as(block)):
            other = first.setdefault((kind, block.written_id), block)
            if other is not block:
                _, line = source.place(other.line)
                message = f'two {WORDS[kind]}s have the id "{block.written_id}", the first on line {line}'
                line = block.options.line(("id",))
                problems.append(source.problem(message, line, "Give one of them another id"))
    return problems
