"""Includes: `/// include | part.md` stands for the text of another markdown file of the article's folder."""

from collections.abc import Iterator
from pathlib import Path

from early_vision.article.author_files import author_file
from early_vision.article.blocks import find_blocks
from early_vision.article.source import Source, put_together, read_source
from early_vision.errors import InputError, Problem

LONGEST = 300_000
"""Characters that an article may have: several times a long one. Beyond, a slip such as a pasted picture is likelier."""


def expand_includes(source: Source, folder: Path) -> tuple[Source, tuple[Path, ...], tuple[Problem, ...]]:
    """A text with the texts that it includes in their places, the files of these, and everything wrong with includes.

    Args:
        source: the article's text.
        folder: the article's folder; paths of included files start there.

    Raises:
        InputError: when it becomes too long.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    lines, length = [], 0
    for text, path, line in _lines(source, folder, (source.file,), files, problems):
        length += len(text) + 1
        if length > LONGEST:
            message = f"the article's text has more than {LONGEST:,} characters"
            raise InputError(message, file=path, line=line, hint="Shorten it, or make several articles of it")
        lines.append((text, path, line))
    return put_together(source.file, lines), tuple(dict.fromkeys(files)), tuple(problems)


def _lines(
    source: Source, folder: Path, within: tuple[Path, ...], files: list[Path], problems: list[Problem]
) -> Iterator[tuple[str, Path, int]]:
    """Every line of a text and of what it includes. `within` are the files that are being read, outermost first."""
    at = source.first_line
    for block in find_blocks(source)[0]:
        # One that is not closed, or has a text, is told of where all directives are checked.
        if block.name == "include" and block.argument and block.closed and not block.content.text.strip():
            yield from _written(source.part(at, block.line))
            yield "", source.file, block.line
            yield from _included(source, block.line, block.argument, folder, within, files, problems)
            yield "", source.file, block.line
            at = block.end
    yield from _written(source.since(at))


def _written(source: Source) -> Iterator[tuple[str, Path, int]]:
    return ((text, source.file, number) for number, text in enumerate(source.lines, source.first_line))


def _included(
    source: Source,
    line: int,
    written: str,
    folder: Path,
    within: tuple[Path, ...],
    files: list[Path],
    problems: list[Problem],
) -> Iterator[tuple[str, Path, int]]:
    try:
        path = author_file(folder, written)
        if path in within:
            chain = " → ".join(one.relative_to(folder).as_posix() for one in (*within[within.index(path) :], path))
            raise InputError(f"the include goes in a circle: {chain}", hint="Remove one of these includes")
    except InputError as error:
        problems.append(source.problem(error.message, line, error.hint))
        return
    try:
        included = read_source(path)
    except InputError as error:
        problems += error.problems
        return
    files.append(path)
    if included.lines[0].rstrip() == "---":
        problems.append(included.problem("an included file has no front matter", 1, "Remove it"))
        return
    yield from _lines(included, folder, (*within, path), files, problems)
