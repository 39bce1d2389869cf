"""The errors that a person can mend: what is wrong, where, and how to put it right."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal


class InputError(Exception):
    """Something that the user gave or asked for cannot be used. The command ends with exit status 2 and this message.

    Attributes:
        message: what is wrong, one sentence without a full stop.
        file: the file it is wrong in, or None.
        line: 1-based line in that file, or None.
        mend: how to put it right, one sentence without a full stop, or None.
        severity: "error", or "warning" for what should be looked at but stops nothing. A warning is never raised alone:
            it comes among `InputErrors`, or beside what was read (`Article.warnings`).
    """

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        hint: str | None = None,
        severity: Literal["error", "warning"] = "error",
    ):
        super().__init__(message)
        self.message, self.file, self.line, self.hint, self.severity = message, file, line, hint, severity

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}" + (f". {self.hint}" if self.hint else "")


class InputErrors(Exception):
    """Several mendable errors at once: a reader of the list mends all of them before trying again.

    Attributes:
        errors: what is wrong.
        read: the articles that could be read all the same.
    """

    def __init__(self, errors: Iterable[InputError], read: Sequence = ()):
        self.errors, self.read = tuple(errors), tuple(read)
        super().__init__("\n".join(map(str, self.errors)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """'did you mean "…"?' for a misspelled word, or None when nothing known is close."""
    matches = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return f'Did you mean "{matches[0]}"?' if matches else None
