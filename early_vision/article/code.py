"""Code in a text: highlighted by Pygments when the page is built, in classes that the style sheet colours."""

import re
from functools import lru_cache

from early_vision.article.leftovers import directive_for
from early_vision.article.source import FENCE, Source
from early_vision.errors import Problem, did_you_mean


def language_problems(source: Source) -> list[Problem]:
    """An error for each block of code in a language that Pygments does not know, a warning for what is no code."""
    problems, opened = [], ""
    for number, text in enumerate(source.lines, source.first_line):
        match = FENCE.match(text)
        if not match:
            continue
        fence, rest = match[1], match[2].strip()
        if opened:
            opened = "" if fence.startswith(opened) and not rest else opened
            continue
        opened = fence
        if other := re.match(r"\{([\w:-]+)[\s,}]", rest):
            hint = directive_for(other[1]) or f"Write {fence}{other[1]} to show code: none is run here"
            problems.append(source.warning(f'"{fence}{rest}" looks like a directive of another tool', number, hint))
        language = rest.split()[0] if rest and not rest.startswith("{") else ""
        if language and language.lower() not in _languages():
            hint = did_you_mean(language, _languages()) or "Leave it out for plain text"
            problems.append(source.problem(f'there is no language "{language}" to highlight', number, hint))
    return problems


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    from pygments.lexers import get_all_lexers

    return frozenset(alias for _, aliases, _, _ in get_all_lexers() for alias in aliases)
