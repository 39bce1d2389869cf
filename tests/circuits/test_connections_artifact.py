"""Connections without weights: what the artifact gives is what the weights give, and no more."""

from dataclasses import replace

import numpy as np
import pytest

from early_vision.circuits.artifact import FILE, compute_connections, read_connections
from early_vision.circuits.circuit import Neuron, part_of
from early_vision.circuits.connections import connect
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import load_circuits
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError
from early_vision.network.known import find_network_or_outline, write_record

NAMED = {("conv2d2", "mixed3a"): {79}, ("conv2d0", "conv2d2"): {3}}


@pytest.fixture(scope="module")
def hidden(tiny):
    """The embedded network as if its weights were not here."""
    return replace(tiny, weights={}, state="computed")


@pytest.fixture(scope="module")
def home(tiny, tmp_path_factory):
    """A folder of assets that holds the artifact and no weights."""
    home = tmp_path_factory.mktemp("assets")
    compute_connections(tiny, NAMED, home / "precomputed" / tiny.name / "circuits")
    write_record(home, tiny)
    return home


@pytest.fixture(scope="module")
def circuits(hidden, home):
    return load_circuits(hidden, home)


def test_strongest_inputs_and_outputs_are_those_of_the_weights(tiny, circuits):
    known = wiring(tiny)
    for layer, channel in (("conv2d0", 1), ("conv2d1", 63), ("conv2d2", 100), ("mixed3a", 200), ("mixed3b", 479)):
        neuron = Neuron(layer, channel)
        for way in ("inputs", "outputs"):
            expected, found = getattr(known, way)(neuron), getattr(circuits.wiring, way)(neuron)
            assert [one.neuron for one in found] == [one.neuron for one in expected]
            for a, b in zip(found, expected, strict=True):
                assert np.array_equal(a.kernel, b.kernel) and a.kernel.dtype == b.kernel.dtype
                assert (a.norm, a.excitation, a.inhibition, a.share) == (b.norm, b.excitation, b.inhibition, b.share)


def test_sums_of_all_kernels_are_there(tiny, circuits):
    for layer, strengths in wiring(tiny).strengths.items():
        assert np.array_equal(circuits.wiring.strengths[layer].kinds, strengths.kinds)


def test_named_neurons_have_all_inputs_adjacent_or_not(tiny, circuits):
    for (source, layer), channels in NAMED.items():
        for channel in channels:
            rule = parse_rule("at least 0% of the largest", source)
            expected = part_of(connect(tiny, source, layer), channel, rule)
            found = part_of(circuits.connect(source, layer), channel, rule)
            assert [one.neuron for one in found.inputs] == [one.neuron for one in expected.inputs]
            assert all(np.array_equal(a.kernel, b.kernel) for a, b in zip(found.inputs, expected.inputs, strict=True))


def test_what_is_not_kept_is_said_not_drawn(circuits):
    with pytest.raises(InputError, match="not all connections from conv2d2 to mixed3a:0 are kept"):
        part_of(circuits.connect("conv2d2", "mixed3a"), 0, parse_rule("the 2 strongest", "conv2d2"))
    with pytest.raises(InputError, match="connections from conv2d1 to mixed3a are not among the results"):
        circuits.connect("conv2d1", "mixed3a")


def test_same_bytes_every_time_and_small(tiny, home, tmp_path):
    first = home / "precomputed" / tiny.name / "circuits" / FILE
    assert compute_connections(tiny, NAMED, tmp_path).read_bytes() == first.read_bytes()
    assert first.stat().st_size < 5e6


def test_other_weights_and_damage_are_refused(hidden, home, tmp_path):
    folder = home / "precomputed" / hidden.name / "circuits"
    with pytest.raises(InputError, match="other weights or an older version"):
        read_connections(replace(hidden, sha256="0" * 64), folder)
    with pytest.raises(InputError, match="are not here"):
        read_connections(hidden, tmp_path)
    whole = (folder / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="damaged"):
        read_connections(hidden, tmp_path)


def test_results_without_weights_make_a_computed_network(tiny, home):
    network = find_network_or_outline(tiny.name, home)
    assert (network.state, network.shown, network.sha256) == ("computed", True, tiny.sha256)
    assert not network.weights and network.architecture == tiny.architecture
    assert tiny.state == "here"
