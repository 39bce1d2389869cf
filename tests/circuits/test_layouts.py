"""Layouts place any circuit by rule: nothing overlaps, nothing leaves the figure, every input is shown."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_vision.circuits.circuit import Circuit, Input, Neuron, Part
from early_vision.drawing.circuits import describe, draw_figure
from early_vision.drawing.kernels import LEVELS, Placed, heat_maps
from early_vision.drawing.layouts import LAYOUTS, NARROW, WIDE
from early_vision.drawing.layouts.grid import strongest_in_cells
from early_vision.drawing.layouts.parts import above_and_below
from early_vision.drawing.shapes import Tile, bracket, coloured, curve, elbow, note

COUNTS = {"fan-in": 16, "rows": 24, "around": 10, "cues": 3, "mirrored": 8, "grid": 16, "two-step": 6}
"""Inputs of a part up to which each layout is tried: as many as a reader can take in."""


def part(target: str, count: int, side: int, seed: int, source: str = "conv2d2") -> Part:
    random = np.random.default_rng(seed)
    inputs = [
        Input(Neuron(source, i), random.normal(size=(side, side)).astype(np.float32), 1 - i / (count + 1))
        for i in range(count)
    ]
    return Part(Neuron("mixed3a", int(target)), tuple(inputs), f"Heading {target}")


@st.composite
def circuits(draw):
    layout = draw(st.sampled_from(sorted(LAYOUTS)))
    takes, side = LAYOUTS[layout], draw(st.sampled_from([1, 3, 5]))
    parts = draw(st.integers(takes.least, takes.most))
    counts = [draw(st.integers(1, COUNTS[layout])) for _ in range(parts)]
    if layout == "mirrored":
        counts = counts[:1] * 2
    found = [
        part("0" if takes.one_target else str(i), count, side, draw(st.integers(0, 99)))
        for i, count in enumerate(counts)
    ]
    if layout == "two-step":
        behind = tuple(
            Part(one.neuron, part("0", draw(st.integers(1, 4)), 3, 5, "conv2d1").inputs) for one in found[0].inputs
        )
        found = [Part(found[0].target, found[0].inputs, "", behind)]
    words = draw(
        st.sampled_from(
            ["", "It is excited by some and inhibited by others, as the kernels above show, here and there."]
        )
    )
    return Circuit(layout, "A title", tuple(found), words)


def boxes(drawing):
    cards = [(one.x, one.y, one.x + one.width, one.y + one.height) for one in drawing.cards]
    squares = [(one.x, one.y, one.x + one.side, one.y + one.side) for one in (*drawing.of(Tile), *drawing.kernels)]
    return cards + squares


@settings(max_examples=120, deadline=None)
@given(circuits(), st.sampled_from([WIDE, NARROW]))
def test_any_circuit_can_be_drawn(circuit, width):
    drawing = LAYOUTS[circuit.layout].draw(circuit, width)
    for x0, y0, x1, y1 in boxes(drawing):
        assert x0 >= -0.01 and y0 >= -0.01 and x1 <= width + 0.01 and y1 <= drawing.height + 0.01
    for a, b in combinations(boxes(drawing), 2):
        apart = a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01
        assert apart, (circuit.layout, a, b)
    for words in drawing.words:
        assert 0 <= words.y <= drawing.height + 4
    for line in drawing.lines:
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", line.path)]
        assert all(-2 <= x <= width + 2 for x in numbers[::2]), circuit.layout


@settings(max_examples=60, deadline=None)
@given(circuits(), st.sampled_from([WIDE, NARROW]))
def test_every_neuron_is_shown(circuit, width):
    drawing = LAYOUTS[circuit.layout].draw(circuit, width)
    shown = {tile.neuron for tile in drawing.tiles}
    wanted = {one.target for one in circuit.parts}
    if circuit.layout != "grid":
        wanted |= set(circuit.neurons)
    assert wanted <= shown


def test_tiles_of_a_narrow_figure_can_be_touched():
    for layout in ("fan-in", "rows", "around"):
        drawing = LAYOUTS[layout].draw(Circuit(layout, "t", (part("1", 8, 3, 0),)), NARROW)
        assert min(x1 - x0 for x0, _, x1, _ in boxes(drawing)) >= 40


def test_wide_groups_of_cues_go_above_and_below_the_output():
    few = Circuit("cues", "t", tuple(part(str(i), 2, 5, i) for i in range(4)))
    many = Circuit("cues", "t", tuple(part(str(i), 3, 5, i) for i in range(6)))
    for circuit, rows in ((few, 1), (many, 2)):
        drawing = LAYOUTS["cues"].draw(circuit, WIDE)
        assert len({card.y for card in drawing.cards}) == rows


def kernel_at(row: int, column: int) -> np.ndarray:
    kernel = np.full((3, 3), -0.1, np.float32)
    kernel[row, column] = 1
    return kernel


def test_parts_stand_as_their_weights_lie():
    places = [(0, 0), (0, 2), (2, 0), (2, 2), (0, 1)]
    inputs = tuple(Input(Neuron("conv2d2", i), kernel_at(*place), 1.0) for i, place in enumerate(places))
    above, below = above_and_below(Part(Neuron("mixed3a", 1), inputs))
    assert [one.neuron.channel for one in above] == [0, 4, 1]
    assert [one.neuron.channel for one in below] == [2, 3]


def test_a_grid_shows_the_strongest_in_each_cell():
    inputs = tuple(
        Input(Neuron("conv2d2", i), scale * kernel_at(0, i), 1.0) for i, scale in ((0, 1.0), (1, 0.5), (2, 0.2))
    )
    cells = strongest_in_cells(Part(Neuron("mixed3a", 1), inputs))
    assert cells[0] == [(0, 1.0), (1, 0.5), None], "what is below a quarter of the largest weight stays empty"
    assert cells[1] == [None, None, None]


def test_heat_maps_have_the_signs_and_shades_of_the_weights():
    kernel = np.array([[1.0, 0.5, 0.5], [0.0, -1.0, 0.01], [2.0, 0.0, 0.0]])
    shades = {(shade.sign, shade.opacity): shade.path for shade in heat_maps([Placed(kernel, 10, 20, 6)], 1.0)}
    assert shades == {
        (0, 1.0): "M10 20h6v6h-6z",
        (1, 1.0): "M10 20h2v2h-2zM10 24h2v2h-2z",
        (1, 0.5): "M12 20h4v2h-4z",
        (-1, 1.0): "M12 22h2v2h-2z",
    }
    assert heat_maps([], 1.0) == () and LEVELS == 10
    assert len(heat_maps([Placed(kernel, 0, 0, 6), Placed(kernel, 9, 0, 6)], 1.0)) == 4, "kernels share their shades"


def test_one_scale_for_all_kernels_of_a_figure():
    circuit = Circuit("around", "t", (part("1", 5, 3, 0),))
    largest = max(float(np.abs(one.kernel).max()) for one in circuit.parts[0].inputs)
    assert circuit.scale == pytest.approx(largest)
    assert max(shade.opacity for shade in draw_figure(circuit).shades["wide"]) == 1


def test_connectors_are_rounded_and_arrive_straight():
    assert curve((0, 0), (50, 40), "down").path == "M0 0C0 16.5 50 16.5 50 33"
    assert curve((0, 0), (50, 40), "down").arrow
    assert elbow([(0, 0), (0, 30), (40, 30)]).path == "M0 0L0 20Q0 30 10 30L33 30"
    assert elbow([(0, 0), (0, 4), (40, 4)]).path == "M0 0L0 2Q0 4 2 4L33 4", "short sides have smaller corners"
    assert bracket(0, 60, 10, 8).path == "M0 10L0 14Q0 18 4 18L56 18Q60 18 60 14L60 10"
    assert not bracket(0, 60, 10, 8).arrow


def test_words_on_excitation_and_inhibition_are_coloured():
    assert coloured("It inhibits, and excites it.") == (
        ("It", 0),
        (" inhibits,", -1),
        (" and", 0),
        (" excites", 1),
        (" it.", 0),
    )


def test_notes_have_no_widows():
    lines = note(0, 0, 200, "one two three four five six seven eight nine ten eleven")
    lengths = [sum(len(text) for text, _ in line.runs) for line in lines]
    assert min(lengths) > 0.6 * max(lengths)


def test_descriptions_say_who_excites_and_who_inhibits():
    kernels = [np.ones((3, 3)), -np.ones((3, 3)), kernel_at(0, 0) - 0.0125]
    inputs = tuple(
        Input(Neuron("conv2d2", i), kernel, share)
        for i, (kernel, share) in enumerate(zip(kernels, (0.5, 1, 0.25), strict=False))
    )
    text = describe(Circuit("rows", "t", (Part(Neuron("mixed3a", 7), inputs),)))
    assert text == (
        "mixed3a:7 is excited by conv2d2:0 (50%); inhibited by conv2d2:1 (100%); "
        "excited at some places and inhibited at others by conv2d2:2 (25%)."
    )
