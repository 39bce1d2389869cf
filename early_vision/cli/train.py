"""`build.py train`. PyTorch is imported when it runs, not before."""

import sys
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from early_vision.errors import InputError
from early_vision.progress import progress

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
@click.option("--epochs", type=int, help="Times that every picture is seen (30).")
@click.option("--steps", type=int, help="Steps, in place of --epochs.")
@click.option("--batch", type=int, help="Pictures in a step (128).")
@click.option("--peak-learning-rate", type=float, help="The highest learning rate (0.2).")
@click.option("--seed", type=int, help="Of all random numbers (0).")
@click.option("--checkpoint-every", type=click.IntRange(min=1), default=500, show_default=True, help="Steps.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, with its options.")
def train_command(
    data: tuple[Path, ...], held_out: Path | None, out: Path, checkpoint_every: int, resume: bool, **options: int
) -> None:
    """Train the embedded network anew, and write its model card."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise InputError("training needs PyTorch", hint='Install it with: pip install -e ".[train]"') from error
    from tools.labelled_pictures import read_held_out, read_training
    from tools.train_tiny import Files, Options, Record, Stopped, load_checkpoint, train

    console, files = Console(highlight=False, soft_wrap=True), Files(out)
    chosen = load_checkpoint(files.checkpoint)["options"] if resume else Options()
    chosen = replace(chosen, **{name: value for name, value in options.items() if value is not None})
    try:
        pictures = read_training(data)
        others = read_held_out(held_out or data[0], pictures.classes)
        for read, what in ((pictures, "training"), (others, "held-out")):
            console.print(f"{len(read):,} {what} pictures of {len(set(read.labels.tolist()))} classes")
        total = chosen.total_steps(len(pictures))
        done = load_checkpoint(files.checkpoint)["step"] if resume else 0
        with progress("training", total, "steps", done) as advance:

            def report(step: int, total: int, record: Record | None) -> None:
                nonlocal done
                advance(step - done, "")
                done = step
                if record is not None:
                    console.print(describe(record, total))

            accuracy = train(
                chosen, pictures, others, out, resume=resume, checkpoint_every=checkpoint_every, report=report
            )
    except Stopped as stop:
        console.print(f"Stopped after step {stop.step}. Go on with --resume.")
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(INTERRUPTED)
    console.print(f"Held-out accuracy of the exported weights: {accuracy:.2%}")
    console.print(f"Wrote {files.weights} and {files.card}")


def describe(record: dict[str, float | int], total: int) -> str:
    """A line of the log in words."""
    step = f"step {record['step']} of {total}"
    if "held_out_accuracy" in record:
        return f"{step}: held-out accuracy {record['held_out_accuracy']:.2%}"
    return (
        f"{step} (epoch {record['epoch']:.2f}): loss {record['loss']:.3f}, accuracy {record['accuracy']:.2%}, "
        f"learning rate {record['learning_rate']:.4f}, {record['size']} px, {record['seconds']:.0f} s"
    )
