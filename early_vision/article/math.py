"""Math: TeX between dollars becomes MathML when the page is built, so that it needs no script.

latex2mathml converts it. That library lets through what it does not know, and attributes that a page must not hold, so
that its elements are looked at one by one; what its text holds is escaped with the rest of the page.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from early_vision.article.allowed_html import MATH_ATTRIBUTES, MATH_TAGS
from early_vision.article.source import Source
from early_vision.errors import InputError, Problem, did_you_mean

CLASS = "arithmatex"
OPTIONS = {"generic": True, "inline_syntax": ["dollar"], "block_syntax": ["dollar"]}
"""For pymdownx.arithmatex, which finds the math in a text."""
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mroot": 2}
ENVIRONMENTS = frozenset(
    [
        "array",
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "cases",
        "substack",
        "split",
        "align",
        "align*",
    ]
)
WORDS = {
    "DoubleSubscriptsError": "it has two subscripts in one place",
    "DoubleSuperscriptsError": "it has two superscripts in one place",
    "ExtraLeftOrMissingRightError": "a `\\left` has no `\\right`",
    "MissingEndError": "a `\\begin` has no `\\end`",
    "MissingSuperScriptOrSubscriptError": "nothing follows `^` or `_`",
    "NoAvailableTokensError": "it ends too early",
    "DenominatorNotFoundError": "a fraction has no denominator",
    "NumeratorNotFoundError": "a fraction has no numerator",
}


class MathExtension(Extension):
    """Makes MathML of what pymdownx.arithmatex has found.

    Args:
        wrong: takes up TeX that cannot be read, each with what is wrong with it and how to mend it.
    """

    def __init__(self, wrong: list[tuple[str, str, str | None]]):
        super().__init__()
        self.wrong = wrong

    def extendMarkdown(self, md: Markdown) -> None:
        # After inline patterns, and before attributes that an author gives.
        md.treeprocessors.register(_MathMl(md, self.wrong), "mathml", 15)


class _MathMl(Treeprocessor):
    def __init__(self, md: Markdown, wrong: list[tuple[str, str, str | None]]):
        super().__init__(md)
        self.wrong = wrong

    def run(self, root: ElementTree.Element) -> None:
        for element in list(root.iter()):
            if element.get("class") == CLASS:
                tex, display = element.text[2:-2].strip(), element.tag == "div"
                element.text, element.attrib = None, {"class": "math"}
                try:
                    math = math_element(tex, display)
                except InputError as error:
                    self.wrong.append((tex, error.message, error.hint))
                    continue
                if display:
                    element.append(math)
                else:
                    element.tag, element.attrib = "math", dict(math.attrib)
                    element.extend(math)


def math_problems(source: Source, wrong: Iterable[tuple[str, str, str | None]]) -> list[Problem]:
    """An error for each piece of TeX that cannot be read, with its line."""
    problems, seen = [], []
    for tex, message, hint in wrong:
        first = tex.split("\n")[0]
        inline = any(f"${first}" in text for _, text in source.prose)
        line = source.line_of(f"${first}" if inline else first, seen.count(tex))
        seen.append(tex)
        problems.append(source.problem(message, line, hint))
    return problems


def math_element(tex: str, display: bool) -> ElementTree.Element:
    """TeX as a <math> element.

    Raises:
        InputError: without a place, when it cannot be read.
    """
    shown = " ".join(tex.split())
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    begins = f'the math "{shown}" cannot be read'
    if (depth := _brace_depth(tex)) != 0:
        hint = "Close every { with a }" if depth > 0 else "Remove the } that closes nothing"
        raise InputError(f"{begins}: its braces do not match", hint=hint)
    for name in re.findall(r"\\begin\s*\{([^}]*)\}", tex):
        if name not in ENVIRONMENTS:
            hint = did_you_mean(name, ENVIRONMENTS) or f"Known: {', '.join(sorted(ENVIRONMENTS))}"
            raise InputError(f'{begins}: there is no environment "{name}"', hint=hint)
    if defines := re.search(r"\\(?:(?:re)?newcommand|providecommand|newenvironment|def|let)\b", tex):
        raise InputError(f"{begins}: {defines[0]} defines a command", hint="Write out what it stands for")
    math = _convert(tex, display, begins)
    for element in math.iter():
        _check(element, begins)
    math.set("alttext", shown)
    return math


def _convert(tex: str, display: bool, begins: str) -> ElementTree.Element:
    # Reading its table of symbols takes a moment, which most texts need not spend.
    from latex2mathml.converter import convert_to_element

    try:
        math = convert_to_element(tex, display="block" if display else "inline")
    except RecursionError:
        raise InputError(f"{begins}: it is nested too deeply") from None
    except Exception as error:
        # The library raises errors of many kinds for what it does not expect.
        reason = WORDS.get(type(error).__name__) or f"it is not TeX ({type(error).__name__})"
        raise InputError(f"{begins}: {reason}") from error
    del math.attrib["xmlns"]
    return math


def _check(element: ElementTree.Element, begins: str) -> None:
    # The library gives symbols as character references, to be resolved once all is text.
    text = unescape(element.text or "")
    if text.startswith("\\") and len(text) > 1:
        raise InputError(f'{begins}: there is no command "{text}"', hint=did_you_mean(text, _commands()))
    if element.tag == "mi" and text in ("&", "}", "{"):
        raise InputError(f'{begins}: a "{text}" stands where it means nothing')
    if element.tag in CHILDREN and len(element) != CHILDREN[element.tag]:
        raise InputError(f"{begins}: it ends too early", hint="A fraction, a root or an index lacks a part")
    unwanted = [name for name in element.attrib if name not in MATH_ATTRIBUTES]
    if element.tag not in MATH_TAGS or unwanted:
        raise InputError(
            f"{begins}: it uses a command that is not allowed here", hint="Such are \\href, \\style, \\class"
        )
    element.text = AtomicString(text) if text else None


def _brace_depth(tex: str) -> int:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return depth
    return depth


@lru_cache(maxsize=1)
def _commands() -> tuple[str, ...]:
    from latex2mathml import commands
    from latex2mathml.symbols_parser import parse_symbols

    named = (value for value in vars(commands).values() if isinstance(value, str))
    return tuple(name for name in (*parse_symbols(), *named) if name.startswith("\\"))
