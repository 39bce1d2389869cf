"""Nesting deeper than any text needs, or of what does not nest, on which Markdown would spend minutes, run out of stack or
never end."""

import re

from early_vision.article.source import Source
from early_vision.errors import Problem

MOST_BRACKETS, MOST_QUOTES, MOST_INDENT = 50, 20, 80
QUOTED = re.compile(r"^[\s>]*")
BRACKET = re.compile(r"\\.|\[|\]")
MARKED_DIRECTIVE = re.compile(r"[ \t]*(?:(?:>|[-*+:][ \t]|\d+[.)][ \t]|\[\^[^\]\n]*\]:)[ \t]*)+/{3,}")
"""A directive's line behind the mark of a list, a quotation, a definition or a footnote: what follows it would be taken up again without end."""
INSIDE = "a directive stands inside of something else"
ON_ITS_OWN = "Put it on a line of its own, not indented, with an empty line before and after"


def nesting_problems(source: Source) -> list[Problem]:
    """Paragraphs with too many brackets in one another, lines in too many quotations or lists, and directives that begin
    behind the mark of either."""
    problems, depth, told = [], 0, False
    for number, text in source.prose:
        if not text.strip():
            depth, told = 0, False
            continue
        if MARKED_DIRECTIVE.match(text):
            problems.append(source.problem(INSIDE, number, ON_ITS_OWN))
        deepest = depth
        for bracket in BRACKET.findall(text):
            depth = max(0, depth + {"[": 1, "]": -1}.get(bracket, 0))
            deepest = max(deepest, depth)
        if deepest > MOST_BRACKETS and not told:
            told = True
            problems.append(source.problem("too many brackets are open at once", number, "Close each [ with a ]"))
        quotes = "".join(QUOTED.findall(text)).count(">")
        indent = len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip())
        if (quotes > MOST_QUOTES or indent > MOST_INDENT) and not told:
            told = True
            problems.append(
                source.problem("the text is nested too deeply", number, "Take it out of some lists or quotations")
            )
    return problems
