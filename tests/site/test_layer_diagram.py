"""The layer diagram's geometry: legible for any number of layers, of neurons, and names of any length."""

import itertools

import pytest

from early_vision.site.views.layer_diagram import (
    APART,
    GAPS,
    HEIGHT,
    NARROW,
    WIDE,
    Diagram,
    layer_diagram,
    layer_strip,
    mosaic_frame,
    mosaic_rows,
    words_width,
)

INCEPTION = {"conv2d0": 64, "conv2d1": 64, "conv2d2": 192, "mixed3a": 256, "mixed3b": 480}
TINY = {"conv1": 8, "conv2": 8}
LONG = {f"block{place}_conv{place % 3}_expand": 12 * place for place in range(1, 11)}
LONGEST = {f"{'a_very_long_prefix_' * 4}{place}": place for place in range(1, 4)}


def lines(diagram: Diagram, neurons) -> dict[int, list[tuple[float, float]]]:
    """Where the words below mosaics begin and end, by row."""
    found: dict[int, list[tuple[float, float]]] = {}
    for box in diagram.boxes:
        if box.layer:
            middle, half = box.x + box.width / 2, words_width(box.name, neurons[box.layer]) / 2
            found.setdefault(box.arrow[2], []).append((middle - half, middle + half))
    return found


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("neurons", [INCEPTION, TINY, LONG, LONGEST])
def test_no_name_touches_another_or_leaves_the_drawing(neurons, width):
    diagram = layer_diagram(neurons, width)
    assert [box.layer for box in diagram.boxes[1:]] == list(neurons) and diagram.width <= width
    for row in lines(diagram, neurons).values():
        assert row[0][0] >= 0 and row[-1][1] <= diagram.width
        assert all(after[0] - before[1] >= APART - 1 for before, after in itertools.pairwise(row))
    for box in diagram.boxes[1:]:
        start, end, _ = box.arrow
        assert end == box.x and end - start >= GAPS[width] - 1, "there is room for an arrow"
        assert box.width * box.height >= neurons[box.layer] * box.side**2 and box.height <= HEIGHT


def test_few_neurons_are_large_and_keep_their_shape():
    assert [mosaic_rows(largest) for largest in (8, 16, 17, 64, 65, 480)] == [4, 4, 8, 8, 16, 16]
    eight, five, all_of_mixed3b = mosaic_frame(8, 4), mosaic_frame(5, 4), mosaic_frame(480, 16)
    assert (eight.width, eight.height, eight.side) == (80, 160, 40)
    assert (five.width, five.height) == (80, 120)
    assert (all_of_mixed3b.width, all_of_mixed3b.height, all_of_mixed3b.side) == (300, 160, 10)


def test_layers_in_short_are_told_apart():
    assert [one.short for one in layer_strip(INCEPTION)] == ["0", "1", "2", "3a", "3b"]
    assert [one.short for one in layer_strip(LONG)] == [str(place) for place in range(1, 11)]
    assert [one.short for one in layer_strip(["a1", "b1"])] == ["1", "2"]
