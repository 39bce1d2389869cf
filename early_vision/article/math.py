r"""Math: TeX in a text becomes MathML when the page is built, so that it needs no script.

Formulas are taken out of a text before Markdown sees it, each for a token, so that nothing in them is read as anything
else, and each is known with its line. They stand between `$` and `$` or `\(` and `\)` in a sentence, between `$$` and
`$$` or `\[` and `\]` on their own, or in an environment such as `align`. A label, `{#eq:NAME}` after the formula or
`\label{eq:NAME}` in it, gives one its number, and `\tag{...}` what stands in place of a number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from early_vision.article.mathml import DISPLAY, TexError, math_element
from early_vision.article.source import Source
from early_vision.errors import Problem

OPEN, CLOSE = "\ue0f0", "\ue0f1"
"""Around the number of a formula in its token; of Unicode's private use, and taken out of what authors write."""
TOKEN = re.compile(f"{OPEN}(\\d+){CLOSE}")
LABEL = r"[A-Za-z][\w.:-]*"
_WITHIN = r"(?:(?!\n[ \t>]*\n).)"
"""Any character, the end of a line included, but not the end of a paragraph."""
FORMULA = re.compile(
    rf"\\begin\{{(?P<name>{'|'.join(map(re.escape, sorted(DISPLAY)))})\}}{_WITHIN}*?\\end\{{(?P=name)\}}"
    rf"|\$\$(?P<dollars>{_WITHIN}+?)(?<!\\)\$\$"
    rf"|\\\[(?P<square>{_WITHIN}+?)\\\]"
    rf"|\\\((?P<round>{_WITHIN}+?)\\\)"
    r"|\\(?=[\\$])."
    rf"|\$(?P<dollar>(?:\\.|(?!\n[ \t>]*\n)[^$\\])+?)\$(?!\d)",
    re.DOTALL,
)
AFTER = re.compile(rf"[ \t]*\{{#(eq:{LABEL})\}}")
TAG = re.compile(r"\\tag(\*?)\s*\{([^{}]*)\}")
LABELLED = re.compile(rf"\\label\s*\{{({LABEL})\}}")
PLAIN_WORDS = re.compile(r"(?<![\\\w{])[^\W\d_]{2,}\s+[^\W\d_]{2,}")
MONEY = re.compile(r"\s*\d[\d.,]*\s*([^\W\d_]{2,}|,|;|/|–|-|$)")


@dataclass(frozen=True)
class Formula:
    """A formula as it stands in a text.

    Attributes:
        written: all of it, signs around it included.
        tex: what is between the signs.
        display: whether it stands on a line of its own.
        line: of its first line in the text, from 0.
        tex_line: of the first line of `tex`, from 0.
        label: what it is referred to by, such as "eq:x", or empty.
        tag: what stands in place of its number, or empty.
    """

    written: str
    tex: str
    display: bool
    line: int
    tex_line: int
    label: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Equation:
    """A formula that has a number: its label or nothing, what is shown, and its line in the text, from 0."""

    label: str
    number: str
    line: int

    @property
    def anchor(self) -> str:
        return self.label.replace(":", "-", 1)


@dataclass(frozen=True)
class WrongTex:
    """TeX that cannot be typeset: what is wrong with it, how to mend it, the formula's first line, and its own line."""

    message: str
    hint: str | None
    first: str
    line: int


def take_out(text: str) -> tuple[str, tuple[Formula, ...]]:
    """A text with a token for each formula, and the formulas."""
    text = text.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd")
    if "$" not in text and "\\" not in text:
        return text, ()
    blanked, formulas, pieces, start, at = _without_code(text), [], [], 0, 0
    while found := FORMULA.search(blanked, at):
        kind = found.lastgroup or ""
        at = found.end()
        if not kind or not _is_math(found, blanked):
            at = found.end() if not kind else found.start() + (2 if kind in ("square", "round", "dollars") else 1)
            continue
        display = kind in ("name", "dollars", "square")
        span = found.span(0 if kind == "name" else kind)
        end = found.end()
        after = AFTER.match(text, end) if display else None
        if after:
            end = after.end()
        line_start = text.rfind("\n", 0, found.start()) + 1
        tex = text[slice(*span)]
        if ">" in text[line_start : found.start()]:
            tex = re.sub(r"\n[ \t]*(?:>[ \t]?)+", "\n", tex)
        formula = Formula(
            text[found.start() : end], tex, display, text.count("\n", 0, found.start()), text.count("\n", 0, span[0])
        )
        formulas.append(_named(formula, after[1] if after else ""))
        pieces += [text[start : found.start()], f"{OPEN}{len(formulas) - 1}{CLOSE}"]
        start = at = end
    return "".join([*pieces, text[start:]]), tuple(formulas)


def _without_code(text: str) -> str:
    """A text of the same length with spaces for its code."""
    source = Source(Path(), text)
    lines = (
        prose if len(prose) == len(line) else " " * len(line)
        for (_, prose), line in zip(source.prose, source.lines, strict=True)
    )
    return "\n".join(lines)


def _is_math(found: re.Match, text: str) -> bool:
    """Whether what stands between signs is a formula, and neither money nor an escaped bracket."""
    kind, content = found.lastgroup, found[found.lastgroup or 0]
    if kind in ("name", "dollars"):
        return bool(content.strip())
    telling = re.search(r"[\\^_={}]", content)
    if kind in ("square", "round"):
        return bool(telling) or not re.search(r"[^\W\d_]{2,}", content)
    before = text[max(0, found.start() - 1) : found.start()]
    if before.isalpha() and content[:1].isdigit():
        return False
    spaced = (content[:1].isspace(), content[-1:].isspace())
    if not content.strip() or (any(spaced) and not all(spaced) and not telling):
        return False
    if not telling and MONEY.match(content) and (PLAIN_WORDS.search(content) or any(spaced) or " " in content):
        return False
    return bool(telling) or not PLAIN_WORDS.search(content)


def _named(formula: Formula, label: str) -> Formula:
    """A formula with its label and tag, and TeX without them."""
    tex = formula.tex
    if formula.display and (labelled := LABELLED.search(tex)):
        label = label or labelled[1]
        tex = LABELLED.sub("", tex)
    tag = TAG.search(tex) if formula.display else None
    shown = (tag[2] if tag[1] else f"({tag[2]})") if tag else ""
    return replace(formula, tex=TAG.sub("", tex) if tag else tex, label=label, tag=shown)


class MathExtension(Extension):
    """Makes MathML of the formulas that `take_out` found.

    Args:
        formulas: those of the text.
        wrong: takes up TeX that cannot be typeset.
        equations: takes up the formulas that have numbers.
    """

    def __init__(self, formulas: Sequence[Formula], wrong: list[WrongTex], equations: list[Equation]):
        super().__init__()
        self.formulas, self.wrong, self.equations = formulas, wrong, equations

    def extendMarkdown(self, md: Markdown) -> None:
        # After inline patterns, and before attributes that an author gives.
        md.treeprocessors.register(_MathMl(md, self), "mathml", 15)
        # In code and in attributes, what was no formula after all is as it was written.
        md.postprocessors.register(_AsWritten(self.formulas), "formulas_as_written", -10)


class _MathMl(Treeprocessor):
    def __init__(self, md: Markdown, math: MathExtension):
        super().__init__(md)
        self.math = math
        self.numbered = 0

    def run(self, root: ElementTree.Element) -> None:
        if self.math.formulas:
            self._within(root)

    def _within(self, element: ElementTree.Element) -> None:
        if element.tag in ("code", "pre"):
            return
        alone = element.tag == "p" and not len(element) and TOKEN.fullmatch((element.text or "").strip())
        if alone and self.math.formulas[int(alone[1])].display:
            made = self._make(int(alone[1]), "div")
            element.tag, element.text, element.attrib = "div", None, dict(made.attrib)
            element.extend(made)
            return
        children = list(element)
        for child in children:
            self._within(child)
            if child.tail and TOKEN.search(child.tail):
                at = list(element).index(child) + 1
                child.tail = self._fill(element, at, child.tail)
        if element.text and TOKEN.search(element.text):
            element.text = self._fill(element, 0, element.text)

    def _fill(self, parent: ElementTree.Element, at: int, text: str) -> str:
        """Puts elements for the tokens of a text into their parent, and gives the text before the first."""
        first, *pieces = TOKEN.split(text)
        for index, tail in zip(pieces[::2], pieces[1::2], strict=True):
            made = self._make(int(index), "span")
            made.tail = tail
            parent.insert(at, made)
            at += 1
        return first

    def _make(self, index: int, around: str) -> ElementTree.Element:
        formula = self.math.formulas[index]
        try:
            math = math_element(formula.tex.strip(), formula.display)
        except TexError as error:
            before = len(formula.tex) - len(formula.tex.lstrip())
            line = formula.tex_line + formula.tex.count("\n", 0, before) + error.offset
            first = next((one for one in formula.written.split("\n") if one.strip()), "")
            self.math.wrong.append(WrongTex(error.message, error.hint, first, line))
            return ElementTree.Element("span", {"class": "math"})
        if not formula.display:
            return math
        element = ElementTree.Element(around, {"class": "math"})
        element.append(math)
        if formula.label or formula.tag:
            self.numbered += not formula.tag
            equation = Equation(formula.label, formula.tag or f"({self.numbered})", formula.line)
            self.math.equations.append(equation)
            element.set("class", "math numbered")
            if formula.label:
                element.set("id", equation.anchor)
            number = ElementTree.SubElement(element, "span", {"class": "equation-number"})
            number.text = AtomicString(equation.number)
        return element


class _AsWritten(Postprocessor):
    def __init__(self, formulas: Sequence[Formula]):
        super().__init__()
        self.formulas = formulas

    def run(self, text: str) -> str:
        return as_written(text, self.formulas, escape) if self.formulas else text


def as_written(text: str, formulas: Sequence[Formula], how=str) -> str:
    """A text with what an author wrote in the places of tokens."""
    return TOKEN.sub(lambda token: how(formulas[int(token[1])].written), text)


def math_problems(source: Source, wrong: Sequence[WrongTex], exact: bool) -> list[Problem]:
    """An error for each piece of TeX that cannot be typeset, at its own line.

    Args:
        source: the text.
        wrong: what cannot be typeset.
        exact: whether the lines of the text that was read are those of `source`; a value in YAML has lines of its own.
    """
    problems: list[Problem] = []
    seen: list[str] = []
    for one in wrong:
        line = source.first_line + one.line if exact else source.line_of(one.first.strip(), seen.count(one.first))
        seen.append(one.first)
        problems.append(source.problem(one.message, line, one.hint))
    return problems


def equation_problems(source: Source, equations: Sequence[Equation]) -> list[Problem]:
    """Labels given twice, or to formulas that nothing can refer to."""
    problems: list[Problem] = []
    first: dict[str, Equation] = {}
    for one in equations:
        line = source.first_line + one.line
        if one.label and not one.label.startswith("eq:"):
            hint = f"Write `eq:{one.label}`, and refer to it by `[@eq:{one.label}]`"
            problems.append(source.problem(f'the label "{one.label}" is no formula\'s', line, hint))
        elif one.label and (other := first.setdefault(one.label, one)) is not one:
            _, before = source.place(source.first_line + other.line)
            message = f'two formulas have the label "{one.label}", the first on line {before}'
            problems.append(source.problem(message, line, "Give one of them another label"))
    return problems
