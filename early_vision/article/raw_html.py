"""HTML of an author, `/// html`: read, checked against what is allowed, and written anew from what was understood."""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

from early_vision.article.allowed_html import address_problem
from early_vision.article.source import Source
from early_vision.errors import Problem, did_you_mean

TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
VOID = frozenset(["br", "col", "hr", "wbr"])
ATTRIBUTES = frozenset(
    [
        "class",
        "id",
        "lang",
        "dir",
        "title",
        "href",
        "start",
        "reversed",
        "colspan",
        "rowspan",
        "scope",
        "span",
        "open",
        "datetime",
        "cite",
        "aria-label",
    ]
)
ADDRESSES = frozenset(("href", "cite"))


def read_html(source: Source) -> tuple[Markup, tuple[Problem, ...]]:
    """HTML that is safe to show, and everything in the author's that is not."""
    reader = _Reader(source)
    reader.feed(source.text)
    reader.close()
    for tag, line in reader.opened:
        reader.problems.append(source.problem(f"<{tag}> is not closed", line, f"Write </{tag}> where it ends"))
    return Markup("".join(reader.written)), tuple(reader.problems)


class _Reader(HTMLParser):
    def __init__(self, source: Source):
        super().__init__(convert_charrefs=True)
        self.source = source
        self.written: list[str] = []
        self.opened: list[tuple[str, int]] = []
        self.problems: list[Problem] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            hint = did_you_mean(tag, TAGS) if tag not in ("script", "style", "iframe", "img") else None
            hint = "Show pictures by `/// figure`" if tag == "img" else hint
            self._wrong(f"the element <{tag}> is not allowed", hint)
            return
        kept = []
        for name, value in attrs:
            value = value or ""
            if name not in ATTRIBUTES:
                hint = "Give it a class, or leave it out" if name == "style" else did_you_mean(name, ATTRIBUTES)
                self._wrong(f'the attribute "{name}" of <{tag}> is not allowed', hint)
            elif name in ADDRESSES and (wrong := address_problem(value)):
                self._wrong(wrong.message, wrong.hint)
            else:
                kept.append(f' {name}="{escape(value)}"')
        self.written.append(f"<{tag}{''.join(kept)}>")
        if tag not in VOID:
            self.opened.append((tag, self._line()))

    def handle_endtag(self, tag: str) -> None:
        if tag not in TAGS or tag in VOID:
            return
        if not self.opened or self.opened[-1][0] != tag:
            self._wrong(f"</{tag}> closes nothing", "Close elements in the order opposite to that in which they open")
            return
        self.opened.pop()
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(escape(data, quote=False))

    def handle_comment(self, data: str) -> None:
        self._wrong("HTML comments are not taken over into the page", "Remove it")

    def handle_decl(self, decl: str) -> None:
        self._wrong(f"<!{decl[:20]}> is not allowed", "Remove it")

    def unknown_decl(self, data: str) -> None:
        self._wrong(f"<![{data[:20]}]]> is not allowed", "Remove it")

    def handle_pi(self, data: str) -> None:
        self._wrong(f"<?{data[:20]}> is not allowed", "Remove it")

    def _line(self) -> int:
        return self.source.first_line + self.getpos()[0] - 1

    def _wrong(self, message: str, hint: str | None = None) -> None:
        self.problems.append(self.source.problem(message, self._line(), hint))
