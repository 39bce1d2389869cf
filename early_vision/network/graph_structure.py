"""Whether a frozen graph is the network that an architecture describes: operations, attributes, and what feeds what."""

from collections.abc import Iterator, Mapping
from math import isclose

from early_vision.errors import did_you_mean
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.frozen_graph import GraphNode, number, numbers, text

PASSING_ON = ("Identity", "CheckNumerics", "StopGradient")
"""Operations that hand on what they are given: tools that freeze and convert graphs put them in."""

Graph = Mapping[str, GraphNode]


def common_prefix(graph: Graph, tensors: list[str]) -> str:
    """What stands before the architecture's names in a graph, such as "import/" where it was imported and saved again."""
    first = tensors[0]
    found = [name.removesuffix(first) for name in graph if name == first or name.endswith(f"/{first}")]
    return min(found, key=len, default="")


def differences(graph: Graph, prefix: str, architecture: Architecture) -> Iterator[str]:
    """What differs from the architecture, a sentence each. How the graph's input is called does not matter."""
    inputs, known = set(), {prefix + node.name for node in architecture.nodes}
    for node in architecture.nodes:
        own = graph.get(prefix + node.name)
        if own is None:
            hint = did_you_mean(prefix + node.name, [name for name in graph if name not in known])
            yield f"node {node.name} is missing" + (f". {hint}" if hint else "")
            continue
        expected = [prefix + source for source in node.inputs]
        if node.op not in _CHECKS:
            raise ValueError(f"graphs with the op {node.op}, as node {node.name} has it, are not read")
        problem, sources = _CHECKS[node.op](graph, own, prefix, node, architecture)
        if problem:
            yield f"node {node.name}: {problem}"
            continue
        for source, wanted in zip(sources, expected, strict=True):
            if wanted == prefix + INPUT:
                inputs.add(source)
            elif source != wanted:
                yield f"node {node.name} is fed by {source!r}, not by {wanted!r}"
    if len(inputs) > 1:
        yield f"several nodes take the place of the input: {', '.join(map(repr, sorted(inputs)))}"


def _sources(graph: Graph, node: GraphNode) -> list[str]:
    """The nodes that feed a node, seen through those that only hand on."""
    found = []
    for name in node.inputs:
        for _ in range(len(PASSING_ON) + 2):
            passing = graph.get(name)
            if passing is None or passing.op not in PASSING_ON or not passing.inputs:
                break
            name = passing.inputs[0]
        found.append(name)
    return found


Checked = tuple[str | None, list[str]]
"""A problem or None, and the nodes that feed the operation."""


def _conv(graph: Graph, relu: GraphNode, prefix: str, node: Node, architecture: Architecture) -> Checked:
    """Conv2D, BiasAdd and Relu, one after the other, with the architecture's weights."""
    bias = _before(graph, relu)
    conv = _before(graph, bias)
    for found, ops in ((relu, ("Relu",)), (bias, ("BiasAdd", "Add", "AddV2")), (conv, ("Conv2D",))):
        if found is None or found.op not in ops:
            return f"expected {' or '.join(ops)}, found {found.op if found else None!r}", []
    assert bias and conv
    for own, tensor in ((bias, f"{prefix}{node.name}_b"), (conv, f"{prefix}{node.name}_w")):
        if (given := _sources(graph, own)[1:]) != [tensor]:
            return f"its {own.op} takes {', '.join(map(repr, given)) or 'nothing'}, not {tensor!r}", []
    stride = (1, node.stride, node.stride, 1)
    wanted = {
        "strides": (numbers(conv, "strides", ()), stride),
        "dilations": (numbers(conv, "dilations", (1,) * 4), (1,) * 4),
    }
    return _first_wrong(wanted) or _layout(conv, node), _sources(graph, conv)[:1]


def _max_pool(graph: Graph, own: GraphNode, prefix: str, node: Node, architecture: Architecture) -> Checked:
    if own.op != "MaxPool":
        return f"expected MaxPool, found {own.op!r}", []
    side, stride = (1, node.kernel, node.kernel, 1), (1, node.stride, node.stride, 1)
    wanted = {"ksize": (numbers(own, "ksize", ()), side), "strides": (numbers(own, "strides", ()), stride)}
    return _first_wrong(wanted) or _layout(own, node), _sources(graph, own)[:1]


def _lrn(graph: Graph, own: GraphNode, prefix: str, node: Node, architecture: Architecture) -> Checked:
    if own.op != "LRN":
        return f"expected LRN, found {own.op!r}", []
    defaults = {"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5}
    for name, default in defaults.items():
        value, wanted = number(own, name, default), getattr(node.lrn, name)
        if not isclose(value, wanted, rel_tol=1e-5):
            return f"its {name} is {value:g}, not {wanted:g}", []
    return None, _sources(graph, own)[:1]


def _concat(graph: Graph, own: GraphNode, prefix: str, node: Node, architecture: Architecture) -> Checked:
    """Concat has its axis before what it joins, ConcatV2 after it."""
    if own.op not in ("Concat", "ConcatV2"):
        return f"expected Concat, found {own.op!r}", []
    sources = _sources(graph, own)
    sources = sources[1:] if own.op == "Concat" else sources[:-1]
    return (
        None if len(sources) == len(node.inputs) else f"it joins {len(sources)} nodes, not {len(node.inputs)}"
    ), sources


_CHECKS = {"conv": _conv, "max_pool": _max_pool, "lrn": _lrn, "concat": _concat}


def _before(graph: Graph, node: GraphNode | None) -> GraphNode | None:
    sources = _sources(graph, node) if node else []
    return graph.get(sources[0]) if sources else None


def _first_wrong(values: Mapping[str, tuple]) -> str | None:
    return next(
        (f"its {name} are {given}, not {wanted}" for name, (given, wanted) in values.items() if given != wanted), None
    )


def _layout(own: GraphNode, node: Node) -> str | None:
    """Padding and data format. A 1x1 kernel that moves pixel by pixel needs no padding, so either kind will do."""
    padding, layout = text(own, "padding", ""), text(own, "data_format", "NHWC")
    if layout != "NHWC":
        return f"its data format is {layout!r}, not NHWC"
    if padding.lower() != node.padding and (node.kernel, node.stride) != (1, 1):
        return f"its padding is {padding!r}, not {str(node.padding).upper()}"
    return None
