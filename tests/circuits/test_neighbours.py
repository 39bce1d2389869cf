"""A neuron's strongest connections: ranked, told as data, and drawn small."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import COUNT
from early_vision.circuits.strengths import Kind, kinds_of
from early_vision.drawing.kernel_sheet import COLUMNS, LEVELS, SIDE, kernel_sheet, whole_rows
from early_vision.drawing.kernel_words import kernel_words
from early_vision.site.data.connections import UNIT, connection_columns, connections_csv
from early_vision.site.data.details import shared_likeness


def test_inputs_are_the_strongest(wired, connected):
    neuron = Neuron("mixed3a", 90)
    inputs = wired.inputs(neuron)
    kernels = connected("conv2d2", "mixed3a").weights[..., 90]
    norms = np.linalg.norm(kernels, axis=(0, 1))
    assert [one.neuron.channel for one in inputs] == np.argsort(-norms)[:COUNT].tolist()
    assert inputs[0].share == 1 and inputs[0].kernel.shape == (3, 3)
    for one in inputs:
        np.testing.assert_allclose(one.excitation + one.inhibition, one.kernel.sum(), atol=1e-5)
        assert one.excitation >= 0 >= one.inhibition
    assert {one.kind for one in inputs} == {Kind.EXCITING, Kind.INHIBITING, Kind.MIXED}


def test_an_input_of_which_neither_side_prevails_is_mixed():
    """As the strongest input of mixed3a:90 in the 2015 network: its sides are +0.242 and -0.246."""
    sides = np.array([[0.242, 0.3, 0.05, 0.1], [-0.246, -0.1, -0.2, 0]])
    assert kinds_of(*sides).tolist() == [Kind.MIXED, Kind.EXCITING, Kind.INHIBITING, Kind.EXCITING]


@pytest.mark.parametrize(
    ("cells", "kind", "words"),
    [
        ({(0, 0): 1.0}, Kind.EXCITING, "excites, most at the upper left"),
        ({(1, 1): -1.0}, Kind.INHIBITING, "inhibits, most in the middle"),
        ({(0, 1): 1.0, (2, 1): -0.9}, Kind.MIXED, "excites most at the top, inhibits most at the bottom"),
        ({(1, 2): 1.0, (2, 0): -0.9}, Kind.MIXED, "excites most at the right, inhibits most at the lower left"),
    ],
)
def test_kernels_in_words(cells, kind, words):
    kernel = np.zeros((3, 3))
    for cell, weight in cells.items():
        kernel[cell] = weight
    assert kernel_words(kernel, kind) == words
    assert kernel_words(np.array([[-0.5]]), Kind.INHIBITING) == "inhibits"


def test_neurons_are_compared_by_the_kernels_of_the_inputs_that_they_share(wired):
    """Sums of kernels say that two inputs act alike where their kernels are each other's opposite."""
    inputs = [wired.inputs(Neuron("mixed3a", channel), 30) for channel in (3, 90, 200)]
    alike = shared_likeness(inputs)
    assert [len(row) for row in alike] == [0, 1, 2]
    own = [{one.neuron: one.kernel for one in some} for some in inputs]
    shared = sorted(own[0].keys() & own[1].keys(), key=str)
    pairs = [(own[0][one], own[1][one]) for one in shared]
    if all(a.shape == b.shape for a, b in pairs):
        a, b = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
        assert alike[1][0] == pytest.approx(100 * a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=0.51)


def test_outputs_are_inputs_seen_from_the_other_end(wired):
    neuron = Neuron("mixed3a", 90)
    outputs = wired.outputs(neuron)
    assert len(outputs) == COUNT and outputs[0].neuron.layer == "mixed3b"
    other = outputs[0].neuron
    back = next(one for one in wired.inputs(other, 256) if one.neuron == neuron)
    np.testing.assert_array_equal(back.kernel, outputs[0].kernel)
    assert back.norm == outputs[0].norm


def test_the_ends_of_the_network(wired):
    assert wired.outputs(Neuron("mixed3b", 0)) == ()
    inputs = wired.inputs(Neuron("conv2d0", 0))
    assert sorted(one.neuron.channel for one in inputs) == [0, 1, 2] and inputs[0].neuron.layer == "input"


def test_as_columns_and_csv(wired):
    neuron = Neuron("conv2d2", 101)
    inputs, outputs = wired.inputs(neuron), wired.outputs(neuron)
    data = json.loads(json.dumps(connection_columns(inputs, outputs)))
    assert data["inputs"]["layer"] == "conv2d1" and data["outputs"]["layer"] == "mixed3a"
    kernel = UNIT * np.array(data["inputs"]["kernel"][0]).reshape(3, 3)
    np.testing.assert_allclose(kernel, inputs[0].kernel, atol=UNIT / 2 + 1e-9)
    rows = list(csv.DictReader(io.StringIO(connections_csv(wired, "conv2d2"))))
    assert len(rows) == 192 * COUNT
    own = [row for row in rows if row["channel"] == "101"]
    assert [int(row["source"]) for row in own] == [one.neuron.channel for one in inputs]
    np.testing.assert_allclose([float(row["norm"]) for row in own], [one.norm for one in inputs], atol=1e-4)
    sums = [float(row["excitation"]) + float(row["inhibition"]) for row in own]
    np.testing.assert_allclose(sums, [one.kernel.sum() for one in inputs], atol=2e-4)
    assert [row["kind"] for row in own] == [one.kind.word for one in inputs]
    assert data["inputs"]["kind"] == "".join(one.kind.word[0] for one in inputs)


def test_the_last_layer_has_no_outputs_in_its_data(wired):
    neuron = Neuron("mixed3b", 3)
    assert list(connection_columns(wired.inputs(neuron), wired.outputs(neuron))) == ["inputs"]


def test_kernels_in_a_sheet():
    kernels = [(np.array([[1.0]]), 1.0), (np.array([[0, -0.5, 0]] * 3), 0.5), (np.zeros((5, 5)), 1.0)] * 4
    assert len(whole_rows(kernels)) == 2 * COLUMNS and whole_rows(kernels[:COLUMNS]) == kernels[:COLUMNS]
    image = Image.open(io.BytesIO(kernel_sheet(whole_rows(kernels))))
    assert image.size == (COLUMNS * SIDE, 2 * SIDE)
    pixels = np.asarray(image.convert("RGBA")).astype(int)
    assert pixels[7, 7].tolist() == [0xCA, 0, 0x20, 255]
    assert pixels[7, SIDE + 7].tolist() == [0x05, 0x71, 0xB0, 255] and pixels[7, SIDE + 1, 3] == 0
    assert not pixels[SIDE:, 2 * SIDE :, 3].any(), "places without a kernel are empty"
    assert LEVELS == 12
