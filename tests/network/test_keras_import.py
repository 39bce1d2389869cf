"""Keras models become networks whose activations are Keras's own, or are refused by the name of what does not fit."""

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow
keras = pytest.importorskip("keras")

import tensorflow as tf
from keras import layers

from early_vision.errors import InputError, InputErrors
from early_vision.network.imports import import_keras_model
from early_vision.network.known import find_network
from early_vision.network.tensorflow_ops import forward

RNG = np.random.default_rng(5)


def randomized(model):
    """The model with random weights everywhere: batch normalization starts out doing nothing."""
    for variable in model.variables:
        if variable.dtype == "float32":
            positive = "variance" in variable.name or "gamma" in variable.name
            value = RNG.uniform(0.5, 1.5, variable.shape) if positive else RNG.normal(0, 0.3, variable.shape)
            variable.assign(value)
    return model


def sequential():
    return randomized(keras.Sequential([
        keras.Input((64, 64, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(8, 11, strides=4, name="conv1"),
        layers.BatchNormalization(name="bn1"),
        layers.ReLU(name="relu1"),
        layers.MaxPooling2D(3, strides=2, name="pool1"),
        layers.Conv2D(12, 5, padding="same", activation="relu", groups=2, name="conv2"),
        layers.Dropout(0.5),
        layers.Conv2D(6, 3, padding="same", use_bias=False, name="conv3"),
        layers.BatchNormalization(scale=False, name="bn3"),
        layers.Activation("relu", name="relu3"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10, activation="softmax"),
    ]))  # fmt: skip


def inception_like():
    image = keras.Input((None, None, 3))
    x = layers.Normalization(mean=[120.0, 115.0, 100.0], variance=[3000.0, 3100.0, 3300.0])(image)
    x = layers.Conv2D(8, 7, strides=2, padding="same", activation="relu", name="stem")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool")(x)
    branches = []
    for size, channels in ((1, 4), (3, 6), (5, 2)):
        y = layers.Conv2D(3, 1, activation="relu", name=f"bottleneck{size}")(x) if size > 1 else x
        branches.append(layers.Conv2D(channels, size, padding="same", activation="relu", name=f"branch{size}")(y))
    y = layers.MaxPooling2D(3, strides=1, padding="same", name="inner_pool")(x)
    branches.append(layers.Conv2D(3, 1, activation="relu", name="reduce")(y))
    x = layers.Concatenate(name="mixed")(branches)
    return randomized(keras.Model(image, layers.Conv2D(5, 3, activation="relu", name="top")(x)))


def saved(model, folder):
    model.save(folder / "model.keras")
    return folder / "model.keras"


def assert_same_activations(model, network, theirs_by_ours, images):
    outputs = [model.get_layer(name).output for name in theirs_by_ours.values()]
    theirs = keras.Model(model.inputs[0], outputs)(images)
    ours = forward(network, tf.constant(images), theirs_by_ours)
    for name, expected in zip(theirs_by_ours, theirs, strict=True):
        expected = np.asarray(expected)
        assert (expected > 0).mean() > 0.1, "silent activations would agree with anything"
        np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-4 * expected.max(), err_msg=name)


@pytest.fixture(scope="module")
def images():
    return RNG.uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)


def test_a_sequential_model(tmp_path, images):
    model = sequential()
    import_keras_model(saved(model, tmp_path), ["relu3", "conv1", "conv2"], "mine", (0, 255), tmp_path / "networks")
    network = find_network("mine", tmp_path)
    assert network.architecture.layer_names == ("conv1", "conv2", "conv3"), "named by their convolutions, in order"
    assert network.architecture.input_mean == 127.5
    assert_same_activations(
        model, network, {"conv1": "relu1", "pool1": "pool1", "conv2": "conv2", "conv3": "relu3"}, images
    )


def test_an_inception_like_model(tmp_path, images):
    model = inception_like()
    import_keras_model(saved(model, tmp_path), ["stem", "mixed"], "mine", (0, 255), tmp_path / "networks")
    network = find_network("mine", tmp_path)
    assert [len(branch) for branch in network.architecture.layers["mixed"].branches] == [4, 6, 2, 3]
    assert "top" not in {node.name for node in network.architecture.nodes}, "what no layer needs stays behind"
    assert network.architecture.input_mean == (120.0, 115.0, 100.0)
    assert_same_activations(model, network, {"stem": "stem", "mixed": "mixed"}, images)


def test_the_range_of_the_input(tmp_path, images):
    model = randomized(
        keras.Sequential([keras.Input((64, 64, 3)), layers.Conv2D(4, 5, padding="same", activation="relu", name="a")])
    )
    network = import_keras_model(saved(model, tmp_path), ["a"], "mine", (-1, 1), tmp_path / "networks")
    expected = np.asarray(model(images / 127.5 - 1))
    ours = forward(network, tf.constant(images), ["a"])["a"]
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4 * expected.max())


def after_the_input(*following):
    image = keras.Input((32, 32, 3))
    x = image
    for layer in following:
        x = layer(x)
    return keras.Model(image, x)


CONV = {"filters": 4, "kernel_size": 3, "name": "c"}


@pytest.mark.parametrize(
    ("build", "wanted", "message"),
    [
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="gelu")), "c", 'layer "c" has no ReLU right after it'),
        (lambda: after_the_input(layers.Conv2D(**CONV), layers.ReLU(max_value=6, name="r")), "c", "is a ReLU with a maximum"),
        (lambda: after_the_input(layers.AveragePooling2D(2, name="p"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "p" is a AveragePooling2D, which has no counterpart here'),
        (lambda: after_the_input(layers.SeparableConv2D(4, 3, name="s"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "s" is a SeparableConv2D'),
        (lambda: after_the_input(layers.Conv2D(4, (1, 3), activation="relu", name="c")), "c", r"kernel size \(1, 3\), which is not"),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu", dilation_rate=2)), "c", "is dilated"),
        (lambda: after_the_input(layers.BatchNormalization(name="b"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "b" does not come right after a Conv2D'),
        (lambda: after_the_input(layers.Conv2D(4, 3, name="a"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "c" comes right after "a", which has no ReLU'),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu"), layers.MaxPooling2D(name="m")), "m",
         'layer "m" has no neurons of its own'),
        (lambda: after_the_input(layers.Conv2D(4, 3, activation="relu", name="a-b")), "a-b", 'the layer name "a-b" cannot be used'),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu")), "d", 'the model has no layer "d"'),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_refused_by_name(tmp_path, build, wanted, message):
    with pytest.raises((InputError, InputErrors), match=message):
        import_keras_model(saved(build(), tmp_path), [wanted], "mine", (0, 255), tmp_path / "networks")
    assert not (tmp_path / "networks").exists()


def test_a_lambda_is_refused_before_keras_sees_it(tmp_path, monkeypatch):
    model = after_the_input(layers.Conv2D(**CONV, activation="relu"), layers.Lambda(lambda x: x * 2, name="l"))
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("the file was loaded"))
    with pytest.raises(InputError, match="the model holds Lambda, which could run code of whoever made it"):
        import_keras_model(saved(model, tmp_path), ["c"], "mine", (0, 255), tmp_path / "networks")


@pytest.mark.parametrize(
    "change",
    [
        {"module": "os", "class_name": "system"},
        {"module": "keras.src.utils.file_utils", "class_name": "get_file"},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"module": None, "class_name": "__lambda__"},
        {"module": "keras.layers", "class_name": "Dense", "registered_name": "mine>Dense"},
    ],
)
def test_what_is_not_keras_own_is_refused_before_keras_sees_it(tmp_path, monkeypatch, change):
    path = saved(after_the_input(layers.Conv2D(**CONV, activation="relu")), tmp_path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    config["config"]["layers"][1]["config"]["kernel_initializer"] = change
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (entries | {"config.json": json.dumps(config)}).items():
            archive.writestr(name, data)
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("the file was loaded"))
    with pytest.raises(InputError, match="which could run code of whoever made it"):
        import_keras_model(path, ["c"], "mine", (0, 255), tmp_path / "networks")


def test_what_is_no_model_is_told(tmp_path):
    path, out = tmp_path / "model.keras", tmp_path / "networks"
    for data in (b"", b"PK\x03\x04 cut off", b"no zip"):
        path.write_bytes(data)
        with pytest.raises(InputError, match="this is no .keras file"):
            import_keras_model(path, ["c"], "mine", (0, 255), out)
    with pytest.raises(InputError, match="there is no such file"):
        import_keras_model(tmp_path / "absent.keras", ["c"], "mine", (0, 255), out)
    with pytest.raises(InputError, match="is no name for a network"):
        import_keras_model(path, ["c"], "../mine", (0, 255), out)


@pytest.mark.slow
def test_the_command(root, tmp_path):
    path = saved(sequential(), tmp_path)
    command = [sys.executable, "build.py", "weights", "import", str(path), "--layers", "conv1,conv2", "--name", "mine"]

    def run():
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        return subprocess.run(
            [*command, "--out", str(tmp_path / "networks")], cwd=root, capture_output=True, text=True, env=environment
        )

    first, second = run(), run()
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[:2] == [
        "conv1: 8 neurons, each sees 11 pixels, stride 4",
        "conv2: 12 neurons, each sees 51 pixels, stride 8",
    ]
    assert second.returncode == 2 and "there is a network mine already" in second.stderr
    assert find_network("mine", tmp_path).architecture.layer_names == ("conv1", "conv2")
