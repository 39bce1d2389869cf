"""Marks: what an author writes in brackets and only the whole article can answer.

    [@szegedy2015]  [@a; @b, p. 3]      citations
    [@fig:ID]  [@table:ID]  [@sec:ANCHOR]  [@group:ANCHOR]      cross-references
    [=count ANCHOR]  [=share ANCHOR + ANCHOR]      numbers computed from the groups

Markdown turns each into an empty <data> element, which no author can write; `references` puts the answer in its place
when all texts of the article have been read.
"""

import re
from html import unescape
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX

BRACKETS = rf"\[([@=])([^\[\]{STX}{ETX}]+)\](?!\()"
MARK = re.compile(r'<data class="mark" value="([@=])([^"]*)"></data>')
STRAY = re.compile(r"<data\b[^>]*>")


class MarkExtension(Extension):
    """Makes Python-Markdown turn each mark into its element."""

    def extendMarkdown(self, md: Markdown) -> None:
        # After code and escapes, before links.
        md.inlinePatterns.register(_Mark(BRACKETS, md), "mark", 172)


class _Mark(InlineProcessor):
    def handleMatch(self, m, data):
        value = m[1] + " ".join(m[2].split())
        return ElementTree.Element("data", {"class": "mark", "value": value}), m.start(0), m.end(0)


def marks_in(html: str) -> tuple[tuple[str, str], ...]:
    """The sign and the text of every mark, in order."""
    return tuple((match[1], unescape(match[2])) for match in MARK.finditer(html))
