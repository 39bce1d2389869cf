"""All problems of some articles in one list, for people, editors and workflows."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from early_vision.article.article import Article
from early_vision.cache import Cache
from early_vision.errors import InputError, Problem
from early_vision.memory import Memory
from early_vision.project import CACHE, Project
from early_vision.site.build import make_site
from early_vision.site.external import external_problems

FORMATS = ("text", "json", "github")


def find_problems(folders: Sequence[Path], project: Project, external: bool) -> tuple[list[Problem], Sequence[Problem]]:
    """Everything that is wrong with some articles, by file and line, and what is only to be noted (`Site.notes`).

    Args:
        folders: of the articles.
        project: what they belong to.
        external: whether to ask other hosts for what the articles link to.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    notes: Sequence[Problem] = ()
    memory = Memory(Cache(project.cache / CACHE))
    memory.cache.inputs = project.input_hash(memory)
    try:
        without = project.without(folders)
        known = project.assets, project.templates, project.loaders, memory
        site = make_site(folders, *known, without=without, read=articles.extend)
        problems, notes = list(site.warnings), site.notes
    except InputError as error:
        problems = list(error.problems)
    memory.cache.save()
    if external:
        problems += external_problems([link for article in articles for link in article.links])
    return sorted(problems, key=lambda one: (str(one.file or ""), one.line or 0)), notes


def report(problems: Sequence[Problem], kind: str, root: Path) -> Iterator[str]:
    """The lines to print.

    Args:
        problems: to list.
        kind: one of `FORMATS`.
        root: folder from which files are named.
    """
    if kind == "json":
        yield json.dumps([_fields(problem, root) for problem in problems], indent=1, ensure_ascii=False)
        return
    for problem in problems:
        fields = _fields(problem, root)
        hint = f". {fields['hint']}" if fields["hint"] else ""
        if kind == "github":
            place = {name: fields[name] for name in ("file", "line") if fields[name]}
            where = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
            yield f"::{problem.severity} {where}::{_data(problem.message + hint)}"
        else:
            where = ":".join(str(fields[name]) for name in ("file", "line") if fields[name])
            word = "warning: " if problem.severity == "warning" else ""
            yield f"{where}: {word}{problem.message}{hint}" if where else f"{word}{problem.message}{hint}"


def tally(problems: Iterable[Problem], articles: int) -> str:
    """How many there are, in words."""
    found = Counter(problem.severity for problem in problems)
    counts = [f"{found[word]} {word}{'s' * (found[word] != 1)}" for word in ("error", "warning") if found[word]]
    return f"{' and '.join(counts) or 'nothing wrong'} in {articles} article{'s' * (articles != 1)}"


def _fields(problem: Problem, root: Path) -> dict:
    file = str(problem.file) if problem.file else None
    if file and Path(file).is_absolute() and Path(file).is_relative_to(root):
        file = Path(file).relative_to(root).as_posix()
    about = {"severity": problem.severity, "file": file, "line": problem.line}
    return {**about, "message": problem.message, "hint": problem.hint}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
