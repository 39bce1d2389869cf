"""Symmetries, found in a network into which known ones were built."""

import numpy as np
import pytest

from early_vision.circuits.connections import connect_adjacent
from early_vision.circuits.symmetries import Change, best_matches, changed_kernels, changes, rectified, symmetry_scores
from early_vision.circuits.symmetry_artifact import FILE, compute_symmetries, read_symmetries
from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.weights import expected_shapes, network_from_tensors

pytestmark = pytest.mark.slow

RED_GREEN = np.array([1.0, -1.0, 0.0])
GREY = np.ones(3)
TURNS = range(0, 360, 15)


def edge(degrees: float, colour: np.ndarray) -> np.ndarray:
    """A 7x7 edge in a round window [7, 7, 3]: positive on the left when not turned, drawn, not rotated."""
    y, x = np.mgrid[-3:4, -3:4]
    angle = np.radians(degrees)
    along = np.cos(angle) * x - np.sin(angle) * y
    return (-along * np.exp(-(x**2 + y**2) / 4.5))[..., None] * colour


@pytest.fixture(scope="module")
def planted():
    """conv2d0: edges at every 15 degrees, black-white (0 to 23) and red-green (24 to 47). conv2d1 keeps each of them.

    conv2d2: pairs of edges beside each other in all four quarter turns (0 to 3), one of them mirrored (4), and edges in
        the middle against those across, at every 15 degrees (5 to 28). mixed3a_3x3 (64 on): conv2d2's channels 5 to 28
        above what is below, in four quarter turns.
    """
    tensors = {name: np.zeros(shape, np.float32) for name, shape in expected_shapes(INCEPTIONV1).items()}
    for index, turn in enumerate(TURNS):
        tensors["conv2d0_w"][..., index] = edge(turn, GREY)
        tensors["conv2d0_w"][..., 24 + index] = edge(turn, RED_GREEN)
    tensors["conv2d1_w"][0, 0] = np.eye(64)
    pair = np.zeros((3, 3, 64))
    pair[1, 0, 0], pair[0, 1, 3], pair[2, 2, 9] = 1, 1, -0.5
    for quarter in range(4):
        turned = np.rot90(pair, quarter).copy()
        turned[..., :24] = np.roll(turned[..., :24], 6 * quarter, axis=2)
        tensors["conv2d2_w"][..., quarter] = turned
    # Mirrored left to right, an edge at an angle becomes the one at 180 degrees less the angle.
    mirrored = pair[:, ::-1].copy()
    mirrored[..., :24] = mirrored[..., (12 - np.arange(24)) % 24]
    tensors["conv2d2_w"][..., 4] = mirrored
    for index in range(24):
        tensors["conv2d2_w"][1, 1, index, 5 + index] = 1
        tensors["conv2d2_w"][1, 1, (index + 6) % 24, 5 + index] = -1
    tensors["mixed3a_3x3_bottleneck_w"][0, 0, :96, :96] = np.eye(96)
    stack = np.zeros((3, 3, 96))
    stack[0, 1, 5], stack[2, 1, 5 + 2] = 1, -1
    for quarter in range(4):
        turned = np.rot90(stack, quarter).copy()
        turned[..., 5:29] = np.roll(turned[..., 5:29], 6 * quarter, axis=2)
        tensors["mixed3a_3x3_w"][..., quarter] = turned
    network = network_from_tensors("planted", tensors, INCEPTIONV1, source="test")
    return {layer: connections for layer, connections in connect_adjacent(network).items() if layer != "mixed3b"}


@pytest.fixture(scope="module")
def found(planted):
    return best_matches(planted, 30, [change for change in changes() if change.turn % 30 == 0])


def change_to(found, layer, channel, other) -> Change:
    return next(match.change for match in found[layer][channel] if match.channel == other)


@pytest.mark.parametrize("turn", TURNS[1:])
def test_every_rotation_of_an_edge(planted, turn):
    scores = symmetry_scores({layer: planted[layer] for layer in ("conv2d0", "conv2d1", "conv2d2")}, Change(turn))
    for layer in ("conv2d0", "conv2d1"):
        for start in (0, 24):
            assert scores[layer][start, start : start + 24].argmax() == turn // 15
            assert scores[layer][start, start + turn // 15] > 0.95
    assert scores["conv2d2"][5, 5:29].argmax() == turn // 15


def test_the_change_is_named(found):
    assert change_to(found, "conv2d0", 0, 4) == Change(60)
    assert change_to(found, "conv2d0", 7, 1) == Change(270)
    assert found["conv2d0"][0][0].score > 0.95
    # Half a turn of an edge is its negative too, and its mirror image: each is as simple, and one of them is named.
    assert change_to(found, "conv2d0", 0, 12).parts == 1
    assert change_to(found, "conv2d0", 24, 36).parts == 1


def test_opposite_hues_are_told_from_negatives(planted):
    hue, negative = (
        symmetry_scores(planted, Change(colours=colours))["conv2d0"] for colours in ("opposite hue", "negative")
    )
    assert hue[24, 36] > 0.99 and hue[24, 24] < -0.99, "a colour edge in opposite hues is the edge from the other side"
    assert hue[0, 0] > 0.99 and hue[0, 12] < -0.99, "a grey edge has no hue to change"
    assert negative[0, 12] > 0.99 and negative[24, 36] > 0.99


def test_quarter_turns_and_mirrors_further_up(found):
    for quarter in (1, 2, 3):
        assert change_to(found, "conv2d2", 0, quarter) == Change(90 * quarter)
        assert change_to(found, "mixed3a", 64, 64 + quarter) == Change(90 * quarter)
    assert change_to(found, "conv2d2", 0, 4) == Change(mirrored=True)
    assert found["conv2d2"][0][0].score > 0.99


def test_a_neuron_is_no_match_of_itself_nor_of_one_just_like_it(planted, found):
    assert all(
        match.channel != channel
        for layer in found.values()
        for channel, matches in enumerate(layer)
        for match in matches
    )
    weights = planted["conv2d0"].weights
    assert not np.array_equal(weights[..., 0], weights[..., 1])


def test_kernels_turn_as_one_sees_it():
    kernel = np.zeros((3, 3, 1, 1))
    kernel[1, 2] = 1
    up = changed_kernels(kernel, Change(90))
    assert up[0, 1, 0, 0] == 1, "what is on the right is on top after a quarter turn counter-clockwise"
    slanted = changed_kernels(kernel, Change(45))[..., 0, 0]
    assert np.unravel_index(slanted.argmax(), (3, 3)) == (0, 2)
    np.testing.assert_allclose(
        changed_kernels(kernel, Change(30, True))[..., 0, 0], changed_kernels(kernel[:, ::-1], Change(30))[..., 0, 0]
    )


def test_a_rotation_in_small_steps_agrees_with_an_exact_one():
    image = np.random.default_rng(0).normal(size=(5, 5, 1, 1))
    almost = changed_kernels(image, Change(90 - 1e-6))
    np.testing.assert_allclose(almost, changed_kernels(image, Change(90)), atol=1e-5)


def test_what_a_relu_leaves_of_a_correlation():
    assert rectified(np.array([1.0, 0.0])) == pytest.approx([1.0, 0.0])
    random = np.random.default_rng(0)
    for r in (-0.8, 0.3, 0.7):
        a, b = random.multivariate_normal([0, 0], [[1, r], [r, 1]], 200_000).T
        # Covariance over its largest possible value.
        a, b = np.maximum(a, 0), np.maximum(b, 0)
        measured = ((a * b).mean() - a.mean() * b.mean()) / a.var()
        assert rectified(np.array(r)) == pytest.approx(measured, abs=0.02)


def test_all_changes_are_tried():
    assert len(changes()) == 4 * 24 - 1
    assert {change.turn for change in changes()} == set(TURNS)


@pytest.mark.slow
def test_the_embedded_symmetries_are_what_the_code_finds(tiny, assets, tmp_path):
    compute_symmetries(tiny, tmp_path)
    kept = assets / "precomputed" / tiny.name / "circuits"
    again, found = read_symmetries(tiny, tmp_path), read_symmetries(tiny, kept)
    scores = [[[match.score for match in matches] for matches in layer] for layer in found.values()]
    expected = [[[match.score for match in matches] for matches in layer] for layer in again.values()]
    for a, b in zip(scores, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_damage_is_told(tiny, tmp_path):
    assert read_symmetries(tiny, tmp_path) == {}
    (tmp_path / FILE).write_text('{"weights": "other"}')
    with pytest.raises(InputError, match="other weights"):
        read_symmetries(tiny, tmp_path)
    (tmp_path / FILE).write_text(
        f'{{"weights": "{tiny.sha256}", "version": 1, "layers": {{"conv2d0": [[[99, 0, false, "negative", 1]]]}}}}'
    )
    with pytest.raises(InputError, match="the artifact is damaged"):
        read_symmetries(tiny, tmp_path)
