"""What is wrong with something that a person gave: where, and how to put it right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """Something that cannot be used, or should be looked at.

    Readers that find several things take a list `problems` and append to it; what finds one raises an `InputError`.

    Attributes:
        message: what is wrong, one sentence without a full stop.
        file: the file it is wrong in, or None.
        line: 1-based line in that file, or None.
        hint: how to put it right, one sentence without a full stop, or None.
        severity: "error", or "warning" for what stops nothing.
    """

    message: str
    file: Path | str | None = None
    line: int | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}" + (f". {self.hint}" if self.hint else "")


class InputError(Exception):
    """Something that the user gave or asked for cannot be used. The command ends with exit status 2 and these problems.

    Attributes:
        problems: what is wrong; at least one.
    """

    def __init__(
        self, message: str, *, file: Path | str | None = None, line: int | None = None, hint: str | None = None
    ):
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(message, file, line, hint),)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "InputError":
        """An error of one problem or more, warnings among them: whoever mends them wants to see all at once."""
        problems = tuple(problems)
        error = cls(problems[0].message)
        error.problems = problems
        return error

    @property
    def message(self) -> str:
        """What the first problem is."""
        return self.problems[0].message

    @property
    def file(self) -> Path | str | None:
        return self.problems[0].file

    @property
    def line(self) -> int | None:
        return self.problems[0].line

    @property
    def hint(self) -> str | None:
        return self.problems[0].hint

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def closest(word: object, known: Iterable[object]) -> str | None:
    """The known word that a misspelled one is most like, or None when none is close."""
    return next(iter(difflib.get_close_matches(str(word), [str(one) for one in known], n=1, cutoff=0.6)), None)


def did_you_mean(word: object, known: Iterable[object]) -> str | None:
    """A hint with the word that `closest` finds, or None."""
    found = closest(word, known)
    return f'Did you mean "{found}"?' if found else None
