r"""Entries of a bibliography in the words of BibTeX's standard styles, whatever tool wrote them.

BibLaTeX and Zotero have other kinds (`@online`, `@thesis`, `@report`) and fields (`date`, `journaltitle`), and every tool
its own way with `%`, `&`, `_`, `\emph` and capitals. Formulas in titles become tokens, to be typeset afterwards.
"""

import re
from collections.abc import Iterable

from pybtex.database import Entry, Person

from early_vision.article.math import CLOSE, OPEN

KINDS = {
    "online": "misc",
    "electronic": "misc",
    "www": "misc",
    "software": "misc",
    "dataset": "misc",
    "data": "misc",
    "video": "misc",
    "audio": "misc",
    "artwork": "misc",
    "patent": "misc",
    "standard": "misc",
    "periodical": "misc",
    "preprint": "misc",
    "webpage": "misc",
    "letter": "misc",
    "movie": "misc",
    "music": "misc",
    "image": "misc",
    "legal": "misc",
    "report": "techreport",
    "collection": "book",
    "mvbook": "book",
    "mvcollection": "book",
    "reference": "book",
    "mvreference": "book",
    "bookinbook": "inbook",
    "suppbook": "inbook",
    "suppcollection": "incollection",
    "inreference": "incollection",
    "mvproceedings": "proceedings",
    "conference": "inproceedings",
    "suppperiodical": "article",
}
"""Kinds of BibLaTeX by those of BibTeX; theses apart."""
FIELDS = {
    "journaltitle": "journal",
    "shortjournal": "journal",
    "location": "address",
    "eventtitle": "booktitle",
    "eprint": "eprint",
    "annotation": "annote",
}
MONTHS = (
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
)  # fmt: skip
RAW = frozenset(("url", "doi", "eprint", "file", "isbn", "issn"))
PLAIN_COMMANDS = {"LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "textquoteright": "’", "textquoteleft": "‘",
                  "textquotedblleft": "“", "textquotedblright": "”", "textasciitilde": "~", "textunderscore": "_",
                  "textbackslash": "", "slash": "/"}  # fmt: skip
AROUND = ("emph", "textit", "textsl", "textbf", "textsc", "textrm", "textsf", "texttt", "text", "mbox", "mkbibquote",
          "mkbibemph", "url", "path", "uppercase", "enquote", "nolinkurl")  # fmt: skip
SWITCHES = ("em", "it", "bf", "sc", "rm", "sf", "tt", "sl", "itshape", "bfseries")
KEPT = re.compile(r"(?<![\w{\\])(?=\w*[^\W\d_])(\w*[^\W_]+[A-Z]\w*|[A-Z]+\d+\w*|\d+[A-Z]+\w*|[B-HJ-Z])(?!\w)")
"""Words with a capital after their first letter or with digits, such as InceptionV1, GPUs and V1, and single letters."""


def in_standard_words(entry: Entry, formulas: list[str]) -> Entry:
    """An entry with kinds and fields of BibTeX and their texts as pybtex reads them.

    Args:
        entry: as it was parsed.
        formulas: takes up TeX between dollars; the texts have tokens for it.
    """
    given = {name.lower(): value for name, value in entry.fields.items()}
    fields = {name: value for name, value in given.items() if name not in FIELDS}
    for name, other in FIELDS.items():
        if name in given:
            fields.setdefault(other, given[name])
    kind = entry.type
    if kind == "thesis":
        kind = "mastersthesis" if "master" in given.get("type", "").lower() else "phdthesis"
        if fields.get("type", "").lower() in ("phdthesis", "mastersthesis", "phd", "master"):
            del fields["type"]
    kind = KINDS.get(kind, kind)
    if kind.endswith("thesis") and "institution" in fields:
        fields.setdefault("school", fields["institution"])
    if kind == "unpublished" and "note" not in fields:
        kind = "misc"
    if kind == "proceedings" or (kind == "inproceedings" and "booktitle" not in fields):
        fields.setdefault("booktitle", fields.get("maintitle", fields.get("journal", "")))
    if kind == "misc" and "howpublished" not in fields:
        where = next(
            (fields[name] for name in ("journal", "organization", "publisher", "booktitle") if name in fields), ""
        )
        fields["howpublished"] = where
    if "date" in fields:
        _dated(fields, fields.pop("date"))
    if "subtitle" in fields and "title" in fields:
        fields["title"] = f"{fields['title']}: {fields.pop('subtitle')}"
    if "howpublished" in fields and re.fullmatch(r"\s*\\url\s*\{[^{}]*\}\s*", fields["howpublished"]):
        fields.setdefault("url", fields.pop("howpublished"))
    if fields.get("eprinttype", fields.get("archiveprefix", "arxiv")).lower() != "arxiv":
        fields.pop("eprint", None)
    titles = ("title", "booktitle")
    fields = {
        name: as_address(value) if name in RAW else as_text(value, formulas, capitals=name in titles)
        for name, value in fields.items()
        if value.strip()
    }
    persons = {role: [_plain(person, formulas) for person in people] for role, people in entry.persons.items()}
    made = Entry(kind, fields=fields, persons=persons)
    made.key, made.original_type = entry.key, entry.original_type
    return made


def _dated(fields: dict[str, str], date: str) -> None:
    found = re.match(r"(\d{4})(?:-(\d\d))?", date.strip())
    fields.setdefault("year", found[1] if found else date)
    if found and found[2] and 1 <= int(found[2]) <= 12:
        fields.setdefault("month", MONTHS[int(found[2]) - 1])


def _plain(person: Person, formulas: list[str]) -> Person:
    parts = ("first", "middle", "prelast", "last", "lineage")
    given = {part: [as_text(name, formulas) for name in person.get_part(part)] for part in parts}
    made = Person()
    made.first_names, made.middle_names, made.prelast_names = given["first"], given["middle"], given["prelast"]
    made.last_names, made.lineage_names = given["last"], given["lineage"]
    return made


def as_address(value: str) -> str:
    r"""An address or a number as it is, without what TeX needs around it: `\url{…}`, `\_`, `\%`, `\~{}`."""
    value = re.sub(r"^\\href\s*\{([^{}]*)\}.*", r"\1", value.strip(), flags=re.DOTALL)
    value = re.sub(r"^\\(?:url|path|nolinkurl)(?![A-Za-z])", "", value)
    value = re.sub(r"\\textasciitilde\s*(\{\})?|\{?\\~(\{\s*\})?\}?|\$\\sim\$", "~", value)
    value = re.sub(r"\\([_%&#$~])", r"\1", value)
    return re.sub(r"\s+", "", value.replace("{", "").replace("}", ""))


def as_text(value: str, formulas: list[str], capitals: bool = False) -> str:
    """A text that pybtex reads as its author meant it.

    Args:
        value: as it is in the file.
        formulas: takes up TeX between dollars.
        capitals: whether words such as InceptionV1 are to keep their capitals where a style lowers them.
    """

    def formula(found: re.Match) -> str:
        formulas.append(found[1])
        return f"{{{OPEN}{len(formulas) - 1}{CLOSE}}}"

    value = value.replace(OPEN, "").replace(CLOSE, "")
    value = re.sub(r"(?<!\\)\$((?:\\.|[^$\\])+)\$", formula, value)
    value = re.sub(r"\\href\s*\{[^{}]*\}\s*\{([^{}]*)\}", r"\1", value)
    for _ in range(3):
        value = re.sub(rf"\\(?:{'|'.join(AROUND)})\s*\{{([^{{}}]*)\}}", r"\1", value)
    value = re.sub(rf"\\(?:{'|'.join(SWITCHES)})(?![A-Za-z])\s*", "", value)
    value = re.sub(rf"\\({'|'.join(PLAIN_COMMANDS)})(?![A-Za-z])\s*(\{{\}})?",
                   lambda found: f"{{{PLAIN_COMMANDS[found[1]]}}}", value)  # fmt: skip
    value = value.replace("\\$", "{\\textdollar}")
    value = re.sub(r"(?<!\\)([%&#])", r"\\\1", value)
    if capitals and value.upper() != value:
        value = KEPT.sub(r"{\1}", value)
    return value


def names_of(people: Iterable[Person]) -> list[str]:
    """The last names of people, without TeX."""
    from pybtex.richtext import Text

    return [str(Text.from_latex(" ".join((*one.prelast_names, *one.last_names)))) for one in people]
