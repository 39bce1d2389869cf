"""Commands: fetching, importing and describing the weights of networks."""

import os
from pathlib import Path

import click

from early_vision.errors import InputError, nearest
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.fetch import fetch_network, keep_found
from early_vision.network.imports import import_keras_model, import_weights
from early_vision.network.info import describe, describe_all
from early_vision.network.known import find_network, network_home
from early_vision.network.release import GOOGLES
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import Network
from early_vision.network.weights_file import Found
from early_vision.store import user_cache

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MIRROR = "EARLY_VISION_MIRROR"


@click.group("weights")
def weights_command() -> None:
    """The weights of networks: fetch, import, describe."""


@weights_command.command("fetch")
@click.argument("name", default=GOOGLES.network)
@click.option("--mirror", envvar=MIRROR, metavar="URL",
              help=f"Get the archive from there: its address, or its folder's. Also ${MIRROR}. Its SHA-256 is checked as ever.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Fetch again what is there already.")
def fetch_command(name: str, mirror: str | None, fresh: bool) -> None:
    """Fetch a network's weights from where they were released: inceptionv1, 50 MB, of which 1.35 MB are kept."""
    if name != GOOGLES.network:
        hint = nearest(name, [GOOGLES.network]) or f"To be fetched: {GOOGLES.network}"
        raise InputError(f"there is nothing to fetch for {name!r}", hint=hint)
    if not fresh and (path := usable_weights(name)):
        click.echo(f"{name} is there already: {path} (--fresh fetches it again)")
        return
    fetch_googles(mirror)


def fetch_googles(mirror: str | None = None) -> None:
    """Fetch Google's InceptionV1 into the user's cache, from where $EARLY_VISION_MIRROR says unless `mirror` does."""
    network = fetch_network(GOOGLES, INCEPTIONV1, user_cache(), _say, mirror or os.environ.get(MIRROR))
    _wrote(network, user_cache() / "networks")


@weights_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default=None, help=f"What the network will be called here ({GOOGLES.network}).")
@click.option("--layers", default=None, help="Of a .keras file: the layers to show, by their names in it, with commas.")
@click.option("--input-range", type=(float, float), default=(0.0, 255.0), show_default=True,
              help="Of a .keras file: what the model's input holds for black and for white.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=None,
              help="Where the network is kept (InceptionV1's in the user's cache, others in assets/networks/).")  # fmt: skip
def import_command(
    file: Path, name: str | None, layers: str | None, input_range: tuple[float, float], out: Path | None
) -> None:
    """Take weights over from a FILE.

    InceptionV1's: the released .zip, the .pb in it or lucid's copy of that, an .npz or .safetensors with the same names.
    Any other network: a .keras file, of which --layers and what they depend on are taken, weights and architecture.
    """
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
    out = out or ASSETS / "networks"
    named = [layer.strip() for layer in layers.split(",") if layer.strip()]
    for layer in import_keras_model(file, named, name, input_range, out).architecture.layers.values():
        click.echo(
            f"{layer.name}: {layer.neurons} neurons, each sees {layer.receptive_field} pixels, stride {layer.stride}"
        )
    click.echo(f"Wrote {out / name}.npz and .yaml. Go on with: python build.py precompute --network {name}")


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
    click.echo(f"Wrote {folder / network.name}.npz. More of it: python build.py weights info {network.name}")


def _say(sentence: str) -> None:
    click.echo(f"note: {sentence}", err=True)
