"""References: the answers to an article's marks, once all of its texts have been read.

Works are numbered in the order in which the page cites them, figures and tables in the order in which it shows them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from html import escape
from urllib.parse import quote

from markupsafe import Markup

from early_vision.article.bibliography import Bibliography, Work
from early_vision.article.computed import GroupSize, computed
from early_vision.article.marks import MARK, STRAY, marks_in
from early_vision.article.source import Source
from early_vision.errors import InputError, Problem, closest, did_you_mean

KINDS: Mapping[str, str] = {
    "fig": "figure",
    "table": "table",
    "eq": "formula",
    "sec": "section",
    "group": "neuron group",
}
"""What a cross-reference can lead to, by what stands before its colon."""
REFERENCE = re.compile(rf"({'|'.join(KINDS)}):(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Target:
    """What a cross-reference leads to: an anchor of the page, and the words that stand for it, as HTML."""

    anchor: str
    words: Markup


@dataclass(frozen=True)
class Reference:
    """A work in the list of references.

    Attributes:
        work: the work.
        number: its place in the list, from 1.
        cited: the anchors of the places that cite it, in order.
    """

    work: Work
    number: int
    cited: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A text of the article as HTML with marks, and where it was written."""

    html: Markup
    source: Source


@dataclass
class Answers:
    """What marks are answered with, and what has been cited so far.

    Attributes:
        bibliography: the works that can be cited.
        targets: what can be referred to, by kind and by name.
        sizes: what can be counted, by anchor.
        unread: layers whose groups could not be read.
        cited: for each work the anchors of its citations, in the order in which works were first cited.
    """

    bibliography: Bibliography
    targets: Mapping[str, Mapping[str, Target]]
    sizes: Mapping[str, GroupSize]
    unread: tuple[str, ...] = ()
    cited: dict[str, list[str]] = field(default_factory=dict)

    def references(self) -> tuple[Reference, ...]:
        """The works cited, in their order."""
        works = self.bibliography.works
        return tuple(Reference(works[key], n, tuple(at)) for n, (key, at) in enumerate(self.cited.items(), 1))


def answer_all(texts: Iterable[Written], answers: Answers) -> tuple[tuple[Markup, ...], tuple[Problem, ...]]:
    """The texts with their marks answered, and everything that is wrong with these.

    Args:
        texts: all texts of the page, in the order in which it shows them.
        answers: takes up what they cite.
    """
    html, problems, seen = [], [], Counter[str]()
    for text in texts:
        done, wrong = _answer(text, answers, seen)
        html.append(done)
        problems += wrong
    return tuple(html), tuple(problems)


def _answer(text: Written, answers: Answers, seen: Counter) -> tuple[Markup, list[Problem]]:
    """A text with its marks answered; `seen` counts the marks of each source."""
    problems, pieces, start = [], [], 0
    for match, (sign, value) in zip(MARK.finditer(text.html), marks_in(text.html), strict=True):
        line = partial(mark_line, text.source, sign, value, seen[id(text.source), sign, value])
        try:
            answered = ANSWERS[sign](value, answers)
        except NoMark:
            label = re.match(r"(fig|tbl|eq|sec)-(.+)", value)
            refer = f"Write [@{label[1].replace('tbl', 'table')}:{label[2]}] to refer to it" if label else ""
            hint = f"{refer or 'Give it an entry in the bibliography'}, or write \\@{value} for plain text"
            problems.append(text.source.warning(f'"@{value}" looks like a citation of no work', line(), hint))
            answered = Markup(escape(f"@{value}"))
        except InputError as error:
            problems.append(text.source.problem(error.message, line(), error.hint))
            answered = Markup()
        seen[id(text.source), sign, value] += 1
        pieces += [text.html[start : match.start()], answered]
        start = match.end()
    html = Markup().join(map(Markup, [*pieces, text.html[start:]]))
    if STRAY.search(html):
        message = "citations, cross-references and computed numbers take no attributes"
        problems.append(text.source.problem(message, text.source.line_of("]{"), "Remove what stands between braces"))
    return html, problems


def mark_line(source: Source, sign: str, value: str, occurrence: int) -> int:
    """The line on which a mark stands for the n-th time; its words may be on several lines."""
    text = "\n".join(line for _, line in source.prose)
    if sign == "+":
        name = value.partition(",")[0]
        # Not those in brackets.
        text = re.sub(r"\[[^\[\]]*\]", lambda m: re.sub(r"[^\n]", " ", m[0]), text)
        pattern = rf"(?<![\w@])@{re.escape(name)}(?![\w/])"
    else:
        words = r"\s+".join(map(re.escape, value.split(" ")))
        pattern = rf"\[{sign.strip('@')}\s*{words}\s*\]"
    found = [text.count("\n", 0, one.start()) for one in re.finditer(pattern, text)]
    return source.first_line + found[min(occurrence, len(found) - 1)] if found else source.line_of(value)


class NoMark(Exception):
    """What looks like a citation names nothing that is here, and may be plain text."""


@dataclass(frozen=True)
class Item:
    """One of the things that a pair of brackets refers to: words before it, its name, and words after it."""

    prefix: str
    name: str
    locator: str


def read_items(value: str) -> list[Item]:
    """What stands in brackets: `see @a, p. 3; -@b` are two."""
    items = []
    for written in re.split(r";|,(?=\s*-?@)", value):
        prefix, at, rest = written.strip().partition("@")
        if not at:
            prefix, rest = "", prefix
        ((name, locator),) = re.findall(r"^([^\s,\[]*),?(.*)$", rest.strip(), re.DOTALL)
        locator = re.sub(r"^\s*\[(.*)\]$", r"\1", locator.strip())
        items.append(Item(prefix.removesuffix("-").strip(), name.rstrip(".:"), locator.strip()))
    return items


def _brackets(value: str, answers: Answers) -> Markup:
    """Citations or cross-references.

    Raises:
        InputError: without a place.
    """
    items = read_items(value)
    kinds = {bool(REFERENCE.match(item.name)) for item in items}
    if len(kinds) > 1:
        raise InputError("citations and cross-references stand in one pair of brackets", hint="Give each its own")
    if kinds == {True}:
        return _listed([_cross_reference(item, answers) for item in items])
    return _citations(items, answers)


def _bare(value: str, answers: Answers) -> Markup:
    """A work named in a sentence, as its authors and its number; or a cross-reference.

    Raises:
        NoMark: for a name of nothing that is here, nor like one.
        InputError: without a place.
    """
    (item,) = read_items(f"@{value}")
    works = answers.bibliography.works
    if REFERENCE.match(item.name):
        return Markup(_cross_reference(item, answers))
    if item.name not in works:
        if not closest(item.name, works) and not answers.bibliography.damaged:
            raise NoMark
        return _citations([item], answers)
    citation = _citations([item], answers)
    authors = works[item.name].authors
    return Markup(f"{escape(authors)}\u00a0{citation}" if authors else citation)


def _citations(items: Sequence[Item], answers: Answers) -> Markup:
    parts, worded = [], False
    for item in items:
        key = item.name
        if key not in answers.bibliography.works:
            if answers.bibliography.damaged and key.partition(":")[0] not in KINDS:
                continue
            raise _unknown_work(key, answers)
        at = answers.cited.setdefault(key, [])
        at.append(f"cite-{key}-{len(at) + 1}")
        number = list(answers.cited).index(key) + 1
        link = f'<a class="citation" id="{at[-1]}" href="#{quote(f"ref-{key}")}" role="doc-biblioref">{number}</a>'
        worded = worded or bool(item.locator or item.prefix)
        before = f"{escape(item.prefix)} " if item.prefix else ""
        parts.append(before + link + (f", {escape(_with_dashes(item.locator))}" if item.locator else ""))
    return Markup(f"[{('; ' if worded else ', ').join(parts)}]")


def _unknown_work(key: str, answers: Answers) -> InputError:
    works = answers.bibliography.works
    prefix, colon, _ = key.partition(":")
    if colon:
        hint = did_you_mean(prefix, KINDS) or f"Cross-references begin with {', '.join(f'{kind}:' for kind in KINDS)}"
        return InputError(f'there is nothing called "{key}" to refer to', hint=hint)
    if not works:
        message = f'"{key}" cannot be cited: there is no bibliography'
        return InputError(message, hint="Write content/bibliography.bib, or name another file as `bibliography:`")
    lower = {one.lower(): one for one in works}
    near = [f'"{lower[one]}"' for one in get_close_matches(key.lower(), lower, n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Its keys are such as {', '.join(list(works)[:3])}"
    return InputError(f'the bibliography has no entry "{key}"', hint=hint)


def _with_dashes(locator: str) -> str:
    return re.sub(r"(?<=\d)-{1,2}(?=\d)", "–", locator)


def _is_unread(anchor: str, answers: Answers) -> bool:
    """Whether an anchor may be of a group whose file could not be read, which is told elsewhere."""
    return any(anchor.startswith(f"group_{layer}_") for layer in answers.unread)


def _cross_reference(item: Item, answers: Answers) -> str:
    match = REFERENCE.match(item.name)
    assert match
    kind, name = match.groups()
    known = answers.targets[kind]
    if name not in known and kind == "group" and _is_unread(name, answers):
        return ""
    if name not in known:
        raise InputError(
            f'there is no {KINDS[kind]} "{name}" to refer to', hint=_elsewhere(kind, name, answers.targets)
        )
    target = known[name]
    link = f'<a class="crossref" href="#{quote(target.anchor, safe="/:")}">{target.words}</a>'
    before = f"{escape(item.prefix)} " if item.prefix else ""
    return before + link + (f", {escape(_with_dashes(item.locator))}" if item.locator else "")


def _elsewhere(kind: str, name: str, targets: Mapping[str, Mapping[str, Target]]) -> str:
    for other, known in targets.items():
        if name in known:
            return f'Did you mean "{other}:{name}"?'
    if near := did_you_mean(name, targets[kind]):
        return near
    needs = {
        "fig": "A figure gets its name by a line `id: NAME`",
        "table": "A table gets its name by a line `id: NAME`",
        "eq": "A formula gets its name by `{#eq:NAME}` after it, on the same line",
        "sec": "A section is named by its anchor: `# Title {#NAME}`",
        "group": "A group is named by its anchor, such as group_conv2d0_color",
    }
    return needs[kind]


def _listed(parts: Sequence[str]) -> Markup:
    """Parts as in a sentence: "a", "a and b", "a, b and c"."""
    return Markup(" and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))))


def _number(value: str, answers: Answers) -> Markup:
    try:
        return Markup(escape(computed(value, answers.sizes)))
    except InputError:
        if any(_is_unread(anchor, answers) for anchor in value.replace("+", " ").split()):
            return Markup()
        raise


ANSWERS = {"=": _number, "@": _brackets, "+": _bare}
"""How marks are answered, by their signs."""
