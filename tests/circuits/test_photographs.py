"""Tests on photographs, with neurons of which it is known what they hang on."""

from dataclasses import fields, replace

import numpy as np
import pytest

from early_vision.article.photograph_claims import check_photographs
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.natural_places import Pictures
from early_vision.circuits.photo_edits import LUMA, disc_mask, half_mask, hue_turned, line_fields, tinted
from early_vision.circuits.photographs import (
    PhotographTests,
    _edited,
    _lines,
    branch_looks,
    in_words,
    test_on_photographs,
)
from early_vision.circuits.photographs_artifact import Photographs, read_photographs, write_photographs
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network, hash_tensors


def bw_cells() -> Network:
    """`third` has a cell for grey that colour inhibits (0), one that loses its excitation under colour (1), and one that
    does not mind (2)."""
    architecture = Architecture(
        (
            Node("first", "conv", (INPUT,), channels=7),
            Node("second", "conv", ("first",), channels=3),
            Node("third", "conv", ("second",), channels=3),
        ),
        ("first", "second", "third"),
        input_mean=0.0,
    )
    first = np.zeros((1, 1, 3, 7), np.float32)
    first[0, 0, :, 0] = LUMA / 255
    for index, hue in enumerate(np.arange(0, 360, 60)):
        raw = np.cos(np.radians(hue - np.array([0, 120, 240])))
        first[0, 0, :, 1 + index] = (raw - raw.mean()) / 255
    second = np.zeros((1, 1, 7, 3), np.float32)
    second[0, 0, 0, 0] = 1.0  # brightness
    second[0, 0, 1:, 1] = 1.0  # colour of any hue
    second[0, 0, 0, 2], second[0, 0, 1:, 2] = 1.0, -1.0  # brightness, unless there is colour
    third = np.zeros((1, 1, 3, 3), np.float32)
    third[0, 0, 0, 0], third[0, 0, 1, 0] = 1.0, -1.0
    third[0, 0, 2, 1] = 1.0
    third[0, 0, 0, 2] = 1.0
    tensors = {f"{name}_w": w for name, w in (("first", first), ("second", second), ("third", third))}
    tensors |= {f"{name}_b": np.zeros(w.shape[-1], np.float32) for name, w in
                (("first", first), ("second", second), ("third", third))}  # fmt: skip
    return Network("bw", architecture, tensors, hash_tensors(tensors))


@pytest.mark.tensorflow
def test_inhibition_by_colour_is_told_from_lost_excitation():
    pytest.importorskip("tensorflow")
    grey = np.random.default_rng(0).uniform(110, 140, (12, 1, 1, 1)).repeat(3, 3).astype(np.float32)
    cells = bw_cells()
    look_of = branch_looks(cells, cells.architecture.branch("third", 0), "second")
    inhibited, losing, neither = (_edited(look_of(channel), grey) for channel in range(3))
    for cell in (inhibited, losing):
        assert cell["tint"] > 0.2 and abs(cell["tint_null"]) < 0.02
    assert inhibited["tint_inhibition"] > 0.95 and losing["tint_inhibition"] < 0.05
    assert abs(neither["tint"]) < 0.02


def high_low_cell() -> Network:
    """A cell for fine texture at the left that is inhibited by it at the right."""
    architecture = Architecture(
        (Node("fine", "conv", (INPUT,), kernel=3, channels=2), Node("sided", "conv", ("fine",), kernel=23, channels=1)),
        ("fine", "sided"),
        input_mean=0.0,
    )
    spot = np.full((3, 3), -1 / 8, np.float32)
    spot[1, 1] = 1.0
    fine = np.stack([np.repeat(sign * spot[..., None], 3, 2) / 765 for sign in (1, -1)], -1)
    sided = np.zeros((23, 23, 2, 1), np.float32)
    sided[:, :11], sided[:, 12:] = 1.0, -0.5
    tensors = {"fine_w": fine, "fine_b": np.zeros(2, np.float32), "sided_w": sided, "sided_b": np.zeros(1, np.float32)}
    return Network("sided", architecture, tensors, hash_tensors(tensors))


@pytest.mark.tensorflow
def test_the_side_that_has_to_be_sharp():
    pytest.importorskip("tensorflow")
    images = np.random.default_rng(1).uniform(60, 200, (12, 25, 25, 1)).repeat(3, 3).astype(np.float32)
    images[:, :, 13:] = 128 + 0.3 * (images[:, :, 13:] - 128)
    cell = high_low_cell()
    found = _edited(branch_looks(cell, cell.architecture.branch("sided", 0), "fine")(0), images)
    assert abs(found["sharp_side"] - 180) < 15
    assert found["sharp"] > 0.3 and found["sharp"] > 1.4 * found["sharp_null"]


@pytest.mark.tensorflow
def test_an_interrupted_run_goes_on():
    pytest.importorskip("tensorflow")
    random = np.random.default_rng(2)
    nodes = (
        Node("first", "conv", (INPUT,), kernel=3, channels=3),
        Node("second", "conv", ("first",), kernel=3, channels=3),
    )
    tensors = {f"{node.name}_w": random.normal(0, 1, (3, 3, 3, 3)).astype(np.float32) for node in nodes}
    tensors |= {f"{node.name}_b": np.zeros(3, np.float32) for node in nodes}
    cells = Network("random", Architecture(nodes, ("first", "second")), tensors, hash_tensors(tensors))
    squares = random.integers(100, 150, (6, 9, 9, 3), np.uint8)
    asked = [Neuron(layer, channel) for layer in ("first", "second") for channel in range(3)]
    run = lambda known: dict(test_on_photographs(cells, Pictures(tuple(squares), ""), asked, known))
    whole = run({})
    assert len(whole) > 3
    half = dict(list(whole.items())[: len(whole) // 2])
    rest = run(half)
    assert not rest.keys() & half.keys() and {**half, **rest} == whole


def drawn(curvature: float, side: float, size: int = 61) -> np.ndarray:
    """Soft lines through the middle that bend with a curvature towards a side, in six shades."""
    at = np.arange(size) - size // 2
    x, y = at[None, :], -at[:, None]
    turn = np.radians(side)
    if curvature:
        middle = np.array([np.cos(turn), np.sin(turn)]) / curvature
        away = np.hypot(x - middle[0], y - middle[1]) - 1 / curvature
    else:
        away = x * np.cos(turn) + y * np.sin(turn)
    line = np.exp(-(away**2) / (2 * 2.5**2))
    return np.stack([np.repeat((120 + shade * line)[..., None], 3, 2) for shade in (-90, -60, -30, 30, 60, 90)]).astype(
        np.float32
    )


@pytest.mark.parametrize("side", [0, 45, 90, 210, 300])
def test_lines_and_their_bend(side):
    straight, curved = line_fields(drawn(0, side)), line_fields(drawn(1 / 20, side))
    noise = line_fields(np.random.default_rng(0).uniform(0, 255, (60, 61, 61, 3)).astype(np.float32))
    found = _lines(straight, [noise], 0)
    assert abs((found["orientation"] - side - 90 + 90) % 180 - 90) < 2
    assert found["lines"] > 0.95 > 0.4 > found["lines_null"]
    bent = _lines(curved, [noise], 0)
    assert abs((bent["bend_side"] - side + 180) % 360 - 180) < 6
    assert 0.6 / 20 < bent["bend"] < 1.3 / 20 and found["bend"] < 0.1 * bent["bend"]
    assert bent["bend_null"] < 0.5 * bent["bend"]


def test_edits_keep_what_they_should():
    images = np.random.default_rng(0).uniform(60, 190, (2, 9, 9, 3)).astype(np.float32)
    for hue in (0, 130, 250):
        np.testing.assert_allclose(tinted(images, hue, 30) @ LUMA, images @ LUMA, atol=1e-3)
        assert np.linalg.norm(tinted(images, hue, 30) - images, axis=-1) == pytest.approx(30, rel=1e-4)
    np.testing.assert_allclose(hue_turned(images) @ LUMA, images @ LUMA, atol=20)
    assert half_mask(9, "left")[4, 0] == 1 and half_mask(9, "upper")[0, 4] == 1 and half_mask(9, "upper")[8, 4] == 0
    assert disc_mask(41).mean() == pytest.approx(0.5, abs=0.03)


def test_what_is_written_is_read(tiny, tmp_path):
    values = dict.fromkeys((one.name for one in fields(PhotographTests)), 0.25) | {"places": 24}
    tests = {Neuron("mixed3a", 52): PhotographTests(**values)}
    assert not read_photographs(tiny, tmp_path).tests
    write_photographs(tiny, tmp_path, Photographs(500, "ab", tests))
    found = read_photographs(tiny, tmp_path)
    assert (found.pictures, found.sha256, found.tests) == (500, "ab", tests)
    with pytest.raises(InputError, match="other weights"):
        read_photographs(replace(tiny, sha256="0" * 64), tmp_path)


def test_only_what_exceeds_its_null_is_said():
    nothing = PhotographTests(24, *[0.0] * 16)
    assert in_words(nothing) == ()
    (words,) = in_words(replace(nothing, tint=0.4, tint_null=0.05, tint_inhibition=0.75))
    assert words == "A tint takes 40% of its response, as much grey 5%; 75% of that is inhibition."


def test_claims(tiny):
    tests = {
        Neuron("mixed3a", 52): replace(PhotographTests(24, *[0.0] * 16), tint=0.4, tint_null=0.05, bend_side=355.0)
    }
    check = lambda claim: check_photographs(claim, tiny.architecture, tests, "x", {}, {})
    assert check("photographs mixed3a:52 tint at least 0.3") == (True, "0.4")
    assert (
        check("photographs mixed3a:52 tint exceeds chance")[0]
        and not check("photographs mixed3a:52 hue exceeds chance")[0]
    )
    assert check("photographs mixed3a:52 bend_side near 3 within 10")[0]
    for claim, message in (("photographs mixed3a:52 is nice", "cannot be read"), ("photographs mixed3a:52 tnt at most 1", "tnt"),
                           ("photographs mixed3a:5 tint at most 1", "was not tested")):  # fmt: skip
        with pytest.raises(InputError, match=message):
            check(claim)


class Measured:
    """Stimuli say that curves of neurons 0 to 2 bulge at 90, 100 and 300 degrees, and nothing of neuron 3."""

    def measure(self, name: str) -> np.ndarray:
        return {"curve_direction": np.array([90.0, 100.0, 300.0, np.nan])}[name]


def test_claims_about_groups(tiny):
    none = PhotographTests(24, *[0.0] * 16)
    bent = lambda side: replace(none, bend=0.02, bend_null=0.01, bend_side=side)
    # A bulge upwards has the middle of its circle below.
    tests = {Neuron("mixed3a", 0): bent(275.0), Neuron("mixed3a", 1): bent(265.0), Neuron("mixed3a", 3): bent(0.0)}
    tests[Neuron("mixed3a", 2)] = replace(none, hue=0.09, hue_null=0.01)
    groups = {"curves": ("mixed3a", (0, 1, 2, 3)), "alone": ("mixed3a", (2,))}
    check = lambda claim: check_photographs(claim, tiny.architecture, tests, "x", groups, {"mixed3a": Measured()})
    assert check("photographs curves bend in 3 of 4") == (True, "3 of 4")
    assert check("photographs curves bend in 2 of 4") == (False, "3 of 4")
    # Less than a tenth of the response is not told, whatever the null.
    assert check("photographs curves hue in 0 of 4")[0]
    assert check("photographs curves bend_side agrees within 10") == (True, "10°")
    assert not check("photographs curves bend_side agrees within 9")[0]
    assert check("photographs alone bend_side agrees within 180") == (
        False,
        "of no neuron of the group the test passes",
    )
    for claim, message in (("photographs curvs bend in 1 of 2", "curvs"), ("photographs curves bnd in 1 of 2", "bnd"),
                           ("photographs curves bend agrees within 5", "no test")):  # fmt: skip
        with pytest.raises(InputError, match=message):
            check(claim)
