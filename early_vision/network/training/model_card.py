"""The model card of a trained network: what it is, what it was made from, and how good it is. Needs no PyTorch."""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from early_vision.network.npz import read_npz
from early_vision.network.training.data import Pictures
from early_vision.network.weights import hash_tensors


@dataclass(frozen=True)
class Hashes:
    """Attributes:
    file: SHA-256 of the .npz.
    tensors: hash of the numbers in it, whatever file they are in (`hash_tensors`).
    size: bytes of the file.
    parameters: numbers in it.
    """

    file: str
    tensors: str
    size: int
    parameters: int


@dataclass(frozen=True)
class CardFacts:
    """What the card says.

    Attributes:
        name: of the network.
        layers: names of its layers.
        options: of the training.
        steps: steps of gradient descent done.
        data, held_out: the pictures.
        in_common: held-out pictures that are, pixel for pixel, training pictures too.
        accuracy: share of held-out pictures recognized by the exported weights, 0 to 1.
        device: what it was trained on.
        versions: library to version.
        hashes: of the weights.
    """

    name: str
    layers: tuple[str, ...]
    options: Mapping[str, int | float | None]
    steps: int
    data: Pictures
    held_out: Pictures
    in_common: int
    accuracy: float
    device: str
    versions: Mapping[str, str]
    hashes: Hashes


def describe_files(weights: Path) -> Hashes:
    """The hashes of a weights file.

    Raises:
        InputError: when it is no .npz.
    """
    content, tensors = weights.read_bytes(), read_npz(weights)
    parameters = sum(value.size for value in tensors.values())
    return Hashes(hashlib.sha256(content).hexdigest(), hash_tensors(tensors), len(content), parameters)


def library_versions() -> dict[str, str]:
    """Versions of what the result may depend on."""
    return {"Python": platform.python_version()} | {name: version(name) for name in ("torch", "numpy", "pillow")}


def model_card(facts: CardFacts) -> str:
    """The card in markdown. The same facts give the same text."""
    classes, count, batch = len(facts.data.classes), len(facts.held_out), facts.options["batch"]
    height, width = facts.data.images.shape[1:3]
    options = {name: value for name, value in facts.options.items() if value is not None}
    if "steps" in options:
        options.pop("epochs", None)
    return f"""# {facts.name}

InceptionV1's first layers ({", ".join(facts.layers)}), trained by `python build.py train`.

## The file

| what | value |
|---|---|
| file | `{facts.name}.npz`, {facts.hashes.size:,} bytes |
| numbers | {facts.hashes.parameters:,}, float16, batch norm folded in |
| SHA-256 of the file | `{facts.hashes.file}` |
| hash of the tensors (`hash_tensors`) | `{facts.hashes.tensors}` |

## Data

| what | training | held out |
|---|---|---|
| from | {_names(facts.data)} | {_names(facts.held_out)} |
| pictures | {len(facts.data):,} | {count:,} |
| classes | {classes:,} | {len(set(facts.held_out.labels.tolist())):,} |
| SHA-256 of classes, names and bytes | `{facts.data.sha256}` | `{facts.held_out.sha256}` |

Training pictures have {width} x {height} pixels. {_overlap(facts.in_common, count)}

## Accuracy

Top-1 accuracy on the {count:,} held-out pictures: **{facts.accuracy:.2%}** (chance {1 / classes:.2%}).
Whole pictures, one view each. Measured on the weights as they are in the file, rounded to float16, with the float32
head of the training on top. The head is not in the file.

## Recipe

{facts.steps:,} steps of {batch} pictures ({facts.steps * batch / len(facts.data):.1f} epochs).
Stochastic gradient descent with Nesterov momentum, on random crops, mirrored half of the time, at a smaller size first;
cross-entropy with label smoothing. The learning rate climbs linearly to its peak and falls along a half cosine. While
training, batch norm follows every convolution, and a head (an Inception module, a 1x1 convolution, the mean over
positions, dropout and a linear layer) is on top; the head is thrown away, batch norm folded into the weights.

| option | value |
|---|---|
{_rows({name.replace("_", " "): value for name, value in options.items()})}

| made with | |
|---|---|
{_rows({**facts.versions, "device": facts.device})}

## What to keep in mind

- The same options, pictures, library versions, CPU and number of threads give the same weights. Another machine, or a
  GPU, adds up in another order and ends at slightly other weights.
- Held-out pictures decided nothing while training; whoever compares several runs by them and keeps the best makes the
  accuracy above look better than it is.
- The network has learned from small pictures of a few classes: it is here to be looked into, not to recognize anything.
"""


def _names(pictures: Pictures) -> str:
    return ", ".join(f"`{name}`" for name in pictures.sources)


def _overlap(in_common: int, count: int) -> str:
    if not in_common:
        return "No held-out picture is, pixel for pixel, a training picture."
    return f"Of the {count:,} held-out pictures, {in_common:,} are, pixel for pixel, training pictures too."


def _rows(values: Mapping[str, object]) -> str:
    return "\n".join(f"| {name} | {value} |" for name, value in values.items())
