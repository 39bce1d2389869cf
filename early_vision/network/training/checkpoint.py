"""Stopping a training and going on from there. Imports PyTorch."""

import pickle
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from early_vision.errors import InputError
from early_vision.network.training.model import TrainingNetwork
from early_vision.network.training.options import Options
from early_vision.store import write_whole

VERSION = 1


@dataclass
class State:
    """All that changes from one step to the next. Random numbers are drawn by step (`augment`), so they need no state.

    Attributes:
        network: in training mode.
        optimizer: of its parameters.
        step: steps done.
        window: float64 [3], since the last line of the log: sum of losses, pictures recognized, pictures.
    """

    network: TrainingNetwork
    optimizer: torch.optim.Optimizer
    step: int
    window: Tensor


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file says of the run that it is of, and the tensors."""

    options: Options
    data_sha256: str
    classes: tuple[str, ...]
    step: int
    total_steps: int
    tensors: dict


def save_checkpoint(
    path: Path, state: State, options: Options, data_sha256: str, classes: tuple[str, ...], total: int
) -> None:
    """Write a checkpoint, atomically.

    Raises:
        InputError: when it cannot be written; the one before it stays.
    """
    content = {
        "version": VERSION,
        "options": options.as_dict(),
        "data_sha256": data_sha256,
        "classes": list(classes),
        "step": state.step,
        "total_steps": total,
        "tensors": {
            "network": state.network.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "window": state.window,
        },
    }
    write_whole(path, lambda file: torch.save(content, file))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint: tensors and plain values, nothing that could run.

    Raises:
        InputError: when it is absent, damaged, or of another version of this script.
    """
    if not path.is_file():
        raise InputError("there is no checkpoint to go on from", file=path, hint="Train without --resume")
    hint = "Delete it and train anew"
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise InputError("the checkpoint is damaged", file=path, hint=hint) from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise InputError("the checkpoint is not of this version of the training script", file=path, hint=hint)
    try:
        return Checkpoint(
            Options(**content["options"]),
            content["data_sha256"],
            tuple(content["classes"]),
            content["step"],
            content["total_steps"],
            content["tensors"],
        )
    except (KeyError, TypeError) as error:
        raise InputError(
            "the checkpoint is not of this version of the training script", file=path, hint=hint
        ) from error


def check_same_run(path: Path, checkpoint: Checkpoint, options: Options, data_sha256: str) -> None:
    """See that a checkpoint is of a run with these options and training pictures.

    Raises:
        InputError: naming the first option that differs, or the pictures.
    """
    for field in fields(Options):
        then, now = getattr(checkpoint.options, field.name), getattr(options, field.name)
        if then != now:
            message = f"the checkpoint was made with {field.name.replace('_', ' ')} {then}, not {now}"
            raise InputError(message, file=path, hint="Give the same options, or train without --resume")
    if checkpoint.data_sha256 != data_sha256:
        hint = "Give the same pictures, or train without --resume"
        raise InputError("the checkpoint was made with other training pictures", file=path, hint=hint)


def restore(path: Path, checkpoint: Checkpoint, state: State) -> None:
    """Put a checkpoint's tensors and step into a state of the same shapes.

    Raises:
        InputError: when its tensors are not those of this network.
    """
    try:
        state.network.load_state_dict(checkpoint.tensors["network"])
        state.optimizer.load_state_dict(checkpoint.tensors["optimizer"])
        state.window.copy_(checkpoint.tensors["window"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise InputError("the checkpoint is of another network", file=path, hint="Train without --resume") from error
    state.step = checkpoint.step
