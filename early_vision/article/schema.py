"""What an author may write in front matter and group files, and plain words for what does not fit."""

import datetime
import re
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from early_vision.article.yaml_source import Located
from early_vision.errors import Problem, did_you_mean

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s\"<>]+$")]

Part = Literal["all", "priority", "rest"]
"""Which groups of a layer: all of them, those with a priority above 0, or the others."""

Model = TypeVar("Model", bound="Strict")


class Strict(BaseModel):
    """A model that takes nothing it does not know and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Author(Strict):
    """One author of an article."""

    name: Text
    affiliation: Text | None = None
    url: Address | None = None
    orcid: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")] | None = None


def _as_authors(given: Any) -> Any:
    """Names alone, one or a list of them, as authors."""
    given = [given] if isinstance(given, (str, dict)) else given
    return [{"name": one} if isinstance(one, str) else one for one in given] if isinstance(given, list) else given


class FrontMatter(Strict):
    """The head of article.md, between two lines of `---`.

    Attributes:
        title, network: plain text; and the network that it is about, by name.
        compares: the other networks of an article that compares networks. Such an article shows no groups and has no pages of
            neurons; its figures show neurons of all of them, and lead to the article that is about a neuron's network.
        subtitle, description: plain text; the description introduces the article in one or two sentences.
        abstract, acknowledgements: markdown.
        authors, date, doi, license: as the title block and the end of the page show them.
        bibliography: a BibTeX file in the article's folder; by default bibliography.bib beside the folder, if there.
        order: where the front page has the article: smaller numbers first, then by the folder's name.
        lang: the language that it is written in, such as `en`, `de` or `zh-Hans`: for hyphenation and direction.
        claims: `enforce` stops the build where a claim does not hold; `report` says so on the page and in a warning.
    """

    title: Text
    network: Text
    compares: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    subtitle: Text | None = None
    description: Text | None = None
    abstract: Text | None = None
    authors: Annotated[tuple[Author, ...], BeforeValidator(_as_authors)] = Field(default=(), strict=False)
    date: datetime.date | None = None
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    license: Text | None = None
    bibliography: Text | None = None
    order: int = 0
    claims: Literal["enforce", "report"] = "enforce"
    lang: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    acknowledgements: Text | None = None


class GroupEntry(Strict):
    """One neuron group in groups/<layer>.yaml.

    Attributes:
        name: as the card shows it.
        anchor: what links to it; by default the 2020 rule for spelling applied to layer and name.
        priority: 1 or higher shows the group before the rest of its layer, a negative one after it.
        description: markdown.
        neurons: channels, in the order in which the card shows them.
    """

    name: Text
    anchor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w.:-]*$")] | None = None
    priority: int = 0
    description: Text | None = None
    neurons: Annotated[tuple[int, ...], Field(min_length=1, strict=False)]


WRONG = {
    "literal_error": "is neither enforce nor report",
    "string_type": "is not text",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "int_type": "is not a whole number",
    "tuple_type": "is not a list",
    "date_type": "is not a date such as 2026-03-01",
    "model_type": "is not a set of keys with values",
    "model_attributes_type": "is not a set of keys with values",
}
EXPECTED = {
    "url": "is not a web address that starts with https://",
    "orcid": "is not an ORCID such as 0000-0002-1825-0097",
    "doi": "is not a DOI such as 10.23915/distill.00024",
    "anchor": "is not an anchor: a letter, then letters, digits and _ . : -",
    "lang": "is not a language such as en, de or zh-Hans",
    "id": "is not an id: a letter, then letters, digits and _ . -",
}
MISSING = {
    "alt": "Say what the picture shows, for those who cannot see it",
    "caption": "Say what is shown",
}


def validate(
    model: type[Model], located: Located, path: tuple[str | int, ...] = ()
) -> tuple[Model | None, tuple[Problem, ...]]:
    """The value at `path` of a document as a model, or None and everything that is wrong with it."""
    value = located.data
    for step in path:
        value = value[step]
    try:
        return model.model_validate(value), ()
    except ValidationError as error:
        return None, tuple(_problem(model, located, path, detail) for detail in error.errors(include_url=False))


def _problem(model: type[Model], located: Located, base: tuple[str | int, ...], detail: ErrorDetails) -> Problem:
    path, kind = tuple(detail["loc"]), detail["type"]
    line = located.line((*base, *path))
    if kind == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        hint = did_you_mean(path[-1], known) or f"Known keys: {', '.join(known)}"
        return located.source.problem(f'unknown key "{path[-1]}"{_within(path[:-1])}', line, hint)
    if kind == "missing":
        return located.source.problem(f'"{path[-1]}" is missing{_within(path[:-1])}', line, MISSING.get(str(path[-1])))
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
        hint = did_you_mean(detail["input"], known) or f"Known: {', '.join(known)}"
        return located.source.problem(f"{_named(path, detail['input'])} is not known", line, hint)
    if not path:
        return located.source.problem(
            "this is not a set of keys with values", line, "Write it as `key: value`, one a line"
        )
    if kind == "string_type" and isinstance(detail["input"], bool):
        hint = "YAML takes No, Yes, On and Off for true or false: write the word between quotes"
        return located.source.problem(f"{_named(path, detail['input'])} is not text", line, hint)
    wrong = EXPECTED.get(str(path[-1])) if kind == "string_pattern_mismatch" else WRONG.get(kind)
    return located.source.problem(f"{_named(path, detail['input'])} {wrong or detail['msg'].lower()}", line)


def _named(path: tuple[str | int, ...], value: Any) -> str:
    shown = re.sub(r"\s+", " ", str(value))
    shown = f' "{shown[:40]}"' if isinstance(value, (str, int, float)) and shown else ""
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {path[-2]}{shown}"
    return f"{path[-1]}{shown}{_within(path[:-1])}"


def _within(path: tuple[str | int, ...]) -> str:
    if not path:
        return ""
    return f" in item {path[-1] + 1} of {path[-2]}" if isinstance(path[-1], int) else f" in {path[-1]}"


def _fields_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys that belong where `path` leads."""
    for step in path:
        if isinstance(step, str):
            model = next((one for one in _models_in(model.model_fields[step].annotation)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
