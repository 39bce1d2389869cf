"""Text that an author wrote, with its place: what every message about content points to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from early_vision.errors import InputError, Problem

FENCE = re.compile(r"[\s>]*(`{3,}|~{3,})(.*)$")
CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)

MOST_BYTES = 1_000_000
"""Of a text file: several times what an article has, and what can still be read in seconds."""


@dataclass(frozen=True)
class Source:
    """A run of lines of a file, or of several that were put together.

    Attributes:
        file: the file, as messages name it.
        text: its lines, joined by newlines.
        first_line: 1-based number of the first of them.
        origins: for a text that was put together, the file and line that each of its lines comes from. Its own lines
            are then counted on from `first_line`, and only `place` knows where they were written.
    """

    file: Path
    text: str
    first_line: int = 1
    origins: tuple[tuple[Path, int | None], ...] | None = None

    def place(self, line: int | None) -> tuple[Path, int | None]:
        """The file and the line in it where a line was written."""
        if line is None or self.origins is None:
            return self.file, line
        return self.origins[max(0, min(line - self.first_line, len(self.origins) - 1))]

    def problem(self, message: str, line: int | None = None, hint: str | None = None) -> Problem:
        """Something wrong in this text; `line` is counted as in `first_line`."""
        return Problem(message, *self.place(line), hint)

    def warning(self, message: str, line: int | None = None, hint: str | None = None) -> Problem:
        """Something in this text that stops nothing."""
        return Problem(message, *self.place(line), hint, "warning")

    def since(self, line: int) -> "Source":
        """What follows from a line on, that line included."""
        return self.part(line, self.first_line + len(self.lines))

    def part(self, first: int, end: int) -> "Source":
        """The lines from `first` up to, but not including, `end`."""
        chosen = slice(first - self.first_line, end - self.first_line)
        # A part of no lines is as one empty line, and that stands somewhere too.
        origins = self.origins and (self.origins[chosen] or (self.place(first),))
        return Source(self.file, "\n".join(self.lines[chosen]), first, origins)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @cached_property
    def prose(self) -> tuple[tuple[int, str], ...]:
        """(line number, text) of every line that is no fenced code, code spans blanked out."""
        kept = ["" if fence else text for text, fence in zip(self.lines, _fenced(self.lines), strict=False)]
        blanked = CODE_SPAN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), "\n".join(kept))
        return tuple(enumerate(blanked.split("\n"), self.first_line))

    def line_of(self, snippet: str, occurrence: int = 0) -> int:
        """The line on which `snippet` stands in prose for the n-th time, else in code, else the first line."""
        found = [number for number, text in self.prose for _ in range(text.count(snippet))]
        found = found or [number for number, text in enumerate(self.lines, self.first_line) if snippet in text]
        return found[min(occurrence, len(found) - 1)] if found else self.first_line

    @cached_property
    def unclosed_fence(self) -> int | None:
        """Line number of a code fence that is never closed, or None."""
        opened = None
        for number, text in enumerate(self.lines):
            opened = _fence_after(opened, number, text)
        return None if opened is None else self.first_line + opened[1]


def put_together(file: Path, lines: Iterable[tuple[str, Path, int | None]]) -> Source:
    """A text of lines, each with the file and line that it comes from."""
    lines = tuple(lines) or (("", file, 1),)
    return Source(file, "\n".join(text for text, _, _ in lines), 1, tuple((path, line) for _, path, line in lines))


def read_text(path: Path) -> str:
    """A text file: UTF-8, with or without a byte order mark, whatever its line ends.

    Raises:
        InputError: when it is absent, unreadable, too large, not UTF-8 or holds NUL characters.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            message = f"the file has {size / 1e6:.1f} MB, and a text may have {MOST_BYTES / 1e6:g}"
            raise InputError(message, file=path, hint="Divide it, or leave out what is no text")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file", file=path) from None
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("the text is not UTF-8", file=path, line=line, hint="Save the file as UTF-8") from error
    if "\0" in text:
        raise InputError("the text holds a NUL character", file=path, line=text.count("\n", 0, text.index("\0")) + 1)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_source(path: Path) -> Source:
    """A whole file as a source.

    Raises:
        InputError: as `read_text` does.
    """
    return Source(path, read_text(path))


def _fenced(lines: tuple[str, ...]) -> Iterator[bool]:
    """For each line, whether it belongs to a fenced code block, its fences included."""
    opened = None
    for number, text in enumerate(lines):
        before, opened = opened, _fence_after(opened, number, text)
        yield before is not None or opened is not None


def _fence_after(opened: tuple[str, int] | None, number: int, text: str) -> tuple[str, int] | None:
    """The fence that is open after a line, as (its characters, its line's index), or None."""
    match = FENCE.match(text)
    if not match:
        return opened
    fence, rest = match[1], match[2].strip()
    if opened is None:
        return None if "`" in rest else (fence, number)
    closes = fence[0] == opened[0][0] and len(fence) >= len(opened[0]) and not rest
    return None if closes else opened
