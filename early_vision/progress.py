"""Progress of long work: a bar with rate and time left on a terminal, plain lines otherwise."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn

SECONDS_BETWEEN_LINES = 10.0


class Advance(Protocol):
    def __call__(self, units: int, what: str, effort: float | None = None) -> None:
        """So many more units are done, this is what was worked on, and this is what it took of the effort."""


@dataclass
class _Pace:
    """How fast the work goes: units, and effort, since `start`."""

    done: int
    effort: float
    units: int = 0
    spent: float = 0.0
    start: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> int:
        return self.done + self.units

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.start

    def add(self, units: int, effort: float | None) -> None:
        self.units += units
        self.spent += units if effort is None else effort

    def told(self, unit: str) -> str:
        """The rate and the time left, in words."""
        left = self.elapsed * (self.effort - self.spent) / self.spent if self.spent else 0.0
        return f"{self.units / self.elapsed:.1f} {unit}/s, {_clock(left)} left"


@contextlib.contextmanager
def progress(title: str, total: int, unit: str, done: int = 0, effort: float | None = None) -> Iterator[Advance]:
    """Show how far the work is, on standard error.

    Args:
        title: what is being done.
        total: units in all.
        unit: what is counted, in the plural.
        done: units that an earlier run did.
        effort: what all that is left takes, in any measure, where units differ; the time left then follows from it.
    """
    console, pace = Console(stderr=True), _Pace(done, total - done if effort is None else effort)
    with (
        _bar(console, title, total, unit, pace) if console.is_terminal else _lines(title, total, unit, pace) as advance
    ):
        yield advance


@contextlib.contextmanager
def _bar(console: Console, title: str, total: int, unit: str, pace: _Pace) -> Iterator[Advance]:
    columns = (
        TextColumn(title),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", style="dim"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=total, completed=pace.now, told="")

        def advance(units: int, what: str, effort: float | None = None) -> None:
            pace.add(units, effort)
            bar.update(task, completed=pace.now, told=f"{pace.told(unit)}  {what}")

        yield advance


@contextlib.contextmanager
def _lines(title: str, total: int, unit: str, pace: _Pace) -> Iterator[Advance]:
    last = 0.0

    def advance(units: int, what: str, effort: float | None = None) -> None:
        nonlocal last
        pace.add(units, effort)
        if pace.now == total or pace.elapsed - last >= SECONDS_BETWEEN_LINES:
            last = pace.elapsed
            told = pace.told(unit) if pace.now < total else f"{_clock(last)} in all"
            print(f"{title}: {pace.now} of {total} {unit}, {told}  {what}", file=sys.stderr, flush=True)

    yield advance


def _clock(seconds: float) -> str:
    """A time such as "48 s", "12 min" or "3 h 05 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
