"""Markdown to HTML that is safe to show: an author's raw HTML never reaches the page, and is reported with its line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from string import punctuation
from typing import Any
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import HTML_RE, InlineProcessor, SubstituteTagInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX
from markupsafe import Markup

from early_vision.article.allowed_html import HtmlCheck, check_html
from early_vision.article.blocks import DirectiveExtension
from early_vision.article.code import language_problems
from early_vision.article.common_forms import in_one_form, table_row_problems
from early_vision.article.footnotes import StrayFootnotes, footnote_problems
from early_vision.article.leftovers import Leftover, LeftoverExtension, leftover_problems
from early_vision.article.marks import Handled, MarkExtension
from early_vision.article.math import (
    TOKEN,
    Equation,
    MathExtension,
    WrongTex,
    as_written,
    equation_problems,
    math_problems,
    take_out,
)
from early_vision.article.mentions import MentionExtension, mention_problems
from early_vision.article.nesting import nesting_problems
from early_vision.article.page_anchors import heading_anchor
from early_vision.article.source import Source
from early_vision.errors import Problem

EXTENSIONS = (
    "attr_list",
    "def_list",
    "sane_lists",
    "smarty",
    "tables",
    "pymdownx.highlight",
    "pymdownx.magiclink",
    "pymdownx.superfences",
    "pymdownx.tilde",
)
ARTICLE_EXTENSIONS = (*EXTENSIONS, "footnotes", "toc")
OPTIONS: dict[str, dict[str, Any]] = {
    "pymdownx.highlight": {"guess_lang": False},
    "pymdownx.tilde": {"subscript": False},
    # The page's title is the only h1.
    "toc": {
        "baselevel": 2,
        "marker": "",
        "slugify": heading_anchor,
        "permalink": "#",
        "permalink_title": "Link to this section",
        "permalink_class": "permalink",
    },
    "footnotes": {"BACKLINK_TEXT": "↩", "BACKLINK_TITLE": "Back to footnote {} in the text"},
}

STASHED = re.compile(f"{STX}[^{ETX}]*{ETX}|\\b(?:klzzwxh|wzxhzdk|amp):\\d*")
"""Placeholders of Python-Markdown."""

OURS = re.compile(r"<data\b[^>]*></data>")
"""Elements that stand for something else until all texts are read."""


@dataclass(frozen=True)
class Heading:
    """A heading of an article: its anchor, its text as HTML, and the headings below it."""

    anchor: str
    text: Markup
    below: tuple["Heading", ...] = ()


@dataclass(frozen=True)
class Rendered:
    """A text as HTML.

    Attributes:
        html: safe to put in a page once its slots (`blocks`) and marks (`marks`) are filled in.
        headings: its sections, nested.
        found: ids and links in the HTML.
        equations: the formulas that have numbers.
    """

    html: Markup
    headings: tuple[Heading, ...]
    found: HtmlCheck
    equations: tuple[Equation, ...] = ()


def render_markdown(
    text: str, source: Source, layers: Mapping[str, int], article: bool = False
) -> tuple[Rendered, tuple[Problem, ...]]:
    """HTML of a text, and everything in it that a page must not hold.

    Args:
        text: the markdown.
        source: where it was written, for the lines in messages.
        layers: how many neurons each layer has, for those that the text names.
        article: whether directives, footnotes and a table of contents belong to it; a group's description has none.
    """
    if problems := nesting_problems(source if article else Source(source.file, text, source.first_line)):
        return Rendered(Markup(), (), check_html("")), tuple(problems)
    try:
        converted = _convert(text, tuple(layers.items()), article)
    except RecursionError:
        problem = source.problem("the text is nested too deeply", None, "Take it out of some lists or quotations")
        return Rendered(Markup(), (), check_html("")), (problem,)
    html = converted.html
    found = check_html(OURS.sub("", html))
    # A closing tag goes with the opening one that is reported.
    raw_html = [tag for tag in converted.raw_html if not tag.startswith("</")] or converted.raw_html
    problems = [
        source.problem(
            f"raw HTML {STASHED.sub('…', tag)} is not taken over into the page",
            source.line_of(STASHED.split(tag.split("\n")[0])[0], raw_html[:index].count(tag)),
            "Write it in markdown, or as code between backticks",
        )
        for index, tag in enumerate(raw_html)
    ]
    problems += [
        source.problem(STASHED.sub("…", one.message), source.line_of(snippet), one.hint)
        for snippet, one in found.problems
    ]
    problems += mention_problems(source, layers, converted.unknown)
    problems += math_problems(source, converted.wrong_math, exact=article)
    problems += footnote_problems(source, html, converted.stray, article)
    problems += language_problems(source)
    # What follows a fence that is not closed may be code.
    problems += [] if source.unclosed_fence else leftover_problems(_outside_of_math(source), converted.leftovers)
    if article:
        problems += equation_problems(source, converted.equations)
        problems += table_row_problems(source, *_without_formulas(text, source.first_line))
    if source.unclosed_fence and article:
        problems.append(
            source.problem("the code fence is not closed", source.unclosed_fence, "End it with the same characters")
        )
    # Long lines of code scroll within themselves, by keyboard too.
    shown = Markup(html.replace('<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">'))
    return Rendered(shown, converted.headings, found, converted.equations), tuple(problems)


def _outside_of_math(source: Source) -> Source:
    """A source with its formulas gone and its lines where they were: what looks like one is looked for outside of them."""
    taken, formulas = take_out(source.text)
    return replace(
        source, text=TOKEN.sub(lambda token: " " + "\n" * formulas[int(token[1])].written.count("\n"), taken)
    )


def _without_formulas(text: str, first_line: int) -> tuple[str, list[int]]:
    """A text with its formulas taken out, and for each of its lines, that of the text as it was."""
    taken, formulas = take_out(text)
    lines, at = [], first_line
    for line in taken.split("\n"):
        lines.append(at)
        at += 1 + sum(formulas[int(index)].written.count("\n") for index in TOKEN.findall(line))
    return taken, lines


@dataclass(frozen=True)
class Converted:
    """What Markdown made of a text: HTML and headings, and what is wrong with it.

    Attributes:
        raw_html: tags that the text holds.
        unknown: neurons that there are not.
        wrong_math: TeX that cannot be typeset.
        stray: footnotes that there are not.
        equations: formulas that have numbers.
        leftovers: what looks like markup, and is none.
    """

    html: str
    headings: tuple[Heading, ...]
    raw_html: tuple[str, ...]
    unknown: tuple[str, ...]
    wrong_math: tuple[WrongTex, ...]
    stray: tuple[str, ...]
    equations: tuple[Equation, ...]
    leftovers: tuple[Leftover, ...]


@lru_cache(maxsize=1024)
def _convert(text: str, layers: tuple[tuple[str, int], ...], article: bool) -> Converted:
    """The costly part of rendering; remembered, since most texts stay as they are from build to build."""
    text, formulas = take_out(text)
    raw_html: list[str] = []
    unknown: list[str] = []
    wrong_math: list[WrongTex] = []
    stray: list[str] = []
    equations: list[Equation] = []
    left: list[Leftover] = []
    extensions = [
        *(ARTICLE_EXTENSIONS if article else EXTENSIONS),
        *(PageExtension(raw_html), MentionExtension(dict(layers), unknown), MarkExtension()),
        *(MathExtension(formulas, wrong_math, equations), StrayFootnotes(stray), LeftoverExtension(left)),
        *([DirectiveExtension()] if article else []),
    ]
    md = Markdown(extensions=extensions, extension_configs=OPTIONS, output_format="html")
    html = md.convert(in_one_form(text))
    raw_html = [as_written(tag, formulas) for tag in raw_html]
    headings = _headings(getattr(md, "toc_tokens", []))
    found = tuple(raw_html), tuple(unknown), tuple(wrong_math), tuple(stray), tuple(equations), tuple(left)
    return Converted(html, headings, *found)


def _headings(tokens: list[dict]) -> tuple[Heading, ...]:
    return tuple(Heading(token["id"], Markup(token["name"]), _headings(token["children"])) for token in tokens)


class PageExtension(Extension):
    """What a page that forbids inline scripts and styles needs of Python-Markdown.

    Args:
        raw_html: takes up each tag of raw HTML that the text holds.
    """

    def __init__(self, raw_html: list[str]):
        super().__init__()
        self.raw_html = raw_html

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.register(RawHtml(HTML_RE, md, self.raw_html), "html", 90)
        md.treeprocessors.register(AlignmentByClass(md), "alignment_by_class", 1)
        md.treeprocessors.register(Tasks(md), "tasks", 2)
        # As it comes, it takes all up to a line's last brace.
        attributes = re.compile(r"^\{:?[ ]*([^{}\n ][^{}\n]*?)[ ]*\}")
        vars(md.treeprocessors["attr_list"])["INLINE_RE"] = attributes
        # As in CommonMark, a backslash takes its meaning from any sign after it, and breaks the line at its end.
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, *(sign for sign in punctuation if sign not in md.ESCAPED_CHARS)]
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", 179)


class Tasks(Treeprocessor):
    """Items of a list that begin with `[ ]` or `[x]` get a box, empty or ticked."""

    def run(self, root: ElementTree.Element) -> None:
        for item in root.iter("li"):
            inner = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
            text = inner.text or ""
            if found := re.match(r"\s*\[([ xX])\]\s+", text):
                inner.text = ("☐ " if found[1] == " " else "☑ ") + text[found.end() :]
                item.set("class", "task")


class RawHtml(InlineProcessor):
    """Shows raw HTML as the text it is, and notes it down; `<br>` is a break of the line."""

    def __init__(self, pattern: str, md: Markdown, raw_html: list[str]):
        super().__init__(pattern, md)
        self.raw_html = raw_html

    def handleMatch(self, m: re.Match[str], data: str) -> Handled:  # type: ignore[override]
        tag = m.group(1)
        if re.fullmatch(r"<br\s*/?>", tag, re.IGNORECASE):
            return ElementTree.Element("br"), m.start(0), m.end(0)
        self.raw_html.append(tag)
        return self.md.htmlStash.store(escape(tag)), m.start(0), m.end(0)


class AlignmentByClass(Treeprocessor):
    """Columns of tables are aligned by class, since a strict content security policy forbids style attributes."""

    def run(self, root: ElementTree.Element) -> None:
        for cell in root.iter():
            if cell.tag in ("td", "th") and (style := cell.attrib.pop("style", None)):
                cell.set("class", "align-" + style.removeprefix("text-align:").strip(" ;"))
