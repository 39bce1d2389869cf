"""The reference of what an author can write, from the code that reads it: docs/directives.md.

    python -m early_vision.article.reference

writes it anew; a test holds the two together.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from early_vision.article.circuit_entries import PartEntry
from early_vision.article.directives import DIRECTIVES, Comparing, Directive
from early_vision.article.schema import Author, FrontMatter, GroupEntry, Strict

FILE = Path(__file__).resolve().parents[2] / "docs" / "directives.md"
HEAD = """\
# What an author can write

This page is made from the code that reads articles (`python -m early_vision.article.reference`). How to go about an
article is in [authoring.md](authoring.md).

## Directives

A directive stands on lines of its own, with empty lines around it: `/// name | argument`, then its options as
`key: value`, one a line, then, after an empty line, its text, and at the end `///`. What it does not need is left out.
"""
TEXTS = {"caption": "Its text is its caption, in markdown.", "content": "Its text is markdown."}
COUNTS = {
    "fig": "It is numbered among the figures; with an `id`, `[@fig:ID]` refers to it.",
    "table": "It is numbered among the tables; with an `id`, `[@table:ID]` refers to it.",
}


def reference() -> str:
    """The whole page."""
    parts = [HEAD, *(_directive(name, kind) for name, kind in DIRECTIVES.items())]
    parts += [_section("Parts of a circuit", "###", PartEntry), _section("Front matter", "##", FrontMatter)]
    parts += [_section("Authors", "###", Author), _section("Neuron groups", "##", GroupEntry)]
    return "\n".join(parts)


def _directive(name: str, kind: type[Directive]) -> str:
    argument = f" | {kind.EXAMPLE}" if kind.EXAMPLE else ""
    lines = [f"### {name}", "", f"    /// {name}{argument}", "    ///", "", _summary(kind)]
    lines += [text for text in (TEXTS.get(kind.TEXT), COUNTS.get(kind.COUNTED)) if text]
    fields = list(_fields(kind))
    return "\n".join([*lines, "", *fields, ""]) if fields else "\n".join([*lines, ""])


def _section(title: str, level: str, kind: type[Strict]) -> str:
    return "\n".join([f"{level} {title}", "", _summary(kind), "", *_fields(kind), ""])


def _summary(kind: type) -> str:
    whole = re.split(r"\n\s*Attributes:", inspect.getdoc(kind) or "")[0]
    return "\n".join(line for line in whole.strip().splitlines())


def _fields(kind: type[Strict]) -> Iterator[str]:
    """A line for each key: whether it must be there, and what it means."""
    meanings = _meanings(kind)
    common = Comparing.model_fields
    # Those that many directives have stand last, unless it says something of its own of them.
    for name, field in sorted(kind.model_fields.items(), key=lambda one: one[0] in common and not one[1].is_required()):
        key = field.alias or name
        must = "required" if field.is_required() else "optional"
        if key == getattr(kind, "ARGUMENT", ""):
            must = "the argument"
        yield f"- `{key}` ({must})" + (f": {meanings[key]}" if key in meanings else "")


def _meanings(kind: type) -> Mapping[str, str]:
    """What docstrings say of each key, those of a class before those of what it is made from."""
    found: dict[str, str] = {}
    for one in kind.__mro__:
        text = re.split(r"Attributes:\n", inspect.cleandoc(one.__doc__ or ""))
        for names, meaning in re.findall(r"^ {4}([\w, ]+): (.*(?:\n {8}.*)*)", text[1], re.M) if len(text) > 1 else ():
            for name in names.split(", "):
                found.setdefault(name.rstrip("_"), re.sub(r"\s+", " ", meaning).rstrip("."))
    return found


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
