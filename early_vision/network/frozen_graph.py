"""A frozen TensorFlow graph as data: its nodes, and the numbers in its Const nodes. Nothing of it is ever executed.

The messages are GraphDef, NodeDef, AttrValue, TensorProto and TensorShapeProto of tensorflow/core/framework; of each,
only the fields needed here are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from early_vision.network.protobuf import BYTES, EMPTY, FIXED32, VARINT, Field, fields, packed, signed

MOST_NODES = 10_000
MOST_FIELDS = 1_000
"""Of a node or an attribute: the largest graphs of such networks stay far below either."""
MOST_FIELDS_OF_TENSOR = 1 << 18
"""A writer may give every number a field of its own; no tensor of the networks here has more."""
MOST_DIMENSIONS = 8
FLOAT, HALF = 1, 19
FLOATS = {FLOAT: "<f4", HALF: "<f2"}
"""TensorFlow's numbers of the types that weights come in."""


@dataclass(frozen=True)
class GraphNode:
    """A node of a graph.

    Attributes:
        name, op: as the graph has them.
        inputs: names of nodes, without the number of the output; control inputs are left out.
        attributes: name to the bytes of an AttrValue, to be read by `number`, `text` and the like.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, memoryview] = field(repr=False)


def read_nodes(graph: bytes) -> dict[str, GraphNode]:
    """The nodes of a serialized GraphDef, by name, in its order.

    Raises:
        ValueError: when it is none, is cut off, or names a node twice.
    """
    nodes: dict[str, GraphNode] = {}
    for one in fields(memoryview(graph), MOST_NODES):
        if (one.number, one.wire) == (1, BYTES):
            node = _node(one.content)
            if node.name in nodes:
                raise ValueError(f"two nodes are named {node.name!r}")
            nodes[node.name] = node
    if not nodes:
        raise ValueError("it has no nodes")
    return nodes


def _node(message: memoryview) -> GraphNode:
    name = op = ""
    inputs: list[str] = []
    attributes: dict[str, memoryview] = {}
    for number, wire, _, value in fields(message, MOST_FIELDS):
        if wire != BYTES:
            continue
        if number == 1:
            name = _string(value)
        elif number == 2:
            op = _string(value)
        elif number == 3 and not (source := _string(value)).startswith("^"):
            inputs.append(source.split(":")[0])
        elif number == 5:
            entry = {inner.number: inner.content for inner in fields(value, 2) if inner.wire == BYTES}
            attributes[_string(entry.get(1, EMPTY))] = entry.get(2, EMPTY)
    return GraphNode(name, op, tuple(inputs), attributes)


def _string(value: memoryview) -> str:
    return bytes(value).decode("utf-8")


def number(node: GraphNode, attribute: str, default: float) -> float:
    """An attribute that is an integer or a float; the default where the node has none."""
    for at, wire, integer, content in fields(node.attributes.get(attribute, EMPTY), MOST_FIELDS):
        if (at, wire) == (3, VARINT):
            return signed(integer)
        if (at, wire) == (4, FIXED32):
            return float(np.frombuffer(content, "<f4")[0])
    return default


def numbers(node: GraphNode, attribute: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """An attribute that is a list of integers; the default where the node has none."""
    found: list[int] = []
    for at, wire, _, content in fields(node.attributes.get(attribute, EMPTY), MOST_FIELDS):
        if (at, wire) == (1, BYTES):
            inner = (one for one in fields(content, MOST_FIELDS) if one.number == 3)
            found += [number for one in inner for number in _integers(one)]
    return tuple(found) or default


def text(node: GraphNode, attribute: str, default: str) -> str:
    """An attribute that is a string; the default where the node has none."""
    for at, wire, _, content in fields(node.attributes.get(attribute, EMPTY), MOST_FIELDS):
        if (at, wire) == (2, BYTES):
            return bytes(content).decode("ascii", "replace")
    return default


def tensor_shape(node: GraphNode) -> tuple[int, ...] | None:
    """The shape of a Const node's tensor; None where it has none that is known."""
    for at, wire, _, content in fields(_tensor(node), MOST_FIELDS_OF_TENSOR):
        if (at, wire) == (2, BYTES):
            return _shape(content)
    return ()


def _shape(message: memoryview) -> tuple[int, ...] | None:
    sizes = []
    for at, wire, unknown, dimension in fields(message, MOST_DIMENSIONS):
        if (at, wire) == (2, BYTES):
            size = (signed(one.integer) for one in fields(dimension, 4) if (one.number, one.wire) == (1, VARINT))
            sizes.append(next(size, 0))
        elif (at, wire) == (3, VARINT) and unknown:
            return None
    return tuple(sizes)


def tensor(node: GraphNode, shape: tuple[int, ...]) -> np.ndarray:
    """The floating-point numbers of a Const node that has a certain shape: float32 or float16.

    As in TensorFlow, the last number stands for all that are not given.

    Raises:
        ValueError: when it holds no such numbers.
    """
    kind, raw = 0, EMPTY
    listed: list[memoryview] = []
    for at, wire, integer, content in fields(_tensor(node), MOST_FIELDS_OF_TENSOR):
        if (at, wire) == (1, VARINT):
            kind = integer
        elif (at, wire) == (4, BYTES):
            raw = content
        elif at == 5 and wire in (BYTES, FIXED32):
            listed.append(content)
    if kind not in FLOATS:
        raise ValueError(f"it holds TensorFlow's type {kind}, not floating-point numbers")
    size = prod(shape)
    if len(raw):
        if len(raw) != size * np.dtype(FLOATS[kind]).itemsize:
            raise ValueError(f"it holds {len(raw)} bytes, which do not make up its shape")
        return np.frombuffer(raw, FLOATS[kind]).reshape(shape)
    given = b"".join(listed)
    values = np.frombuffer(given[: len(given) // 4 * 4], "<f4")
    if kind != FLOAT or not 0 < len(values) <= size:
        raise ValueError(f"it holds {len(values)} numbers, which do not make up its shape")
    return np.concatenate([values, np.full(size - len(values), values[-1])]).reshape(shape)


def _tensor(node: GraphNode) -> memoryview:
    for at, wire, _, content in fields(node.attributes.get("value", EMPTY), MOST_FIELDS):
        if (at, wire) == (8, BYTES):
            return content
    raise ValueError("it holds no tensor")


def _integers(one: Field) -> list[int]:
    """Integers, one that has a field of its own or all that share one."""
    if one.wire == VARINT:
        return [signed(one.integer)]
    return [signed(each) for each in packed(one.content, MOST_FIELDS)] if one.wire == BYTES else []
