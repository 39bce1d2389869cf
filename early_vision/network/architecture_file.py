"""A network's architecture as a YAML file beside its weights: what may be in it, reading it, writing it.

The format is described in docs/bring-your-own-network.md.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from early_vision.errors import InputError, InputErrors, nearest
from early_vision.network.architecture import INPUT, Architecture, Lrn, Node, Padding
from early_vision.network.located_yaml import Place, read_located

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Names of nodes become parts of file names, addresses and tensor names."""

PRE_RELU = "_pre_relu"

TRIED_SIZES = range(512, 544)
"""Image sizes, in pixels, at which the inputs of a concat have to fit together."""


def _per_colour(value: Any) -> float | tuple[float, ...]:
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) not in (1, 3) or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
        raise ValueError("is neither a number nor a list of three, for red, green and blue")
    if not all(map(math.isfinite, numbers)):
        raise ValueError("is not finite")
    return tuple(map(float, numbers)) if isinstance(value, list) else float(value)


PerColour = Annotated[float | tuple[float, ...], PlainValidator(_per_colour)]
Name = Annotated[str, Field(pattern=NAME, max_length=100)]
Side = Annotated[int, Field(ge=1, le=64)]
One = Annotated[tuple[Name, ...], Field(min_length=1, max_length=1, strict=False)]
Several = Annotated[tuple[Name, ...], Field(min_length=2, strict=False)]


class _Strict(BaseModel):
    """Takes nothing it does not know and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Input(_Strict):
    mean: PerColour
    scale: PerColour = 1.0


class _Conv(_Strict):
    name: Name
    op: Literal["conv"]
    inputs: One
    channels: Annotated[int, Field(ge=1, le=8192)]
    kernel: Side
    stride: Side = 1
    padding: Padding = "same"


class _MaxPool(_Strict):
    name: Name
    op: Literal["max_pool"]
    inputs: One
    kernel: Side
    stride: Side = 1
    padding: Padding = "same"


class _Lrn(_Strict):
    name: Name
    op: Literal["lrn"]
    inputs: One
    depth_radius: Annotated[int, Field(ge=0, le=1024)] = Lrn.depth_radius
    bias: Annotated[float, Field(gt=0)] = Lrn.bias
    alpha: Annotated[float, Field(ge=0)] = Lrn.alpha
    beta: Annotated[float, Field(ge=0)] = Lrn.beta


class _Concat(_Strict):
    name: Name
    op: Literal["concat"]
    inputs: Several


class _File(_Strict):
    input: _Input
    layers: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
    nodes: Annotated[
        tuple[Annotated[_Conv | _MaxPool | _Lrn | _Concat, Field(discriminator="op")], ...],
        Field(min_length=1, max_length=1000, strict=False),
    ]


@dataclass(frozen=True)
class Described:
    """What an architecture file says.

    Attributes:
        architecture: the nodes and layers.
        input_scale: what the pixel values minus the mean are multiplied with before the first convolutions: one number,
            or one for each colour. `early_vision.network.own` multiplies the weights instead.
    """

    architecture: Architecture
    input_scale: float | tuple[float, ...] = 1.0


def read_architecture(path: Path) -> Described:
    """Read and check an architecture file.

    Raises:
        InputErrors: everything that is wrong in it, with its line.
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
        raise InputErrors(_in_words(each, data, places, path) for each in told) from error
    found = ((_line(place, places), message, hint) for place, message, hint in _problems(file))
    wrong = [
        InputError(message, file=path, line=line, hint=hint) for line, message, hint in sorted(found, key=itemgetter(0))
    ]
    if wrong:
        raise InputErrors(wrong)
    return Described(Architecture(tuple(_nodes(file)), file.layers, file.input.mean), file.input.scale)


def _nodes(file: _File) -> Iterator[Node]:
    channels = {INPUT: 3}
    for node in file.nodes:
        channels[node.name] = node.channels if node.op == "conv" else sum(channels[name] for name in node.inputs)
        if node.op == "lrn":
            lrn = Lrn(node.depth_radius, float(node.bias), float(node.alpha), float(node.beta))
            yield Node(node.name, "lrn", node.inputs, channels=channels[node.name], lrn=lrn)
        elif node.op == "concat":
            yield Node(node.name, "concat", node.inputs, channels=channels[node.name])
        else:
            yield Node(node.name, node.op, node.inputs, node.kernel, node.stride, channels[node.name], node.padding)


Problem = tuple[Place, str, str | None]
"""Where in the file, what is wrong, and how to mend it."""


def _problems(file: _File) -> list[Problem]:
    nodes: dict[str, Any] = {}
    problems: list[Problem] = []
    for i, node in enumerate(file.nodes):
        if node.name in nodes or node.name == INPUT or node.name.endswith(PRE_RELU):
            why = "is used twice" if node.name in nodes else "stands for something else"
            problems.append((("nodes", i, "name"), f'the name "{node.name}" {why}', "Choose another name"))
        for j, name in enumerate(node.inputs):
            if name != INPUT and name not in nodes:
                hint = nearest(name, [INPUT, *nodes]) or "A node's inputs come before it"
                problems.append((("nodes", i, "inputs", j), f'no node before this one has the name "{name}"', hint))
            elif name == INPUT and node.op != "conv" and file.input.scale != 1.0:
                hint = "Scale the weights yourself, and leave out the scale"
                problems.append((("nodes", i, "inputs", j), "with an input scale only a conv may read the input", hint))
        nodes[node.name] = node
    for i, name in enumerate(file.layers):
        problems += [(("layers", i), *why) for why in _layer_problems(name, i, file.layers, nodes)]
    if not math.prod([file.input.scale] if isinstance(file.input.scale, float) else file.input.scale):
        problems.append((("input", "scale"), "a scale of 0 leaves nothing of the image", None))
    return problems or list(_size_problems(file))


def _layer_problems(
    name: str, index: int, layers: tuple[str, ...], nodes: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    order = list(nodes)
    if name not in nodes:
        yield f'there is no node "{name}"', nearest(name, nodes)
    elif name in layers[:index]:
        yield f'layer "{name}" is given twice', "Keep one of the two"
    elif nodes[name].op != "conv" and not (
        nodes[name].op == "concat" and all(nodes[part].op == "conv" for part in nodes[name].inputs if part in nodes)
    ):
        yield f'"{name}" is neither a conv nor a concat of convs, so it has no neurons of its own', "Name a conv"
    elif any(other in order and order.index(other) > order.index(name) for other in layers[:index]):
        yield f'layer "{name}" comes before the one above it', "Put the layers in the order of their nodes"


def _size_problems(file: _File) -> Iterator[Problem]:
    for size in TRIED_SIZES:
        sides = {INPUT: size}
        for i, node in enumerate(file.nodes):
            before = [sides[name] for name in node.inputs]
            if len(set(before)) > 1:
                which = ", ".join(f"{name} {side}" for name, side in zip(node.inputs, before, strict=True))
                message = f"the inputs have different sizes ({which}, for an image of {size})"
                yield ("nodes", i, "inputs"), message, "Strides and padding must agree on all ways from the image"
                return
            kernel, stride = getattr(node, "kernel", 1), getattr(node, "stride", 1)
            valid = getattr(node, "padding", "same") == "valid"
            sides[node.name] = (before[0] - kernel) // stride + 1 if valid else -(-before[0] // stride)
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
    "greater_than": "should be above {gt}", "value_error": "{error}", "union_tag_not_found": "has no op",
    "union_tag_invalid": 'has the op "{tag}"; known ones are {expected_tags}',
}  # fmt: skip


def _in_words(error: Mapping, data: Any, places: Mapping[Place, int], path: Path) -> InputError:
    """One of pydantic's errors, with the line and in words of the file rather than of Python."""
    place, at = [], data
    for part in error["loc"]:
        # pydantic also names the alternative that it tried, such as the op of a node.
        if (isinstance(at, list) and isinstance(part, int)) or (isinstance(at, dict) and part in at):
            place, at = [*place, part], at[part]
    missing = error["type"] == "missing"
    what = f'"{error["loc"][-1]}"' if missing else f'"{place[-1]}"' if place and isinstance(place[-1], str) else "this"
    words = WORDS.get(error["type"])
    message = words.format(**error.get("ctx", {})) if words else error["msg"]
    known = {"nodes": ("name", "op", "inputs", "kernel", "stride", "channels", "padding"), "input": ("mean", "scale")}
    keys = known.get(place[0] if len(place) > 1 else "", ("input", "layers", "nodes"))
    hint = nearest(place[-1], keys) if error["type"] == "extra_forbidden" else None
    return InputError(f"{what} {message}", file=path, line=_line(tuple(place), places), hint=hint)


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
        if node.op in ("conv", "max_pool"):
            entry |= {"kernel": node.kernel, "stride": node.stride, "padding": node.padding}
        if node.op == "conv":
            entry["channels"] = node.channels
        if node.op == "lrn":
            entry |= asdict(node.lrn)
        parts.append(f"  - {yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=math.inf).strip()}")
    return ("\n".join(parts) + "\n").encode()


def _flow(entry: dict[str, Any]) -> str:
    ((key, value),) = entry.items()
    return f"{key}: {yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=math.inf).strip()}"
