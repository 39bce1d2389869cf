"""What is recorded of a network, its artifact, and comparisons of such recordings."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from early_vision.comparison.measuring import dead, noisy_filters, picture_responses
from early_vision.comparison.recording import LEVELS, MOST, read_recording, thinned, write_recording
from early_vision.comparison.report import CANDIDATES, compare
from early_vision.comparison.similarity import best_matches, correlations
from early_vision.comparison.tables import as_csv, as_json, summary
from early_vision.errors import InputError
from early_vision.network.architecture import Node
from early_vision.tuning.stimuli import series_for


def test_a_recording_survives_its_artifact(tmp_path, small_network, by_hand):
    recording = by_hand(1)
    path = write_recording(tmp_path / "responses.npz", recording)
    before = path.read_bytes()
    again = read_recording(tmp_path / "responses.npz", small_network)
    assert write_recording(tmp_path / "responses.npz", recording).read_bytes() == before
    assert (again.stimuli, again.pictures, again.rules) == ("stimuli", "120 pictures", "rules")
    for kept, own in (
        (again.layers, recording.layers),
        *((again.controls[k], recording.controls[k]) for k in again.controls),
    ):
        for name, layer in own.items():
            span = np.ptp(layer.pictures, axis=1, keepdims=True)
            assert (np.abs(kept[name].pictures - layer.pictures) <= 0.51 * span / (LEVELS - 1) + 1e-6).all()
            assert (kept[name].dead == layer.dead).all()
            assert kept[name].families == layer.families
    assert (again.layers["first"].noise == recording.layers["first"].noise).all()
    profile = again.layers["second"].profiles["orientation"]
    assert np.abs(profile - recording.layers["second"].profiles["orientation"]).max() < 0.003


def test_few_levels_leave_correlations_as_they_are(tmp_path, small_network, by_hand):
    recording = by_hand(2)
    write_recording(tmp_path / "responses.npz", recording)
    again = read_recording(tmp_path / "responses.npz", small_network)
    own, kept = (one.layers["second"].pictures for one in (recording, again))
    assert np.abs(correlations(own, own) - correlations(kept, kept)).max() < 0.02


def test_recordings_of_other_weights_and_damaged_ones_are_refused(tmp_path, small_network, by_hand):
    with pytest.raises(InputError, match="not recorded"):
        read_recording(tmp_path / "responses.npz", small_network)
    path = write_recording(tmp_path / "responses.npz", by_hand(3))
    with pytest.raises(InputError, match="other weights"):
        read_recording(tmp_path / "responses.npz", replace(small_network, sha256="0" * 64))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="damaged"):
        read_recording(tmp_path / "responses.npz", small_network)


def test_what_was_recorded_otherwise_is_not_compared(by_hand):
    other = replace(by_hand(2, "other"), pictures="119 pictures")
    with pytest.raises(InputError, match="other and small were recorded with different pictures"):
        compare([by_hand(1), other])


def test_a_permuted_copy_is_found_neuron_by_neuron(by_hand, permuted):
    recording = by_hand(4)
    copy, orders = permuted(recording)
    found = compare([recording, copy])
    for layer, order in orders.items():
        one = found.pairs["small", "permuted"][layer]
        for to in ("stimuli", "pictures"):
            matches = one.matches(to)
            assert np.allclose(matches.similarity, 1.0)
            assert (order[matches.best] == matches.channels).all()
            assert len(matches.channels) == len(recording.layers[layer].live)
            assert matches.found.value > 0.9
        assert one.cka == pytest.approx(1.0)
        assert found.shares("small", layer) == found.shares("permuted", layer)
        assert not any(apart.sure for apart in found.apart("small", layer, "permuted", layer).values())


def test_an_independent_network_is_like_its_control(by_hand):
    found = compare([by_hand(5), by_hand(6, "other")])
    one = found.pairs["small", "other"]["second"]
    for to in ("stimuli", "pictures"):
        matches = one.matches(to)
        assert abs(matches.median.value - np.median(matches.controls["shuffled"])) < 0.03
        # By the bound's own definition.
        assert matches.found.value < 0.2
    assert abs(one.cka - one.cka_controls["shuffled"]) < 0.05
    assert abs(one.predictivity - one.predictivity_controls["untrained"]) < 0.1


def test_tables_are_complete_and_the_same_every_time(by_hand):
    found = compare([by_hand(7), by_hand(8, "other")])
    data = json.loads(json.dumps(as_json(found)))
    assert data["made_with"]["candidates"] == CANDIDATES
    assert [(one["network"], one["layer"]) for one in data["layers"]] == [
        ("small", "first"), ("small", "second"), ("other", "first"), ("other", "second"),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    median = next(row for row in rows if row["measure"] == "median best match" and row["responses_to"] == "pictures")
    assert float(median["low"]) <= float(median["value"]) <= float(median["high"])
    assert as_csv(found) == as_csv(compare([by_hand(7), by_hand(8, "other")]))
    assert "small: first 40, 2, 38" in summary(found)


def test_stimuli_are_thinned_evenly():
    for one in series_for(59):
        few, kept = thinned(one)
        assert 1 <= len(few) <= MOST
        assert few.shape == tuple(map(len, kept))
        assert all(few.axes[name][0] == values[0] for name, values in one.axes.items())
    assert len(thinned(series_for(59)[0])[0]) == 5


def test_dead_neurons_and_filters_of_noise_are_told_apart():
    generator = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(7) - 3, np.arange(7) - 3)
    hill = np.exp(-(x**2 + y**2) / 6)
    ordered = [hill * np.cos(0.9 * x + at) for at in range(6)] + [hill, hill * x, x + 0.5 * y]
    colours = generator.uniform(0.5, 1.0, (3, len(ordered)))
    filters = np.stack(ordered, -1)[:, :, None] * colours
    noise = generator.standard_normal((7, 7, 3, 30))
    silent = np.zeros((7, 7, 3, 4))
    # A colour of its own all over the filter makes no order.
    told = noisy_filters(np.concatenate([filters, noise + 2.0, silent], axis=3))
    assert not told[: len(ordered)].any()
    assert told[len(ordered) : -4].mean() > 0.8
    assert not told[-4:].any()
    responses = generator.standard_normal((10, 50))
    responses[3] = 2.0
    assert dead(responses, responses).nonzero()[0].tolist() == [3]


@pytest.mark.tensorflow
def test_a_network_with_permuted_channels_is_seen_through(small_network):
    from early_vision.circuits.natural_places import Pictures

    order = np.random.default_rng(1).permutation(40)
    weights = dict(small_network.weights)
    weights["first_w"] = weights["first_w"][..., order]
    weights["second_w"] = weights["second_w"][:, :, order]
    squares = tuple(np.random.default_rng(at).integers(0, 256, (32, 32, 3), np.uint8) for at in range(30))
    one, other = (
        picture_responses(network, Pictures(squares, ""))
        for network in (small_network, replace(small_network, weights=weights))
    )
    assert {name: value.shape for name, value in one.items()} == {"first": (40, 30), "second": (48, 30)}
    matched, value = best_matches(correlations(one["first"], other["first"]))
    assert np.allclose(value, 1.0, atol=1e-5)
    assert (order[matched] == np.arange(40)).all()
    assert np.allclose(one["second"], other["second"], rtol=1e-4, atol=1e-2)


@pytest.mark.tensorflow
def test_stimuli_are_shown_where_a_layer_is_though_what_follows_has_no_room(small_network):
    from early_vision.comparison.measuring import canvas_for, chosen_responses, stimulus_responses

    after = Node("shrunk", "max_pool", ("second",), kernel=9, stride=1, padding="valid", channels=48)
    architecture = replace(small_network.architecture, nodes=(*small_network.architecture.nodes, after))
    larger = replace(small_network, architecture=architecture)
    series = series_for(5)[:4]
    assert canvas_for(architecture, "first").side < 18
    one, same = stimulus_responses([larger, small_network], "first", series)
    assert {kind: values.shape[0] for kind, values in one.items()} == {kind: 40 for kind in one}
    for kind, values in one.items():
        assert np.allclose(values, same[kind])
        assert values.shape[1:] == next(each.shape for each in series if each.kind == kind)
    # Uniform grey is the input's mean nearly, and all weights are seen by it.
    weights = small_network.weights["first_w"].sum((0, 1, 2))
    levels = np.array(series[0].axes["level"])
    slopes = np.polyfit(levels, one["grey"].T, 1)[0]
    assert np.corrcoef(slopes, weights)[0, 1] > 0.999
    assert chosen_responses(one, series).shape[0] == 40
