"""A Keras model's first layers as a network of ours. Imports Keras: only the import of weights imports this module.

What is supported, and what it becomes, is in docs/bring-your-own-network.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np

from early_vision.errors import InputError, InputErrors, nearest
from early_vision.network.architecture import INPUT, Architecture, Node, before_activation
from early_vision.network.architecture_file import NAME
from early_vision.network.keras_file import first_line, refuse_foreign_code
from early_vision.network.keras_layers import TRANSLATIONS, Pixels, Rectified, Unsupported, Value

Graph = Mapping[Any, list[list]]
"""Each layer's inputs, once for every use of the layer."""


@dataclass(frozen=True)
class Imported:
    """What a model gives.

    Attributes:
        tensors: `<conv>_w` and `<conv>_b`, float32, batch normalization and the scale of the input multiplied in.
        architecture: the nodes that the layers need, and the layers.
    """

    tensors: dict[str, np.ndarray]
    architecture: Architecture


def import_keras(path: Path, layers: Iterable[str], input_range: tuple[float, float] = (0.0, 255.0)) -> Imported:
    """The part of a Keras model that some of its layers need.

    Args:
        path: a .keras file.
        layers: names of Conv2D layers, of what follows one up to its ReLU, or of Concatenate layers over such.
        input_range: what the model's input holds for black and for white.

    Raises:
        InputError: for a file that cannot be loaded safely, unknown layers, or an input that is no RGB image.
        InputErrors: naming every layer that has no counterpart.
    """
    refuse_foreign_code(path)
    try:
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its parts raise.
        raise InputError(f"Keras cannot load the model ({first_line(error)})", file=path) from error
    graph = _graph(model, path)
    wanted = [_rectified(_layer(model, name, path), graph, path) for name in layers]
    order = _needed(wanted, graph)
    values = _translate(order, graph, _starting_pixels(input_range), path)
    # Layers that change nothing share the value of their input.
    nodes = list({id(value): value for value in values.values() if isinstance(value, Rectified)}.values())
    _check_names(nodes, path)
    names = [values[operation].node.name for operation in order if operation in wanted]
    for name in names:
        _check_layer(name, {value.node.name: value.node for value in nodes}, path)
    linears = [value.linear for value in nodes if value.linear]
    mean = _mean([linear.pixels for linear in linears if linear.pixels], path)
    tensors: dict[str, np.ndarray] = {}
    for linear in linears:
        scale = 1.0 if linear.pixels is None else linear.pixels.scale[:, None]
        tensors[f"{linear.node.name}_w"] = (linear.kernel * scale).astype(np.float32)
        tensors[f"{linear.node.name}_b"] = linear.bias.astype(np.float32)
    return Imported(tensors, Architecture(tuple(value.node for value in nodes), tuple(dict.fromkeys(names)), mean))


def _layer(model, name: str, path: Path):
    known = [layer.name for layer in model.layers]
    if name not in known:
        hint = nearest(name, known) or f"Layers: {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
        raise InputError(f'the model has no layer "{name}"', file=path, hint=hint)
    return model.get_layer(name)


def _graph(model, path: Path) -> Graph:
    if not getattr(model, "inputs", None) or not (
        isinstance(model, keras.Sequential) or hasattr(model, "_nodes_by_depth")
    ):
        raise InputError("the model says neither its input nor how its layers are connected", file=path,
                         hint="Build it as a sequential or functional model with a keras.Input")  # fmt: skip
    start = model.inputs[0]._keras_history.operation
    if isinstance(model, keras.Sequential):
        # Its layers remember every stage of its making as a use of theirs.
        return {start: [[]]} | {layer: [[before]] for before, layer in pairwise([start, *model.layers])}
    graph: dict[Any, list[list]] = {}
    for node in chain.from_iterable(model._nodes_by_depth.values()):
        sources = [tensor._keras_history.operation for tensor in node.input_tensors]
        graph.setdefault(node.operation, []).append(sources)
    return graph


def _kind(operation) -> str:
    return type(operation).__name__


def _is_relu(operation) -> bool:
    name = getattr(getattr(operation, "activation", None), "__name__", "")
    return _kind(operation) == "ReLU" or (_kind(operation) in ("Activation", "Conv2D") and name == "relu")


def _rectified(operation, graph: Graph, path: Path):
    """The layer itself, or for a convolution without a ReLU of its own the ReLU layer that follows it."""
    start = operation
    while _kind(operation) in ("Conv2D", "BatchNormalization") and not _is_relu(operation):
        following = [layer for layer, uses in graph.items() if any(operation in sources for sources in uses)]
        if len(following) != 1:
            raise InputError(f'layer "{start.name}" has no ReLU right after it', file=path, hint="Name one that has")
        operation = following[0]
    return operation


def _needed(wanted: Iterable, graph: Graph) -> list:
    """The layers that some layers depend on, and these, each after its inputs."""
    order: dict[Any, None] = {}

    def visit(operation) -> None:
        if operation not in order:
            for source in (source for sources in graph[operation] for source in sources):
                visit(source)
            order[operation] = None

    for operation in wanted:
        visit(operation)
    return list(order)


def _translate(order: list, graph: Graph, pixels: Pixels, path: Path) -> dict[Any, Value]:
    values: dict[Any, Value] = {}
    problems = []
    for operation in order:
        try:
            if len(graph[operation]) != 1:
                raise Unsupported("is used more than once")
            (sources,) = graph[operation]
            if _kind(operation) == "InputLayer":
                values[operation] = _checked_input(operation, values, pixels)
            elif _kind(operation) not in TRANSLATIONS:
                raise Unsupported(f"is a {_kind(operation)}, which has no counterpart here")
            elif all(source in values for source in sources):
                values[operation] = TRANSLATIONS[_kind(operation)](operation, [values[source] for source in sources])
        except Unsupported as error:
            problems.append(InputError(f'layer "{operation.name}" {error}', file=path))
    if problems:
        raise InputErrors(problems)
    return values


def _checked_input(operation, values: Mapping[Any, Value], pixels: Pixels) -> Pixels:
    if any(_kind(other) == "InputLayer" for other in values):
        raise Unsupported("is a second input")
    shape = tuple(operation.batch_shape)
    if len(shape) != 4 or shape[-1] != 3:
        raise Unsupported(f"has the shape {shape}, not that of RGB images, channels last")
    return pixels


def _starting_pixels(input_range: tuple[float, float]) -> Pixels:
    low, high = input_range
    if not np.isfinite([low, high]).all() or low == high:
        raise InputError(f"an input from {low} to {high} holds no image")
    return Pixels(np.full(3, (high - low) / 255), np.full(3, float(low)))


def _mean(seen: list[Pixels], path: Path) -> float | tuple[float, ...]:
    """The pixel value that the first convolutions see as 0, the same for all of them."""
    means = np.unique([-pixels.offset / pixels.scale for pixels in seen], axis=0)
    if len(means) > 1:
        raise InputError("convolutions see the image scaled in different ways", file=path)
    # Adding 0 turns the -0 of an input without offset to 0.
    colours = tuple(float(round(value, 6)) + 0.0 for value in means[0])
    return colours[0] if len(set(colours)) == 1 else colours


def _check_names(nodes: Iterable[Rectified], path: Path) -> None:
    """Names become parts of files and addresses; several ReLUs after one convolution would give one name twice."""
    names: list[str] = []
    for value in nodes:
        name = value.node.name
        if not re.fullmatch(NAME, name) or name == INPUT or name.endswith(before_activation("")):
            hint = "Letters, digits and _ are taken, a letter first. Rename the layer: layer.name = …"
            raise InputError(f'the layer name "{name}" cannot be used', file=path, hint=hint)
        if name in names:
            raise InputError(f'more than one thing follows layer "{name}" before its ReLU', file=path)
        names.append(name)


def _check_layer(name: str, nodes: Mapping[str, Node], path: Path) -> None:
    node = nodes[name]
    parts = [nodes[part].op for part in node.inputs] if node.op == "concat" else [node.op]
    if set(parts) != {"conv"}:
        hint = "Name convolutions, or a Concatenate of convolutions"
        raise InputError(f'layer "{name}" has no neurons of its own', file=path, hint=hint)
