"""The yardstick: the highest activation over pictures that the network was not trained on."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from early_vision.errors import InputError
from early_vision.features import features_folder, load_features
from early_vision.features.held_out import FILE, measure_held_out, read_held_out

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "deep").mkdir(parents=True)
    rng = np.random.default_rng(5)
    for i, size in enumerate([64, 64, 48]):
        Image.fromarray(rng.integers(0, 255, (size, size, 3), np.uint8)).save(folder / "deep" / f"{i}.png")
    return folder


def test_highest_over_all_pictures_and_positions(tiny, pictures, tmp_path):
    from early_vision.network.tensorflow_ops import forward

    measure_held_out(tiny, pictures, tmp_path)
    expected = -np.inf
    for path in sorted(pictures.rglob("*.png")):
        image = np.asarray(Image.open(path), np.float32)
        values = forward(tiny, tf.constant(image[None]), ["mixed3a_pre_relu"])["mixed3a_pre_relu"]
        expected = np.maximum(expected, values.numpy().max(axis=(0, 1, 2)))
    np.testing.assert_allclose(read_held_out(tiny, tmp_path)["mixed3a"], expected, atol=1e-4)


def test_a_zip_measures_as_its_folder(tiny, pictures, tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for path in sorted(pictures.rglob("*.png")):
            archive.write(path, path.name)
    measure_held_out(tiny, pictures, tmp_path / "a")
    measure_held_out(tiny, tmp_path / "p.zip", tmp_path / "b")
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()


def test_nothing_to_measure_is_told(tiny, pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there are no pictures here"):
        measure_held_out(tiny, tmp_path / "empty", tmp_path)
    (pictures / "deep" / "1.png").write_bytes(b"\x89PNG nonsense")
    with pytest.raises(InputError, match="the picture 1.png cannot be read"):
        measure_held_out(tiny, pictures, tmp_path)
    (tmp_path / "no.zip").write_text("no zip")
    with pytest.raises(InputError, match="no folder and no zip"):
        measure_held_out(tiny, tmp_path / "no.zip", tmp_path)
    assert read_held_out(tiny, tmp_path) == {}


def test_the_embedded_visualizations_beat_natural_patches(tiny, assets):
    """Issue 2: at least 95% of live neurons; here by the numbers in the artifacts."""
    neurons = [neuron for layer in load_features(tiny, assets).values() for neuron in layer]
    live = [neuron for neuron in neurons if not neuron.inactive]
    assert len(neurons) == 1056
    assert np.mean([neuron.activation > neuron.held_out for neuron in live]) >= 0.95


def test_recorded_activations_are_those_of_the_stored_pictures(tiny, assets):
    from early_vision.features.ascent import Renderer
    from early_vision.features.recipe import Recipe

    features = load_features(tiny, assets)
    for name in ("conv2d0", "conv2d2", "mixed3a", "mixed3b"):
        for branch in tiny.architecture.layers[name].branches:
            chosen = np.arange(0, len(branch), 17)
            stored = [features[name][branch.start + i] for i in chosen]
            renderer = Renderer(tiny, branch.node, Recipe())
            values = renderer.activations(np.stack([neuron.image for neuron in stored]), chosen)
            np.testing.assert_allclose(values, [neuron.activation for neuron in stored], rtol=1e-3, atol=1e-3)


def test_the_embedded_yardstick_is_the_held_out_set_of_shared(tiny, assets, shared, tmp_path):
    measure_held_out(tiny, shared / "reference-network" / "tiny-imagenet-val.zip", tmp_path)
    again, kept = read_held_out(tiny, tmp_path), read_held_out(tiny, features_folder(assets, tiny))
    for name in tiny.architecture.layer_names:
        np.testing.assert_allclose(again[name], kept[name], atol=2e-4)
