"""Commands: measuring the neurons, explaining one, proposing groups."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from early_vision.article.merge import merge
from early_vision.article.proposals import propose
from early_vision.errors import InputError, did_you_mean
from early_vision.network.known import EMBEDDED, find_network, home_of
from early_vision.network.weights import Network
from early_vision.places import program_folder, project_folder
from early_vision.progress import progress
from early_vision.store import write_whole
from early_vision.tuning.explain import explain
from early_vision.tuning.layer_tuning import LayerTuning, parse_neuron, tuning_folder
from early_vision.tuning.responses import layer_series, read_responses, responses_path, write_responses

ROOT = project_folder()
ASSETS = program_folder() / "assets"

network_option = click.option("--network", "name", default=EMBEDDED, help=f"The network, by name ({EMBEDDED}).")
layer_option = click.option("--layer", "layers", multiple=True, help="Only this layer. May be given several times.")


@click.command("measure")
@network_option
@layer_option
@click.option("--fresh", is_flag=True, help="Measure again what is there already.")
def measure_command(name: str, layers: tuple[str, ...], fresh: bool) -> None:
    """Measure the responses of every neuron to synthetic stimuli: what tuning, families and groups rest on."""
    network = find_network(name, ASSETS)
    measured = measure_network(
        network, tuning_folder(home_of(network.name, ASSETS), network), known_layers(network, layers), fresh
    )
    click.echo(f"measured: {', '.join(measured)}" if measured else "nothing is missing")


@click.command("explain")
@click.argument("neuron")
@network_option
def explain_command(neuron: str, name: str) -> None:
    """Print what is known of a NEURON, such as mixed3a:79: measurements, scores, nearest neurons."""
    network = find_network(name, ASSETS)
    counts = {layer.name: layer.neurons for layer in network.architecture.layers.values()}
    layer, channel = parse_neuron(neuron, counts)
    click.echo(
        explain(
            LayerTuning(layer, read_responses(tuning_folder(home_of(network.name, ASSETS), network), network, layer)),
            channel,
        )
    )


@click.command("propose-groups")
@network_option
@layer_option
@click.option("--write", is_flag=True, help="Put new proposals into the article's group files. What is there stays.")
@click.option(
    "--article", type=click.Path(path_type=Path), default=None, help="The article's folder (that of the network)."
)
@click.option("--anew", is_flag=True, help="As if there were no groups yet. Prints only.")
def propose_command(name: str, layers: tuple[str, ...], write: bool, article: Path | None, anew: bool) -> None:
    """Propose neuron groups from measurements, as the YAML that authors edit; only --write changes a file."""
    if write and anew:
        raise InputError(
            "--anew only prints, so it does not go with --write", hint="Remove the group file to start over"
        )
    network = find_network(name, ASSETS)
    folder = (article or article_of(network.name)) / "groups"
    for layer in known_layers(network, layers):
        tuning = LayerTuning(
            layer, read_responses(tuning_folder(home_of(network.name, ASSETS), network), network, layer)
        )
        path = folder / f"{layer}.yaml"
        there = path.read_text("utf-8") if path.is_file() and not anew else None
        text = merge(there, layer, propose(network, tuning), str(path))
        if not write:
            click.echo(text, nl=False)
        elif text == there:
            click.echo(f"{path}: nothing new")
        else:
            write_whole(path, text.encode())
            click.echo(f"{path}: written")


def measure_network(network: Network, folder: Path, layers: Iterable[str], fresh: bool) -> tuple[str, ...]:
    """Measure the layers whose responses are missing, and return their names.

    Raises:
        InputError: without TensorFlow, when a response is not finite, or when the result cannot be written.
    """
    missing = [layer for layer in layers if fresh or not responses_path(folder, network, layer).is_file()]
    if not missing:
        return ()
    measure = _measurer()
    neurons = {layer: network.architecture.layers[layer].neurons for layer in missing}
    with progress(f"{network.name}, tuning", sum(neurons.values()), "neurons") as advance:
        for layer in missing:
            write_responses(folder, network, layer, measure(network, layer, layer_series(network, layer)))
            advance(neurons[layer], layer)
    return tuple(missing)


def known_layers(network: Network, layers: Iterable[str]) -> tuple[str, ...]:
    """The layers that were asked for, or all.

    Raises:
        InputError: for an unknown one, with the nearest name.
    """
    for layer in layers:
        if layer not in network.architecture.layers:
            known = list(network.architecture.layers)
            raise InputError(
                f'there is no layer "{layer}"', hint=did_you_mean(layer, known) or f"Known layers: {', '.join(known)}"
            )
    return tuple(layers) or network.architecture.layer_names


def article_of(network: str) -> Path:
    """The folder of the article on a network: the one whose front matter names it.

    Raises:
        InputError: when no article, or more than one, is about it.
    """
    folders = [path.parent for path in sorted((ROOT / "content").glob("*/article.md"))
               if f"\nnetwork: {network}\n" in (text := path.read_text("utf-8")) and "\ncompares:" not in text]  # fmt: skip
    if len(folders) != 1:
        what = "no article is" if not folders else "several articles are"
        raise InputError(
            f"{what} about the network {network}", file=ROOT / "content", hint="Name the folder with --article"
        )
    return folders[0]


def _measurer() -> Callable:
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise InputError("this needs TensorFlow", hint='Install it with: pip install -e ".[compute]"') from error
    from early_vision.tuning.responses import measure_layer

    return measure_layer
