"""`build.py train`. PyTorch is imported when it runs, not before."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from early_vision.errors import InputError
from early_vision.network.training.data import Pictures, read_held_out, read_training
from early_vision.network.training.journal import Record
from early_vision.network.training.options import Options

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


@click.command("train")
@click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="Tiny ImageNet's folder, or a zip of <class>/<name>.JPEG. May be given several times.",
)
@click.option(
    "--held-out",
    type=click.Path(path_type=Path),
    help="Folder or zip of held-out pictures. Left out: the val folder of the first --data.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The .npz to write; model card, log and checkpoint go beside it.",
)
@click.option("--epochs", type=int, help=f"Times that every picture is seen ({Options.epochs}).")
@click.option("--steps", type=int, help="Steps, in place of --epochs.")
@click.option("--batch", type=int, help=f"Pictures in a step ({Options.batch}).")
@click.option("--peak-learning-rate", type=float, help=f"The highest learning rate ({Options.peak_learning_rate}).")
@click.option("--seed", type=int, help=f"Of all random numbers ({Options.seed}).")
@click.option("--checkpoint-every", type=click.IntRange(min=1), default=500, show_default=True, help="Steps.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, with its options.")
def train_command(
    data: tuple[Path, ...],
    held_out: Path | None,
    out: Path,
    checkpoint_every: int,
    resume: bool,
    **options: int | float | None,
) -> None:
    """Train the embedded network anew, and write its model card."""
    try:
        import torch
    except ImportError as error:
        raise InputError("training needs PyTorch", hint='Install it with: pip install -e ".[train]"') from error
    from early_vision.network.training.checkpoint import load_checkpoint
    from early_vision.network.training.train import Files, Stopped, train

    console = Console(highlight=False, soft_wrap=True)
    given = {name: value for name, value in options.items() if value is not None}
    chosen = replace(load_checkpoint(Files(out).checkpoint).options if resume else Options(), **given)
    try:
        pictures, held_out_pictures = _read(data, held_out, console)
        with _progress(console, "training") as progress:
            report = _Report(console, progress)
            result = train(
                chosen,
                pictures,
                held_out_pictures,
                out,
                resume=resume,
                checkpoint_every=checkpoint_every,
                report=report,
            )
    except Stopped as stop:
        console.print(f"Stopped after step {stop.step}. Go on with --resume.")
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(INTERRUPTED)
    console.print(f"Held-out accuracy of the exported weights: {result.accuracy:.2%}")
    console.print(f"Wrote {result.files.weights} and {result.files.card}")


def _read(data: tuple[Path, ...], held_out: Path | None, console: Console) -> tuple[Pictures, Pictures]:
    with _progress(console, "reading pictures") as progress:
        pictures = read_training(data, progress)
    with _progress(console, "reading held-out pictures") as progress:
        held_out_pictures = read_held_out(held_out or data[0], pictures.classes, progress)
    for read, what in ((pictures, "training"), (held_out_pictures, "held-out")):
        console.print(f"{len(read):,} {what} pictures of {len(set(read.labels.tolist()))} classes")
    return pictures, held_out_pictures


@contextlib.contextmanager
def _progress(console: Console, what: str) -> Iterator:
    """A function of (done, total) that moves a bar on a terminal and is silent elsewhere."""
    if not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=None, rate="")

        def update(done: int, total: int) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, completed=done, total=total, rate=f"{speed:.1f}/s" if speed else "")

        yield update


class _Report:
    """Says how a training goes: a bar, and a line for every line of its log."""

    def __init__(self, console: Console, progress):
        self.console, self.progress = console, progress

    def __call__(self, step: int, total: int, record: Record | None) -> None:
        self.progress(step, total)
        if record is not None:
            self.console.print(describe(record, total))


def describe(record: Record, total: int) -> str:
    """A line of the log in words."""
    step = f"step {record['step']} of {total}"
    if "held_out_accuracy" in record:
        return f"{step}: held-out accuracy {record['held_out_accuracy']:.2%}"
    return (
        f"{step} (epoch {record['epoch']:.2f}): loss {record['loss']:.3f}, accuracy {record['accuracy']:.2%}, "
        f"learning rate {record['learning_rate']:.4f}, {record['size']} px, {record['seconds']:.0f} s"
    )
