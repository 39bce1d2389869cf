"""Showing stimuli to a layer: the responses of all its neurons to all of them, and the artifact that keeps them.

Imports TensorFlow when it measures, and only then. The artifact is an .npz named by all that determines it.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from early_vision.errors import InputError
from early_vision.network.architecture import INPUT, Architecture, Branch, ReceptiveField
from early_vision.network.crop import crops_around
from early_vision.network.npz import read_npz
from early_vision.network.weights import Network
from early_vision.store import Artifact, artifact_key, to_npz, write_whole
from early_vision.tuning.colour import MIDDLE_GREY
from early_vision.tuning.drives import Drives
from early_vision.tuning.measures import MEASURES, Tuning
from early_vision.tuning.stimuli import Series, draw, scaled, series_for

STAGE, VERSION = "tuning", 2
LARGEST_FLOAT16 = 65_504.0
BATCH = 32
SPAN = 1 / 6
"""The part of a receptive field, on each side of its middle, over which stimuli are displaced. Not more: a ring that is
displaced by its radius is a curve."""
HALF = 0.5
"""The second contrast at which everything is shown."""
FEWER_PLACES, HALF_CONTRAST = "at fewer places", "at half contrast"
CHECKS: Mapping[str, float] = {FEWER_PLACES: 1.0, HALF_CONTRAST: HALF}
"""Where a family has to hold as well: at the places at which null networks are shown stimuli, at these contrasts."""

Responses = Mapping[str, np.ndarray]
"""Kind of stimulus to pre-activations [neurons, *shape of its series], at the best place for each neuron."""


@dataclass(frozen=True)
class Field:
    """The neurons of a layer that see squares of one size, because they are in branches alike.

    Attributes:
        nodes: the branches.
        channels: of the layer, in the order of the branches, int [neurons].
        seen: what one position of these branches sees.
        scale: the side of that as a part of the layer's.
    """

    nodes: tuple[str, ...]
    channels: np.ndarray
    seen: ReceptiveField
    scale: float

    @property
    def reach(self) -> int:
        """How many strides on each side of the middle stimuli are displaced."""
        return max(1, round(SPAN * self.seen.size / self.seen.stride))


@dataclass(frozen=True)
class Subject:
    """A network that is shown stimuli of a contrast, as a part of their full one."""

    network: Network
    contrast: float = 1.0


@dataclass(frozen=True)
class Showing:
    """One picture: a stimulus whose middle is `shift` (to the right, downwards) pixels from that of the neuron in the
    middle of the canvas. Its neighbours see it displaced by strides; `places` are those that count."""

    shift: tuple[int, int]
    places: tuple[tuple[int, int], ...]

    def within(self, reach: int) -> list[tuple[int, int]]:
        """The places at most so many strides from the middle."""
        return [place for place in self.places if max(map(abs, place)) <= reach]


@dataclass(frozen=True)
class Canvas:
    """The picture that stimuli are drawn on: large enough for the receptive fields of all positions that are read.

    Attributes:
        side: pixels along a side: what all positions see together.
        centre: pixels from the canvas's first to the middle of the receptive field of the position in the middle, 0-based.
        reach: strides from that position to the outermost that is read.
        showings: what to draw of a stimulus that is to be seen at all places of the grid.
    """

    side: int
    centre: float
    reach: int
    showings: tuple[Showing, ...]

    def points(self, shift: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """x and y (upwards), [side, side], of the pixels, from the middle of a stimulus."""
        at = np.arange(self.side) - self.centre
        x, y = np.meshgrid(at - shift[0], -(at - shift[1]))
        return x, y


def fields_of(architecture: Architecture, layer: str) -> tuple[Field, ...]:
    """The neurons of a layer by what they see, those that see most first."""
    found: dict[ReceptiveField, list[Branch]] = {}
    for branch in architecture.layers[layer].branches:
        found.setdefault(architecture.receptive_fields[branch.node], []).append(branch)
    largest = max(seen.size for seen in found)
    return tuple(
        Field(
            tuple(branch.node for branch in branches),
            np.concatenate([np.arange(branch.start, branch.stop) for branch in branches]),
            seen,
            seen.size / largest,
        )
        for seen, branches in sorted(found.items(), key=lambda one: -one[0].size)
    )


def scales_of(architecture: Architecture, layer: str) -> np.ndarray:
    """Of each neuron of a layer the scale of what it is shown, [neurons]."""
    scales = np.ones(architecture.layers[layer].neurons)
    for one in fields_of(architecture, layer):
        scales[one.channels] = one.scale
    return scales


def canvas_for(field: Field, coarse: bool = False) -> Canvas:
    """The canvas for some neurons: the grid's places span a third of their field, half a stride apart, at least a pixel.

    Args:
        coarse: places a whole stride apart, which one picture shows all at once.
    """
    seen = field.seen
    step = seen.stride if coarse else max(seen.stride // 2, 1)
    most = math.ceil(field.reach * seen.stride / step)
    showings = _showings([step * i for i in range(-most, most + 1)], seen.stride)
    reach = max(abs(step) for showing in showings for place in showing.places for step in place)
    side = seen.size + 2 * reach * seen.stride
    return Canvas(side, (side - 1) / 2, reach, showings)


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
    return measure_subjects([Subject(network)], layer, series)[0]


def measure_subjects(
    subjects: Sequence[Subject],
    layer: str,
    series: tuple[Series, ...],
    coarse: bool = False,
    advance: Callable[[int], object] = lambda shown: None,
) -> list[Responses]:
    """The same for several networks of one architecture at once: every picture is drawn once.

    Args:
        coarse: see `canvas_for`.
        advance: told after every batch how many of `pictures_of` have been shown.
    """
    fields = fields_of(subjects[0].network.architecture, layer)
    neurons = subjects[0].network.architecture.layers[layer].neurons
    found = [{one.kind: np.empty((neurons, len(one)), np.float32) for one in series} for _ in subjects]
    for these, shown, scale in _sessions(fields, series):
        session = _Session(subjects, layer, these, coarse)
        for best, responses in zip(session.show(shown, scale, advance), found, strict=True):
            start = 0
            for one in shown:
                responses[one.kind][session.channels] = best[start : start + len(one)].T
                start += len(one)
    return [{one.kind: responses[one.kind].reshape(neurons, *one.shape) for one in series} for responses in found]


def pictures_of(architecture: Architecture, layer: str, series: tuple[Series, ...], coarse: bool = False) -> int:
    """How many pictures `measure_subjects` shows each network."""
    sessions = _sessions(fields_of(architecture, layer), series)
    showings = [len(canvas_for(these[0], coarse).showings) for these, _, _ in sessions]
    return sum(
        len(one) * (1 if one.everywhere else count)
        for (_, shown, _), count in zip(sessions, showings, strict=True)
        for one in shown
    )


def _sessions(
    fields: tuple[Field, ...], series: tuple[Series, ...]
) -> list[tuple[tuple[Field, ...], tuple[Series, ...], float]]:
    """Who is shown what together: what has no size to all, what has one to the neurons of each field in its scale."""
    if len(fields) == 1:
        return [(fields, series, 1.0)]
    alike, sized = (tuple(one for one in series if one.sized == is_sized) for is_sized in (False, True))
    return [(fields, alike, 1.0), *(((field,), sized, field.scale) for field in fields)]


class _Session:
    """Some neurons of a layer, in some networks, before one canvas."""

    def __init__(self, subjects: Sequence[Subject], layer: str, fields: tuple[Field, ...], coarse: bool):
        self.layer, self.fields, self.subjects = layer, fields, subjects
        self.canvas = canvas_for(fields[0], coarse)
        self.channels = np.concatenate([field.channels for field in fields])
        self.targets = tuple(node for field in fields for node in field.nodes)
        together: dict[tuple, list[int]] = {}
        for at, subject in enumerate(subjects):
            together.setdefault((self._before_targets(subject.network), subject.contrast), []).append(at)
        self.groups = [
            (places, self._responder([subjects[at].network for at in places])) for places in together.values()
        ]

    def _before_targets(self, network: Network) -> tuple[int, ...]:
        """What tells apart networks with other weights than in the targets: null networks share arrays."""
        own = {f"{node}_{part}" for node in self.targets for part in "wb"}
        return tuple(id(network.weights[name]) for name in sorted(network.weights) if name not in own)

    def _responder(self, networks: Sequence[Network]):
        """Images [n, side, side, 3] to each network's pre-activations around the middle, [n, near, near, neurons]."""
        import tensorflow as tf

        from early_vision.network.tensorflow_ops import forward_around

        targets, reach, side = self.targets, self.canvas.reach, self.canvas.side
        crops = crops_around(networks[0].architecture, targets, reach)
        if crops[INPUT].size != side:
            raise ValueError(f"a canvas of {side} px for neurons that see {crops[INPUT].size} px")
        respond = lambda images: forward_around(networks, images, crops, targets, reach)
        return tf.function(respond, input_signature=[tf.TensorSpec([BATCH, side, side, 3])], autograph=False)

    def show(self, series: tuple[Series, ...], scale: float, advance: Callable[[int], object]) -> list[np.ndarray]:
        """Of each subject the responses at the best places, [stimuli, neurons], the stimuli of all series in order."""
        best = [np.full((sum(map(len, series)), len(self.channels)), -np.inf, np.float32) for _ in self.subjects]
        for rows, showing, images in _batches(series, self.canvas, scale):
            deviations = np.zeros((BATCH, *images.shape[1:]), np.float32)
            deviations[: len(rows)] = images - MIDDLE_GREY
            for places, respond in self.groups:
                pictures = MIDDLE_GREY + np.float32(self.subjects[places[0]].contrast) * deviations
                for at, result in zip(places, respond(pictures), strict=True):
                    values = result.numpy()[: len(rows)]
                    self._refuse_not_finite(values, series, rows)
                    best[at][rows] = np.maximum(best[at][rows], self._at_best_place(values, showing))
            advance(len(rows))
        return best

    def _at_best_place(self, values: np.ndarray, showing: Showing) -> np.ndarray:
        """Of each neuron the highest of its responses [n, near, near, neurons] at the places of its own field."""
        highest, start = [], 0
        for field in self.fields:
            # The field that sees most decides the canvas; a place of another field lies as many strides from its middle.
            down, right = np.array([(j, i) for i, j in showing.within(field.reach)]).T + self.canvas.reach
            own = values[..., start : start + len(field.channels)]
            highest.append(own[:, down, right].max(1))
            start += len(field.channels)
        return np.concatenate(highest, 1)

    def _refuse_not_finite(self, values: np.ndarray, series: tuple[Series, ...], rows: list[int]) -> None:
        if np.isfinite(values).all():
            return
        image, _, _, channel = np.argwhere(~np.isfinite(values))[0]
        at, kind = rows[int(image)], iter(series)
        one = next(kind)
        while at >= len(one):
            at, one = at - len(one), next(kind)
        raise InputError(
            f"neuron {self.layer}:{self.channels[channel]} responds to a stimulus ({one.label(at)}) with a value that "
            "is not finite",
            hint="The weights are too large or damaged: import them again",
        )


def _batches(
    series: tuple[Series, ...], canvas: Canvas, scale: float
) -> Iterator[tuple[list[int], Showing, np.ndarray]]:
    """(which stimuli, how they are shown, images [n, side, side, 3]), each stimulus with every showing."""
    stimuli = [(one, parameters) for one in series for parameters in one.stimuli()]
    once = [row for row, (one, _) in enumerate(stimuli) if one.everywhere]
    moved = [row for row, (one, _) in enumerate(stimuli) if not one.everywhere]
    shown = [(Showing((0, 0), ((0, 0),)), once), *((showing, moved) for showing in canvas.showings)]
    for showing, rows in shown:
        x, y = canvas.points(showing.shift)
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            images = [draw(stimuli[row][0].kind, scaled(stimuli[row][1], scale), x, y) for row in some]
            yield some, showing, np.stack(images)


def responses_path(folder: Path, network: Network, layer: str) -> Path:
    """Where the responses of a layer are: the name holds the hash of weights, stimuli and version."""
    series = layer_series(network, layer)
    parameters = {"layer": layer, "series": {one.kind: {k: list(v) for k, v in one.axes.items()} for one in series}}
    return folder / f"{layer}-{artifact_key(STAGE, VERSION, network.sha256, parameters)}.npz"


def layer_series(network: Network, layer: str) -> tuple[Series, ...]:
    """The stimuli that a layer of a network is shown."""
    return series_for(network.architecture.layers[layer].receptive_field)


def write_responses(
    folder: Path, network: Network, layer: str, responses: Responses, checks: Mapping[str, Tuning] | None = None
) -> Path:
    """Write a layer's responses in half precision (3 digits), and remove what they supersede.

    Args:
        checks: for each of `CHECKS` the measures: what is kept of the responses there.

    Raises:
        InputError: when they cannot be written.
    """
    path = responses_path(folder, network, layer)
    fits = all(np.abs(values).max(initial=0) < LARGEST_FLOAT16 for values in responses.values())
    about = _artifact(path, network, layer).about | {"network": network.name, "layer": layer}
    arrays = {kind: values.astype(np.float16 if fits else np.float32) for kind, values in responses.items()}
    for check, tuning in (checks or {}).items():
        arrays |= {f"{name} {check}": np.asarray(values, np.float32) for name, values in tuning.items()}
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
    return read_both(folder, network, layer)[0]


def read_both(folder: Path, network: Network, layer: str) -> tuple[Drives, dict[str, Tuning]]:
    """A layer's responses, and its measures at each of `CHECKS` where they were taken.

    Raises:
        InputError: as `read_responses`.
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
    taken = [check for check in CHECKS if any(name.endswith(check) for name in arrays)]
    checks = {check: {name: f"{name} {check}" for name in MEASURES} for check in taken}
    expected: dict[str, tuple[int, ...]] = {kind: (neurons, *one.shape) for kind, one in series.items()}
    expected |= {name: (neurons,) for names in checks.values() for name in names.values()}
    for kind, shape in expected.items():
        if kind not in arrays or arrays[kind].shape != shape or not np.isfinite(arrays[kind]).all():
            raise InputError(f"the artifact is damaged ({kind})", file=path, hint=f"Remove it. {hint}")
    drives = Drives(
        {kind: arrays[kind].astype(np.float32) for kind in series}, series, scales_of(network.architecture, layer)
    )
    return drives, {check: {name: arrays[at] for name, at in names.items()} for check, names in checks.items()}


def _artifact(path: Path, network: Network, layer: str) -> Artifact:
    other = f"these responses of {layer} come from other weights"
    return Artifact(path, STAGE, VERSION, network.sha256, other, _hint(network))


def _hint(network: Network) -> str:
    return f"Run: python build.py measure --network {network.name}"
