"""Taking over weights from files: InceptionV1's in the forms that they go about in, and Keras models."""

import re
from collections.abc import Callable
from pathlib import Path

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.architecture_file import architecture_yaml, read_architecture
from early_vision.network.catalogue import KnownNetwork
from early_vision.network.fetch import keep_found, keep_published, keep_tensors
from early_vision.network.named_tensors import Convention
from early_vision.network.npz import write_npz
from early_vision.network.own import as_pixels
from early_vision.network.provenance import read_provenance
from early_vision.network.published import check_file, read_published_caffe
from early_vision.network.release import Release
from early_vision.network.weights import Network, hash_tensors, load_network, network_from_tensors, to_float16
from early_vision.network.weights_file import read_weights_file
from early_vision.store import write_whole

MAX_FILES = 10_000
"""In a folder to import from: in a larger one the files are not looked for."""
NETWORK_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def import_weights(file: Path, name: str, release: Release, folder: Path, say: Callable[[str], None]) -> Network:
    """Take InceptionV1's weights over from a file.

    Args:
        file: the released archive or the graph in it, a copy of that graph, an .npz, or a .safetensors.
        name: of the network.
        release: what is known of the archive and the graph as released.
        folder: where networks are kept.
        say: is told what the user should know, in sentences.

    Raises:
        InputError: when the file or the name cannot be used, or there are other weights of that name.
    """
    check_name(name)
    found = read_weights_file(file, INCEPTIONV1, release)
    there = folder / f"{name}.npz"
    if there.is_file() and not _replaceable(there):
        tensors = to_float16(found.tensors, INCEPTIONV1, file)
        if load_network(name, there, INCEPTIONV1).sha256 != hash_tensors(tensors):
            raise _exists(there, name)
        say(f"these weights are in {there} already")
    for note in found.notes:
        say(note)
    return keep_found(found, name, INCEPTIONV1, folder, file.name)


def import_described(
    file: Path, description: Path, name: str, release: Release, folder: Path, say: Callable[[str], None]
) -> Network:
    """Take the weights of any network over from a file: its architecture is described in another.

    Args:
        file: an .npz, .safetensors, MXNet's .params, a .caffemodel or a frozen graph.
        description: the architecture file, which also says how the file with the weights stores them.
        name: of the network.
        release: the graph that needs no look at its structure.
        folder: where networks are kept.
        say: is told what the user should know, in sentences.

    Raises:
        InputError: everything that is wrong in the description.
        InputError: when the file or the name cannot be used, or there is such a network.
    """
    check_name(name)
    if (folder / f"{name}.npz").exists():
        raise _exists(folder / f"{name}.npz", name)
    described = read_architecture(description)
    convention = Convention(described.layout.upper() if described.layout else None, without_biases=True)
    found = read_weights_file(file, described.architecture, release, convention)
    network = network_from_tensors(name, found.tensors, described.architecture, file)
    tensors = as_pixels(network.weights, described) or dict(network.weights)
    network = network_from_tensors(name, tensors, described.architecture, file)
    for note in found.notes:
        say(note)
    # Weights without a description would count as InceptionV1's: they come last.
    write_whole(folder / f"{name}.yaml", architecture_yaml(described.architecture, f"Imported from {file.name}."))
    write_npz(folder / f"{name}.npz", network.weights)
    return network


def import_known(known: KnownNetwork, folder: Path, networks: Path) -> Network:
    """Take a known network over from a folder with its published files, by whatever names: their hashes tell them.

    Args:
        known: which.
        folder: holds the files, or folders with them. Or the Caffe model with the same numbers.
        networks: where networks are kept.

    Raises:
        InputError: when the folder is absent, lacks a file, or a file is another one.
    """
    if known.source is None:
        raise InputError(f"{known.name} is published in no files")
    if folder.suffix == ".caffemodel" and folder.is_file():
        return keep_tensors(known, read_published_caffe(known, folder), networks, folder.name, "Caffe model")
    if not folder.is_dir():
        raise InputError("there is no such folder", file=folder)
    by_size: dict[int, list[Path]] = {}
    for count, path in enumerate(folder.rglob("*")):
        if count == MAX_FILES:
            raise InputError(f"the folder holds more than {MAX_FILES:,} files", file=folder)
        if path.is_file():
            by_size.setdefault(path.stat().st_size, []).append(path)
    found = {}
    for file in known.source.files:
        there = next((path for path in by_size.get(file.bytes, []) if check_file(file, path)), None)
        if there is None:
            named = folder / file.path
            what = f"{file.path} is another file" if named.is_file() else f"{file.path} is missing"
            hint = f"It has {file.bytes:,} bytes and the SHA-256 {file.sha256}"
            raise InputError(what, file=folder, hint=hint)
        found[file.path] = there
    return keep_published(known, found, networks, str(folder))


def _replaceable(weights: Path) -> bool:
    """Whether weights are random numbers, or of no use: nobody misses either."""
    try:
        provenance = read_provenance(weights, load_network("there", weights, INCEPTIONV1).weights)
    except InputError:
        return True
    return provenance is not None and provenance.stand_in


def import_keras_model(
    file: Path, layers: list[str], name: str, input_range: tuple[float, float], folder: Path
) -> Network:
    """Take the first layers of a Keras model over as a network.

    Args:
        file: a .keras file.
        layers: the names in it of the layers to show.
        name: of the network.
        input_range: what the model's input holds for black and for white.
        folder: where networks are kept.

    Raises:
        InputError: when the file, the layers or the name cannot be used, or there is such a network.
    """
    check_name(name)
    if not layers:
        raise InputError("no layers are named", hint="Name them with commas: --layers conv1,conv2")
    if (folder / f"{name}.npz").exists():
        raise _exists(folder / f"{name}.npz", name)
    if not file.is_file():
        raise InputError("there is no such file", file=file)
    try:
        from early_vision.network.keras_import import import_keras
    except ImportError as error:
        raise InputError("this needs Keras", hint='Install it with: pip install -e ".[compute]"') from error

    imported = import_keras(file, layers, input_range)
    network = network_from_tensors(name, imported.tensors, imported.architecture, source=file)
    # Weights without a description would count as InceptionV1's: they come last.
    write_whole(folder / f"{name}.yaml", architecture_yaml(imported.architecture, f"Imported from {file.name}."))
    write_npz(folder / f"{name}.npz", imported.tensors)
    return network


def check_name(name: str) -> None:
    """Names become parts of files and addresses.

    Raises:
        InputError: for a name with anything else than small letters, digits and hyphens.
    """
    if not NETWORK_NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a network", hint="Small letters, digits and - are taken")


def _exists(path: Path, name: str) -> InputError:
    return InputError(f"there is a network {name} already", file=path, hint="Choose another --name, or remove the file")
