"""Commands: fetching, importing and describing the weights of networks."""

import os
from pathlib import Path

import click

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.catalogue import read_catalogue
from early_vision.network.fetch import fetch_files, fetch_network, keep_found
from early_vision.network.imports import import_described, import_keras_model, import_known, import_weights
from early_vision.network.info import describe, describe_all, list_networks
from early_vision.network.keras_file import refuse_hdf5
from early_vision.network.known import find_network, network_home
from early_vision.network.release import GOOGLES
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import Network
from early_vision.network.weights_file import Found
from early_vision.places import command, own_home, program_folder
from early_vision.store import user_cache

ASSETS = program_folder() / "assets"
MIRROR = "EARLY_VISION_MIRROR"


@click.group("weights")
def weights_command() -> None:
    """The weights of networks: list, fetch, import, describe."""


@weights_command.command("fetch")
@click.argument("name", default=GOOGLES.network)
@click.option("--mirror", envvar=MIRROR, metavar="URL",
              help=f"The address to get the files from, of their folder. Also ${MIRROR}. Hashes are checked.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Fetch again what is there already.")
def fetch_command(name: str, mirror: str | None, fresh: bool) -> None:
    """Fetch a network's weights from where they were published, only what its layers here need: see weights list."""
    catalogue = read_catalogue(ASSETS)
    to_fetch = [each.name for each in catalogue.values() if each.source]
    if name not in to_fetch:
        known = f"To be fetched: {', '.join(to_fetch)}"
        near = did_you_mean(name, to_fetch)
        hint = f"{near} {known}" if near else known
        raise InputError(f"there is nothing to fetch for {name!r}", hint=hint)
    if not fresh and (path := usable_weights(name)):
        click.echo(f"{name} is there already: {path} (--fresh fetches it again)")
        return
    if name == GOOGLES.network:
        fetch_googles(mirror)
    else:
        network = fetch_files(catalogue[name], user_cache(), _say, mirror)
        _wrote(network, user_cache() / "networks")


def fetch_googles(mirror: str | None = None) -> None:
    """Fetch Google's InceptionV1 into the user's cache, from where $EARLY_VISION_MIRROR says unless `mirror` does."""
    network = fetch_network(GOOGLES, INCEPTIONV1, user_cache(), _say, mirror or os.environ.get(MIRROR))
    _wrote(network, user_cache() / "networks")


@weights_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--name", default=None, help=f"What the network will be called here ({GOOGLES.network}).")
@click.option("--layers", default=None, help="Of a .keras file: the layers to show, by their names in it, with commas.")
@click.option("--input-range", type=(float, float), default=(0.0, 255.0), show_default=True,
              help="Of a .keras file: what the model's input holds for black and for white.")  # fmt: skip
@click.option("--architecture", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The architecture file of a network of your own, of which FILE holds the weights.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=None,
              help="Where the network is kept (in the user's cache; a network of your own in assets/networks/, or in networks/ here).")  # fmt: skip
def import_command(
    file: Path,
    folder: Path | None,
    name: str | None,
    layers: str | None,
    input_range: tuple[float, float],
    architecture: Path | None,
    out: Path | None,
) -> None:
    """Take weights over from a FILE, or those of a network of `weights list`: import NAME FOLDER.

    FOLDER holds the network's files as they were published, under whatever names: their SHA-256 tells them. In its place
    the .caffemodel is taken that they were made from.

    InceptionV1's: the released .zip, the .pb in it or lucid's copy of that, an .npz or .safetensors with its names.
    Any other network: a .keras file, of which --layers and what they depend on are taken, weights and architecture; or
    a .safetensors, .npz, .params of MXNet's or .caffemodel whose --architecture is described in a file.
    """
    if folder is not None:
        if layers or name or architecture:
            raise click.UsageError("With NAME FOLDER neither --layers nor --name nor --architecture is taken")
        catalogue, known = read_catalogue(ASSETS), str(file)
        if known not in catalogue:
            hint = did_you_mean(known, catalogue) or "python build.py weights list shows those that there are"
            raise InputError(f"there is no network {known!r} in the catalogue", hint=hint)
        out = out or user_cache() / "networks"
        _wrote(import_known(catalogue[known], folder, out), out)
        return
    if layers is not None or file.suffix == ".keras":
        refuse_hdf5(file)
    if architecture is not None:
        if layers is not None or file.suffix == ".keras":
            raise click.UsageError("A .keras file says its architecture itself, and --layers is for such files")
        own = name or architecture.stem
        out = out or (own_home() or ASSETS) / "networks"
        _tell(import_described(file, architecture, own, GOOGLES, out, _say), out)
        return
    if file.suffix != ".keras":
        if layers is not None:
            raise click.UsageError(
                "--layers is for .keras files: a graph, .npz or .safetensors holds InceptionV1's layers"
            )
        out = out or user_cache() / "networks"
        _wrote(import_weights(file, name or GOOGLES.network, GOOGLES, out, _say), out)
        return
    if layers is None or name is None:
        raise click.UsageError("A .keras file needs --layers and --name")
    out = out or (own_home() or ASSETS) / "networks"
    named = [layer.strip() for layer in layers.split(",") if layer.strip()]
    _tell(import_keras_model(file, named, name, input_range, out), out)


def _tell(network: Network, out: Path) -> None:
    """What there is of a network of the user's own, and what to do next."""
    for layer in network.architecture.layers.values():
        click.echo(
            f"{layer.name}: {layer.neurons} neurons, each sees {layer.receptive_field} pixels, stride {layer.stride}"
        )
    name = network.name
    click.echo(f"Wrote {out / name}.npz and .yaml. Go on with: {command()} precompute --network {name}")


@weights_command.command("list")
def list_command() -> None:
    """List the networks that are known by name: here, computed, or to be fetched and how large."""
    for line in list_networks(ASSETS):
        click.echo(line)


@weights_command.command("info")
@click.argument("name", required=False)
def info_command(name: str | None) -> None:
    """Say what weights are here, or all about those of one network: where from, hashes, statistics."""
    for line in describe(name, ASSETS) if name else describe_all(ASSETS):
        click.echo(line)


@weights_command.command("stand-in")
def stand_in_command() -> None:
    """For developers: put random numbers in the place of InceptionV1's weights, marked as such on every page.

    They show the pages that the weights will fill, on a machine that cannot fetch them. fetch and import replace them.
    """
    if path := usable_weights(GOOGLES.network):
        raise InputError("the weights themselves are here", file=path, hint="Remove them first, if that is meant")
    found = Found(stand_in_tensors(INCEPTIONV1), "random numbers")
    folder = user_cache() / "networks"
    _wrote(keep_found(found, GOOGLES.network, INCEPTIONV1, folder, "weights stand-in", stand_in=True), folder)


def usable_weights(name: str) -> Path | None:
    """Where a network's own weights are; None where there are none, or only a stand-in, or damaged ones."""
    home = network_home(name, ASSETS)
    try:
        return home / "networks" / f"{name}.npz" if home and not find_network(name, ASSETS).stand_in else None
    except InputError:
        return None


def _wrote(network: Network, folder: Path) -> None:
    click.echo(f"Wrote {folder / network.name}.npz. More of it: {command()} weights info {network.name}")


def _say(sentence: str) -> None:
    click.echo(f"note: {sentence}", err=True)
