"""Places in natural pictures at which a neuron, or what excites it, is most active: one a picture.

Pictures are cut to squares whose side is a multiple of the layer's stride, and places are those whose receptive field
lies within: there a crop of the picture gives the very activations of the whole.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import Connection, connect
from early_vision.errors import InputError
from early_vision.features.held_out import picture_batches
from early_vision.network.architecture import INPUT, Architecture, before_activation
from early_vision.network.weights import Network

BATCH = 25


@dataclass(frozen=True, eq=False)
class Pictures:
    """Natural pictures as squares.

    Attributes:
        squares: uint8 [side, side, 3], in order of their names.
        sha256: of their pixels.
    """

    squares: tuple[np.ndarray, ...]
    sha256: str


@dataclass(frozen=True, eq=False)
class Places:
    """A place in each picture.

    Attributes:
        corners: int [pictures, 2], row and column of the first pixel of the receptive field there; -1 where a picture is
            too small for any.
        values: float [pictures], what is greatest there; -inf where there is none.
    """

    corners: np.ndarray
    values: np.ndarray

    def best(self, count: int) -> np.ndarray:
        """Indices of the pictures with the highest values above 0, at most so many, the highest first."""
        order = np.argsort(-self.values, kind="stable")[:count]
        return order[self.values[order] > 0]


Target = tuple[Neuron, str]
"""A neuron, and the layer that its inputs are in."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What some pictures say about some neurons.

    Attributes:
        active: where the neuron is most active before its activation.
        excited: where its inputs excite it most, whatever inhibits it there: the positive parts of its expanded weights
            times what they meet.
        means: mean activation of each channel of the layers that inputs are in, over all pictures.
    """

    active: dict[Neuron, Places]
    excited: dict[Target, Places]
    means: dict[str, np.ndarray]


def read_pictures(pictures: Path, network: Network) -> Pictures:
    """A folder or zip of pictures as squares, from the middle of each.

    Raises:
        InputError: when there are no pictures, or one cannot be read.
    """
    whole = max(field.stride for field in network.architecture.receptive_fields.values())
    squares, digest = [], hashlib.sha256()
    for batch in picture_batches(pictures):
        side = min(batch.shape[1:3]) // whole * whole
        top, left = ((size - side) // 2 for size in batch.shape[1:3])
        for square in np.ascontiguousarray(batch[:, top : top + side, left : left + side]):
            squares.append(square)
            digest.update(square.tobytes())
    if not squares:
        raise InputError("there are no pictures here", file=pictures)
    return Pictures(tuple(squares), digest.hexdigest())


def survey(network: Network, pictures: Pictures, targets: Sequence[Target], excitation: bool = True) -> Survey:
    """Run the network over all pictures once, and keep each target's places.

    Args:
        network, pictures: what is run over what.
        targets: whose places are kept.
        excitation: whether to look for what excites, too, which takes most of the memory; else `excited` knows no place.

    Raises:
        InputError: for two layers between which no path leads.
    """
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    architecture, number = network.architecture, len(pictures.squares)
    parts = _excitations(network, tuple(dict.fromkeys(targets)))
    sources = sorted({source for _, source in targets if source != INPUT})
    names = sorted({before_activation(part.branch.node) for part, _ in parts})
    blank = lambda: Places(np.full((number, 2), -1), np.full(number, -np.inf))
    active = {neuron: blank() for neuron, _ in targets}
    excited = {target: blank() for target in targets}
    means = {source: np.zeros(architecture.channels(source)) for source in sources}

    def look(images: tf.Tensor) -> tuple[list, list]:
        """Each source's mean per picture and channel; what each part's neurons give at all places, and their excitation."""
        given = forward(network, images, [*names, *sources])
        given[INPUT] = images - architecture.input_mean
        found = []
        for part, here in parts:
            near = inner_positions(architecture, part.branch.node, images.shape[1])
            if near:
                channels = [neuron.channel - part.branch.start for neuron, _ in here]
                inner = given[before_activation(part.branch.node)][:, near.start : near.stop, near.start : near.stop]
                values = tf.gather(inner, channels, axis=3)
                found.append((values, expected(part, given[part.source], near) if excitation else values))
        return [tf.reduce_mean(given[source], (1, 2)) for source in sources], found

    for side, batches in groupby(_batches(pictures.squares), key=lambda one: one[1].shape[1]):
        run = tf.function(look, reduce_retracing=True, autograph=False)
        seen = [(p, here) for p, here in parts if inner_positions(architecture, p.branch.node, side)]
        for indices, batch in batches:
            averages, found = run(tf.constant(batch, tf.float32))
            for source, average in zip(sources, averages, strict=True):
                means[source] += average.numpy().sum(0, dtype=np.float64) / number
            for (part, here), (values, exciting) in zip(seen, found, strict=True):
                node = part.branch.node
                about = architecture, node, inner_positions(architecture, node, side).start
                for index, target in enumerate(here):
                    _keep(active[target[0]], indices, values.numpy()[..., index], *about)
                    if excitation:
                        _keep(excited[target], indices, exciting.numpy()[..., index], *about)
    return Survey(active, excited, means)


def crop_of(square: np.ndarray, corner: np.ndarray, size: int) -> np.ndarray:
    """What a receptive field sees: uint8 [size, size, 3]."""
    row, column = corner
    return square[row : row + size, column : column + size]


def inner_positions(architecture: Architecture, node: str, side: int) -> range:
    """Positions of a node along one side of a picture whose receptive field lies within it."""
    field = architecture.receptive_fields[node]
    first = -(field.start // field.stride)
    return range(first, (side - field.size - field.start) // field.stride + 1)


def expected(part: Connection, source, positions: range):
    """What expanded weights give at some positions along either side, in TensorFlow.

    Args:
        part: with any number of neurons.
        source: [n, height, width, channels], after the activation.
        positions: at which the kernel lies within the source.

    Returns:
        [n, positions, positions, neurons], without biases.
    """
    import tensorflow as tf

    pooled = tf.nn.max_pool2d(source, part.window, 1, "VALID") if part.window > 1 else source
    at = [positions.start * part.stride + part.start + i * part.step for i in range(part.cells)]
    cells = [slice(one, one + (len(positions) - 1) * part.stride + 1, part.stride) for one in at]
    return tf.add_n(
        [
            tf.tensordot(pooled[:, rows, columns], part.weights[i, j], 1)
            for i, rows in enumerate(cells)
            for j, columns in enumerate(cells)
        ]
    )


def window_maximum(value: np.ndarray, window: int) -> np.ndarray:
    """The maximum over the window that begins at each position: [n, height, width, c] to fewer positions."""
    for axis in (1, 2):
        stop = value.shape[axis] - window + 1
        parts = [value[:, i : stop + i] if axis == 1 else value[:, :, i : stop + i] for i in range(window)]
        value = np.maximum.reduce(parts) if window > 1 else value
    return value


def _excitations(network: Network, targets: Sequence[Target]) -> list[tuple[Connection, list[Target]]]:
    """The positive parts of the neurons' expanded weights: those of one source and branch together, and whose they are."""
    known = {pair: connect(network, *pair) for pair in dict.fromkeys((source, n.layer) for n, source in targets)}
    found: dict[tuple[str, str], tuple[Connection, list[Target]]] = {}
    for neuron, source in targets:
        part = known[source, neuron.layer].part(neuron.channel)
        found.setdefault((source, part.branch.node), (part, []))[1].append((neuron, source))
    return [
        (
            replace(part, weights=np.maximum(part.weights[..., [n.channel - part.branch.start for n, _ in here]], 0)),
            here,
        )
        for part, here in found.values()
    ]


def _keep(places: Places, indices: Iterable[int], values: np.ndarray, architecture: Architecture, node: str,
          first: int) -> None:  # fmt: skip
    """Write down the place of the highest of some values [n, positions, positions], of which `first` is the first."""
    field, side = architecture.receptive_fields[node], values.shape[1]
    for index, value in zip(indices, values, strict=True):
        row, column = divmod(int(value.argmax()), side)
        places.corners[index] = [field.start + (first + one) * field.stride for one in (row, column)]
        places.values[index] = value[row, column]


def _batches(squares: Sequence[np.ndarray]) -> Iterator[tuple[list[int], np.ndarray]]:
    """Indices and pixels [n, side, side, 3] of pictures of one size."""
    for side in sorted({len(square) for square in squares}):
        alike = [index for index, square in enumerate(squares) if len(square) == side]
        for start in range(0, len(alike), BATCH):
            chosen = alike[start : start + BATCH]
            yield chosen, np.stack([squares[index] for index in chosen])
