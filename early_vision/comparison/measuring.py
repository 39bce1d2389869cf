"""Recording what a network and its controls respond to. Runs networks, so it imports TensorFlow, and only when it does.

Stimuli are those of tuning, thinned; pictures are natural ones, of each the highest response at any position: how
strongly what the neuron looks for is there at all, wherever it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

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
from early_vision.network.architecture import INPUT, before_activation
from early_vision.network.nulls import Null, null_network
from early_vision.network.weights import Network
from early_vision.tuning.drives import Drives
from early_vision.tuning.families import ENOUGH, FAMILIES, scores
from early_vision.tuning.measures import tuning_of
from early_vision.tuning.responses import layer_series, measure_layer
from early_vision.tuning.stimuli import Series

CONTROL_NEURONS = 64
"""Of a control, neurons of each layer that are kept, drawn at random: enough for candidates."""
SEED = 0
NOISE_SHUFFLES, NOISE_PERCENTILE = 200, 95
DEAD = 1e-3
"""A neuron is dead whose responses span less than this part of the median span in its layer."""

Say = Callable[[str], None]
Known = Callable[[Network, str], Drives | None]
"""The responses of a network's layer to all stimuli of tuning; None where they have to be measured."""


def record(network: Network, pictures: Pictures, known: Known, families_of: Sequence[str], say: Say) -> Recording:
    """The responses of a network and of its controls.

    Args:
        network: with its weights.
        pictures: natural ones.
        known: what was measured before.
        families_of: the controls whose families are measured, too, which takes as long as all else together.
        say: is told what is being done.

    Raises:
        InputError: when a response is not finite.
    """
    layers = {name: _layer(network, name, known, say) for name in network.architecture.layer_names}
    say(f"{network.name}: {len(pictures.squares)} pictures")
    seen = picture_responses(network, pictures)
    layers = {
        name: replace(one, pictures=seen[name], dead=dead(one.stimuli, seen[name])) for name, one in layers.items()
    }
    return Recording(
        network.name,
        network.sha256,
        network.architecture,
        layers,
        {kind: _control(network, kind, pictures, kind in families_of, say) for kind in CONTROLS},
        stimuli_fingerprint(),
        pictures_fingerprint(pictures),
        rules_fingerprint(),
    )


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


def _layer(network: Network, layer: str, known: Known, say: Say) -> LayerRecording:
    drives = known(network, layer)
    if drives is None:
        say(f"{network.name}: {layer}, all stimuli")
        series = layer_series(network, layer)
        drives = Drives(measure_layer(network, layer, series), {one.kind: one for one in series})
    node = network.architecture.node(layer)
    # Nine pixels have too few orders.
    told = node.op == "conv" and node.inputs == (INPUT,) and node.kernel > 3
    noise = noisy_filters(network.kernel(layer)) if told else None
    return LayerRecording(
        chosen_responses(drives), np.zeros((drives.neurons, 0)), np.zeros(drives.neurons, bool), noise,
        families(drives), profiles(drives),
    )  # fmt: skip


def _control(
    network: Network, kind: Null, pictures: Pictures, with_families: bool, say: Say
) -> dict[str, LayerRecording]:
    null, found = null_network(network, kind, SEED), {}
    seen = picture_responses(null, pictures)
    for name, layer in network.architecture.layers.items():
        say(f"{null.name}: {name}")
        series = layer_series(network, name)
        shown = series if with_families else tuple(part for part, _ in map(thinned, series))
        responses = measure_layer(null, name, shown)
        drives = Drives(responses, {one.kind: one for one in shown})
        stimuli = chosen_responses(drives) if with_families else _joined(responses, shown)
        kept = np.sort(np.random.default_rng(SEED).permutation(layer.neurons)[:CONTROL_NEURONS])
        # Families are shares of a whole layer: the neurons that are kept come with all of them.
        found[name] = LayerRecording(
            stimuli[kept], seen[name][kept], dead(stimuli, seen[name])[kept], None,
            families(drives) if with_families else None, {},
        )  # fmt: skip
    return found


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


def chosen_responses(drives: Drives) -> np.ndarray:
    """The responses to the thinned stimuli, [neurons, stimuli]."""
    parts = []
    for kind, one in drives.series.items():
        _, kept = thinned(one)
        parts.append(drives.responses[kind][np.ix_(range(drives.neurons), *kept)].reshape(drives.neurons, -1))
    return np.concatenate(parts, axis=1)


def _joined(responses, series: Sequence[Series]) -> np.ndarray:
    return np.concatenate([responses[one.kind].reshape(len(responses[one.kind]), -1) for one in series], axis=1)
