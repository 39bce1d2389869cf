"""Nesting deeper than any text needs, on which Markdown would spend minutes or run out of stack."""

import re

from early_vision.article.source import Source
from early_vision.errors import Problem

MOST_BRACKETS, MOST_QUOTES, MOST_INDENT = 50, 20, 80
QUOTED = re.compile(r"^[\s>]*")
BRACKET = re.compile(r"\\.|\[|\]")


def nesting_problems(source: Source) -> list[Problem]:
    """Paragraphs with too many brackets in one another, and lines in too many quotations or lists."""
    problems, depth, told = [], 0, False
    for number, text in source.prose:
        if not text.strip():
            depth, told = 0, False
            continue
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
