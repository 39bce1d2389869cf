"""Interventions, on a network of which it is known what makes its neurons respond."""

from dataclasses import replace

import numpy as np
import pytest

from early_vision.article.ablation_claims import check_ablation, removal_in
from early_vision.circuits.circuit import Circuit, Neuron, part_of
from early_vision.circuits.connections import connect
from early_vision.circuits.interventions_artifact import Interventions, read_interventions, write_interventions
from early_vision.circuits.natural_places import read_pictures, survey
from early_vision.circuits.removal import Effect, Removal, draw_others, measure_removals, removals_of, split
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network, hash_tensors
from early_vision.site.views.removals import sentence, view_removals

RED, GREEN, BLUE = Neuron("first", 0), Neuron("first", 1), Neuron("first", 2)


def hand_built() -> Network:
    """`first` has a channel for each primary colour and nine that sense nothing of it; of `second`, neuron 0 is excited by
    red and a little by green, neuron 1 by red and inhibited by blue, neuron 2 by nothing."""
    architecture = Architecture(
        (
            Node("first", "conv", (INPUT,), channels=12),
            Node("second", "conv", ("first",), kernel=3, channels=3),
        ),
        ("first", "second"),
        input_mean=0.0,
    )
    first = np.zeros((1, 1, 3, 12), np.float32)
    first[0, 0, range(3), range(3)] = 1 / 255
    first[..., 3:] = -1 / 255
    second = np.zeros((3, 3, 12, 3), np.float32)
    second[1, 1, 0, 0], second[1, 1, 1, 0] = 1.0, 0.25
    second[1, 1, 3:, 0] = 0.5
    second[1, 1, 0, 1], second[1, 1, 2, 1] = 1.0, -1.0
    second[1, 1, 3:, 1] = -0.5
    tensors = {"first_w": first, "first_b": np.zeros(12, np.float32),
               "second_w": second, "second_b": np.zeros(3, np.float32)}  # fmt: skip
    return Network("hand-built", architecture, tensors, hash_tensors(tensors))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Twelve pictures in which small squares of red, yellow and magenta lie on black."""
    from PIL import Image

    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(2)
    for index in range(12):
        pixels = np.zeros((20, 25, 3), np.uint8)
        for colour, column in (((255, 0, 0), 6), ((255, 255, 0), 11), ((255, 0, 255), 16)):
            row = int(random.integers(4, 13))
            pixels[row : row + 3, column : column + 3] = colour
        Image.fromarray(pixels).save(folder / f"{index:02}.png")
    return folder


@pytest.fixture(scope="module")
def effects(pictures):
    pytest.importorskip("tensorflow")
    network = hand_built()
    asked = [
        Removal(Neuron("second", 0), "first", (0,), "exciting"),
        Removal(Neuron("second", 0), "first", (0, 1), "exciting"),
        Removal(Neuron("second", 1), "first", (0,), "exciting"),
        Removal(Neuron("second", 1), "first", (2,), "inhibiting"),
        Removal(Neuron("second", 2), "first", (0,), "exciting"),
    ]
    found = measure_removals(network, read_pictures(pictures, network), asked)
    return asked, found


@pytest.mark.tensorflow
def test_what_is_left_is_what_was_built_in(effects):
    asked, found = effects
    assert asked[4] not in found, "a neuron that responds to nothing has nothing to lose"
    red = found[asked[0]]
    assert red.places == 12 and red.best == pytest.approx(1.25), "yellow: red and green"
    assert red.zero == pytest.approx(1 / 1.25) and red.contributions == pytest.approx((1.0,))
    assert found[asked[1]].zero == pytest.approx(1.0)
    assert max(red.others_zero) <= 0.2001 and red.weights == pytest.approx((1.0,) * 20, abs=0.26)


@pytest.mark.tensorflow
def test_inhibition_is_looked_at_where_it_acts(effects):
    asked, found = effects
    blue = found[asked[3]]
    assert 0 < blue.zero == pytest.approx(-blue.contributions[0], abs=1e-5), "what inhibits there comes back without it"
    assert max(blue.others_zero) == pytest.approx(0.0), "the others sense nothing"


@pytest.mark.tensorflow
def test_the_mean_takes_less_than_nothing_does(effects):
    asked, found = effects
    assert 0 < found[asked[2]].mean < found[asked[2]].zero == pytest.approx(1.0)


@pytest.mark.tensorflow
def test_places_are_where_the_whole_picture_has_them(tiny, tmp_path):
    """The crop at a place gives what the network gives to the picture there."""
    pytest.importorskip("tensorflow")
    from PIL import Image

    from early_vision.circuits.removal import _bench

    noise = np.random.default_rng(0).uniform(0, 255, (2, 16, 20, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    for index, one in enumerate(noise):
        Image.fromarray(one).save(tmp_path / f"{index}.png")
    found, sources = read_pictures(tmp_path, tiny), ("mixed3a", "conv2d2")
    targets = [(Neuron("mixed3b", channel), source) for channel in (20, 200, 360, 430) for source in sources]
    seen, looked_at = survey(tiny, found, targets), 0
    for target, source in targets:
        if bench := _bench(tiny, found, seen, target, source):
            known = seen.active[target]
            given = bench.respond(bench.active)
            np.testing.assert_allclose(given, known.values[known.best(50)], rtol=2e-3, atol=1e-4)
            looked_at += 1
    assert looked_at >= 4


def test_others_have_as_much_weight():
    norms = np.array([3.0, 3.0, 1.0, 2.0, 1.0, 1.0, 2.0, 0.0])
    draws = list(draw_others(norms, np.arange(2, 8), 6.0, [1]))
    assert len(draws) == 20 and all(abs(norms[one].sum() - 6) <= 1 and len(set(one)) == len(one) for one in draws)
    assert all(7 not in one and not set(one) & {0, 1} for one in draws)
    assert [list(one) for one in draws] == [list(one) for one in draw_others(norms, np.arange(2, 8), 6.0, [1])]
    assert all(len(one) == 5 for one in draw_others(norms, np.arange(2, 8), 60.0, [1])), (
        "all, where there are not enough"
    )


def test_a_figure_asks_for_its_inputs_by_sign(tiny):
    part = part_of(connect(tiny, "conv2d2", "mixed3a"), 52, parse_rule("the 16 strongest", "conv2d2"))
    exciting, inhibiting = removals_of(Circuit("rows", "x", (part,)))
    assert (exciting.kind, len(exciting.inputs), inhibiting.kind, len(inhibiting.inputs)) == (
        "exciting",
        4,
        "inhibiting",
        12,
    )
    two = replace(part, inputs=part.inputs[12:]), replace(part, inputs=part.inputs[:12])
    assert set(removals_of(Circuit("cues", "x", two))) >= {exciting, inhibiting}
    assert removals_of(Circuit("rows", "x", (part,), weighted=False)) == ()


EFFECT = Effect(
    50, 0.8, 0.713, 0.4, (0.04, 0.15, 0.08), (0.0, 0.1, 0.05), (2, 3, 2), (1.0, 0.9, 1.1), (0.3, 0.1), (0.2, 0.2)
)


def test_what_is_written_is_read(tiny, tmp_path):
    removal = Removal(Neuron("mixed3a", 52), "conv2d2", (3, 7), "exciting")
    assert read_interventions(tiny, tmp_path).effects == {}
    write_interventions(tiny, tmp_path, Interventions(500, "ab", {removal: EFFECT}))
    found = read_interventions(tiny, tmp_path)
    assert (found.pictures, found.sha256, dict(found.effects)) == (500, "ab", {removal: EFFECT})
    with pytest.raises(InputError, match="other weights"):
        read_interventions(replace(tiny, sha256="0" * 64), tmp_path)


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("ablation mixed3a:52 without exciting of the 16 strongest falls by 71%", True),
        ("ablation mixed3a:52 without exciting of the 16 strongest falls by 72%", False),
        ("ablation mixed3a:52 without exciting of the 16 strongest falls by at least 70% against at most 10%", True),
        ("ablation mixed3a:52 without exciting of the 16 strongest falls by at least 70% against at most 8%", False),
        ("ablation mixed3a:52 without conv2d2:56, 107, 112, conv2d2:139 falls beyond others", True),
        ("ablation mixed3a:52 with the mean of the 4 strongest exciting falls by 40.0%", True),
    ],
)
def test_claims(tiny, connected, claim, holds):
    removal = Removal(Neuron("mixed3a", 52), "conv2d2", (56, 107, 112, 139), "exciting")
    found = check_ablation(claim, tiny.architecture, connected, {removal: EFFECT}, "x")
    assert found.holds == holds and found.measured.startswith("40.0%" if "mean" in claim else "71.3%, others 9.0%")


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("ablation mixed3a:52 without some falls", "cannot be read"),
        ("ablation mixed3a:520 without the 3 strongest falls by 3%", "there is no neuron 520"),
        ("ablation conv2d0:1 without the 3 strongest falls by 3%", "reads the picture itself"),
        ("ablation mixed3a:52 without exciting of the 3 strongest falls by 3%", "none of these inputs"),
        ("ablation mixed3a:52 without the 3 strongest falls by 3%", "was not removed yet"),
    ],
)
def test_claims_that_say_nothing(tiny, connected, claim, message):
    with pytest.raises(InputError, match=message):
        check_ablation(claim, tiny.architecture, connected, {}, "x")
    if "not removed" in message:
        assert removal_in(claim, tiny.architecture, connected).kind == "exciting"


def test_sentences(tiny):
    part = part_of(connect(tiny, "conv2d2", "mixed3a"), 52, parse_rule([56, 107], "conv2d2"))
    (removal,) = split(part.target, part.inputs)
    assert sentence(removal, EFFECT) == (
        "Without these two exciting inputs, its response falls by 71%; "
        "without 2 to 3 others of as much weight, by 9% (4 to 15%)."
    )
    inhibiting = sentence(
        replace(removal, kind="inhibiting", inputs=(5,)), replace(EFFECT, zero=-0.02, counts=(1, 1, 1))
    )
    assert inhibiting == (
        "Where this inhibiting input acts most, its response without it falls by 2% of that at its best places; "
        "without one other of as much weight, by 9% (4 to 15%)."
    )
    (view,) = view_removals(Circuit("rows", "x", (part,)), {removal: EFFECT})
    assert [round(row.contribution, 2) for row in view.rows] == [0.75, 0.25]
