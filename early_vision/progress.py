"""Progress of long work: a bar with rate and time left on a terminal, plain lines otherwise."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 10.0

Advance = Callable[[int, str], None]
"""advance(units, what): so many more units are done, and this is what was worked on."""


@contextlib.contextmanager
def progress(title: str, total: int, unit: str, done: int = 0) -> Iterator[Advance]:
    """Show how far the work is, on standard error.

    Args:
        title: what is being done.
        total: units in all.
        unit: what is counted, in the plural.
        done: units that an earlier run did.
    """
    console = Console(stderr=True)
    with _bar(console, title, total, unit, done) if console.is_terminal else _lines(title, total, unit, done) as advance:
        yield advance


@contextlib.contextmanager
def _bar(console: Console, title: str, total: int, unit: str, done: int) -> Iterator[Advance]:
    rate = TextColumn("{task.fields[rate]}", style="dim")
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task, start, now = bar.add_task(title, total=total, completed=done, rate=""), time.monotonic(), done

        def advance(units: int, what: str) -> None:
            nonlocal now
            now += units
            bar.update(task, completed=now, rate=f"{(now - done) / (time.monotonic() - start):.1f} {unit}/s  {what}")

        yield advance


@contextlib.contextmanager
def _lines(title: str, total: int, unit: str, done: int) -> Iterator[Advance]:
    start, now, last = time.monotonic(), done, 0.0

    def advance(units: int, what: str) -> None:
        nonlocal now, last
        now += units
        elapsed = time.monotonic() - start
        if now == total or elapsed - last >= SECONDS_BETWEEN_LINES:
            last, rate = elapsed, (now - done) / elapsed
            left = f", {(total - now) / rate:.0f} s left" if now < total else f", {elapsed:.0f} s in all"
            print(f"{title}: {now} of {total} {unit}, {rate:.1f}/s{left}  {what}", file=sys.stderr, flush=True)

    yield advance
