"""Directives: blocks of the form `/// name | argument` … `///` that the site fills in.

A directive leaves a slot in the HTML; the templates put the figure there. Each directive is a dataclass here, its
docstring its reference, its one optional field its argument.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import unescape
from xml.etree import ElementTree

from markdown import Markdown
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from early_vision.article.source import Source
from early_vision.errors import InputError, nearest

OPENING = re.compile(r" {0,3}(/{3,}) *([\w-]+) *(?:\| *(.*?) *)?$")
CLOSING = re.compile(r" {0,3}(/{3,}) *$")
ATTEMPT = re.compile(r" {0,3}/{3,}")
NESTED = re.compile(r"[\s>*+\-\d.)]*/{3,} *[\w-]+")
SLOT = re.compile(r'<div class="slot" data-argument="([^"]*)" data-directive="([\w-]+)"></div>')


@dataclass(frozen=True)
class LayerDiagram:
    """The network at a glance: the image goes in, then each layer with all of its neurons, linked to its section."""


@dataclass(frozen=True)
class LayerGroups:
    """All neuron groups of a layer as cards.

    Attributes:
        layer: the layer, such as `conv2d0`.
    """

    layer: str


@dataclass(frozen=True)
class Claim:
    """A statement about the network that the build holds against the measurements, and shows as checked.

    Attributes:
        claim: such as `conv2d2:17 orientation near 45 within 10`; early_vision/tuning/claims.py says what can be claimed.
    """

    claim: str


@dataclass(frozen=True)
class FamilyShares:
    """A table of how large a part of each layer every kind of neuron has, beside the taxonomy of InceptionV1."""


@dataclass(frozen=True)
class CircuitFigure:
    """A neuron and its inputs, drawn. What to draw stands between the directive's two lines, as YAML.

    Attributes:
        layout: such as `fan-in`; early_vision/circuits/specification.py says what there is to write.
    """

    layout: str


Directive = LayerDiagram | LayerGroups | Claim | FamilyShares | CircuitFigure

DIRECTIVES: Mapping[str, type[Directive]] = {
    "layer-diagram": LayerDiagram,
    "layer-groups": LayerGroups,
    "claim": Claim,
    "family-shares": FamilyShares,
    "circuit": CircuitFigure,
}
WITH_TEXT = frozenset({"circuit"})
"""Directives that take text; who reads it checks it."""
EXAMPLES: Mapping[str, str] = {
    "layer": "conv2d0",
    "claim": "conv2d2:17 orientation near 45 within 10",
    "layout": "fan-in",
}
"""An argument of each kind, by the name of the field that takes it."""


@dataclass(frozen=True)
class Opened:
    """A directive as it stands in the source."""

    line: int
    slashes: str
    name: str
    argument: str | None


def check_directives(source: Source, layers: tuple[str, ...]) -> list[InputError]:
    """Everything that is wrong with the directives of a text: names, arguments, and how they open and close."""
    problems, opened = [], None
    for number, text in source.prose:
        if match := CLOSING.match(text):
            if opened is None:
                problems.append(
                    source.error("this /// closes no directive", number, "Remove it, or write `/// name` above")
                )
            opened = None
        elif match := OPENING.match(text):
            if opened:
                problems.append(_unclosed(source, opened))
            opened = Opened(number, match[1], match[2], match[3])
            problems += _check(source, opened, layers)
        elif ATTEMPT.match(text):
            problems.append(source.error("this is no directive", number, "Write `/// name` or `/// name | argument`"))
        elif opened and text.strip() and opened.name not in WITH_TEXT:
            problems.append(
                source.error(
                    f"the directive {opened.name} takes no text", number, f"Close it with {opened.slashes} first"
                )
            )
            opened = None if opened.name not in DIRECTIVES else opened
    if opened:
        problems.append(_unclosed(source, opened))
    return problems


def check_places(source: Source, html: str) -> list[InputError]:
    """Directives that the HTML does not hold as they stand in the text, such as those inside of lists."""
    openings = [number for number, text in source.prose if OPENING.match(text)]
    if len(SLOT.findall(html)) == len(openings):
        return []
    inside = [number for number, text in source.prose if NESTED.match(text) and number not in openings]
    mend = "Put it on a line of its own, not indented, with an empty line before and after"
    return [source.error("a directive stands inside of something else", (inside or openings)[0], mend)]


def find_claims(source: Source) -> tuple[tuple[str, int], ...]:
    """Every claim of a text, and its line."""
    opened = ((OPENING.match(text), number) for number, text in source.prose)
    return tuple((match[3], number) for match, number in opened if match and match[2] == "claim" and match[3])


def slot_of(match: re.Match) -> Directive:
    """The directive that a slot of checked text stands for."""
    kind = DIRECTIVES[match[2]]
    return kind(unescape(match[1])) if fields(kind) else kind()


class DirectiveExtension(BlocksExtension):
    """Makes Python-Markdown turn each directive into its slot."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr) -> None:  # noqa: N802 (the library's name)
        for name, kind in DIRECTIVES.items():
            block_mgr.register(_block(name, has_argument=bool(fields(kind))), self.getConfigs())


def _block(name: str, has_argument: bool) -> type[Block]:
    class DirectiveBlock(Block):
        NAME = name
        ARGUMENT = has_argument

        def on_create(self, parent: ElementTree.Element) -> ElementTree.Element:
            slot = {"class": "slot", "data-directive": name, "data-argument": self.argument if has_argument else ""}
            return ElementTree.SubElement(parent, "div", dict(sorted(slot.items())))

        def on_markdown(self) -> str:
            return "raw" if name in WITH_TEXT else "auto"

        def on_end(self, block: ElementTree.Element) -> None:
            if name in WITH_TEXT:
                block.text = None

    return DirectiveBlock


def _check(source: Source, opened: Opened, layers: tuple[str, ...]) -> list[InputError]:
    if opened.name not in DIRECTIVES:
        mend = nearest(opened.name, DIRECTIVES) or f"Known directives: {', '.join(DIRECTIVES)}"
        return [source.error(f'unknown directive "{opened.name}"', opened.line, mend)]
    if not fields(DIRECTIVES[opened.name]):
        if opened.argument is None:
            return []
        return [
            source.error(f"the directive {opened.name} takes no argument", opened.line, f"Write `/// {opened.name}`")
        ]
    wanted = fields(DIRECTIVES[opened.name])[0].name
    if not opened.argument:
        mend = f"Write for example `/// {opened.name} | {layers[0] if wanted == 'layer' else EXAMPLES[wanted]}`"
        return [source.error(f"the directive {opened.name} needs a {wanted}", opened.line, mend)]
    if wanted == "layer" and opened.argument not in layers:
        mend = nearest(opened.argument, layers) or f"Known layers: {', '.join(layers)}"
        return [source.error(f'there is no layer "{opened.argument}"', opened.line, mend)]
    return []


def _unclosed(source: Source, opened: Opened) -> InputError:
    mend = f"End it with a line of its own that says {opened.slashes}"
    return source.error(f"the directive {opened.name} is not closed", opened.line, mend)
