"""lucid as it comes: the reference that the project's own engine is measured against, with its traps closed.

lucid 0.3 was written for TensorFlow 1. It works on TensorFlow 2 in graph mode when, while it is imported, `tensorflow`
is `tensorflow.compat.v1` and the two names that it needs of `tensorflow.contrib` exist. What is guarded here:

- Ctrl-C inside `render_vis` is swallowed there, and a half-finished image comes back: here it is raised again.
- `use_fixed_seed` leaves out NumPy, from which the image is initialised: here both are seeded.
- `thresholds=(N,)` runs N + 1 steps: here `steps` means steps.
- transforms that are not a list silently become the defaults: here a list is demanded.
- `get_layer` matches names fuzzily: here names are looked up in the architecture, and an unknown one is an error.
"""

import contextlib
import signal
import sys
import types
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INPUT
from early_vision.network.weights import Network
from tools.frozen_graph_reference import graph_def


@contextlib.contextmanager
def _tensorflow_1() -> Iterator[None]:
    """`import tensorflow` gives `tensorflow.compat.v1` with the parts of `contrib` that lucid names."""
    v1, slim, contrib = (
        tf.compat.v1,
        types.ModuleType("tensorflow.contrib.slim"),
        types.ModuleType("tensorflow.contrib"),
    )
    vars(contrib).update(slim=slim, image=types.SimpleNamespace(rotate=_rotate))
    # optvis names these under tf; compat.v1 has them under tf.signal.
    v1.spectral, v1.contrib = tf.signal, contrib
    replaced = {"tensorflow": v1, "tensorflow.contrib": contrib, "tensorflow.contrib.slim": slim}
    before = {name: sys.modules.get(name) for name in replaced}
    sys.modules.update(replaced)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _rotate(images: tf.Tensor, angle: tf.Tensor) -> tf.Tensor:
    """`tf.contrib.image.rotate`: nearest-pixel rotation about the centre by `angle` radians, zeros outside."""
    size = tf.cast(tf.shape(images)[1:3], tf.float32) - 1.0
    cos, sin = tf.cos(angle), tf.sin(angle)
    x = (size[1] - (cos * size[1] - sin * size[0])) / 2.0
    y = (size[0] - (sin * size[1] + cos * size[0])) / 2.0
    transform = tf.stack([cos, -sin, x, sin, cos, y, tf.zeros_like(cos), tf.zeros_like(cos)])[None]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=transform, output_shape=tf.shape(images)[1:3], fill_value=0.0,
        interpolation="NEAREST", fill_mode="CONSTANT",
    )  # fmt: skip


def _import_lucid() -> types.SimpleNamespace:
    with _tensorflow_1():
        from lucid.modelzoo.vision_base import Model
        from lucid.optvis import objectives, param, render, transform
    return types.SimpleNamespace(Model=Model, objectives=objectives, param=param, render=render, transform=transform)


def model(network: Network):
    """The network as a lucid `Model`."""
    lucid = _import_lucid()
    # One number, or one for each colour.
    mean = np.asarray(network.architecture.input_mean, np.float32)[()]

    class Imported(lucid.Model):  # type: ignore[name-defined]
        image_value_range = (-mean, 255 - mean)
        input_name = INPUT

        def __init__(self):
            super().__init__()
            self.graph_def = graph_def(network)

    return Imported()


def render_neuron(
    network: Network,
    layer: str,
    channel: int,
    *,
    size: int = 128,
    steps: int = 512,
    seed: int = 0,
    transforms: list[Callable] | None = None,
    learning_rate: float = 0.05,
) -> np.ndarray:
    """One neuron by lucid's default recipe: `render_vis` of its `neuron` objective, Fourier and decorrelated.

    Args:
        size: side of the image in pixels.
        transforms: a list of lucid transforms; None for lucid's standard ones.

    Returns:
        float32 [size, size, 3], 0 to 1.

    Raises:
        InputError: for a layer or channel that the network does not have.
        KeyboardInterrupt: when interrupted, instead of lucid's unfinished image.
    """
    layers = network.architecture.layers
    if layer not in layers:
        raise InputError(f"there is no layer {layer!r}", hint=did_you_mean(layer, layers))
    if not 0 <= channel < layers[layer].neurons:
        raise InputError(f"{layer} has no neuron {channel}", hint=f"Its neurons are 0 to {layers[layer].neurons - 1}")
    if transforms is not None and not isinstance(transforms, list):
        raise TypeError("transforms must be a list: lucid would silently use its defaults")
    lucid = _import_lucid()
    tf.compat.v1.disable_v2_behavior()
    np.random.seed(seed)
    with _interrupt_raised_after():
        images = lucid.render.render_vis(
            model(network), lucid.objectives.neuron(layer, channel), lambda: lucid.param.image(size),
            optimizer=tf.compat.v1.train.AdamOptimizer(learning_rate), transforms=transforms, thresholds=(steps - 1,),
            verbose=False, use_fixed_seed=True,
        )  # fmt: skip
    return images[0][0]


@contextlib.contextmanager
def _interrupt_raised_after() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end if one came meanwhile, even if the code inside swallowed it."""
    interrupted = False

    def remember(signum, frame):
        nonlocal interrupted
        interrupted = True
        signal.default_int_handler(signum, frame)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
