"""Recording what a network and its controls respond to. Runs networks, so it imports TensorFlow, and only when it does.

Stimuli are those of tuning, thinned; pictures are natural ones, of each the highest response at any position: how
strongly what the neuron looks for is there at all, wherever it is.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from early_vision.circuits.natural_places import BATCH, Pictures
from early_vision.comparison.recording import (
    CONTROLS,
    LayerRecording,
    Recording,
    pictures_fingerprint,
    rules_fingerprint,
    stimuli_fingerprint,
    thinned,
)
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture, before_activation
from early_vision.network.nulls import null_network
from early_vision.network.weights import Network
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import ENOUGH, FAMILIES, scores
from early_vision.tuning.measures import tuning_of
from early_vision.tuning.responses import layer_series
from early_vision.tuning.stimuli import Series, draw

CONTROL_NEURONS = 64
"""Of a control, neurons of each layer that are kept, drawn at random: enough for candidates."""
SEED = 0
REACH = 1
"""Positions around the middle, on each side, at which a neuron may respond to a stimulus."""
STIMULI_AT_ONCE = 32
NOISE_SHUFFLES, NOISE_PERCENTILE = 200, 95
DEAD = 1e-3
"""A neuron is dead whose responses span less than this part of the median span in its layer."""

Say = Callable[[str], None]
Responses = Mapping[str, np.ndarray]
"""Kind of stimulus to pre-activations [neurons, *shape of its series]."""


def record(network: Network, pictures: Pictures, say: Say, families_of: Sequence[str] = ()) -> Recording:
    """The responses of a network and of its controls.

    Args:
        network: with its weights.
        pictures: natural ones.
        say: is told what is being done.
        families_of: the controls whose families are measured, too; for the others fewer stimuli do.

    Raises:
        InputError: when a response is not finite.
    """
    subjects: dict[str, Network] = {"": network, **{kind: null_network(network, kind, SEED) for kind in CONTROLS}}
    seen = {}
    for kind, one in subjects.items():
        say(f"{one.name}: {len(pictures.squares)} pictures")
        seen[kind] = picture_responses(one, pictures)
    found: dict[str, dict[str, LayerRecording]] = {kind: {} for kind in subjects}
    for name in network.architecture.layer_names:
        series = layer_series(network, name)
        few = tuple(thinned(one)[0] for one in series)
        for shown in (series, few):
            some = {kind: one for kind, one in subjects.items() if (shown is series) == (kind in ("", *families_of))}
            say(f"{network.name}: {name}, {sum(map(len, shown))} stimuli, {len(some)} networks")
            for kind, responses in zip(some, stimulus_responses(tuple(some.values()), name, shown), strict=True):
                drives = Drives(responses, {one.kind: one for one in shown}) if shown is series else None
                stimuli = chosen_responses(responses, series) if drives else joined(responses)
                layer = _layer(subjects[kind], name, stimuli, seen[kind][name], drives)
                found[kind][name] = layer if kind == "" else _some_of(layer)
    return Recording(
        network.name,
        network.sha256,
        network.architecture,
        found[""],
        {kind: found[kind] for kind in CONTROLS},
        stimuli_fingerprint(),
        pictures_fingerprint(pictures),
        rules_fingerprint(),
    )


@dataclass(frozen=True)
class Canvas:
    """The picture that stimuli are drawn on: large enough for what the positions around its middle see.

    Attributes:
        side: pixels along a side.
        middle: index of the position in the middle.
        centre: pixels from the first to the middle of that position's receptive field.
    """

    side: int
    middle: int
    centre: float


def canvas_for(architecture: Architecture, layer: str) -> Canvas:
    """The canvas of a layer. Its side is a multiple of all strides, so that padding is the same on both sides."""
    seen = architecture.receptive_fields[layer]
    middle = REACH + max(math.ceil(-seen.start / seen.stride), 0)
    needed = seen.start + (middle + REACH) * seen.stride + seen.size
    whole = max(field.stride for field in architecture.receptive_fields.values())
    side = whole * math.ceil(needed / whole)
    return Canvas(side, middle, seen.start + middle * seen.stride + (seen.size - 1) / 2)


def stimulus_responses(networks: Sequence[Network], layer: str, series: Sequence[Series]) -> list[Responses]:
    """Responses of a layer's neurons before their activation in networks of one architecture: the highest of those at the
    middle of the stimulus and at the positions around it; in the middle only for one that fills the picture.

    Raises:
        InputError: naming layer and stimulus, when a response is not finite.
    """
    if not networks:
        return []
    canvas, neurons = canvas_for(networks[0].architecture, layer), networks[0].architecture.layers[layer].neurons
    responders = [_responder(network, layer, canvas.middle) for network in networks]
    at = np.arange(canvas.side) - canvas.centre
    x, y = np.meshgrid(at, -at)
    listed = [(one, parameters) for one in series for parameters in one.stimuli()]
    found = [np.empty((len(listed), neurons), np.float32) for _ in networks]
    for start in range(0, len(listed), STIMULI_AT_ONCE):
        some = listed[start : start + STIMULI_AT_ONCE]
        images = np.stack([draw(one.kind, parameters, x, y) for one, parameters in some])
        everywhere = np.array([one.everywhere for one, _ in some])
        for network, respond, kept in zip(networks, responders, found, strict=True):
            values = respond(images)
            if not np.isfinite(values).all():
                raise InputError(
                    f"{layer} of {network.name} responds with a value that is not finite to a {some[0][0].kind}",
                    hint="The weights are too large or damaged: import them again",
                )
            kept[start : start + len(some)] = np.where(everywhere[:, None], values[:, REACH, REACH], values.max((1, 2)))
    return [_by_kind(kept, series) for kept in found]


def _by_kind(responses: np.ndarray, series: Sequence[Series]) -> Responses:
    parts = np.split(responses, np.cumsum([len(one) for one in series])[:-1])
    return {
        one.kind: np.ascontiguousarray(part.T).reshape(-1, *one.shape) for one, part in zip(series, parts, strict=True)
    }


def _responder(network: Network, layer: str, middle: int) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    network = _up_to(network, layer)
    wanted, near = before_activation(layer), slice(middle - REACH, middle + REACH + 1)

    @tf.function(reduce_retracing=True, autograph=False)
    def respond(images: tf.Tensor) -> tf.Tensor:
        return forward(network, images, [wanted])[wanted][:, near, near, :]

    return lambda images: respond(tf.constant(images)).numpy()


def picture_responses(network: Network, pictures: Pictures) -> dict[str, np.ndarray]:
    """Layer to the highest response of each neuron to each picture, before its activation: float32 [neurons, pictures]."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    names = network.architecture.layer_names
    wanted = [before_activation(name) for name in names]

    @tf.function(reduce_retracing=True, autograph=False)
    def highest(images: tf.Tensor) -> list[tf.Tensor]:
        given = forward(network, images, wanted)
        return [tf.reduce_max(given[name], (1, 2)) for name in wanted]

    found: list[list[np.ndarray]] = [[] for _ in names]
    for start in range(0, len(pictures.squares), BATCH):
        images = np.stack(pictures.squares[start : start + BATCH])
        for kept, value in zip(found, highest(tf.constant(images, tf.float32)), strict=True):
            kept.append(value.numpy())
    return {name: np.concatenate(some).T for name, some in zip(names, found, strict=True)}


def dead(stimuli: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Which neurons respond to all stimuli alike, and to all pictures: bool [neurons]."""
    spans = np.maximum(np.ptp(stimuli, axis=1), np.ptp(pictures, axis=1))
    return spans < DEAD * np.median(spans)


def noisy_filters(kernel: np.ndarray) -> np.ndarray:
    """Which filters of a layer that reads pictures have no more of one spatial frequency than when their pixels are in
    another order: bool [out], for a kernel [height, width, colours, out]. Dead ones are none.

    The statistic is the largest part of a filter's energy, less the mean of each colour, that one frequency has.
    """
    generator = np.random.default_rng(SEED)
    size, _, colours, out = kernel.shape
    pixels = kernel.reshape(size * size, colours, out)
    own, shuffled = _peak(pixels, size), []
    for _ in range(NOISE_SHUFFLES):
        shuffled.append(_peak(pixels[generator.permutation(size * size)], size))
    energy = (pixels**2).sum((0, 1))
    return (own <= np.percentile(shuffled, NOISE_PERCENTILE, axis=0)) & (energy > DEAD**2 * np.median(energy))


def _peak(pixels: np.ndarray, size: int) -> np.ndarray:
    pixels = pixels - pixels.mean(0)
    spectrum = (
        np.abs(np.fft.fft2(pixels.reshape(size, size, *pixels.shape[1:]), (2 * size, 2 * size), axes=(0, 1))) ** 2
    )
    return spectrum.sum(2).reshape(-1, pixels.shape[-1]).max(0) / np.maximum((pixels**2).sum((0, 1)), 1e-30)


def _up_to(network: Network, layer: str) -> Network:
    """The network without what comes after a layer: on a small canvas there may be no room for it."""
    nodes = network.architecture.nodes
    end = next(at for at, node in enumerate(nodes) if node.name == layer) + 1
    return replace(network, architecture=replace(network.architecture, nodes=nodes[:end], layer_names=(layer,)))


def _layer(
    network: Network, layer: str, stimuli: np.ndarray, pictures: np.ndarray, drives: Drives | None
) -> LayerRecording:
    node = network.architecture.node(layer)
    # Nine pixels have too few orders.
    told = node.op == "conv" and node.inputs == (INPUT,) and node.kernel > 3
    return LayerRecording(
        stimuli,
        pictures,
        dead(stimuli, pictures),
        noisy_filters(network.kernel(layer)) if told else None,
        families(drives) if drives else None,
        profiles(drives) if drives else {},
    )


def _some_of(layer: LayerRecording) -> LayerRecording:
    """A control's layer with the responses of CONTROL_NEURONS neurons. Families are shares of a layer: all are kept."""
    kept = np.sort(np.random.default_rng(SEED).permutation(len(layer.dead))[:CONTROL_NEURONS])
    return LayerRecording(layer.stimuli[kept], layer.pictures[kept], layer.dead[kept], None, layer.families, {})


def families(drives: Drives) -> tuple[str | None, ...]:
    """The family with the highest score of each neuron; None where no score suffices. All networks, and all controls, are
    held against the same rules: what chance gives is for the controls to say."""
    found = scores(tuning_of(drives))
    return tuple(
        FAMILIES[one].name if best >= ENOUGH else None for one, best in zip(found.argmax(1), found.max(1), strict=True)
    )


def profiles(drives: Drives) -> dict[str, np.ndarray]:
    """Tuning curves of each neuron, as parts of its best drive: the best of all stimuli for each value, [neurons, values]."""
    curves = np.maximum(drives.by("curve", "direction"), drives.by("curved_edge", "direction"))
    spots = drives.by("colour_spot", "hue", surround="grey")
    return {
        "orientation": drives.share(drives.by("grating", "orientation")),
        "direction": drives.share(curves),
        "hue": drives.share(np.maximum(spots, drives.by("uniform_hue", "hue"))),
        "frequency": drives.share(drives.by("grating", "frequency")),
    }


def chosen_responses(responses: Responses, series: Sequence[Series]) -> np.ndarray:
    """The responses to the thinned stimuli, [neurons, stimuli]."""
    kept = {one.kind: thinned(one)[1] for one in series}
    return joined({kind: values[np.ix_(range(len(values)), *kept[kind])] for kind, values in responses.items()})


def joined(responses: Responses) -> np.ndarray:
    """Responses to all kinds of stimuli side by side, [neurons, stimuli]."""
    return np.concatenate([values.reshape(len(values), -1) for values in responses.values()], axis=1)
