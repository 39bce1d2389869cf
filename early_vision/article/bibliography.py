"""The bibliography: a BibTeX file, and each of its entries as HTML in BibTeX's standard style `unsrt`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

import pybtex.errors
from markupsafe import Markup
from pybtex.backends.html import Backend
from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import Parser, UndefinedMacro
from pybtex.exceptions import PybtexError
from pybtex.scanner import PybtexSyntaxError
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import FieldIsMissing, first_of, href, join, optional
from pybtex.style.template import field as bib_field

from early_vision.article.allowed_html import address_problem
from early_vision.article.bibtex_entries import KINDS, in_standard_words, names_of
from early_vision.article.math import TOKEN
from early_vision.article.mathml import TexError, math_element
from early_vision.article.source import Source
from early_vision.errors import Problem, did_you_mean

SHARED = "bibliography.bib"
"""The bibliography of all articles, beside their folders."""
KEY = re.compile(r"\w[\w.+/:-]*$")
"""Keys are part of anchors and addresses."""
ENTRY = re.compile(r"\s*@\w+\s*[{(]\s*([^\s,]+)\s*,")
DOI_ADDRESS = re.compile(r"^https?://(dx\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
BRACES = "Check the braces, quotes and commas here and in the lines above"


@dataclass(frozen=True)
class Work:
    """An entry of a bibliography.

    Attributes:
        key: what it is cited by.
        html: the formatted entry.
        line: where its entry begins in the file.
        authors: whom a sentence names for it, such as "Olah et al.", or empty.
        problems: what is wrong with its entry, to be told where it is cited.
    """

    key: str
    html: Markup
    line: int
    authors: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Bibliography:
    """The works of a BibTeX file, by key; without a file, none. `damaged` when not all of it could be read."""

    source: Source | None = None
    works: Mapping[str, Work] = field(default_factory=dict)
    damaged: bool = False

    @property
    def file(self) -> Path | None:
        return self.source.file if self.source else None


def read_bibliography(source: Source) -> tuple[Bibliography, tuple[Problem, ...]]:
    """A BibTeX file, and what keeps the rest of it from being read. What is wrong with an entry is the work's."""
    lines = _entry_lines(source)
    with pybtex.errors.capture() as found:
        data = Parser(encoding="utf-8").parse_string(source.text)
    problems = list({str(one): one for one in (_parse_problem(source, lines, error) for error in found)}.values())
    broken = any(isinstance(one, PybtexSyntaxError) and not isinstance(one, UndefinedMacro) for one in found)
    works, style = {}, _Style()
    for key, entry in data.entries.items():
        line = lines.get(key.lower()) or source.line_of(f"{{{key}")
        wrong = []
        if not KEY.match(key):
            hint = "A key is made of letters, digits and _ . : + / -"
            wrong.append(source.problem(f'the key "{key}" cannot be cited', line, hint))
        html, faults = _format(source, line, entry, data, style)
        # After a brace that is not closed, what entries seem to lack says nothing.
        wrong += [] if broken else faults
        works[key] = Work(key, html, line, _authors(entry), tuple(wrong))
    if broken:
        return Bibliography(source, works, broken), tuple(problems)
    return Bibliography(source, _with_problems(source, works, problems), broken), ()


def _with_problems(source: Source, works: Mapping[str, Work], problems: Iterable[Problem]) -> dict[str, Work]:
    """Works with the problems that stand between their lines and the next one's."""
    placed = dict(works)
    # A key that is given twice has a second place.
    starts = sorted((number, match[1].lower()) for number, text in enumerate(source.lines, source.first_line)
                    if (match := ENTRY.match(text)))  # fmt: skip
    keys = {key.lower(): key for key in works}
    for problem in problems:
        before = [key for number, key in starts if number <= (problem.line or 0)]
        key = keys.get(before[-1]) if before else next(iter(works), None)
        if key:
            placed[key] = replace(placed[key], problems=(*placed[key].problems, problem))
    return placed


def uncited(bibliography: Bibliography, cited: Iterable[str]) -> tuple[Problem, ...]:
    """A warning for each entry that is not among the keys of `cited`."""
    cited, source = set(cited), bibliography.source
    return tuple(
        source.warning(f'the entry "{work.key}" is not cited', work.line, "Cite it, or remove it")
        for work in bibliography.works.values()
        if source and work.key not in cited
    )


class _Style(Style):
    """The standard style, with one web link: the DOI, else the number in arXiv, else the address."""

    def format_web_refs(self, e):
        doi, number, url = (bib_field(name, raw=True) for name in ("doi", "eprint", "url"))
        return first_of[
            optional[href(join["https://doi.org/", doi])[join["doi:", doi]]],
            optional[href(join["https://arxiv.org/abs/", number])[join["arXiv:", number]]],
            optional[href(url)[url]],
        ]


class _Html(Backend):
    """The library's HTML, escaped throughout and with no element more than an entry needs."""

    symbols = MappingProxyType({"ndash": "–", "newblock": " ", "nbsp": "\u00a0"})

    def format_str(self, text):
        return escape(text.replace("'", "’"), quote=False)

    def format_protected(self, text):
        return text

    @staticmethod
    def format_href(url, text, external=False):
        return f'<a href="{escape(str(url))}">{text}</a>' if text else ""


def _format(
    source: Source, line: int, entry: Entry, data: BibliographyData, style: Style
) -> tuple[Markup, list[Problem]]:
    """An entry as HTML, or nothing and what is wrong with it."""
    formulas: list[str] = []
    entry = in_standard_words(entry, formulas)
    kinds = [name[4:-9] for name in dir(_Style) if name.startswith("get_") and name.endswith("_template")]
    if entry.type not in kinds:
        hint = did_you_mean(entry.type, [*kinds, *KINDS, "thesis"]) or "What fits nothing else is a `@misc`"
        return Markup(), [source.problem(f'there is no kind of entry "@{entry.original_type}"', line, hint)]
    if "doi" in entry.fields:
        entry.fields["doi"] = DOI_ADDRESS.sub("", entry.fields["doi"]).strip()
    if wrong := address_problem(entry.fields.get("url", "")):
        return Markup(), [source.problem(f'{wrong.message}, in "{entry.key}"', line, wrong.hint)]
    try:
        text = style.format_entry("", entry, bib_data=data).text
    except FieldIsMissing as error:
        message, hint = f'"{error.field_name}" is missing in "{entry.key}"', f"A `@{entry.type}` needs it"
        return Markup(), [source.problem(message, line, hint)]
    except PybtexError as error:
        return Markup(), [source.problem(f'the entry "{entry.key}" cannot be read: {error}', line, BRACES)]
    try:
        return Markup(TOKEN.sub(lambda token: _formula(formulas[int(token[1])]), text.render(_Html()))), []
    except TexError as error:
        return Markup(), [source.problem(f'{error.message}, in "{entry.key}"', line, error.hint)]


def _formula(tex: str) -> str:
    return ElementTree.tostring(math_element(tex, display=False), encoding="unicode")


def _authors(entry: Entry) -> str:
    """Whom a sentence names for a work: its authors' last names, or its editors'."""
    names = names_of(entry.persons.get("author") or entry.persons.get("editor") or ())
    if len(names) > 2 or "others" in names:
        return f"{names[0]} et al."
    return " and ".join(names)


def _entry_lines(source: Source) -> dict[str, int]:
    """The line that each entry begins on, by its key in lower case."""
    lines: dict[str, int] = {}
    for number, text in enumerate(source.lines, source.first_line):
        if match := ENTRY.match(text):
            lines.setdefault(match[1].lower(), number)
    return lines


def _parse_problem(source: Source, lines: Mapping[str, int], error: PybtexError) -> Problem:
    if isinstance(error, PybtexSyntaxError):
        reason = re.sub(r" in line \d+", "", str(error)).removeprefix("syntax error: ")
        return source.problem(f"the BibTeX cannot be read: {reason}", min(error.lineno, len(source.lines)), BRACES)
    repeated = re.match(r"repeated bibliograph\w+ entry: (.*)", str(error))
    if repeated:
        again = [
            number for number, text in enumerate(source.lines, 1) if (m := ENTRY.match(text)) and m[1] == repeated[1]
        ]
        message = f'the key "{repeated[1]}" is given twice, first on line {again[0]}'
        return source.problem(message, again[-1], "Keep one of the two")
    key = re.search(r"entry with key (\S+)", str(error))
    return source.problem(str(error), lines.get(key[1].lower() if key else "", source.first_line))
