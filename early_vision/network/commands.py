"""Commands: bringing in the weights of another network."""

import io
import re
from pathlib import Path

import click
import numpy as np

from early_vision.artifacts import write_whole
from early_vision.errors import InputError
from early_vision.network.architecture_file import architecture_yaml
from early_vision.network.weights import Network, network_from_tensors

NETWORKS = Path(__file__).resolve().parents[2] / "assets" / "networks"
NETWORK_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@click.group("weights")
def weights_command() -> None:
    """The weights of networks."""


@weights_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layers", required=True, help="The layers to show, by their names in the file, with commas: conv1,conv2"
)
@click.option("--name", required=True, help="What the network will be called here.")
@click.option("--input-range", type=(float, float), default=(0.0, 255.0), show_default=True,
              help="What the model's input holds for black and for white.")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=NETWORKS, help="Where networks are kept (assets/networks/)."
)
def import_command(file: Path, layers: str, name: str, input_range: tuple[float, float], out: Path) -> None:
    """Take the first layers of a Keras model (.keras) over, weights and architecture."""
    network = import_network(
        file, [layer.strip() for layer in layers.split(",") if layer.strip()], name, input_range, out
    )
    for layer in network.architecture.layers.values():
        click.echo(
            f"{layer.name}: {layer.neurons} neurons, each sees {layer.receptive_field} pixels, stride {layer.stride}"
        )
    click.echo(f"Wrote {out / name}.npz and .yaml. Go on with: python build.py precompute --network {name}")


def import_network(file: Path, layers: list[str], name: str, input_range: tuple[float, float], out: Path) -> Network:
    """Import a model and write it as a network.

    Args:
        file: a .keras file.
        layers: the names in it of the layers to show.
        name: of the network.
        input_range: what the model's input holds for black and for white.
        out: the folder of networks.

    Raises:
        InputError, InputErrors: when the file, the layers or the name cannot be used, or there is such a network.
    """
    if not NETWORK_NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a network", mend="Small letters, digits and - are taken")
    if not layers:
        raise InputError("no layers are named", mend="Name them with commas: --layers conv1,conv2")
    if (out / f"{name}.npz").exists():
        raise InputError(
            f"there is a network {name} already", file=out / f"{name}.npz", mend="Choose another name, or remove it"
        )
    if not file.is_file():
        raise InputError("there is no such file", file=file)
    if file.suffix != ".keras":
        mend = "An .npz needs no import: docs/bring-your-own-network.md says where it goes"
        raise InputError("only .keras files are imported", file=file, mend=mend)
    try:
        from early_vision.network.keras_import import import_keras
    except ImportError as error:
        raise InputError("this needs Keras", mend='Install it with: pip install -e ".[compute]"') from error

    imported = import_keras(file, layers, input_range)
    network = network_from_tensors(name, imported.tensors, imported.architecture, source=file)
    packed = io.BytesIO()
    np.savez(packed, **imported.tensors)
    # Weights without a description would count as InceptionV1's: they come last.
    write_whole(out / f"{name}.yaml", architecture_yaml(imported.architecture, f"Imported from {file.name}."))
    write_whole(out / f"{name}.npz", packed.getvalue())
    return network
