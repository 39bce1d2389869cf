"""Showing stimuli to a layer: the responses of all its neurons to all of them, and the artifact that keeps them.

Imports TensorFlow when it measures, and only then. The artifact is an .npz named by all that determines it.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.architecture import Architecture, before_activation
from early_vision.network.npz import read_npz
from early_vision.network.weights import Network
from early_vision.store import Artifact, artifact_key, to_npz, write_whole
from early_vision.tuning.drives import Drives
from early_vision.tuning.stimuli import Series, draw, series_for

STAGE, VERSION = "tuning", 1
LARGEST_FLOAT16 = 65_504.0
BATCH = 32
REACH = 2
"""Displacements on each side of the middle along each axis: a grid of 5 by 5 places."""

Responses = Mapping[str, np.ndarray]
"""Kind of stimulus to pre-activations [neurons, *shape of its series], at the best place for each neuron."""


@dataclass(frozen=True)
class Showing:
    """One picture: a stimulus whose middle is `shift` (to the right, downwards) pixels from that of the neuron in the
    middle of the canvas. Its neighbours see it displaced by strides; `places` are those that count."""

    shift: tuple[int, int]
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Canvas:
    """The picture that stimuli are drawn on: large enough for the receptive fields of all positions that are read.

    Attributes:
        side: pixels along a side, a multiple of the layer's stride.
        middle: index of the position in the middle.
        centre: pixels from the canvas's first to the middle of that position's receptive field, 0-based.
        showings: what to draw of a stimulus that is to be seen at all places of the grid.
    """

    side: int
    middle: int
    centre: float
    showings: tuple[Showing, ...]

    def points(self, shift: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """x and y (upwards), [side, side], of the pixels, from the middle of a stimulus."""
        at = np.arange(self.side) - self.centre
        x, y = np.meshgrid(at - shift[0], -(at - shift[1]))
        return x, y


def canvas_for(architecture: Architecture, layer: str) -> Canvas:
    """The canvas of a layer: the grid's places are half a stride apart, at least a pixel."""
    seen = architecture.receptive_fields[layer]
    step = max(seen.stride // 2, 1)
    offsets = [step * i for i in range(-REACH, REACH + 1)]
    reach = math.ceil(REACH * step / seen.stride)
    middle = reach + max(math.ceil(-seen.start / seen.stride), 0)
    needed = seen.start + (middle + reach) * seen.stride + seen.size
    # SAME padding is symmetric only where every stride divides the size.
    whole = max(field.stride for field in architecture.receptive_fields.values())
    side = whole * math.ceil(needed / whole)
    return Canvas(
        side, middle, seen.start + middle * seen.stride + (seen.size - 1) / 2, _showings(offsets, seen.stride)
    )


def _showings(offsets: list[int], stride: int) -> tuple[Showing, ...]:
    """Every displacement is a shift of the stimulus less a number of strides to the neuron that sees it so."""
    shifts = sorted({offset % stride for offset in offsets})
    steps = {shift: [(shift - offset) // stride for offset in offsets if offset % stride == shift] for shift in shifts}
    return tuple(Showing((a, b), tuple((i, j) for i in steps[a] for j in steps[b])) for a in shifts for b in shifts)


def measure_layer(network: Network, layer: str, series: tuple[Series, ...]) -> Responses:
    """Responses of a layer's neurons before their activation, each at the best place of the grid.

    Those after the ReLU follow: the larger of the response and 0, since the best place is best either way.

    Raises:
        InputError: naming neuron and stimulus, when a response is not finite.
    """
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    canvas, wanted = canvas_for(network.architecture, layer), before_activation(layer)
    near = slice(canvas.middle - _reach(canvas), canvas.middle + _reach(canvas) + 1)

    @tf.function(reduce_retracing=True, autograph=False)
    def respond(images: tf.Tensor) -> tf.Tensor:
        return forward(network, images, [wanted])[wanted][:, near, near, :]

    neurons = network.architecture.layers[layer].neurons
    responses = {}
    for one in series:
        best = np.full((len(one), neurons), -np.inf, np.float32)
        for rows, showing, images in _batches(one, canvas):
            values = respond(tf.constant(images)).numpy()
            _refuse_not_finite(values, layer, one, rows)
            for right, down in showing.places:
                seen = values[:, _reach(canvas) + down, _reach(canvas) + right]
                best[rows] = np.maximum(best[rows], seen)
        responses[one.kind] = np.ascontiguousarray(best.T).reshape(neurons, *one.shape)
    return responses


def _reach(canvas: Canvas) -> int:
    """Strides from the middle to the outermost position that is read."""
    return max(abs(step) for showing in canvas.showings for place in showing.places for step in place)


def _batches(series: Series, canvas: Canvas) -> Iterator[tuple[slice, Showing, np.ndarray]]:
    """(which stimuli, how they are shown, images [n, side, side, 3]), each stimulus with every showing."""
    stimuli = list(series.stimuli())
    for showing in (Showing((0, 0), ((0, 0),)),) if series.everywhere else canvas.showings:
        x, y = canvas.points(showing.shift)
        for start in range(0, len(stimuli), BATCH):
            images = [draw(series.kind, parameters, x, y) for parameters in stimuli[start : start + BATCH]]
            yield slice(start, start + len(images)), showing, np.stack(images)


def _refuse_not_finite(values: np.ndarray, layer: str, series: Series, rows: slice) -> None:
    if not np.isfinite(values).all():
        image, _, _, channel = np.argwhere(~np.isfinite(values))[0]
        stimulus = series.label(rows.start + int(image))
        raise InputError(
            f"neuron {layer}:{channel} responds to a stimulus ({stimulus}) with a value that is not finite",
            hint="The weights are too large or damaged: import them again",
        )


def responses_path(folder: Path, network: Network, layer: str) -> Path:
    """Where the responses of a layer are: the name holds the hash of weights, stimuli and version."""
    series = layer_series(network, layer)
    parameters = {"layer": layer, "series": {one.kind: {k: list(v) for k, v in one.axes.items()} for one in series}}
    return folder / f"{layer}-{artifact_key(STAGE, VERSION, network.sha256, parameters)}.npz"


def layer_series(network: Network, layer: str) -> tuple[Series, ...]:
    """The stimuli that a layer of a network is shown."""
    return series_for(network.architecture.layers[layer].receptive_field)


def write_responses(folder: Path, network: Network, layer: str, responses: Responses) -> Path:
    """Write a layer's responses in half precision (3 digits), and remove what they supersede.

    Raises:
        InputError: when they cannot be written.
    """
    path = responses_path(folder, network, layer)
    fits = all(np.abs(values).max(initial=0) < LARGEST_FLOAT16 for values in responses.values())
    about = _artifact(path, network, layer).about | {"network": network.name, "layer": layer}
    arrays = {kind: values.astype(np.float16 if fits else np.float32) for kind, values in responses.items()}
    written = json.dumps(about, sort_keys=True).encode()
    arrays["about"] = np.frombuffer(written, np.uint8)
    write_whole(path, to_npz(dict(sorted(arrays.items()))))
    for other in folder.glob(f"{layer}-*.npz"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def read_responses(folder: Path, network: Network, layer: str) -> Drives:
    """A layer's responses.

    Raises:
        InputError: when they are absent, come from other weights or an older version, or are damaged; with the command
            that makes them.
    """
    path = responses_path(folder, network, layer)
    artifact, hint = _artifact(path, network, layer), _hint(network)
    if not path.is_file():
        others = sorted(folder.glob(f"{layer}-*.npz"))
        if others:
            raise InputError(
                f"these responses of {layer} come from other weights or an older version", file=others[0], hint=hint
            )
        raise InputError(f"the responses of {layer} of {network.name} are not measured", file=folder, hint=hint)
    series = {one.kind: one for one in layer_series(network, layer)}
    arrays = read_npz(path)
    with artifact.parsing():
        about = json.loads(arrays.pop("about").tobytes())
        artifact.check(about if about["layer"] == layer else {})
    neurons = network.architecture.layers[layer].neurons
    for kind, one in series.items():
        if kind not in arrays or arrays[kind].shape != (neurons, *one.shape) or not np.isfinite(arrays[kind]).all():
            raise InputError(f"the artifact is damaged ({kind})", file=path, hint=f"Remove it. {hint}")
    return Drives({kind: arrays[kind].astype(np.float32) for kind in series}, series)


def _artifact(path: Path, network: Network, layer: str) -> Artifact:
    other = f"these responses of {layer} come from other weights"
    return Artifact(path, STAGE, VERSION, network.sha256, other, _hint(network))


def _hint(network: Network) -> str:
    return f"Run: python build.py measure --network {network.name}"
