"""A neuron's strongest connections: ranked, told as data, and drawn small."""

import csv
import io
import json

import numpy as np
from PIL import Image

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import COUNT
from early_vision.drawing.kernel_sheet import COLUMNS, LEVELS, SIDE, kernel_sheet, place, size
from early_vision.site.data.connections import UNIT, connection_columns, connections_csv


def test_inputs_are_the_strongest(wired, connected):
    neuron = Neuron("mixed3a", 90)
    inputs = wired.inputs(neuron)
    kernels = connected("conv2d2", "mixed3a").weights[..., 90]
    norms = np.linalg.norm(kernels, axis=(0, 1))
    assert [one.neuron.channel for one in inputs] == np.argsort(-norms)[:COUNT].tolist()
    assert inputs[0].share == 1 and inputs[0].kernel.shape == (3, 3)
    for one in inputs:
        np.testing.assert_allclose(one.total, one.kernel.sum(), atol=1e-5)
        assert one.excitation >= 0 >= one.inhibition and one.exciting == (one.total >= 0)


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
    np.testing.assert_allclose(sums, [one.total for one in inputs], atol=2e-4)


def test_the_last_layer_has_no_outputs_in_its_data(wired):
    neuron = Neuron("mixed3b", 3)
    assert list(connection_columns(wired.inputs(neuron), wired.outputs(neuron))) == ["inputs"]


def test_kernels_in_a_sheet():
    kernels = [(np.array([[1.0]]), 1.0), (np.array([[0, -0.5, 0]] * 3), 0.5), (np.zeros((5, 5)), 1.0)] * 4
    image = Image.open(io.BytesIO(kernel_sheet(kernels)))
    assert size(len(kernels)) == (COLUMNS, 2) and image.size == (COLUMNS * SIDE, 2 * SIDE)
    pixels = np.asarray(image.convert("RGBA")).astype(int)
    assert place(0) == (0, 0) and place(12) == (2, 1)
    assert pixels[7, 7].tolist() == [0xCA, 0, 0x20, 255]
    assert pixels[7, SIDE + 7].tolist() == [0x05, 0x71, 0xB0, 255] and pixels[7, SIDE + 1, 3] == 0
    assert not pixels[SIDE:, 2 * SIDE :, 3].any(), "places without a kernel are empty"
    assert LEVELS == 12
