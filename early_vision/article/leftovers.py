"""What is left in a finished text that its author plainly meant as markup: it would be shown as it stands.

The text is looked at once all that is known has become elements, and before escapes are undone, so that what an author
has put between backticks or behind a backslash is never meant.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX

from early_vision.article.math import TOKEN
from early_vision.article.nesting import ON_ITS_OWN
from early_vision.article.source import Source
from early_vision.errors import Problem

THING = "\ufffc"
"""What stands for an element that is no plain text, and for a character that was escaped."""
BLOCKS = frozenset(
    [
        "p",
        "li",
        "td",
        "th",
        "dd",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "div",
        "ul",
        "ol",
        "dl",
        "table",
        "thead",
        "tbody",
        "tr",
    ]
)
SKIPPED = frozenset(("pre", "math", "data"))
PLAIN = "Between backticks it stays plain text"
DIRECTIVES = {
    "note": "/// note | Note", "warning": "/// note | Warning", "tip": "/// note | Tip", "info": "/// note | Note",
    "caution": "/// note | Caution", "important": "/// note | Important", "admonition": "/// note | TITLE",
    "callout": "/// note | TITLE", "figure": "/// figure | picture.png", "image": "/// figure | picture.png",
    "table": "/// table", "list-table": "/// table", "margin": "/// aside", "aside": "/// aside", "sidebar": "/// aside",
    "include": "/// include | part.md", "raw": "/// html", "html": "/// html", "details": "/// html",
    "math": "$$", "bibliography": "[@key] in the text: the list of references comes by itself",
    "references": "[@key] in the text: the list of references comes by itself",
}  # fmt: skip
"""What to write for directives of other tools."""


@dataclass(frozen=True)
class Leftover:
    """What is left: as it stands, what it looks like, and what to write."""

    written: str
    looks_like: str
    hint: str


@dataclass(frozen=True)
class _Kind:
    pattern: re.Pattern
    looks_like: str
    hint: str


def _kind(pattern: str, looks_like: str, hint: str) -> _Kind:
    return _Kind(re.compile(pattern, re.MULTILINE), looks_like, hint)


KINDS: Sequence[_Kind] = (
    _kind(r"\\(?:no|auto|text|paren|foot|full)?cite\w*\*?(?:\[[^\]\n]*\])*\{[^}\n]*\}?", "a citation", "Write `[@key]`"),
    _kind(r"\\(?:eq|auto|c|C|page|name)?ref\*?\{[^}\n]*\}?", "a cross-reference",
          "Write `[@fig:NAME]`, `[@table:NAME]`, `[@sec:ANCHOR]` or `[@eq:NAME]`"),
    _kind(r"\\footnote\b", "a footnote", "Write `[^1]` here, and a paragraph that begins with `[^1]:`"),
    _kind(r"\\(?:emph|textit|textbf|texttt|underline|url|href)\{[^}\n]*\}?", "TeX",
          "Write `*…*`, `**…**`, a backtick on both sides, or `[words](address)`"),
    _kind(r"\\(?:begin|end)\{[^}\n]*\}?", "TeX", "Write math between `$$` and `$$`, and all else in markdown"),
    _kind(rf"(?<![\w:\\{THING}])\\[A-Za-z]{{2,}}", "TeX", "Write math between dollars, as in `$\\alpha$`"),
    _kind(r"\$\$", "the begin or the end of a formula", "Write `$$` on both sides, with no empty line between them"),
    _kind(r"(?:\w+|[)\]}])\^(?:\{[^}\n]*\}?|\(|-?[\w]+)|\w+_\{[^}\n]*\}?", "math", "Write it between dollars, as in `$x^2$`"),
    _kind(r"\^\[[^\]\n]{0,40}", "a footnote", "Write `[^1]` here, and a paragraph that begins with `[^1]:`"),
    _kind(rf"\{{(?:cite|ref|numref|eq|doc|term|math|sub|sup|footcite)(?::\w+)*\}}(?={THING}|\w)", "a role of another tool",
          "Write `[@key]` for a citation, `[@fig:NAME]` for a reference, `$…$` for math"),
    _kind(r"\[\^?@[^\]\n]*$", "a citation", "Close its bracket"),
    _kind(r"^ {0,3}:{3,} *\{?\w.*|^ {0,3}!!! *\w.*|^ {0,3}\?\?\?\+? *\w.*|^ {0,3}\.\. [\w-]+::.*", "a directive of another tool", ""),
    _kind(r"^ {0,3}/{3,} *[A-Za-z][\w-]*.*", "a directive", ON_ITS_OWN),
    _kind(r"\{%.{0,60}?%\}|\{\{.{0,60}?\}\}", "a template's command", "Write what it stands for"),
    _kind(r"^\[TOC\]|^\[\[_?TOC_?\]\]", "a table of contents", "Remove it: the page has one"),
    _kind(r"^\[!\w+\]", "a note",
          "A quotation outside of directives may begin with [!NOTE], [!TIP], [!IMPORTANT], [!WARNING] or [!CAUTION]"),
    _kind(r"(?:^|(?<=\n)) {0,3}(?:[•‣▪◦] ?|[*+-] +)\S.*(?:\n {0,3}(?:[•‣▪◦] ?|[*+-] +)\S.*)*", "an item of a list",
          "Begin each item with `- ` on a line of its own, with an empty line before the list"),
    _kind(r"^ {0,3}(?:\(?\w[.)]|\d{1,2}[.)]) +\S.*\n {0,3}(?:\(?\w[.)]|\d{1,2}[.)]) +\S.{0,30}", "a numbered list",
          "Begin the items with `1. `, `2. ` and so on, with an empty line before the list"),
    _kind(r"^ *\|.*\| *$(?:\n *\|.*\| *$)*|^ *\|?(?: *:?-{3,}:? *\|)+(?: *:?-{3,}:?)? *$", "a row of a table",
          "Write below the head a line such as `|---|---|`, with as many cells, and an empty line before the head"),
    _kind(r"(?<=\w)~[\w+-]{1,12}~", "a subscript", "Write it between dollars, as in `$x_2$`"),
    _kind(r"(?<![\w:]):[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*:(?![\w:])", "an emoji", "Write the character itself"),
    _kind(r"^ {0,3}#{1,6} \S.{0,40}", "a heading", "Begin the line with it"),
    _kind(r"\*\*|(?<!\w)__(?=\w)|(?<=\w)__(?!\w)", "strong emphasis", "Write `**` on both sides, without spaces inside"),
    _kind(r"~~|==[^=\s](?:[^=\n]*[^=\s])?==", "emphasis", "Write `*…*`, or `~~…~~` for what is struck"),
    _kind(r"!\[[^\]\n]*\]?(?:\([^)\n]*\)?)?", "a picture", "Show it by `/// figure | picture.png`, with `alt:`"),
    _kind(r"\[[^\]\n]{1,60}\](?:\([^()\n]{0,60}\)|\([^()\s]*|\[[^\]\n]*\])", "a link",
          "Write `[words](address)`, or give the address in a line `[name]: address`"),
    _kind(r"\[\[[^\]\n]{1,60}\]\]", "a link of a wiki", "Write `[words](address)`"),
    _kind(r"\{#(?:eq|fig|tbl|sec)-[\w-]+\}", "a label of another tool",
          "Write `{#eq:NAME}` after a formula on its own, a line `id: NAME` in a figure or a table"),
    _kind(r"\{(?:[#.:][\w.:-]*|[\w-]+=[^{}\n]{1,40})[^{}\n]{0,60}\}", "attributes",
          "They stand right after a heading's text, after emphasis or after a formula on its own"),
)  # fmt: skip


class LeftoverExtension(Extension):
    """Looks a finished text over.

    Args:
        found: takes up what is left.
    """

    def __init__(self, found: list[Leftover]):
        super().__init__()
        self.found = found

    def extendMarkdown(self, md: Markdown) -> None:
        # After all others, but for the one that undoes escapes.
        md.treeprocessors.register(_Look(md, self.found), "leftovers", 0.5)


class _Look(Treeprocessor):
    def __init__(self, md: Markdown, found: list[Leftover]):
        super().__init__(md)
        self.found = found

    def run(self, root: ElementTree.Element) -> None:
        for text in _texts(root):
            self.found += leftovers(text)


def leftovers(text: str) -> Iterator[Leftover]:
    """What is left in a text without markup, in its order; of two that overlap, the first kind."""
    if not re.search(r"[\\^$*_|{\[:~=#!/•‣▪◦+-]|^\(?\w[.)]|\n *\d|\.\. ", text, re.MULTILINE):
        return
    taken: list[tuple[int, int, Leftover]] = []
    for kind in KINDS:
        for found in kind.pattern.finditer(text):
            start, end = found.span()
            if not any(start < other and end > begin for begin, other, _ in taken):
                written = found[0].strip().split("\n")[0]
                taken.append((start, end, Leftover(written, kind.looks_like, kind.hint or _instead(written))))
    yield from (one for _, _, one in sorted(taken, key=lambda one: one[0]))


def _instead(written: str) -> str:
    name = re.search(r"[A-Za-z][\w-]*", written)
    return directive_for(name[0] if name else "") or "Write it as a directive, from `/// name` to `///`"


def directive_for(name: str) -> str:
    """What to write in the place of another tool's directive; nothing for a name that none of `DIRECTIVES` has."""
    instead = DIRECTIVES.get(name.lower(), "")
    if instead.startswith("///"):
        return f"Write `{instead}`, its text, and `///`"
    return f"Write {instead}" if instead else ""


def _texts(root: ElementTree.Element) -> Iterator[str]:
    """The text of each block, elements within it that are no plain text as a single character."""
    pieces: list[str] = []

    def walk(element: ElementTree.Element) -> Iterator[str]:
        pieces.append(_plain(element.text))
        for child in element:
            if child.tag in SKIPPED or child.tag == "code" or "math" in child.get("class", "").split():
                pieces.append(THING)
            elif child.tag == "br":
                pieces.append("\n")
            elif child.tag in BLOCKS:
                yield "".join(pieces)
                pieces.clear()
                yield from walk(child)
                yield "".join(pieces)
                pieces.clear()
            else:
                yield from walk(child)
            pieces.append(_plain(child.tail))

    yield from walk(root)
    yield "".join(pieces)


def _plain(text: str | None) -> str:
    return TOKEN.sub(THING, re.sub(rf"{STX}[^{ETX}]*{ETX}", THING, text or ""))


def leftover_problems(source: Source, found: Sequence[Leftover]) -> list[Problem]:
    """A warning for each thing that is left, with its line."""
    problems: list[Problem] = []
    seen: list[str] = []
    for one in found:
        snippet = max(one.written.split(THING), key=len).strip()
        line = source.line_of(snippet, seen.count(snippet))
        seen.append(snippet)
        shown = one.written.replace(THING, "…")
        shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
        message = f'"{shown}" looks like {one.looks_like}, and would be shown as it stands'
        problems.append(source.warning(message, line, f"{one.hint}. {PLAIN}"))
    return problems
