"""A Keras model's first layers as a network of ours. Imports Keras: only the import of weights imports this module.

What is supported, and what it becomes, is in docs/bring-your-own-network.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np

from early_vision.errors import InputError, Problem, did_you_mean
from early_vision.network.architecture import INPUT, Architecture, before_activation
from early_vision.network.architecture_file import NAME
from early_vision.network.keras_file import first_line, refuse_foreign_code
from early_vision.network.keras_layers import TRANSLATIONS, Pixels, Translated, Unsupported, Value

ACTIVATION_LAYERS = ("Activation", "ReLU", "LeakyReLU", "ELU")
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
        layers: names of layers that become nodes of ours other than pools. A convolution without an activation of its
            own stands for the activation layer right after it, if there is one, with a batch norm between or not.
        input_range: what the model's input holds for black and for white.

    Raises:
        InputError: for a file that cannot be loaded safely, unknown layers, or an input that is no RGB image.
        InputError: naming every layer that has no counterpart.
    """
    refuse_foreign_code(path)
    try:
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its parts raise.
        raise InputError(f"Keras cannot load the model ({first_line(error)})", file=path) from error
    graph = _graph(model, path)
    wanted = [_activated(_layer(model, name, path), graph) for name in layers]
    order = _needed(wanted, graph, path)
    values = _translate(order, graph, _starting_pixels(input_range), path)
    for operation in wanted:
        _check_layer(operation.name, values[operation], path)
    # Layers that change nothing share the value of their input; what a conv has taken in comes after it.
    nodes = {value.node.name: value for value in values.values() if isinstance(value, Translated)}
    _check_names(nodes, path)
    chosen = [values[operation] for operation in order if operation in wanted]
    names = tuple(dict.fromkeys(value.node.name for value in chosen if isinstance(value, Translated)))
    mean = _mean([value.pixels for value in nodes.values() if value.pixels], path)
    tensors: dict[str, np.ndarray] = {}
    for name, value in nodes.items():
        if value.kernel is not None and value.bias is not None:
            scale = 1.0 if value.pixels is None else value.pixels.scale[:, None]
            tensors[f"{name}_w"] = (value.kernel * scale).astype(np.float32)
            tensors[f"{name}_b"] = value.bias.astype(np.float32)
    return Imported(tensors, Architecture(tuple(value.node for value in nodes.values()), names, mean))


def _layer(model, name: str, path: Path):
    known = [layer.name for layer in model.layers]
    if name not in known:
        inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
        holding = next((layer for layer in inner if name in {one.name for one in layer.layers}), None)
        if holding is not None:
            raise _is_model(holding, path)
        hint = did_you_mean(name, known) or f"Layers: {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
        raise InputError(f'the model has no layer "{name}"', file=path, hint=hint)
    return model.get_layer(name)


def _is_model(layer, path: Path) -> InputError:
    hint = f"Save that one by itself: model.get_layer('{layer.name}').save('{layer.name}.keras')"
    return InputError(f'layer "{layer.name}" is a model within the model', file=path, hint=hint)


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


def _activated(operation, graph: Graph):
    """The layer itself, or for a convolution without an activation of its own the one that follows it right away."""
    end = operation
    while _kind(end) in ("Conv2D", "DepthwiseConv2D", "BatchNormalization") and not _has_activation(end):
        following = _users(end, graph)
        if len(following) != 1 or _kind(following[0]) not in ("BatchNormalization", *ACTIVATION_LAYERS):
            return end
        end = following[0]
    return end


def _has_activation(operation) -> bool:
    return getattr(getattr(operation, "activation", None), "__name__", "linear") != "linear"


def _needed(wanted: Iterable, graph: Graph, path: Path) -> list:
    """The layers that some layers depend on, and these, each after its inputs.

    Raises:
        InputError: for a layer that is used more than once, by which the way could lead to where it was.
    """
    order: dict[Any, None] = {}
    stack = [(operation, False) for operation in reversed(list(wanted))]
    while stack:
        operation, inputs_done = stack.pop()
        if operation in order:
            continue
        if len(graph[operation]) != 1:
            hint = "Make a layer of its own, with the same weights, for each use, and save the model anew"
            raise InputError(f'layer "{operation.name}" is used more than once', file=path, hint=hint)
        if inputs_done:
            order[operation] = None
        else:
            stack += [(operation, True), *((source, False) for source in reversed(graph[operation][0]))]
    return list(order)


def _translate(order: list, graph: Graph, pixels: Pixels, path: Path) -> dict[Any, Value]:
    values: dict[Any, Value] = {}
    problems: list[Problem] = []
    for operation in order:
        try:
            (sources,) = graph[operation]
            if _kind(operation) == "InputLayer":
                values[operation] = _checked_input(operation, values, pixels)
            elif isinstance(operation, keras.Model):
                problems += _is_model(operation, path).problems
            elif _kind(operation) not in TRANSLATIONS:
                raise Unsupported(f"is a {_kind(operation)}, which has no counterpart here")
            elif all(source in values for source in sources):
                given = [_shared(values[source], len(_users(source, graph))) for source in sources]
                values[operation] = TRANSLATIONS[_kind(operation)](operation, given)
        except Unsupported as error:
            problems.append(Problem(f'layer "{operation.name}" {error}', file=path))
    if problems:
        raise InputError.of(problems)
    return values


def _shared(value: Value, users: int) -> Value:
    """What several layers use has to stay as it is: none of them may be multiplied into it."""
    return replace(value, open=False) if isinstance(value, Translated) and users > 1 else value


def _users(operation, graph: Graph) -> list:
    return [layer for layer, uses in graph.items() if any(operation in sources for sources in uses)]


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


def _check_names(names: Iterable[str], path: Path) -> None:
    """Names become parts of files and addresses."""
    for name in names:
        if not re.fullmatch(NAME, name) or name == INPUT or name.endswith(before_activation("")):
            hint = "Letters, digits and _ are taken, a letter first. Rename the layer: layer.name = …"
            raise InputError(f'the layer name "{name}" cannot be used', file=path, hint=hint)


def _check_layer(name: str, value: Value, path: Path) -> None:
    if not isinstance(value, Translated) or value.node.op in ("max_pool", "avg_pool"):
        hint = "Name convolutions, or a Concatenate, Add, BatchNormalization or activation"
        raise InputError(f'layer "{name}" has no neurons of its own', file=path, hint=hint)
