"""Natural pictures of an author's own: for every neuron the patches that excite it most, and a spread of its answers.

Pictures are looked at once, one after another, however many there are. Each is scaled until its shorter side has 224
pixels, and its middle square is run through the network. Of every picture each neuron's strongest place is a candidate
for its strongest patches; and one place, chosen at random and the same for all neurons, for the spread, which shows what a
neuron answers with at each tenth of its range: the deciles over a sample of 256 pictures. Answers are before the ReLU.
"""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from PIL import Image, UnidentifiedImageError

from early_vision.errors import InputError
from early_vision.features.credits import Credit, read_credits
from early_vision.features.sheets import COLUMNS, decode_sheet, encode_sheet
from early_vision.network.architecture import INPUT, Architecture
from early_vision.network.crop import Crop, crops
from early_vision.network.weights import Network
from early_vision.progress import progress
from early_vision.store import Artifact, write_whole

SUFFIXES = (".jpeg", ".jpg", ".png", ".webp")
STAGE, VERSION, FILE = "examples", 1, "examples.json"
SIDE = 224
"""Of the square of a picture that is looked at, in pixels."""
STRONGEST, DECILES = 7, 9
"""Patches of each neuron: a row of a sheet."""
TILE, ROWS = 56, 256
"""Side of a patch in a sheet in pixels, and neurons in a sheet: WebP ends at 16,383 pixels."""
SAMPLE, BATCH, SAVED_EVERY = 256, 8, 32
Answers = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""Squares uint8 [n, side, side, 3] to the answers of each layer, float [n, height, width, neurons]."""


@dataclass(frozen=True)
class Patch:
    """A patch: of which picture, where in its square (left, top and side, in pixels), and the neuron's answer there."""

    picture: Credit
    left: int
    top: int
    side: int
    value: float


@dataclass(frozen=True, eq=False)
class NeuronExamples:
    """The patches of a neuron, strongest first, and those of the deciles of its answers, upwards.

    Attributes:
        strongest, spread: what they are.
        images: uint8 [strongest + spread, TILE, TILE, 3], in the same order.
    """

    strongest: tuple[Patch, ...]
    spread: tuple[Patch, ...]
    images: np.ndarray


@dataclass(eq=False)
class _Found:
    """What was found so far of a layer.

    Attributes:
        values, pictures, places: of the strongest, [neurons, STRONGEST]; places are rows times the width, plus columns.
        sampled: the answers of all neurons [n, neurons] at one place of each sampled picture.
        sampled_places: of these, [n].
    """

    values: np.ndarray
    pictures: np.ndarray
    places: np.ndarray
    sampled: np.ndarray
    sampled_places: np.ndarray


@dataclass(eq=False)
class _State:
    """How far the pictures were looked at: how many, which could not be, and what was found."""

    done: int = 0
    passed_over: list[str] = field(default_factory=list)
    priorities: np.ndarray = field(default_factory=lambda: np.zeros(0))
    sampled_pictures: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    layers: dict[str, _Found] = field(default_factory=dict)


def examples_folder(home: Path, network: Network) -> Path:
    """Where the examples of a network are kept, in one of `network_homes`."""
    return home / "precomputed" / network.name / "examples"


def find_examples(
    network: Network, pictures: Path, folder: Path, scratch: Path, answers: Answers, say: Callable[[str], None]
) -> int:
    """Look at all pictures of a folder and write the artifact. Goes on where an earlier run was interrupted.

    Args:
        network: what to show them to.
        pictures: searched in depth; credits.yaml in it says whose they are.
        folder: where the artifact belongs.
        scratch: keeps what is done.
        answers: runs the network.
        say: told of each picture that is passed over.

    Returns:
        how many pictures were looked at.

    Raises:
        InputError: when there are none that can be used, credits are wrong, or something cannot be written.
    """
    paths = sorted(path for path in pictures.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise InputError("there are no pictures here", file=pictures, hint=f"They should end in {', '.join(SUFFIXES)}")
    credits = read_credits(pictures, [path.relative_to(pictures).as_posix() for path in paths])
    smallest = max(layer.receptive_field for layer in network.architecture.layers.values())
    listed = "".join(f"{one.name} {path.stat().st_size}\n" for one, path in zip(credits, paths, strict=True))
    key = hashlib.sha256(f"{VERSION} {SIDE} {network.sha256}\n{listed}".encode()).hexdigest()[:16]
    saved = scratch / f"{key}.npz"
    state = _load(saved) or _State()
    fields = {name: crops(network.architecture, name)[INPUT] for name in network.architecture.layer_names}
    kept = state.done
    with progress("looking at pictures", len(paths), "pictures", state.done) as advance:
        batch: list[tuple[int, np.ndarray]] = []
        for index in range(state.done, len(paths)):
            try:
                batch.append((index, read_square(paths[index], smallest)))
            except InputError as error:
                state.passed_over.append(credits[index].name)
                say(f"{credits[index].name} is passed over: {error.message}")
            if len(batch) == BATCH or index + 1 == len(paths):
                _take_up(state, batch, answers, network.architecture, fields)
                batch = []
            advance(1, credits[index].name)
            if not batch:
                state.done = index + 1
                if state.done - kept >= SAVED_EVERY:
                    _save(saved, state)
                    kept = state.done
    if not state.layers:
        raise InputError("none of the pictures can be used", file=pictures, hint=f"They need {smallest} pixels a side")
    _save(saved, state)
    _write(state, network, fields, paths, credits, folder, smallest)
    saved.unlink(missing_ok=True)
    return len(paths) - len(state.passed_over)


def read_examples(network: Network, folder: Path) -> dict[str, tuple[NeuronExamples, ...]]:
    """The examples of every neuron by layer; none where there are none.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return {}
    found = artifact.read()
    with artifact.parsing():
        credits, read = [Credit(**one) for one in found["pictures"]], {}
        for name, layer in network.architecture.layers.items():
            about = found["layers"][name]
            rows = [[Patch(credits[at], *rest) for at, *rest in row] for row in about["neurons"]]
            if len(rows) != layer.neurons or any(len(row) > COLUMNS for row in rows):
                raise ValueError(f"not one row per neuron of {name}")
            read[name] = tuple(_neurons(rows, [folder / file for file in about["sheets"]], about["strongest"]))
    return read


def _neurons(rows: Sequence[Sequence[Patch]], sheets: Sequence[Path], strongest: int) -> Iterator[NeuronExamples]:
    for at, path in enumerate(sheets):
        some = rows[at * ROWS : (at + 1) * ROWS]
        tiles = decode_sheet(path, len(some) * COLUMNS, TILE).reshape(len(some), COLUMNS, TILE, TILE, 3)
        for row, images in zip(some, tiles, strict=True):
            yield NeuronExamples(tuple(row[:strongest]), tuple(row[strongest:]), images[: len(row)])


def read_square(path: Path, smallest: int) -> np.ndarray:
    """The middle of a picture, uint8 [SIDE, SIDE, 3].

    Raises:
        InputError: when it cannot be read, or its shorter side has fewer pixels than `smallest`.
    """
    try:
        with _opened(path) as image:
            width, height = image.size
            if min(width, height) < smallest:
                raise InputError(f"it has {width} × {height} pixels, fewer than a neuron sees ({smallest})")
            image.draft("RGB", (SIDE, SIDE))
            picture = image.convert("RGB")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"it cannot be read ({type(error).__name__})") from error
    scale = SIDE / min(picture.size)
    size = (max(SIDE, round(picture.width * scale)), max(SIDE, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    left, top = ((length - SIDE) // 2 for length in size)
    return np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)))


def _opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns of pictures of 90 megapixels, which are fine here, and refuses those of twice as many.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(path.read_bytes()))


def _take_up(
    state: _State,
    batch: Sequence[tuple[int, np.ndarray]],
    answers: Answers,
    architecture: Architecture,
    fields: Mapping[str, Crop],
) -> None:
    """Holds the answers to some pictures against what was found before."""
    if not batch:
        return
    indices = np.array([index for index, _ in batch])
    squares = np.stack([square for _, square in batch])
    # Always as many at once, so that the network is prepared once.
    padded = np.concatenate([squares, np.zeros((BATCH - len(squares), SIDE, SIDE, 3), np.uint8)])
    draws = [
        np.random.default_rng(int.from_bytes(hashlib.sha256(one.tobytes()).digest()[:8], "big")) for one in squares
    ]
    priorities = np.array([draw.random() for draw in draws])
    spots = np.array([draw.random(2) for draw in draws])
    kept = np.argsort(np.concatenate([state.priorities, priorities]), kind="stable")[:SAMPLE]
    for name, values in answers(padded).items():
        values = np.asarray(values)[: len(squares)]
        rows = _inside(fields[name], architecture.layers[name].stride, values.shape[1])
        values = values[:, rows, rows]
        count, height, width, neurons = values.shape
        flat = values.reshape(count, height * width, neurons)
        best = flat.argmax(axis=1)
        found = state.layers.get(name) or _nothing(neurons)
        pool = np.concatenate([found.values, np.take_along_axis(flat, best[:, None], 1)[:, 0].T], axis=1)
        order = np.argsort(-pool, axis=1, kind="stable")[:, :STRONGEST]
        pictures = np.concatenate([found.pictures, np.tile(indices, (neurons, 1))], axis=1)
        places = np.concatenate([found.places, best.T], axis=1)
        at = (spots * (height, width)).astype(int) @ (width, 1)
        sampled = np.concatenate([found.sampled, flat[np.arange(count), at]])
        state.layers[name] = _Found(
            np.take_along_axis(pool, order, 1),
            np.take_along_axis(pictures, order, 1),
            np.take_along_axis(places, order, 1),
            sampled[kept],
            np.concatenate([found.sampled_places, at])[kept],
        )
    state.priorities = np.concatenate([state.priorities, priorities])[kept]
    state.sampled_pictures = np.concatenate([state.sampled_pictures, indices])[kept]


def _inside(field: Crop, stride: int, positions: int) -> slice:
    """The positions whose whole field lies in the square; all where there is none."""
    first = -(field.start // stride) if field.start < 0 else 0
    last = (SIDE - 1 - field.stop) // stride
    return slice(first, last + 1) if first <= last else slice(0, positions)


def _nothing(neurons: int) -> _Found:
    none = np.zeros((neurons, 0), np.int64)
    return _Found(
        np.zeros((neurons, 0), np.float32), none, none, np.zeros((0, neurons), np.float32), np.zeros(0, np.int64)
    )


def _write(
    state: _State,
    network: Network,
    fields: Mapping[str, Crop],
    paths: Sequence[Path],
    credits: Sequence[Credit],
    folder: Path,
    smallest: int,
) -> None:
    """Cuts the patches out of the pictures, layer by layer, and writes sheets, then the index."""
    layers: dict[str, dict] = {}
    used: dict[int, int] = {}
    for name, found in state.layers.items():
        layer, crop = network.architecture.layers[name], fields[name]
        order = np.argsort(found.sampled, axis=0, kind="stable")
        ranks = np.unique(np.round(np.arange(1, DECILES + 1) / (DECILES + 1) * (len(order) - 1)).astype(int))
        chosen = order[ranks]
        pictures = np.concatenate([found.pictures, state.sampled_pictures[chosen].T], axis=1)
        places = np.concatenate([found.places, found.sampled_places[chosen].T], axis=1)
        values = np.concatenate([found.values, np.take_along_axis(found.sampled, chosen, 0).T], axis=1)
        rows = _inside(crop, layer.stride, -(-SIDE // layer.stride))
        width = rows.stop - rows.start
        tops = (places // width + rows.start) * layer.stride + crop.start
        lefts = (places % width + rows.start) * layer.stride + crop.start
        tiles = np.zeros((layer.neurons, COLUMNS, TILE, TILE, 3), np.uint8)
        for picture in np.unique(pictures):
            square = Image.fromarray(read_square(paths[picture], smallest))
            for neuron, slot in zip(*np.nonzero(pictures == picture), strict=True):
                left, top = int(lefts[neuron, slot]), int(tops[neuron, slot])
                patch = square.crop((left, top, left + crop.size, top + crop.size))
                tiles[neuron, slot] = np.asarray(patch.resize((TILE, TILE), Image.Resampling.BICUBIC))
        sheets = []
        for at in range(0, layer.neurons, ROWS):
            some = tiles[at : at + ROWS].reshape(-1, TILE, TILE, 3)
            data = encode_sheet(some, lossless=False, quality=80)
            sheets.append(f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.webp")
            write_whole(folder / sheets[-1], data)
        for picture in np.unique(pictures):
            used.setdefault(int(picture), len(used))
        layers[name] = {
            "sheets": sheets,
            "strongest": found.values.shape[1],
            "neurons": [
                [
                    [used[int(picture)], int(left), int(top), crop.size, round(float(value), 4)]
                    for picture, left, top, value in zip(*row, strict=True)
                ]
                for row in zip(pictures, lefts, tops, values, strict=True)
            ],
        }
    about = {
        "looked_at": len(paths) - len(state.passed_over),
        "passed_over": state.passed_over,
        "pictures": [asdict(credits[picture]) for picture in used],
        "layers": layers,
    }
    _artifact(network, folder).write(about, compact=True)
    current = {name for layer in layers.values() for name in layer["sheets"]}
    for path in folder.glob("*.webp"):
        if path.name not in current:
            path.unlink()


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these examples were found with other weights"
    hint = f"Run: python build.py examples --network {network.name} --pictures FOLDER"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)


def _save(path: Path, state: _State) -> None:
    arrays: dict[str, Any] = {"done": np.array(state.done), "passed_over": np.array(state.passed_over, str),
              "priorities": state.priorities, "sampled_pictures": state.sampled_pictures}  # fmt: skip
    for name, found in state.layers.items():
        arrays |= {f"{name}/{what}": array for what, array in vars(found).items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_whole(path, buffer.getvalue())


def _load(path: Path) -> _State | None:
    """What an earlier run has kept; None where that is nothing, or damaged."""
    try:
        with np.load(path) as kept:
            arrays = dict(kept)
        layers: dict[str, dict[str, np.ndarray]] = {}
        for name, array in arrays.items():
            if "/" in name:
                layers.setdefault(name.split("/")[0], {})[name.split("/")[1]] = array
        passed = [str(name) for name in arrays["passed_over"]]
        found = {name: _Found(**some) for name, some in layers.items()}
        return _State(int(arrays["done"]), passed, arrays["priorities"], arrays["sampled_pictures"], found)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
