"""Footnotes: each defined once and referred to, and each reference leading to one."""

import re
from collections import Counter
from collections.abc import Iterable

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX

from early_vision.article.marks import Handled
from early_vision.article.source import Source
from early_vision.errors import Problem, did_you_mean

DEFINITION = re.compile(r" {0,3}\[\^([^\]]*)\]:")


class StrayFootnotes(Extension):
    """Notes references to footnotes that there are not, which Python-Markdown leaves as they stand.

    Args:
        stray: takes up their names.
    """

    def __init__(self, stray: list[str]):
        super().__init__()
        self.stray = stray

    def extendMarkdown(self, md: Markdown) -> None:
        # Right after footnotes themselves.
        md.inlinePatterns.register(_Stray(md, self.stray), "stray_footnote", 174)


class _Stray(InlineProcessor):
    def __init__(self, md: Markdown, stray: list[str]):
        super().__init__(rf"\[\^([^\[\]{STX}{ETX}]+)\]", md)
        self.stray = stray

    def handleMatch(self, m: re.Match[str], data: str) -> Handled:  # type: ignore[override]
        self.stray.append(m[1])
        return m[0], m.start(0), m.end(0)


def footnote_problems(source: Source, html: str, stray: Iterable[str], article: bool) -> list[Problem]:
    """Footnotes that are referred to but not there, there but not referred to, or there twice.

    Args:
        source: the text.
        html: what became of it.
        stray: as `StrayFootnotes` took them up.
        article: whether the text may have footnotes.
    """
    problems, seen = [], Counter[str]()
    defined: dict[str, int] = {}
    for number, text in source.prose if article else ():
        if match := DEFINITION.match(text):
            if match[1] in defined:
                _, first = source.place(defined[match[1]])
                message = f'the footnote "{match[1]}" is given twice, first on line {first}'
                problems.append(source.problem(message, number, "Give one of them another name"))
            defined.setdefault(match[1], number)
    for name in stray:
        line = source.line_of(f"[^{name}]", seen[name])
        seen[name] += 1
        if article:
            hint = did_you_mean(name, defined) or f"Write it as a paragraph that begins with `[^{name}]:`"
            problems.append(source.problem(f'there is no footnote "{name}"', line, hint))
        else:
            message = "a footnote can stand in the article's text only"
            problems.append(source.problem(message, line, "Say it here, or in the text"))
    for name, line in defined.items():
        if f'id="fnref:{name}"' not in html and not any(name == other for other in stray):
            problems.append(
                source.problem(f'the footnote "{name}" is not referred to', line, f"Write [^{name}] in the text")
            )
    return problems
