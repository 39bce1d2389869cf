"""A network's architecture as a YAML file beside its weights: what may be in it, reading it, writing it.

The format is described in docs/bring-your-own-network.md.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from early_vision.errors import InputError, Problem, did_you_mean
from early_vision.network.architecture import (
    INPUT,
    Activation,
    Architecture,
    ConvActivation,
    Lrn,
    Node,
    Padding,
    before_activation,
    output_size,
)
from early_vision.network.located_yaml import Place, read_located

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Names of nodes become parts of file names, addresses and tensor names."""

TRIED_SIZES = range(512, 544)
"""Image sizes, in pixels, at which the inputs of a concat have to fit together."""


def _per_colour(value: Any) -> float | tuple[float, ...]:
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) not in (1, 3) or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
        raise ValueError("is neither a number nor a list of three, for red, green and blue")
    if not all(map(math.isfinite, numbers)):
        raise ValueError("is not finite")
    return tuple(map(float, numbers)) if isinstance(value, list) else float(value)


def _padding(value: Any) -> Padding:
    if isinstance(value, list) and len(value) == 2 and all(type(n) is int and 0 <= n < 64 for n in value):
        return value[0], value[1]
    if value in ("same", "valid"):
        return value
    raise ValueError('is neither "same" nor "valid" nor two numbers of pixels, before and after, such as [1, 1]')


PerColour = Annotated[float | tuple[float, ...], PlainValidator(_per_colour)]
Sides = Annotated[Padding, PlainValidator(_padding)]
Name = Annotated[str, Field(pattern=NAME, max_length=100)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Side = Annotated[int, Field(ge=1, le=64)]
One = Annotated[tuple[Name, ...], Field(min_length=1, max_length=1, strict=False)]
Several = Annotated[tuple[Name, ...], Field(min_length=2, strict=False)]


class _Strict(BaseModel):
    """Takes nothing it does not know and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Input(_Strict):
    mean: PerColour
    scale: PerColour = 1.0
    colours: Literal["rgb", "bgr"] = "rgb"


class _Conv(_Strict):
    name: Name
    op: Literal["conv"]
    inputs: One
    channels: Annotated[int, Field(ge=1, le=8192)]
    kernel: Side
    stride: Side = 1
    padding: Sides = "same"
    padding_value: Finite = 0.0
    groups: Annotated[int, Field(ge=1, le=8192)] = 1
    activation: ConvActivation = "relu"
    slope: Finite = Node.slope


class _MaxPool(_Strict):
    name: Name
    op: Literal["max_pool"]
    inputs: One
    kernel: Side
    stride: Side = 1
    padding: Sides = "same"
    ceil: bool = False


class _AvgPool(_Strict):
    name: Name
    op: Literal["avg_pool"]
    inputs: One
    kernel: Side
    stride: Side = 1
    padding: Sides = "same"


class _Lrn(_Strict):
    name: Name
    op: Literal["lrn"]
    inputs: One
    depth_radius: Annotated[int, Field(ge=0, le=1024)] = Lrn.depth_radius
    bias: Annotated[float, Field(gt=0)] = Lrn.bias
    alpha: Annotated[float, Field(ge=0)] = Lrn.alpha
    beta: Annotated[float, Field(ge=0)] = Lrn.beta


class _Joined(_Strict):
    name: Name
    op: Literal["concat", "add"]
    inputs: Several


class _Scale(_Strict):
    name: Name
    op: Literal["scale"]
    inputs: One


class _Activation(_Strict):
    name: Name
    op: Activation
    inputs: One
    slope: Finite = Node.slope


_Node = _Conv | _MaxPool | _AvgPool | _Lrn | _Scale | _Joined | _Activation


class _File(_Strict):
    input: _Input
    layout: Literal["hwio", "oihw"] | None = None
    layers: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
    nodes: Annotated[
        tuple[Annotated[_Node, Field(discriminator="op")], ...],
        Field(min_length=1, max_length=1000, strict=False),
    ]


@dataclass(frozen=True)
class Described:
    """What an architecture file says.

    Attributes:
        architecture: the nodes and layers.
        input_scale: what the pixel values minus the mean are multiplied with before the first convolutions: one number,
            or one for each colour. `early_vision.network.own` multiplies the weights instead.
        colours: the order of the channels that the first convolutions' kernels have; mean and scale are red, green,
            blue in any case.
        layout: the order of a kernel's axes in the file with the weights; None where it does not say.
    """

    architecture: Architecture
    input_scale: float | tuple[float, ...] = 1.0
    colours: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["hwio", "oihw"] | None = None


def read_architecture(path: Path) -> Described:
    """Read and check an architecture file.

    Raises:
        InputError: everything that is wrong in it, with its line.
        InputError: when it is absent or no YAML.
    """
    data, places = read_located(path)
    if not isinstance(data, dict):
        raise InputError("this is no architecture: it should have the keys input, layers and nodes", file=path)
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        # A list whose entries are wrong counts as too short besides.
        told = [each for each in error.errors() if each["type"] != "too_short" or not each["input"]] or error.errors()
        raise InputError.of(_in_words(each, data, places, path) for each in told) from error
    found = ((_line(place, places), message, hint) for place, message, hint in _problems(file))
    wrong = [
        Problem(message, file=path, line=line, hint=hint) for line, message, hint in sorted(found, key=itemgetter(0))
    ]
    if wrong:
        raise InputError.of(wrong)
    architecture = Architecture(tuple(_nodes(file)), file.layers, file.input.mean)
    return Described(architecture, file.input.scale, file.input.colours, file.layout)


def _nodes(file: _File) -> Iterator[Node]:
    channels = {INPUT: 3}
    for node in file.nodes:
        channels[node.name] = _channels(node, channels)
        # What differs between the models of operations is what differs between the operations.
        given = node.model_dump(exclude={"channels", *Lrn.__dataclass_fields__})
        if isinstance(node, _Lrn):
            given["lrn"] = Lrn(node.depth_radius, float(node.bias), float(node.alpha), float(node.beta))
        yield Node(**given, channels=channels[node.name])


def _channels(node: _Node, channels: Mapping[str, int]) -> int:
    if isinstance(node, _Conv):
        return node.channels
    return sum(channels[name] for name in node.inputs) if node.op == "concat" else channels[node.inputs[0]]


Found = tuple[Place, str, str | None]
"""Where in the file, what is wrong, and how to mend it."""


def _problems(file: _File) -> list[Found]:
    nodes: dict[str, Any] = {}
    problems: list[Found] = []
    for i, node in enumerate(file.nodes):
        if node.name in nodes or node.name == INPUT or node.name.endswith(before_activation("")):
            why = "is used twice" if node.name in nodes else "stands for something else"
            problems.append((("nodes", i, "name"), f'the name "{node.name}" {why}', "Choose another name"))
        for j, name in enumerate(node.inputs):
            if name != INPUT and name not in nodes:
                hint = did_you_mean(name, [INPUT, *nodes]) or "A node's inputs come before it"
                problems.append((("nodes", i, "inputs", j), f'no node before this one has the name "{name}"', hint))
            elif name == INPUT and node.op != "conv" and (file.input.scale != 1.0 or file.input.colours != "rgb"):
                what = "an input scale" if file.input.scale != 1.0 else "colours"
                hint = f"{'Scale' if file.input.scale != 1.0 else 'Turn around'} the weights yourself, and leave out the {what.split()[-1]}"
                problems.append((("nodes", i, "inputs", j), f"with {what} only a conv may read the input", hint))
        nodes[node.name] = node
    for i, name in enumerate(file.layers):
        problems += [(("layers", i), *why) for why in _layer_problems(name, i, file.layers, nodes)]
    if not math.prod([file.input.scale] if isinstance(file.input.scale, float) else file.input.scale):
        problems.append((("input", "scale"), "a scale of 0 leaves nothing of the image", None))
    return problems or [*_channel_problems(file)] or [*_size_problems(file)]


def _layer_problems(
    name: str, index: int, layers: tuple[str, ...], nodes: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    order = list(nodes)
    if name not in nodes:
        yield f'there is no node "{name}"', did_you_mean(name, nodes)
    elif name in layers[:index]:
        yield f'layer "{name}" is given twice', "Keep one of the two"
    elif nodes[name].op in ("max_pool", "avg_pool", "lrn"):
        hint = "Name a conv, scale, add, concat or activation"
        yield f'"{name}" is of the op {nodes[name].op}, so it has no neurons of its own', hint
    elif any(other in order and order.index(other) > order.index(name) for other in layers[:index]):
        yield f'layer "{name}" comes before the one above it', "Put the layers in the order of their nodes"


def _channel_problems(file: _File) -> Iterator[Found]:
    channels = {INPUT: 3}
    for i, node in enumerate(file.nodes):
        given = [channels[name] for name in node.inputs]
        if node.op == "add" and len(set(given)) > 1:
            which = ", ".join(f"{name} {count}" for name, count in zip(node.inputs, given, strict=True))
            yield ("nodes", i, "inputs"), f"the inputs have different numbers of channels ({which})", None
        elif isinstance(node, _Conv) and (given[0] % node.groups or node.channels % node.groups):
            message = f"{given[0]} channels in and {node.channels} out cannot be cut into {node.groups} groups"
            yield ("nodes", i, "groups"), message, None
        elif isinstance(node, _Conv | _MaxPool | _AvgPool) and isinstance(node.padding, tuple):
            if max(node.padding) >= node.kernel:
                message = f"a window of {node.kernel} could lie in a padding of {max(node.padding)} altogether"
                yield ("nodes", i, "padding"), message, None
        elif isinstance(node, _MaxPool) and node.ceil and node.padding == "same":
            yield ("nodes", i, "ceil"), "with same padding nothing is left to round up", 'Leave "ceil" out'
        channels[node.name] = _channels(node, channels)


def _size_problems(file: _File) -> Iterator[Found]:
    nodes = tuple(_nodes(file))
    for size in TRIED_SIZES:
        sides = {INPUT: size}
        for i, node in enumerate(nodes):
            before = [sides[name] for name in node.inputs]
            if len(set(before)) > 1:
                which = ", ".join(f"{name} {side}" for name, side in zip(node.inputs, before, strict=True))
                message = f"the inputs have different sizes ({which}, for an image of {size})"
                yield ("nodes", i, "inputs"), message, "Strides and padding must agree on all ways from the image"
                return
            sides[node.name] = output_size(node, before[0])
            if sides[node.name] < 1:
                yield (
                    ("nodes", i),
                    f"nothing is left of an image of {size} pixels here",
                    "Strides are too many or too large",
                )
                return


WORDS = {
    "missing": "is missing", "extra_forbidden": "is not known here", "int_type": "is not a whole number",
    "float_type": "is not a number (with an exponent, YAML wants a point too: 1.0e-4)", "string_type": "is not text",
    "string_pattern_mismatch": "is no name: letters, digits and _ only, a letter first", "tuple_type": "is not a list",
    "too_short": "has too few entries", "too_long": "has too many entries",
    "model_type": "is not a set of keys with values",
    "model_attributes_type": "is not a set of keys with values", "literal_error": "should be {expected}",
    "greater_than_equal": "should be at least {ge}", "less_than_equal": "should be at most {le}",
    "greater_than": "should be above {gt}", "finite_number": "is not finite", "bool_type": "is neither true nor false", "value_error": "{error}", "union_tag_not_found": "has no op",
    "union_tag_invalid": 'has the op "{tag}"; known ones are {expected_tags}',
}  # fmt: skip


def _in_words(error: Mapping, data: Any, places: Mapping[Place, int], path: Path) -> Problem:
    """One of pydantic's errors, with the line and in words of the file rather than of Python."""
    place: list[str | int] = []
    at = data
    for part in error["loc"]:
        # pydantic also names the alternative that it tried, such as the op of a node.
        if (isinstance(at, list) and isinstance(part, int)) or (isinstance(at, dict) and part in at):
            place, at = [*place, part], at[part]
    missing = error["type"] == "missing"
    what = f'"{error["loc"][-1]}"' if missing else f'"{place[-1]}"' if place and isinstance(place[-1], str) else "this"
    words = WORDS.get(error["type"])
    message = words.format(**error.get("ctx", {})) if words else error["msg"]
    settings = sorted({key for model in get_args(_Node) for key in model.model_fields})
    known = {"nodes": settings, "input": ["mean", "scale", "colours"]}
    keys = known.get(str(place[0]) if len(place) > 1 else "", ["input", "layout", "layers", "nodes"])
    hint = did_you_mean(place[-1], keys) if error["type"] == "extra_forbidden" else None
    return Problem(f"{what} {message}", file=path, line=_line(tuple(place), places), hint=hint)


def _line(place: Place, places: Mapping[Place, int]) -> int:
    while place not in places:
        place = place[:-1]
    return places[place]


def architecture_yaml(architecture: Architecture, heading: str) -> bytes:
    """The file that `read_architecture` reads back to this architecture.

    Args:
        heading: a line of comment at its top, such as where the network comes from.
    """
    mean = architecture.input_mean
    parts = [
        f"# {' '.join(heading.split())}",
        _flow({"input": {"mean": mean if isinstance(mean, float) else list(mean)}}),
        _flow({"layers": list(architecture.layer_names)}),
        "nodes:",
    ]
    for node in architecture.nodes:
        entry: dict[str, Any] = {"name": node.name, "op": node.op, "inputs": list(node.inputs)}
        if node.op in ("conv", "max_pool", "avg_pool"):
            padding = node.padding if isinstance(node.padding, str) else list(node.padding)
            entry |= {"kernel": node.kernel, "stride": node.stride, "padding": padding}
        if node.op == "conv":
            entry["channels"] = node.channels
        if node.op == "lrn":
            entry |= asdict(node.lrn)
        for key in ("activation", "slope", "groups", "padding_value", "ceil"):
            if (value := getattr(node, key)) != getattr(Node, key):
                entry[key] = value
        parts.append(f"  - {yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=math.inf).strip()}")
    return ("\n".join(parts) + "\n").encode()


def _flow(entry: dict[str, Any]) -> str:
    ((key, value),) = entry.items()
    return f"{key}: {yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=math.inf).strip()}"
