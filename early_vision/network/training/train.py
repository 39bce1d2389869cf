"""The training itself: from pictures to an exported network and its model card. Imports PyTorch."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, Architecture
from early_vision.network.npz import write_npz
from early_vision.network.training.augment import (
    CROPS,
    DROPOUT,
    INITIAL_WEIGHTS,
    ORDER,
    derive_seed,
    generator,
    random_crops,
)
from early_vision.network.training.checkpoint import State, check_same_run, load_checkpoint, restore, save_checkpoint
from early_vision.network.training.data import Pictures, pictures_in_common
from early_vision.network.training.export import exported_accuracy, fold, network_accuracy
from early_vision.network.training.journal import Journal, Record
from early_vision.network.training.model import TrainingNetwork
from early_vision.network.training.model_card import CardFacts, describe_files, library_versions, model_card
from early_vision.network.training.options import Options
from early_vision.network.weights import to_float16
from early_vision.store import write_whole

Report = Callable[[int, int, Record | None], None]
"""Told after every step: steps done, steps in all, and the line of the log when one was written."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, after the step in hand was finished and a checkpoint of `step` steps written."""

    def __init__(self, step: int):
        super().__init__(f"stopped after step {step}")
        self.step = step


@dataclass(frozen=True)
class Files:
    """Where a training writes: the weights, and beside them what belongs to them."""

    weights: Path

    @property
    def card(self) -> Path:
        return self.weights.with_suffix(".md")

    @property
    def checkpoint(self) -> Path:
        return self.weights.with_suffix(".checkpoint.pt")

    @property
    def log(self) -> Path:
        return self.weights.with_suffix(".log.jsonl")


@dataclass(frozen=True)
class Result:
    """Attributes:
    files: what was written.
    steps: steps done.
    accuracy: share of held-out pictures recognized, 0 to 1, by the exported float16 weights with the head on top.
    """

    files: Files
    steps: int
    accuracy: float


def train(
    options: Options,
    data: Pictures,
    held_out: Pictures,
    out: Path,
    *,
    architecture: Architecture = INCEPTIONV1,
    resume: bool = False,
    checkpoint_every: int = 500,
    log_every: int = 50,
    report: Report = lambda step, total, record: None,
) -> Result:
    """Train, export and describe a network. Uses CUDA when there is one.

    Writes `out` (float16 weights); beside it the model card (.md), log (.log.jsonl) and checkpoint (.checkpoint.pt).

    Args:
        data: training pictures.
        held_out: pictures of the same classes, to measure accuracy; they decide nothing.
        resume: go on from the checkpoint beside `out`, exactly as if the run had not been stopped.
        checkpoint_every: steps between checkpoints.
        log_every: steps between lines of the log.

    Raises:
        InputError: for data or a checkpoint that do not fit, a training that diverges, or files that cannot be written.
        Stopped: on Ctrl-C, which a second Ctrl-C cuts short.
    """
    files = Files(out)
    _check(options, data, out)
    total = options.total_steps(len(data))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    state = _initial_state(options, architecture, len(data.classes), device)
    if resume:
        checkpoint = load_checkpoint(files.checkpoint)
        check_same_run(files.checkpoint, checkpoint, options, data.sha256)
        restore(files.checkpoint, checkpoint, state)
    else:
        _spare_unfinished(files.checkpoint)
    journal = Journal(files.log, state.step)
    images = torch.from_numpy(data.images).to(device).permute(0, 3, 1, 2)
    labels = torch.from_numpy(data.labels).to(device)

    with _interruptible() as interrupted, torch.random.fork_rng():
        began = time.monotonic()
        while state.step < total:
            loss = _take_step(state, options, total, images, labels)
            last, record = state.step == total, None
            if state.step % log_every == 0 or last:
                record = _window_record(state, options, total, len(data), time.monotonic() - began, loss, files.log)
                journal.add(record)
                began = time.monotonic()
            report(state.step, total, record)
            if state.step % options.steps_per_epoch(len(data)) == 0 or last:
                record = {"step": state.step, "held_out_accuracy": network_accuracy(state.network, held_out, device)}
                journal.add(record)
                report(state.step, total, record)
            stop = interrupted()
            if state.step % checkpoint_every == 0 or last or stop:
                save_checkpoint(files.checkpoint, state, options, data.sha256, data.classes, total)
            if stop:
                raise Stopped(state.step)
    return _finish(state, options, total, data, held_out, files, device)


def _check(options: Options, data: Pictures, out: Path) -> None:
    if out.suffix != ".npz":
        raise InputError("the weights' file should be named .npz", file=out)
    if len(data) < options.batch:
        raise InputError(
            f"{len(data)} training pictures do not fill a batch of {options.batch}",
            hint="Give more, or a smaller batch",
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder cannot be made ({error.strerror})", file=out.parent) from error


def _spare_unfinished(path: Path) -> None:
    """See that a new run does not overwrite the hours that went into an unfinished one."""
    if path.is_file():
        checkpoint = load_checkpoint(path)
        if checkpoint.step < checkpoint.total_steps:
            message = (
                f"there is a checkpoint of an unfinished training ({checkpoint.step} of {checkpoint.total_steps} steps)"
            )
            raise InputError(message, file=path, hint="Go on from it with --resume, or delete it to train anew")


def _initial_state(options: Options, architecture: Architecture, classes: int, device: torch.device) -> State:
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed(options.seed, INITIAL_WEIGHTS))
        network = TrainingNetwork(architecture, classes, options.dropout)
    network = network.to(device, memory_format=torch.channels_last).train()
    kernels = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": options.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    nesterov = options.momentum > 0
    optimizer = torch.optim.SGD(groups, lr=options.peak_learning_rate, momentum=options.momentum, nesterov=nesterov)
    return State(network, optimizer, 0, torch.zeros(3, dtype=torch.float64, device=device))


def _take_step(state: State, options: Options, total: int, images: Tensor, labels: Tensor) -> Tensor:
    """One step of gradient descent, counted in the state. Returns its loss, not yet waited for."""
    chosen = batch_of(options, state.step, len(images)).to(images.device)
    size = options.size_at(state.step, total)
    crops = random_crops(images[chosen], size, options.least_side, generator(options.seed, CROPS, state.step))
    for group in state.optimizer.param_groups:
        group["lr"] = options.learning_rate(state.step, total)
    torch.manual_seed(derive_seed(options.seed, DROPOUT, state.step))
    logits = state.network(crops.contiguous(memory_format=torch.channels_last))
    loss = functional.cross_entropy(logits, labels[chosen], label_smoothing=options.label_smoothing)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    state.optimizer.step()
    right = (logits.detach().argmax(1) == labels[chosen]).sum()
    state.window += torch.stack(
        [loss.detach().double() * len(chosen), right.double(), right.new_tensor(len(chosen)).double()]
    )
    state.step += 1
    return loss.detach()


def batch_of(options: Options, step: int, pictures: int) -> Tensor:
    """Indices of the pictures of a step: every epoch goes through all of them in an order of its own."""
    epoch, part = divmod(step, options.steps_per_epoch(pictures))
    return _order(options.seed, epoch, pictures)[part * options.batch : (part + 1) * options.batch]


@lru_cache(maxsize=1)
def _order(seed: int, epoch: int, pictures: int) -> Tensor:
    return torch.randperm(pictures, generator=generator(seed, ORDER, epoch))


def _window_record(
    state: State, options: Options, total: int, pictures: int, seconds: float, loss: Tensor, log: Path
) -> Record:
    """The line of the log for the steps since the last one; starts a new window."""
    if not torch.isfinite(loss):
        hint = "Train anew with a lower --peak-learning-rate"
        raise InputError(f"the training diverged: the loss at step {state.step} is not finite", file=log, hint=hint)
    loss_sum, right, seen = state.window.tolist()
    state.window.zero_()
    return {
        "step": state.step,
        "epoch": round(state.step / options.steps_per_epoch(pictures), 3),
        "loss": round(loss_sum / seen, 4),
        "accuracy": round(right / seen, 4),
        "learning_rate": round(options.learning_rate(state.step - 1, total), 6),
        "size": options.size_at(state.step - 1, total),
        "seconds": round(seconds, 2),
    }


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """In here the first Ctrl-C is only noted, so that no step is left half done; the second one stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    noted = []
    before = signal.getsignal(signal.SIGINT)

    def note(number, frame) -> None:
        noted.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(noted)
    finally:
        signal.signal(signal.SIGINT, before)


def _finish(
    state: State, options: Options, total: int, data: Pictures, held_out: Pictures, files: Files, device: torch.device
) -> Result:
    """Export the weights, measure them, write the model card."""
    architecture = state.network.architecture
    weights = to_float16(fold(state.network), architecture, files.weights)
    accuracy = exported_accuracy(architecture, weights, state.network.head, held_out, device)
    write_npz(files.weights, weights)
    facts = CardFacts(
        name=files.weights.stem,
        layers=architecture.layer_names,
        options=options.as_dict(),
        steps=total,
        data=data,
        held_out=held_out,
        in_common=pictures_in_common(held_out, data),
        accuracy=accuracy,
        device=torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"CPU, {torch.get_num_threads()} threads",
        versions=library_versions(),
        hashes=describe_files(files.weights),
    )
    write_whole(files.card, lambda file: file.write(model_card(facts).encode()))
    return Result(files, total, accuracy)
