"""Commands: measuring the neurons, explaining one, proposing groups."""

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from early_vision.article.merge import merge
from early_vision.article.proposals import propose
from early_vision.errors import InputError, did_you_mean
from early_vision.network.known import EMBEDDED, find_network, home_of
from early_vision.network.nulls import null_network
from early_vision.network.weights import Network
from early_vision.places import program_folder, project_folder
from early_vision.progress import progress
from early_vision.store import write_whole
from early_vision.tuning.drives import Drives
from early_vision.tuning.explain import explain
from early_vision.tuning.layer_tuning import load_layer, parse_neuron, tuning_folder
from early_vision.tuning.measures import tuning_of
from early_vision.tuning.null_scores import SEEDS, kinds_for, nulls_path, score_nulls, write_nulls
from early_vision.tuning.responses import (
    CHECKS,
    Subject,
    layer_series,
    measure_subjects,
    pictures_of,
    responses_path,
    scales_of,
    write_responses,
)

ROOT = project_folder()
ASSETS = program_folder() / "assets"

network_option = click.option("--network", "name", default=EMBEDDED, help=f"The network, by name ({EMBEDDED}).")
layer_option = click.option("--layer", "layers", multiple=True, help="Only this layer. May be given several times.")


@click.command("measure")
@network_option
@layer_option
@click.option("--fresh", is_flag=True, help="Measure again what is there already.")
@click.option(
    "--nulls/--no-nulls", default=True, help="Whether null networks are measured, too: three kinds, five of each."
)
def measure_command(name: str, layers: tuple[str, ...], fresh: bool, nulls: bool) -> None:
    """Measure the responses of every neuron to synthetic stimuli: what tuning, families and groups rest on.

    Null networks say how often chance alone gives a family's name: shuffled weights, in all layers or the last, and
    untrained ones. They decide how much a family asks for in a layer, and whether it is assigned there at all. What is
    there already is kept, layer by layer, so that an interrupted run goes on.
    """
    network = find_network(name, ASSETS)
    folder = tuning_folder(home_of(network.name, ASSETS), network)
    measured = measure_network(network, folder, known_layers(network, layers), fresh, nulls)
    click.echo(f"measured: {', '.join(measured)}" if measured else "nothing is missing")


@click.command("explain")
@click.argument("neuron")
@network_option
def explain_command(neuron: str, name: str) -> None:
    """Print what is known of a NEURON, such as mixed3a:79: measurements, scores, nearest neurons."""
    network = find_network(name, ASSETS)
    counts = {layer.name: layer.neurons for layer in network.architecture.layers.values()}
    layer, channel = parse_neuron(neuron, counts)
    folder = tuning_folder(home_of(network.name, ASSETS), network)
    click.echo(explain(load_layer(network, layer, folder), channel))


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
        tuning = load_layer(network, layer, tuning_folder(home_of(network.name, ASSETS), network))
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


def measure_network(
    network: Network, folder: Path, layers: Iterable[str], fresh: bool, nulls: bool = True
) -> tuple[str, ...]:
    """Measure the layers whose responses or null networks are missing, and return their names.

    Raises:
        InputError: without TensorFlow, when a response is not finite, or when the result cannot be written.
    """
    layers = tuple(layers)
    own = [layer for layer in layers if fresh or not responses_path(folder, network, layer).is_file()]
    chance = [layer for layer in layers if nulls and (fresh or not nulls_path(folder, network, layer).is_file())]
    if not own and not chance:
        return ()
    _need_tensorflow()
    contrasts = [Subject(network, contrast) for contrast in CHECKS.values()]
    pictures = sum(_pictures(network, layer, False) + len(contrasts) * _pictures(network, layer, True) for layer in own)
    pictures += sum(_null_count(network, layer) * _pictures(network, layer, True) for layer in chance)
    make = functools.cache(functools.partial(null_network, network))
    with progress(f"{network.name}, tuning", pictures, "pictures") as advance:
        for layer in own:
            (full,) = _measure([Subject(network)], layer, False, advance)
            checks = map(tuning_of, _measure(contrasts, layer, True, advance))
            write_responses(folder, network, layer, full.responses, dict(zip(CHECKS, checks, strict=True)))
        for layer in chance:
            made = [(kind, seed, make(kind, seed, layer if kind == "last" else ""))
                    for kind in kinds_for(network.architecture, layer) for seed in range(SEEDS)]  # fmt: skip
            drives = _measure([Subject(null) for _, _, null in made], layer, True, advance)
            tunings = [(kind, seed, tuning_of(of)) for (kind, seed, _), of in zip(made, drives, strict=True)]
            write_nulls(folder, network, layer, score_nulls(tunings))
    return tuple(layer for layer in layers if layer in own or layer in chance)


def _measure(subjects: Sequence[Subject], layer: str, coarse: bool, advance: Callable) -> list[Drives]:
    """The drives of a layer in some networks of one architecture, or at some contrasts."""
    network = subjects[0].network
    series, what = layer_series(network, layer), f"{layer}, at fewer places" if coarse else layer
    found = measure_subjects(subjects, layer, series, coarse, lambda shown: advance(len(subjects) * shown, what))
    scales = scales_of(network.architecture, layer)
    return [Drives(responses, {one.kind: one for one in series}, scales) for responses in found]


def _pictures(network: Network, layer: str, coarse: bool) -> int:
    return pictures_of(network.architecture, layer, layer_series(network, layer), coarse)


def _null_count(network: Network, layer: str) -> int:
    return SEEDS * len(kinds_for(network.architecture, layer))


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


def _need_tensorflow() -> None:
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise InputError("this needs TensorFlow", hint='Install it with: pip install -e ".[compute]"') from error
