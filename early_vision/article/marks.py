"""Marks: what an author writes and only the whole article can answer.

    [@szegedy2015]  [see @a, p. 3; -@b]  @szegedy2015      citations
    [@fig:ID]  @table:ID  [@sec:ANCHOR]  @eq:NAME  [@group:ANCHOR]      cross-references
    [=count ANCHOR]  [=share ANCHOR + ANCHOR]      numbers computed from the groups

Markdown turns each into an empty <data> element, which no author can write; `references` puts the answer in its place
when all texts of the article have been read. What the element holds begins with `@` for brackets, `+` for a name without
brackets, and `=` for a number.
"""

import re
from html import unescape
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX

NAMED = rf"(?<![\w@/.:{STX}{ETX}])@"
"""The sign before a work's key, or what is referred to: at the begin of a word."""
NUMBER = rf"\[=([^\[\]{STX}{ETX}]+)\](?!\()"
BRACKETS = rf"\[(?=[^\[\]]*{NAMED})([^\[\]{STX}{ETX}]+)\](?!\()"
BARE = rf"{NAMED}([^\W\d_](?:[\w:.+/-]*[\w/])?)(?: \[((?:pp?|ch|sec|fig|eq|no)\b[^\[\]{STX}{ETX}]*)\])?"
MARK = re.compile(r'<data class="mark" value="([@=+])([^"]*)"></data>')
STRAY = re.compile(r"<data\b[^>]*>")


class MarkExtension(Extension):
    """Makes Python-Markdown turn each mark into its element."""

    def extendMarkdown(self, md: Markdown) -> None:
        # After code and escapes, before links.
        md.inlinePatterns.register(_Mark(NUMBER, md, "="), "computed_number", 172)
        md.inlinePatterns.register(_Mark(BRACKETS, md, "@"), "mark", 171)
        # After links, whose words are their own.
        md.inlinePatterns.register(_Bare(BARE, md, "+"), "bare_mark", 74)


Handled = tuple[ElementTree.Element | str | None, int | None, int | None]
"""What an inline processor of Python-Markdown gives: what stands for a match, and from where to where."""


class _Mark(InlineProcessor):
    def __init__(self, pattern: str, md: Markdown, sign: str):
        super().__init__(pattern, md)
        self.sign = sign

    def handleMatch(self, m: re.Match[str], data: str) -> Handled:  # type: ignore[override]
        value = ", ".join(" ".join(group.split()) for group in m.groups() if group)
        return ElementTree.Element("data", {"class": "mark", "value": self.sign + value}), m.start(0), m.end(0)


class _Bare(_Mark):
    ANCESTOR_EXCLUDES = ("a",)


def marks_in(html: str) -> tuple[tuple[str, str], ...]:
    """The sign and the text of every mark, in order."""
    return tuple((match[1], unescape(match[2])) for match in MARK.finditer(html))
