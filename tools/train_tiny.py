"""Training the embedded network anew: labelled pictures in; float16 weights, model card, log and checkpoint out.

Read from top to bottom: options, network, export, crops, checkpoints, the training itself, model card. `python build.py
train` calls `train`. Tensors are NCHW here, as PyTorch wants them.

Every random draw is seeded by the training's seed, its purpose and the step or epoch that it belongs to: a resumed run
draws what the unbroken one would have, with no generator's state to be kept.
"""

import contextlib
import hashlib
import json
import math
import pickle
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Lrn, Node
from early_vision.network.npz import write_npz
from early_vision.network.weights import hash_tensors, to_float16
from early_vision.store import write_whole
from tools.labelled_pictures import Pictures, pictures_in_common

CHECKPOINT_VERSION = 1
EVALUATION_BATCH = 100

# --- What determines the result, apart from the data


@dataclass(frozen=True)
class Options:
    """Two runs with equal options and equal data make the same steps.

    Raises:
        InputError: naming the option that cannot be, when one is made.
    """

    epochs: int = 30
    """Times that every training picture is seen, unless `steps` is given."""
    steps: int | None = None
    """Steps of gradient descent, in place of `epochs`."""
    batch: int = 128
    """Pictures in a step."""
    seed: int = 0
    peak_learning_rate: float = 0.2
    warm_up: float = 0.1
    """Share of the steps in which the learning rate climbs to its peak; it falls along a half cosine after that."""
    momentum: float = 0.9
    weight_decay: float = 5e-4
    """Of kernels only: biases and batch norm are left free."""
    label_smoothing: float = 0.1
    dropout: float = 0.3
    """Before the last layer of the head."""
    size: int = 64
    """Side in pixels of the pictures that the network is trained on."""
    early_size: int = 48
    """Their side in the first part of the training, which costs about half as much."""
    early_share: float = 0.45
    """Share of the steps at the early size."""
    least_side: float = 0.55
    """The smallest share of a picture's side that a random crop shows."""

    def __post_init__(self):
        at_least_1 = {name: getattr(self, name) >= 1 for name in ("epochs", "batch", "size", "early_size")}
        shares = ("warm_up", "momentum", "label_smoothing", "dropout", "early_share")
        rules = {
            "at least 1": at_least_1 | {"steps": self.steps is None or self.steps >= 1},
            "0 or more": {"seed": self.seed >= 0, "weight_decay": 0 <= self.weight_decay < math.inf},
            "more than 0": {"peak_learning_rate": 0 < self.peak_learning_rate < math.inf},
            "from 0 to 1": {name: 0 <= getattr(self, name) <= 1 for name in shares},
            "more than 0 and at most 1": {"least_side": 0 < self.least_side <= 1},
        }
        for wanted, holds in rules.items():
            for name in (name for name, fine in holds.items() if not fine):
                raise InputError(f"{name.replace('_', ' ')} is {getattr(self, name)}, but should be {wanted}")

    def total_steps(self, pictures: int) -> int:
        """Steps in the whole training. An epoch's last pictures that do not fill a batch wait for another epoch."""
        return self.steps or self.epochs * (pictures // self.batch)

    def learning_rate(self, step: int, total: int) -> float:
        """The learning rate of a step, counted from 0."""
        rising = self.warm_up * total
        if step < rising:
            return self.peak_learning_rate * min((step + 1) / rising, 1.0)
        return self.peak_learning_rate * 0.5 * (1 + math.cos(math.pi * (step - rising) / (total - rising)))

    def size_at(self, step: int, total: int) -> int:
        """Side in pixels of the pictures of a step, counted from 0."""
        return self.early_size if step < self.early_share * total else self.size


# --- The network: the architecture's nodes, batch norm after every convolution, and a head that is thrown away


def walk(architecture: Architecture, x: Tensor, convolve: Callable[[Node, Tensor], Tensor]) -> dict[str, Tensor]:
    """The values [n, channels, height, width] of all nodes for inputs without their mean.

    Args:
        convolve: the value of a convolution before its ReLU: it differs between training and exported weights.
    """
    values = {INPUT: x}
    for node in architecture.nodes:
        sources = [values[name] for name in node.inputs]
        if node.op == "conv":
            values[node.name] = functional.relu(convolve(node, sources[0]))
        elif node.op == "max_pool":
            padded = pad_same(sources[0], node, float("-inf"))
            values[node.name] = functional.max_pool2d(padded, node.kernel, node.stride)
        elif node.op == "lrn" and node.lrn:
            values[node.name] = local_response_norm(sources[0], node.lrn)
        elif node.op == "concat":
            values[node.name] = torch.cat(sources, 1)
        else:
            raise InputError(f"a network with the operation {node.op} cannot be trained here")
    return values


def pad_same(x: Tensor, node: Node, value: float) -> Tensor:
    """SAME padding as TensorFlow does it: as much as the last window lacks, the odd pixel after."""
    padding: list[int] = []
    for size in (x.shape[3], x.shape[2]):
        lacking = max((-(-size // node.stride) - 1) * node.stride + node.kernel - size, 0)
        padding += [lacking // 2, lacking - lacking // 2]
    return functional.pad(x, padding, value=value) if any(padding) else x


def local_response_norm(x: Tensor, lrn: Lrn) -> Tensor:
    """See `Lrn`. The sum is a matrix of ones along the diagonal times the channels: on a CPU several times faster than
    `torch.nn.LocalResponseNorm`, which pools in three dimensions and divides alpha by the window besides."""
    index = torch.arange(x.shape[1], device=x.device)
    neighbours = ((index[:, None] - index[None, :]).abs() <= lrn.depth_radius).to(x.dtype)
    return x * (lrn.bias + lrn.alpha * functional.conv2d(x.square(), neighbours[:, :, None, None])).pow(-lrn.beta)


class NormedConvolution(nn.Module):
    """A node's convolution without bias, then batch norm, whose shift is the bias."""

    def __init__(self, node: Node, channels_in: int):
        super().__init__()
        self.node = node
        self.convolution = nn.Conv2d(channels_in, node.channels, node.kernel, node.stride, bias=False)
        self.norm = nn.BatchNorm2d(node.channels)
        nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.convolution(pad_same(x, self.node, 0.0)))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Kernel [out, in, height, width] and bias [out], float64, that compute the same without batch norm."""
        norm = {name: value.detach().double() for name, value in self.norm.state_dict().items()}
        scale = norm["weight"] / (norm["running_var"] + self.norm.eps).sqrt()
        kernel = self.convolution.weight.detach().double() * scale[:, None, None, None]
        return kernel, norm["bias"] - norm["running_mean"] * scale


class Trunk(nn.Module):
    """Any architecture with batch norm: the five layers, and the convolutions of the head."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        convolutions = {
            node.name: NormedConvolution(node, architecture.channels(node.inputs[0]))
            for node in architecture.convolutions
        }
        self.convolutions = nn.ModuleDict(convolutions)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return walk(self.architecture, x, lambda node, value: self.convolutions[node.name](value))


class Head(nn.Module):
    """From the last layer to logits [n, classes]: what makes the layers below worth learning."""

    def __init__(self, channels_in: int, classes: int, dropout: float):
        super().__init__()
        self.trunk = Trunk(head_architecture(channels_in))
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.trunk.architecture.nodes[-1].channels, classes)

    def forward(self, features: Tensor) -> Tensor:
        last = self.trunk.architecture.nodes[-1].name
        return self.linear(self.dropout(self.trunk(features)[last].mean((2, 3))))


def head_architecture(channels_in: int) -> Architecture:
    """An Inception module of the size of InceptionV1's next one, mixed4a, and a 1x1 convolution on top."""
    nodes = (
        Node("head_pool", "max_pool", (INPUT,), kernel=3, stride=2, channels=channels_in),
        Node("head_1x1", "conv", ("head_pool",), channels=192),
        Node("head_3x3_bottleneck", "conv", ("head_pool",), channels=96),
        Node("head_3x3", "conv", ("head_3x3_bottleneck",), kernel=3, channels=204),
        Node("head_5x5_bottleneck", "conv", ("head_pool",), channels=16),
        Node("head_5x5", "conv", ("head_5x5_bottleneck",), kernel=5, channels=48),
        Node("head_inner_pool", "max_pool", ("head_pool",), kernel=3, channels=channels_in),
        Node("head_pool_reduce", "conv", ("head_inner_pool",), channels=64),
        Node("head_concat", "concat", ("head_1x1", "head_3x3", "head_5x5", "head_pool_reduce"), channels=508),
        Node("head_top", "conv", ("head_concat",), channels=512),
    )
    return Architecture(nodes=nodes, layer_names=(), input_mean=0.0, input_channels=channels_in)


class TrainingNetwork(nn.Module):
    """The layers to be kept, with batch norm, and the head."""

    def __init__(self, architecture: Architecture, classes: int, dropout: float = 0.0):
        super().__init__()
        self.architecture = architecture
        self.trunk = Trunk(architecture)
        self.head = Head(architecture.channels(architecture.layer_names[-1]), classes, dropout)

    def nodes(self, images: Tensor) -> dict[str, Tensor]:
        """The values of all nodes for images float32 [n, 3, height, width], pixel values 0 to 255."""
        return self.trunk(without_mean(self.architecture, images))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.nodes(images)[self.architecture.layer_names[-1]])


def without_mean(architecture: Architecture, images: Tensor) -> Tensor:
    """Images [n, 3, height, width] as the first nodes see them."""
    return images - torch.tensor(architecture.input_mean, device=images.device).reshape(-1, 1, 1)


# --- Export: batch norm folded into the weights, and how accurate the weights then are


def fold(network: TrainingNetwork) -> dict[str, np.ndarray]:
    """Weights and biases that compute, without batch norm, what the network computes in evaluation mode.

    Returns:
        float32 `<conv>_w` [height, width, in, out] and `<conv>_b` [out], in the order of the architecture.
    """
    tensors = {}
    for name, layer in network.trunk.convolutions.items():
        assert isinstance(layer, NormedConvolution)
        kernel, bias = layer.folded()
        tensors[f"{name}_w"] = np.ascontiguousarray(kernel.permute(2, 3, 1, 0).float().cpu().numpy())
        tensors[f"{name}_b"] = bias.float().cpu().numpy()
    return tensors


def exported_nodes(architecture: Architecture, weights: Mapping[str, np.ndarray], images: Tensor) -> dict[str, Tensor]:
    """The values of all nodes, computed in float32 from exported weights of any float type; images as above."""

    def convolve(node: Node, x: Tensor) -> Tensor:
        kernel = np.ascontiguousarray(weights[f"{node.name}_w"].transpose(3, 2, 0, 1), np.float32)
        bias = np.array(weights[f"{node.name}_b"], np.float32)
        weight, shift = torch.from_numpy(kernel).to(x.device), torch.from_numpy(bias).to(x.device)
        return functional.conv2d(pad_same(x, node, 0.0), weight, shift, node.stride)

    return walk(architecture, without_mean(architecture, images), convolve)


def exported_accuracy(
    network: TrainingNetwork, weights: Mapping[str, np.ndarray], pictures: Pictures, device: torch.device
) -> float:
    """Share of pictures, 0 to 1, that exported weights recognize with the network's head on top of them."""
    last = network.architecture.layer_names[-1]

    def logits(images: Tensor) -> Tensor:
        return network.head(exported_nodes(network.architecture, weights, images)[last])

    return accuracy(network, pictures, device, logits)


def accuracy(
    network: TrainingNetwork,
    pictures: Pictures,
    device: torch.device,
    logits: Callable[[Tensor], Tensor] | None = None,
) -> float:
    """Share of pictures, 0 to 1, that the network recognizes in evaluation mode: whole pictures, one view each.

    Args:
        logits: of images float32 [n, 3, height, width]; the network's own if left out.
    """
    was_training, right = network.training, 0
    network.eval()
    with torch.no_grad():
        for start in range(0, len(pictures), EVALUATION_BATCH):
            part = slice(start, start + EVALUATION_BATCH)
            images = torch.from_numpy(pictures.images[part]).to(device).permute(0, 3, 1, 2).float()
            labels = torch.from_numpy(pictures.labels[part]).to(device)
            right += int(((logits or network)(images).argmax(1) == labels).sum())
    network.train(was_training)
    return right / len(pictures)


# --- Random numbers: what they are drawn for, order of the pictures, crops

INITIAL_WEIGHTS, ORDER, CROPS, DROPOUT = range(4)

MOST_STRETCH = 1.25
"""A crop is at most this much wider than high, or the reverse."""


def derive_seed(seed: int, purpose: int, index: int = 0) -> int:
    """A seed below 2**63 for one purpose at one step or epoch."""
    return int(np.random.SeedSequence((seed, purpose, index)).generate_state(1, np.uint64)[0] >> 1)


def generator(seed: int, purpose: int, index: int = 0) -> torch.Generator:
    """A generator on the CPU, so that crops and order are the same on CPU and CUDA."""
    return torch.Generator().manual_seed(derive_seed(seed, purpose, index))


def batch_of(options: Options, step: int, pictures: int) -> Tensor:
    """Indices of the pictures of a step: every epoch goes through all of them in an order of its own."""
    epoch, part = divmod(step, pictures // options.batch)
    return _order(options.seed, epoch, pictures)[part * options.batch : (part + 1) * options.batch]


@lru_cache(maxsize=1)
def _order(seed: int, epoch: int, pictures: int) -> Tensor:
    return torch.randperm(pictures, generator=generator(seed, ORDER, epoch))


def random_crops(images: Tensor, size: int, least_side: float, draws: torch.Generator) -> Tensor:
    """A random part of each image, mirrored half of the time, resampled bilinearly.

    Args:
        images: uint8 [n, 3, height, width].
        size: side of the result, pixels.
        least_side: the smallest share of an image's sides to show, 0 to 1.

    Returns:
        float32 [n, 3, size, size], values 0 to 255.
    """
    side, stretch, across, down, mirror = torch.rand(5, len(images), generator=draws)
    side = least_side + (1 - least_side) * side
    stretch = torch.exp((stretch - 0.5) * math.log(MOST_STRETCH))
    width, height = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    # What affine_grid takes: rows that map the result's coordinates (-1 to 1) to the image's.
    maps = torch.zeros(len(images), 2, 3)
    maps[:, 0, 0] = torch.where(mirror < 0.5, -width, width)
    maps[:, 0, 2] = (2 * across - 1) * (1 - width)
    maps[:, 1, 1] = height
    maps[:, 1, 2] = (2 * down - 1) * (1 - height)
    grid = functional.affine_grid(maps.to(images.device), [len(images), 3, size, size], align_corners=False)
    return functional.grid_sample(images.float(), grid, padding_mode="border", align_corners=False)


# --- Where a training writes, and how it stops and goes on


@dataclass(frozen=True)
class Files:
    """The weights, and beside them what belongs to them."""

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


class Stopped(KeyboardInterrupt):
    """Ctrl-C, after the step in hand was finished and a checkpoint of `step` steps written."""

    def __init__(self, step: int):
        super().__init__(f"stopped after step {step}")
        self.step = step


@dataclass
class State:
    """All that changes from one step to the next.

    Attributes:
        network: in training mode.
        optimizer: of its parameters.
        window: float64 [3], since the last line of the log: sum of losses, pictures recognized, pictures.
        step: steps done.
    """

    network: TrainingNetwork
    optimizer: torch.optim.Optimizer
    window: Tensor
    step: int = 0


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint: options, data_sha256, classes, step, total_steps and tensors. Nothing in it could run.

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
    needed = {"options", "data_sha256", "classes", "step", "total_steps", "tensors"}
    try:
        if content["version"] != CHECKPOINT_VERSION or not needed <= content.keys():
            raise ValueError("another version")
        return content | {"options": Options(**content["options"])}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = "the checkpoint is not of this version of the training script"
        raise InputError(message, file=path, hint=hint) from error


def resume_from(path: Path, state: State, options: Options, data_sha256: str) -> None:
    """Put a checkpoint's tensors and step into a state.

    Raises:
        InputError: when it is of a run with other options (naming the first), pictures or network.
    """
    checkpoint = load_checkpoint(path)
    for field in fields(Options):
        then, now = getattr(checkpoint["options"], field.name), getattr(options, field.name)
        if then != now:
            message = f"the checkpoint was made with {field.name.replace('_', ' ')} {then}, not {now}"
            raise InputError(message, file=path, hint="Give the same options, or train without --resume")
    if checkpoint["data_sha256"] != data_sha256:
        hint = "Give the same pictures, or train without --resume"
        raise InputError("the checkpoint was made with other training pictures", file=path, hint=hint)
    try:
        state.network.load_state_dict(checkpoint["tensors"]["network"])
        state.optimizer.load_state_dict(checkpoint["tensors"]["optimizer"])
        state.window.copy_(checkpoint["tensors"]["window"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise InputError("the checkpoint is of another network", file=path, hint="Train without --resume") from error
    state.step = checkpoint["step"]


Record = dict[str, float | int]
"""A line of the log: `step`, and either `epoch`, `loss`, `accuracy`, `learning_rate`, `size`, `seconds` (of the steps
since the last such line; accuracy on augmented training pictures) or `held_out_accuracy`."""


def read_log(path: Path) -> list[Record]:
    """The records of a log; none when there is no log. A last line cut short by a kill is left out."""
    records = []
    for line in path.read_text().splitlines() if path.is_file() else ():
        with contextlib.suppress(json.JSONDecodeError):
            records.append(json.loads(line))
    return records


def write_log(path: Path, records: list[Record]) -> None:
    write_whole(path, "".join(json.dumps(record) + "\n" for record in records).encode())


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """In here the first Ctrl-C is only noted, so that no step is left half done; the second one stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    noted: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, _frame: object) -> None:
        noted.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(noted)
    finally:
        signal.signal(signal.SIGINT, before)


# --- The training


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
    report: Callable[[int, int, Record | None], object] = lambda *_: None,
) -> float:
    """Train, export and describe a network. Uses CUDA when there is one.

    Args:
        data: training pictures.
        held_out: pictures of the same classes, to measure accuracy; they decide nothing.
        out: where the float16 weights go; model card, log and checkpoint go beside it (`Files`).
        resume: go on from the checkpoint beside `out`, exactly as if the run had not been stopped.
        checkpoint_every: steps between checkpoints.
        log_every: steps between lines of the log.
        report: told after every step: steps done, steps in all, and the line of the log when one was written.

    Returns:
        the share of held-out pictures, 0 to 1, that the exported weights recognize.

    Raises:
        InputError: for data or a checkpoint that do not fit, a training that diverges, or files that cannot be written.
        Stopped: on Ctrl-C, which a second Ctrl-C cuts short.
    """
    files, total = Files(out), options.total_steps(len(data))
    if out.suffix != ".npz":
        raise InputError("the weights' file should be named .npz", file=out)
    if len(data) < options.batch:
        message = f"{len(data)} training pictures do not fill a batch of {options.batch}"
        raise InputError(message, hint="Give more, or a smaller batch")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    state = initial_state(options, architecture, len(data.classes), device)
    if resume:
        resume_from(files.checkpoint, state, options, data.sha256)
    elif files.checkpoint.is_file():
        there = load_checkpoint(files.checkpoint)
        if there["step"] < there["total_steps"]:
            message = (
                f"there is a checkpoint of an unfinished training ({there['step']} of {there['total_steps']} steps)"
            )
            hint = "Go on from it with --resume, or delete it to train anew"
            raise InputError(message, file=files.checkpoint, hint=hint)
    # What an interrupted run logged after its last checkpoint is done again.
    log = [record for record in read_log(files.log) if record["step"] <= state.step]
    write_log(files.log, log)
    images = torch.from_numpy(data.images).to(device).permute(0, 3, 1, 2)
    labels = torch.from_numpy(data.labels).to(device)

    def add(record: Record) -> None:
        log.append(record)
        write_log(files.log, log)
        report(state.step, total, record)

    with interruptible() as interrupted, torch.random.fork_rng():
        began = time.monotonic()
        while state.step < total:
            loss = take_step(state, options, total, images, labels)
            last = state.step == total
            if state.step % log_every == 0 or last:
                if not torch.isfinite(loss):
                    message = f"the training diverged: the loss at step {state.step} is not finite"
                    raise InputError(message, file=files.log, hint="Train anew with a lower --peak-learning-rate")
                add(window_record(state, options, total, len(data), time.monotonic() - began))
                began = time.monotonic()
            else:
                report(state.step, total, None)
            if state.step % (len(data) // options.batch) == 0 or last:
                add({"step": state.step, "held_out_accuracy": accuracy(state.network, held_out, device)})
            stop = interrupted()
            if state.step % checkpoint_every == 0 or last or stop:
                save_checkpoint(files.checkpoint, state, options, data, total)
            if stop:
                raise Stopped(state.step)

    weights = to_float16(fold(state.network), architecture, out)
    recognized = exported_accuracy(state.network, weights, held_out, device)
    write_npz(out, weights)
    processor = f"CPU, {torch.get_num_threads()} threads"
    made_on = torch.cuda.get_device_name(device) if device.type == "cuda" else processor
    card = model_card(out, weights, architecture, options, total, data, held_out, recognized, made_on)
    write_whole(files.card, card.encode())
    return recognized


def initial_state(options: Options, architecture: Architecture, classes: int, device: torch.device) -> State:
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed(options.seed, INITIAL_WEIGHTS))
        network = TrainingNetwork(architecture, classes, options.dropout)
    network = network.to(device).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    kernels = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": options.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    nesterov = options.momentum > 0
    optimizer = torch.optim.SGD(groups, lr=options.peak_learning_rate, momentum=options.momentum, nesterov=nesterov)
    return State(network, optimizer, torch.zeros(3, dtype=torch.float64, device=device))


def take_step(state: State, options: Options, total: int, images: Tensor, labels: Tensor) -> Tensor:
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
    right = (logits.detach().argmax(1) == labels[chosen]).sum().double()
    state.window += torch.stack([loss.detach().double() * len(chosen), right, torch.full_like(right, len(chosen))])
    state.step += 1
    return loss.detach()


def window_record(state: State, options: Options, total: int, pictures: int, seconds: float) -> Record:
    """The line of the log for the steps since the last one; starts a new window."""
    loss_sum, right, seen = state.window.tolist()
    state.window.zero_()
    return {
        "step": state.step,
        "epoch": round(state.step / (pictures // options.batch), 3),
        "loss": round(loss_sum / seen, 4),
        "accuracy": round(right / seen, 4),
        "learning_rate": round(options.learning_rate(state.step - 1, total), 6),
        "size": options.size_at(state.step - 1, total),
        "seconds": round(seconds, 2),
    }


def save_checkpoint(path: Path, state: State, options: Options, data: Pictures, total: int) -> None:
    tensors = {
        "network": state.network.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "window": state.window,
    }
    content = {
        "version": CHECKPOINT_VERSION,
        "options": asdict(options),
        "data_sha256": data.sha256,
        "classes": list(data.classes),
        "step": state.step,
        "total_steps": total,
        "tensors": tensors,
    }
    write_whole(path, lambda file: torch.save(content, file))


# --- The model card


def model_card(
    path: Path,
    weights: Mapping[str, np.ndarray],
    architecture: Architecture,
    options: Options,
    steps: int,
    data: Pictures,
    held_out: Pictures,
    recognized: float,
    device: str,
) -> str:
    """What the network in the file at `path` is, what it was made from and how good it is. The same facts, the same text."""
    classes, count, file = len(data.classes), len(held_out), path.read_bytes()
    height, width = data.images.shape[1:3]
    unused = "epochs" if options.steps else "steps"
    rows = {name.replace("_", " "): value for name, value in asdict(options).items() if name != unused}
    versions = {"Python": platform.python_version()} | {name: version(name) for name in ("torch", "numpy", "pillow")}
    shared = pictures_in_common(held_out, data)
    overlap = (
        f"Of the {count:,} held-out pictures, {shared:,} are, pixel for pixel, training pictures too."
        if shared
        else "No held-out picture is, pixel for pixel, a training picture."
    )
    return f"""# {path.stem}

InceptionV1's first layers ({", ".join(architecture.layer_names)}), trained by `python build.py train`.

## The file

| what | value |
|---|---|
| file | `{path.name}`, {len(file):,} bytes |
| numbers | {sum(value.size for value in weights.values()):,}, float16, batch norm folded in |
| SHA-256 of the file | `{hashlib.sha256(file).hexdigest()}` |
| hash of the tensors (`hash_tensors`) | `{hash_tensors(weights)}` |

## Data

| what | training | held out |
|---|---|---|
| from | {_names(data)} | {_names(held_out)} |
| pictures | {len(data):,} | {count:,} |
| classes | {classes:,} | {len(set(held_out.labels.tolist())):,} |
| SHA-256 of classes, names and bytes | `{data.sha256}` | `{held_out.sha256}` |

Training pictures have {width} x {height} pixels. {overlap}

## Accuracy

Top-1 accuracy on the {count:,} held-out pictures: **{recognized:.2%}** (chance {1 / classes:.2%}).
Whole pictures, one view each. Measured on the weights as they are in the file, rounded to float16, with the float32
head of the training on top. The head is not in the file.

## Recipe

{steps:,} steps of {options.batch} pictures ({steps * options.batch / len(data):.1f} epochs).
Stochastic gradient descent with Nesterov momentum, on random crops, mirrored half of the time, at a smaller size first;
cross-entropy with label smoothing. The learning rate climbs linearly to its peak and falls along a half cosine. While
training, batch norm follows every convolution, and a head (an Inception module, a 1x1 convolution, the mean over
positions, dropout and a linear layer) is on top; the head is thrown away, batch norm folded into the weights.

| option | value |
|---|---|
{_rows(rows)}

| made with | |
|---|---|
{_rows({**versions, "device": device})}

## What to keep in mind

- The same options, pictures, library versions, CPU and number of threads give the same weights. Another machine, or a
  GPU, adds up in another order and ends at slightly other weights.
- Held-out pictures decided nothing while training; whoever compares several runs by them and keeps the best makes the
  accuracy above look better than it is.
- The network has learned from small pictures of a few classes: it is here to be looked into, not to recognize anything.
"""


def _names(pictures: Pictures) -> str:
    return ", ".join(f"`{name}`" for name in pictures.sources)


def _rows(values: Mapping[str, object]) -> str:
    return "\n".join(f"| {name} | {value} |" for name, value in values.items())
