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

from early_vision.errors import InputError
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
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="softplus")), "c", "has the activation softplus, which"),
        (lambda: after_the_input(layers.Conv2D(**CONV), layers.ReLU(max_value=5, name="r")), "c", "a maximum other than 6"),
        (lambda: after_the_input(layers.Conv2D(**CONV), layers.ELU(alpha=2.0, name="e")), "c", "an alpha of 2, not 1"),
        (lambda: after_the_input(layers.AveragePooling2D(2, name="p"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "p" takes in the image itself'),
        (lambda: after_the_input(layers.ZeroPadding2D(1), layers.BatchNormalization(name="b")), "b", "after a padding"),
        (lambda: after_the_input(layers.Conv2D(**CONV), layers.ZeroPadding2D(1), layers.MaxPooling2D(3, name="m"),
                                 layers.ReLU(name="r")), "r", "maximum of zeros of a padding and of what can be negative"),
        (lambda: after_the_input(layers.ZeroPadding2D(3), layers.Conv2D(**CONV)), "c", "which leaves windows of it"),
        (lambda: after_the_input(layers.Conv2D(**CONV), layers.GlobalAveragePooling2D(name="g")), "g",
         'layer "g" is a GlobalAveragePooling2D, which has no counterpart here'),
        (lambda: after_the_input(layers.SeparableConv2D(4, 3, name="s"), layers.Conv2D(**CONV, activation="relu")), "c",
         'layer "s" is a SeparableConv2D'),
        (lambda: after_the_input(layers.Conv2D(4, (1, 3), activation="relu", name="c")), "c", r"kernel size \(1, 3\), which is not"),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu", dilation_rate=2)), "c", "is dilated"),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu"), layers.MaxPooling2D(name="m")), "m",
         'layer "m" has no neurons of its own'),
        (lambda: after_the_input(layers.Conv2D(4, 3, activation="relu", name="a-b")), "a-b", 'the layer name "a-b" cannot be used'),
        (lambda: after_the_input(layers.Conv2D(**CONV, activation="relu")), "d", 'the model has no layer "d"'),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_refused_by_name(tmp_path, build, wanted, message):
    with pytest.raises(InputError, match=message):
        import_keras_model(saved(build(), tmp_path), [wanted], "mine", (0, 255), tmp_path / "networks")
    assert not (tmp_path / "networks").exists()


APPLICATIONS = {
    "ResNet50": ["conv1_conv", "conv2_block1_add", "conv2_block1_out", "conv2_block3_out"],
    "MobileNetV2": ["Conv1", "expanded_conv_project", "block_1_depthwise", "block_2_add", "block_2_project_BN"],
    "EfficientNetB0": ["stem_conv", "block1a_dwconv"],
    "VGG16": ["block1_conv1", "block2_conv2"],
    "DenseNet121": ["conv1_conv", "conv2_block1_0_bn", "conv2_block2_concat", "pool2_conv"],
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_stems_of_keras_applications(tmp_path, name):
    model = getattr(keras.applications, name)(weights=None, input_shape=(64, 64, 3))
    for variable in model.variables:
        # Not the Normalization of the image: it has worked out its numbers already.
        positive = "moving_variance" in variable.path or "gamma" in variable.path
        if positive or "beta" in variable.path or "moving_mean" in variable.path:
            low, high = (0.7, 1.3) if positive else (-0.2, 0.2)
            variable.assign(RNG.uniform(low, high, variable.shape))
    path = saved(model, tmp_path)
    import_keras_model(path, APPLICATIONS[name], "mine", (-1, 1), tmp_path / "networks")
    network = find_network("mine", tmp_path)
    image = RNG.uniform(0, 255, (1, 64, 64, 3)).astype(np.float32)
    ends = {layer.name for layer in model.layers}
    shared = [node.name for node in network.architecture.nodes if node.name in ends and node.op not in ("conv",)]
    following = {"conv1_conv": "conv1_relu", "Conv1": "Conv1_relu", "block_1_depthwise": "block_1_depthwise_relu",
                 "expanded_conv_project": "expanded_conv_project_BN", "block_2_project": "block_2_project_BN",
                 "stem_conv": "stem_activation", "block1a_dwconv": "block1a_activation"}  # fmt: skip
    ours = {layer: following.get(layer, layer) for layer in network.architecture.layer_names}
    ours |= {layer: layer for layer in shared}
    theirs = keras.Model(model.inputs[0], [model.get_layer(one).output for one in ours.values()])(image / 127.5 - 1)
    found = forward(network, tf.constant(image), ours)
    for layer, expected in zip(ours, theirs, strict=True):
        expected = np.asarray(expected)
        assert expected.std() > 0
        apart = np.abs(np.asarray(found[layer]) - expected).max()
        assert apart <= 1e-4 * np.abs(expected).max(), (layer, apart)


@pytest.mark.parametrize(
    "activation",
    [layers.Activation("relu"), layers.ReLU(6), layers.LeakyReLU(0.2), layers.LeakyReLU(), layers.ELU(),
     *map(layers.Activation, ("relu6", "leaky_relu", "elu", "silu", "gelu", "sigmoid", "tanh"))],
    ids=lambda layer: layer.name,
)  # fmt: skip
def test_activations_in_a_conv_and_on_their_own(tmp_path, images, activation):
    source = keras.Input((64, 64, 3))
    x = layers.Conv2D(6, 3, padding="same", name="c")(layers.Rescaling(1 / 127.5, -1)(source))
    y = layers.Conv2D(6, 1, name="d")(x)
    config = activation.get_config() | {"name": "top"}
    model = randomized(keras.Model(source, type(activation).from_config(config)(layers.Add(name="sum")([x, y]))))
    import_keras_model(saved(model, tmp_path), ["sum", "top", "c"], "mine", (0, 255), tmp_path / "networks")
    network = find_network("mine", tmp_path)
    assert network.architecture.layer_names == ("c", "sum", "top")
    for name in ("c", "sum", "top"):
        theirs = np.asarray(keras.Model(source, model.get_layer(name).output)(images))
        ours = forward(network, tf.constant(images), [name])[name].numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max(), err_msg=name)


def test_what_several_layers_use_stays_as_it_is(tmp_path, images):
    """A batch norm, a ReLU and a linear activation on one convolution: none may be multiplied into it."""
    source = keras.Input((64, 64, 3))
    x = layers.Conv2D(4, 3, padding="same", name="c")(source)
    y = layers.BatchNormalization(name="b")(layers.Dropout(0.5)(x))
    model = randomized(keras.Model(source, layers.Add(name="sum")([x, y, layers.ReLU(name="r")(x)])))
    import_keras_model(saved(model, tmp_path), ["sum"], "mine", (0, 255), tmp_path / "networks")
    network = find_network("mine", tmp_path)
    assert {node.name: node.op for node in network.architecture.nodes}["b"] == "scale"
    theirs = np.asarray(model(images))
    ours = forward(network, tf.constant(images), ["sum"])["sum"].numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())


def test_a_layer_used_twice_and_a_model_within_a_model_say_what_to_do(tmp_path):
    source, again = keras.Input((64, 64, 3)), layers.Conv2D(3, 3, padding="same", name="again")
    twice = keras.Model(source, layers.ReLU(name="r")(again(layers.ReLU(name="q")(again(source)))))
    with pytest.raises(InputError, match='layer "again" is used more than once. Make a layer of its own'):
        import_keras_model(saved(twice, tmp_path), ["r"], "mine", (0, 255), tmp_path / "networks")
    inner = keras.Sequential([keras.Input((64, 64, 3)), layers.Conv2D(4, 3, name="c")], name="inner")
    outer = keras.Model(source, layers.ReLU(name="r")(inner(source)))
    for layer in ("r", "c", "inner"):
        with pytest.raises(InputError, match=r"save\('inner.keras'\)"):
            import_keras_model(saved(outer, tmp_path), [layer], "mine", (0, 255), tmp_path / "networks")


def test_the_older_format_says_what_to_do(tmp_path):
    h5py = pytest.importorskip("h5py")
    for name in ("model.h5", "model.keras"):
        h5py.File(tmp_path / name, "w").close()
        with pytest.raises(InputError, match=r"save\('model.keras'\)"):
            import_keras_model(tmp_path / name, ["c"], "mine", (0, 255), tmp_path / "networks")


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
