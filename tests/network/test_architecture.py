"""What follows from the architecture agrees with what is published of InceptionV1, and with brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from early_vision.network.architecture import INCEPTIONV1, INPUT, Architecture, Node
from early_vision.network.crop import Crop, crops
from early_vision.network.weights import expected_shapes


def test_layers_are_the_published_ones():
    layers = INCEPTIONV1.layers
    assert [(layer.name, layer.neurons, layer.receptive_field, layer.stride) for layer in layers.values()] == [
        ("conv2d0", 64, 7, 2),
        ("conv2d1", 64, 11, 4),
        ("conv2d2", 192, 19, 4),
        ("mixed3a", 256, 59, 8),
        ("mixed3b", 480, 91, 8),
    ]


@pytest.mark.parametrize(
    ("node", "size"),
    [("mixed3a_1x1", 27), ("mixed3a_3x3", 43), ("mixed3a_5x5", 59), ("mixed3a_pool_reduce", 43),
     ("mixed3b_1x1", 59), ("mixed3b_3x3", 75), ("mixed3b_5x5", 91), ("mixed3b_pool_reduce", 75)],
)  # fmt: skip
def test_receptive_fields_of_branches(node, size):
    assert INCEPTIONV1.receptive_fields[node].size == size
    assert crops(INCEPTIONV1, node)[INPUT].size == size


def test_numbers_of_weights_and_biases():
    shapes = expected_shapes(INCEPTIONV1)
    assert sum(int(np.prod(shape)) for name, shape in shapes.items() if name.endswith("_w")) == 675_520
    assert sum(shape[0] for name, shape in shapes.items() if name.endswith("_b")) == 1_328


def test_every_channel_is_in_one_branch():
    for layer in INCEPTIONV1.layers.values():
        spans = [(branch.start, branch.stop) for branch in layer.branches]
        assert [i for start, stop in spans for i in range(start, stop)] == list(range(layer.neurons))
        assert INCEPTIONV1.branch(layer.name, layer.neurons - 1) == layer.branches[-1]


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 5, 7]), st.sampled_from([1, 2])), min_size=1, max_size=4))
def test_receptive_field_is_what_an_impulse_reaches(stack):
    """The pixels that change a position are just those that the receptive field names."""
    nodes, source = [], INPUT
    for i, (kernel, stride) in enumerate(stack):
        nodes.append(Node(f"n{i}", "conv", (source,), kernel, stride, 1))
        source = f"n{i}"
    field = Architecture(tuple(nodes), (source,)).receptive_fields[source]
    seen = np.array([0])
    for kernel, stride in reversed(stack):
        before = max(kernel - stride, 0) // 2
        seen = np.unique(seen[:, None] * stride - before + np.arange(kernel))
    assert (field.start, field.start + field.size - 1) == (seen.min(), seen.max())
    assert field.stride == np.prod([stride for _, stride in stack])


def test_a_node_before_its_input_is_refused():
    with pytest.raises(ValueError, match="input b does not come before it"):
        Architecture((Node("a", "conv", ("b",)), Node("b", "conv", (INPUT,))), ("a",))


@given(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_crop_within_another(start, left, size, right):
    inner, outer = Crop(start, start + size), Crop(start - left, start + size + right)
    positions = np.arange(outer.start, outer.stop + 1)
    assert list(positions[inner.within(outer)]) == list(range(inner.start, inner.stop + 1))
    assert inner.union(outer) == outer
