"""Rendering a whole network: resumed wherever it was stopped, the same bytes every way, nothing lost."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from early_vision.errors import InputError
from early_vision.features.layer_artifact import index_path, read_layer
from early_vision.features.precompute import compute_here, images, precompute
from early_vision.features.reading import Reading
from early_vision.features.recipe import Recipe, Request
from early_vision.features.units import plan, unpack
from early_vision.store import to_npz

REQUEST = Request(Recipe(steps=2), diverse=2)
LAYERS = ("conv2d1", "conv2d2")


def painted(unit):
    """Stands in for rendering: pictures that tell which unit they are of."""
    rng = np.random.default_rng([unit.channels.start, len(unit.kind), unit.recipe.seed])
    shape = (len(unit.channels), unit.recipe.images)
    size = {"conv2d1": 11, "conv2d2": 19}[unit.branch.node]
    pictures = rng.integers(0, 255, (*shape, size, size, 3), np.uint8)
    return to_npz({"images": pictures, "activations": rng.normal(size=shape).astype(np.float32)})


def glanced(_, images):
    """Stands in for reading: what is given are the pixels themselves, and the answer is their mean."""
    values = images.reshape(*images.shape[:2], -1).astype(np.float32)
    return Reading(values.mean(2), values)


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def whole(tiny, tmp_path):
    """The artifacts of an unbroken run."""
    precompute(tiny, REQUEST, tmp_path / "whole", tmp_path / "s", compute_here(painted), glanced, LAYERS)
    return bytes_of(tmp_path / "whole")


def test_units_cover_every_neuron_once(tiny):
    for layer in tiny.architecture.layers.values():
        for kind in ("exciting", "inhibiting", "seed-1", "diverse"):
            units = [unit for unit in plan(tiny, Request(), layer.name) if unit.kind == kind]
            channels = [unit.branch.start + channel for unit in units for channel in unit.channels]
            assert channels == list(range(layer.neurons))
            assert max(map(images, units)) <= 32


def test_keys_tell_units_apart(tiny):
    keys = [unit.key(tiny) for layer in tiny.architecture.layer_names for unit in plan(tiny, Request(), layer)]
    assert len(set(keys)) == len(keys)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [0, 1, 5, 11])
def test_an_interrupted_run_loses_the_unit_in_flight(tiny, tmp_path, whole, stop):
    computed = []

    def interrupted(units):
        for unit in units:
            if len(computed) == stop:
                raise KeyboardInterrupt
            computed.append(unit)
            yield unit, painted(unit)

    def rest(units):
        for unit in units:
            assert unit not in computed
            yield unit, painted(unit)

    folder, scratch = tmp_path / "f", tmp_path / "scratch"
    with pytest.raises(KeyboardInterrupt):
        precompute(tiny, REQUEST, folder, scratch, interrupted, glanced, LAYERS)
    precompute(tiny, REQUEST, folder, scratch, rest, glanced, LAYERS)
    assert bytes_of(folder) == whole
    assert not scratch.exists()


@pytest.mark.slow
def test_any_order_of_results_gives_the_same_bytes(tiny, tmp_path, whole):
    def backwards(units):
        return ((unit, painted(unit)) for unit in reversed(units))

    precompute(tiny, REQUEST, tmp_path / "f", tmp_path / "s", backwards, glanced, LAYERS)
    assert bytes_of(tmp_path / "f") == whole


@pytest.mark.slow
def test_a_second_run_computes_nothing_and_a_fresh_one_everything(tiny, tmp_path, whole):
    counted = []

    def count(units):
        counted.append(len(units))
        return compute_here(painted)(units)

    folder = tmp_path / "whole"
    assert precompute(tiny, REQUEST, folder, tmp_path / "s", count, glanced, LAYERS) == ()
    assert precompute(tiny, REQUEST, folder, tmp_path / "s", count, glanced, LAYERS, fresh=True) == LAYERS
    assert counted == [sum(len(plan(tiny, REQUEST, layer)) for layer in LAYERS)]
    assert bytes_of(folder) == whole


@pytest.mark.slow
def test_a_full_disk_leaves_the_artifacts_as_they_were(tiny, tmp_path, whole, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="the file cannot be written .No space left on device.") as error:
        precompute(
            tiny, REQUEST, tmp_path / "whole", tmp_path / "s", compute_here(painted), glanced, LAYERS, fresh=True
        )
    assert error.value.hint
    assert bytes_of(tmp_path / "whole") == whole
    assert list((tmp_path / "s").iterdir()) == [], "no half-written file stays"


@pytest.mark.slow
def test_other_recipes_supersede(tiny, tmp_path, whole):
    folder, other = tmp_path / "whole", Request(Recipe(steps=3), seeds=1, inhibiting=False, diverse=0)
    precompute(tiny, other, folder, tmp_path / "s", compute_here(painted), glanced, LAYERS)
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".json", ".webp", ".webp"]
    neuron = read_layer(folder, tiny, "conv2d1", None)[3]
    assert (neuron.inhibiting, neuron.diverse, neuron.agreement, neuron.held_out) == (None, (), None, None)


@pytest.mark.slow
def test_what_is_read_is_what_was_rendered(tiny, tmp_path, whole):
    unit = next(u for u in plan(tiny, REQUEST, "conv2d2") if u.kind == "exciting" and 40 in u.channels)
    rendered = unpack(painted(unit))
    neuron = read_layer(tmp_path / "whole", tiny, "conv2d2", np.full(192, 0.5))[40]
    np.testing.assert_array_equal(neuron.image, rendered["images"][40 - unit.channels.start, 0])
    assert neuron.activation == pytest.approx(rendered["activations"][40 - unit.channels.start, 0], abs=1e-4)
    assert neuron.held_out == 0.5 and len(neuron.diverse) == 2 and -1 <= neuron.agreement <= 1
    stored = [float(np.asarray(one, np.float32).mean()) for one in (neuron.inhibiting, *neuron.diverse)]
    assert [neuron.inhibiting_activation, *neuron.diverse_activations] == pytest.approx(stored, abs=1e-3)


@pytest.mark.slow
def test_artifacts_that_cannot_be_used_are_refused(tiny, tmp_path, whole):
    import dataclasses

    folder = tmp_path / "whole"
    with pytest.raises(InputError, match="made from other weights") as error:
        read_layer(folder, dataclasses.replace(tiny, sha256="0" * 64), "conv2d1", None)
    assert error.value.hint == "Run: python build.py precompute --network inceptionv1-tiny"
    with pytest.raises(InputError, match="there are no feature visualizations of mixed3a"):
        read_layer(folder, tiny, "mixed3a", None)
    sheet = next(folder.glob("conv2d1-exciting-*.webp"))
    sheet.write_bytes(sheet.read_bytes()[:300])
    with pytest.raises(InputError, match="the sheet of pictures is damaged"):
        read_layer(folder, tiny, "conv2d1", None)
    sheet.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_layer(folder, tiny, "conv2d1", None)
    index_path(folder, tiny, REQUEST, "conv2d2").write_text("{")
    with pytest.raises(InputError, match="the artifact is damaged"):
        read_layer(folder, tiny, "conv2d2", None)


RENDER = """
import sys
from pathlib import Path
from early_vision.features.precompute import compute_here, precompute
from early_vision.features.recipe import Recipe, Request
from early_vision.features.reading import reader
from early_vision.features.units import renderer
from early_vision.network.known import find_network
network = find_network("inceptionv1-tiny", Path(sys.argv[1]))
request = Request(Recipe(steps=20), diverse=0)
precompute(network, request, Path(sys.argv[2]), Path(sys.argv[3]), compute_here(renderer(network)), reader(network), ["conv2d2"])
"""


@pytest.mark.tensorflow
@pytest.mark.slow
def test_killed_three_times_it_ends_with_the_same_bytes(assets, tmp_path):
    pytest.importorskip("tensorflow")

    def start(name):
        return subprocess.Popen(
            [sys.executable, "-c", RENDER, str(assets), str(tmp_path / name), str(tmp_path / f"{name}-scratch")],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    assert start("unbroken").wait(timeout=300) == 0
    rng = np.random.default_rng(int(time.time()))
    for _ in range(3):
        process, scratch = start("killed"), tmp_path / "killed-scratch"
        before = len(list(scratch.glob("*.npz"))) if scratch.is_dir() else 0
        while process.poll() is None and (not scratch.is_dir() or len(list(scratch.glob("*.npz"))) <= before):
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert start("killed").wait(timeout=300) == 0
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "unbroken")
