"""Blocks: how a directive stands in the text, `/// name | argument`, its options and text, and `///`.

What directives there are is said in `directives`. Here they are found and read, with everything that is wrong with them,
and Python-Markdown is taught to leave a slot for each, with its text as HTML inside.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from markdown import Markdown
from markupsafe import Markup
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block as MarkdownBlock

from early_vision.article.directives import DIRECTIVES, Directive, Html
from early_vision.article.nesting import INSIDE, ON_ITS_OWN
from early_vision.article.raw_html import read_html
from early_vision.article.schema import validate
from early_vision.article.source import Source, put_together
from early_vision.article.yaml_source import Located, read_yaml
from early_vision.errors import Problem, did_you_mean

OPENING = re.compile(r" {0,3}(/{3,}) *([\w-]+) *(?:\| *(.*?) *)?$")
CLOSING = re.compile(r" {0,3}(/{3,}) *$")
ATTEMPT = re.compile(r" {0,3}/{3,}")
NESTED = re.compile(r"[\s>*+\-\d.)]*/{3,} *[\w-]+")
OPTION = re.compile(r"\s*[A-Za-z_]+:(\s|$)")
SLOT = re.compile(r'<div class="slot">\s*<data class="begin"></data>(.*?)<data class="end"></data>\s*</div>', re.DOTALL)
"""What Markdown makes of a block. An author's text can hold no <data> element."""


@dataclass(frozen=True)
class Found:
    """A directive as it stands in the text.

    Attributes:
        name, argument: from its first line; no argument is None.
        slashes: what it has to be closed with.
        line: of its first line.
        content: the lines up to its last.
        end: the line after its last.
        closed: whether there is a last line.
    """

    name: str
    argument: str | None
    slashes: str
    line: int
    content: Source
    end: int
    closed: bool


@dataclass(frozen=True)
class Block:
    """A directive that was read.

    Attributes:
        directive: its argument and options; None when something is wrong with them.
        found: how it stands in the text.
        options: its options, with their places.
        written_id: the id that it asks for, right or wrong as it may otherwise be.
        text: its text as HTML, or empty.
        anchor: its id on the page, or empty.
        number: its number among the article's figures, or tables; 0 when it is neither.
    """

    directive: Directive | None
    found: Found
    options: Located
    written_id: str = ""
    text: Markup = Markup()
    anchor: str = ""
    number: int = 0

    @property
    def line(self) -> int:
        return self.found.line

    @property
    def caption(self) -> Markup:
        """Its text as a caption: a single paragraph goes without its element."""
        return without_paragraph(self.text)


def without_paragraph(html: Markup) -> Markup:
    """HTML of a single paragraph without the paragraph's element; other HTML as it is."""
    single = re.fullmatch(r"\s*<p>((?:(?!</?p>).)*)</p>\s*", html, re.DOTALL)
    return Markup(single[1]) if single else html


def find_blocks(source: Source) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
    """Every directive of a text in its order, and what is wrong with how they open and close.

    One that is not closed is taken to end before the next empty line, so that what follows is still read.
    """
    blocks: list[Found] = []
    problems: list[Problem] = []
    opened: tuple[int, re.Match] | None = None

    def end(line: int, match: re.Match, number: int, closed: bool) -> None:
        if not closed:
            number = next(
                (n for n in range(line + 1, number) if not source.lines[n - source.first_line].strip()), number
            )
            hint = f"End it with a line of its own that says {match[1]}"
            problems.append(source.problem(f"the directive {match[2]} is not closed", line, hint))
        content = source.part(line + 1, number)
        blocks.append(Found(match[2], match[3], match[1], line, content, number + closed, closed))

    for number, text in source.prose:
        if CLOSING.match(text):
            if opened is None:
                hint = "Remove it, or write `/// name` above"
                problems.append(source.problem("this /// closes no directive", number, hint))
            else:
                end(*opened, number, closed=True)
            opened = None
        elif match := OPENING.match(text):
            if opened:
                end(*opened, number, closed=False)
            opened = number, match
        elif ATTEMPT.match(text):
            problems.append(source.problem("this is no directive", number, "Write `/// name` or `/// name | argument`"))
    if opened:
        end(*opened, source.first_line + len(source.lines), closed=False)
    return tuple(blocks), tuple(problems)


def read_blocks(source: Source, layers: Sequence[str]) -> tuple[Source, tuple[Block, ...], tuple[Problem, ...]]:
    """A text ready for Markdown, its blocks, and everything that is wrong with these.

    In the text that comes back, blocks have lost their options, and a caption among these has become their text: what
    an author writes in a caption is then a part of the article like everything else, footnotes included. The text of an
    unknown directive is left as if it stood by itself.

    Args:
        source: the article's text.
        layers: of the article's network.
    """
    found, wrong = find_blocks(source)
    problems, at = list(wrong), source.first_line
    blocks: list[Block] = []
    lines: Lines = []
    for one in found:
        lines += _written(source.part(at, one.line))
        at, place = one.end, source.place(one.line)
        block, text, own = _read(source, one, layers)
        problems += own
        if block:
            blocks.append(block)
            lines += [(f"{one.slashes} {one.name}", *place), ("", *place), *text, (one.slashes, *place), ("", *place)]
        else:
            lines += text
    lines += _written(source.since(at))
    return put_together(source.file, lines), tuple(blocks), tuple(problems)


def check_places(source: Source, html: str, blocks: Sequence[Block]) -> list[Problem]:
    """Directives that the HTML does not hold as they stand in the text, such as those inside of lists."""
    if len(SLOT.findall(html)) == len(blocks) or source.unclosed_fence:
        # A fence that is not closed is told of, and whether what follows is code can only be guessed.
        return []
    openings = {block.line for block in blocks}
    inside = [number for number, text in source.prose if NESTED.match(text) and number not in openings]
    line = next(iter(inside or [block.line for block in blocks]), None)
    return [source.problem(INSIDE, line, ON_ITS_OWN)]


def split_slots(html: str, blocks: Sequence[Block]) -> Iterator[Markup | Block]:
    """HTML cut at the slots of blocks, and each block with its text."""
    start = 0
    for match, block in zip(SLOT.finditer(html), blocks, strict=True):
        if html[start : match.start()].strip():
            yield Markup(html[start : match.start()])
        yield replace(block, text=block.text or Markup(match[1].strip()))
        start = match.end()
    if html[start:].strip():
        yield Markup(html[start:])


class DirectiveExtension(BlocksExtension):
    """Makes Python-Markdown turn each directive into its slot."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr) -> None:
        for name in DIRECTIVES:
            block_mgr.register(type("DirectiveBlock", (SlotBlock,), {"NAME": name}), self.getConfigs())


class SlotBlock(MarkdownBlock):
    """A directive as Python-Markdown sees it: a slot around its text."""

    ARGUMENT = None

    def on_validate(self, parent: ElementTree.Element) -> bool:
        # Within a list or a quotation pymdownx may look for its end for ever.
        return parent is self.md.parser.root

    def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
        return ElementTree.SubElement(parent, "div", {"class": "slot"})

    def on_end(self, block: ElementTree.Element) -> None:
        block.insert(0, ElementTree.Element("data", {"class": "begin"}))
        ElementTree.SubElement(block, "data", {"class": "end"})


Lines = list[tuple[str, Path, int | None]]


def _read(source: Source, found: Found, layers: Sequence[str]) -> tuple[Block | None, Lines, list[Problem]]:
    """A directive, its text ready for Markdown, and everything that is wrong with it."""
    kind = DIRECTIVES.get(found.name)
    if kind is None:
        hint = did_you_mean(found.name, DIRECTIVES) or f"Known directives: {', '.join(DIRECTIVES)}"
        message = f'unknown directive "{found.name}"'
        return None, _written(found.content), [source.problem(message, found.line, hint)]
    problems = _argument_problems(source, found, kind, layers)
    options, text, wrong = _options(source, found, kind)
    problems += wrong
    filled = any(line.strip() for line in text.lines)
    if kind.TEXT == "none" and filled:
        first = next(number for number, line in enumerate(text.lines, text.first_line) if line.strip())
        message, hint = f"the directive {found.name} takes no text", f"Close it with {found.slashes} first"
        problems.append(source.problem(message, first, hint))
        text = text.part(text.first_line, text.first_line)
    lines = _written(text)
    caption = options.data.get("caption") if isinstance(options.data, dict) else None
    if isinstance(caption, str):
        line = options.line(("caption",))
        if kind.TEXT == "caption" and filled:
            hint = "Keep the key `caption` or the text, not both"
            problems.append(source.problem("the caption is given twice", line, hint))
        lines = [
            *((one, *source.place(line)) for one in caption.strip().split("\n")),
            ("", *source.place(line)),
            *lines,
        ]
    html = Markup()
    if kind is Html:
        # Markdown is not to see it.
        html, broken = read_html(text)
        problems += broken
        lines = []
    directive = None
    if not problems:
        given = {kind.ARGUMENT: found.argument} if kind.ARGUMENT and found.argument else {}
        directive, invalid = validate(kind, replace(options, data={**options.data, **given}))
        problems += invalid
    elif isinstance(options.data, dict) and not wrong and kind.ARGUMENT:
        # What is wrong with the options is told together with what is wrong with the argument.
        given = {kind.ARGUMENT: found.argument or kind.EXAMPLE}
        problems += validate(kind, replace(options, data={**options.data, **given}))[1]
    asked = options.data.get("id") if isinstance(options.data, dict) else None
    return Block(directive, found, options, asked if isinstance(asked, str) else "", html), lines, problems


def _options(source: Source, found: Found, kind: type[Directive]) -> tuple[Located, Source, list[Problem]]:
    """The options of a directive, and the text after them: options go on to the first empty line."""
    content = found.content
    known = [name for name in kind.model_fields if name != kind.ARGUMENT]
    begins = bool(known) and bool(content.text) and OPTION.match(content.lines[0])
    empty = (n for n, line in enumerate(content.lines, content.first_line) if not line.strip())
    cut = next(empty, content.first_line + len(content.lines)) if begins else content.first_line
    written = content.part(content.first_line, cut)
    located, wrong = read_yaml(written) if begins else (Located(written, {}), ())
    problems = list(wrong)
    if located.data is None and not problems:
        located = replace(located, data={})
    if kind.ARGUMENT and isinstance(located.data, dict) and kind.ARGUMENT in located.data:
        hint = f"Write it on the first line: `/// {found.name} | {located.data[kind.ARGUMENT]}`"
        problems.append(written.problem(f'"{kind.ARGUMENT}" is no option', located.line((kind.ARGUMENT,)), hint))
    # What is missing is missing where the directive begins, which is outside of its options.
    placed = replace(located, source=source, places={**located.places, (): found.line})
    return placed, content.since(cut), problems


def _argument_problems(source: Source, found: Found, kind: type[Directive], layers: Sequence[str]) -> list[Problem]:
    if not kind.ARGUMENT:
        if found.argument is None:
            return []
        message = f"the directive {found.name} takes no argument"
        return [source.problem(message, found.line, f"Write `/// {found.name}`")]
    if not found.argument:
        if not kind.model_fields[kind.ARGUMENT].is_required():
            return []
        example = layers[0] if kind.ARGUMENT == "layer" else kind.EXAMPLE
        hint = f"Write for example `/// {found.name} | {example}`"
        return [source.problem(f"the directive {found.name} needs a {kind.ARGUMENT}", found.line, hint)]
    if kind.ARGUMENT == "layer" and found.argument not in layers:
        hint = did_you_mean(found.argument, layers) or f"Known layers: {', '.join(layers)}"
        return [source.problem(f'there is no layer "{found.argument}"', found.line, hint)]
    return []


def _written(source: Source) -> Lines:
    """The lines of a text, each with where it was written."""
    return [(text, *source.place(number)) for number, text in enumerate(source.lines, source.first_line)]
