"""The network as a frozen GraphDef, node for node as Google's: what lucid takes, and a reference for the tests."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import tensorflow as tf

from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Node
from early_vision.network.weights import Network

GraphDef = Any
"""A `tf.compat.v1.GraphDef`."""


def graph_def(network: Network) -> GraphDef:
    """All Const nodes, then the operations, with the names of the original graph.

    For a convolution X: Const `X_w` and `X_b`, `X_pre_relu/conv` (Conv2D), `X_pre_relu` (BiasAdd), `X` (Relu). The input
    is the placeholder `input`: float32 NHWC, pixel values 0 to 255 minus the architecture's input mean.
    """
    graph = tf.compat.v1.GraphDef()
    for conv in network.architecture.convolutions:
        add_const(graph, f"{conv.name}_w", network.kernel(conv.name))
        add_const(graph, f"{conv.name}_b", network.bias(conv.name))
    for node in network.architecture.nodes:
        if node.op == "concat":
            add_const(graph, f"{node.name}/concat_dim", np.int32(3))
    placeholder = graph.node.add(name=INPUT, op="Placeholder")
    placeholder.attr["dtype"].type = tf.float32.as_datatype_enum
    for node in network.architecture.nodes:
        plain = replace(node, padding="same") == Node(
            node.name, node.op, node.inputs, node.kernel, node.stride, node.channels, lrn=node.lrn
        )
        if node.op not in _ADD or not plain or isinstance(node.padding, tuple):
            raise InputError(f"node {node.name} is nothing that InceptionV1 has, so no frozen graph is made of it")
        _ADD[node.op](graph, node)
    return graph


def add_const(graph: GraphDef, name: str, value: np.ndarray | np.generic) -> None:
    node = graph.node.add(name=name, op="Const")
    tensor = tf.make_tensor_proto(value)
    node.attr["dtype"].type = tensor.dtype
    node.attr["value"].tensor.CopyFrom(tensor)


def _op(graph: GraphDef, name: str, op: str, inputs: tuple[str, ...], **attributes) -> None:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["T"].type = tf.float32.as_datatype_enum
    for key, value in attributes.items():
        if isinstance(value, list):
            node.attr[key].list.i.extend(value)
        elif isinstance(value, bytes):
            node.attr[key].s = value
        elif isinstance(value, float):
            node.attr[key].f = value
        else:
            node.attr[key].i = value


def _add_conv(graph: GraphDef, node: Node) -> None:
    before = f"{node.name}_pre_relu"
    _op(graph, f"{before}/conv", "Conv2D", (node.inputs[0], f"{node.name}_w"),
        strides=[1, node.stride, node.stride, 1], padding=str(node.padding).upper().encode(), data_format=b"NHWC",
        dilations=[1, 1, 1, 1])  # fmt: skip
    _op(graph, before, "BiasAdd", (f"{before}/conv", f"{node.name}_b"), data_format=b"NHWC")
    _op(graph, node.name, "Relu", (before,))


def _add_max_pool(graph: GraphDef, node: Node) -> None:
    _op(graph, node.name, "MaxPool", node.inputs, ksize=[1, node.kernel, node.kernel, 1],
        strides=[1, node.stride, node.stride, 1], padding=str(node.padding).upper().encode(), data_format=b"NHWC")  # fmt: skip


def _add_lrn(graph: GraphDef, node: Node) -> None:
    _op(graph, node.name, "LRN", node.inputs, **asdict(node.lrn))


def _add_concat(graph: GraphDef, node: Node) -> None:
    _op(graph, node.name, "Concat", (f"{node.name}/concat_dim", *node.inputs), N=len(node.inputs))


_ADD = {"conv": _add_conv, "max_pool": _add_max_pool, "lrn": _add_lrn, "concat": _add_concat}
