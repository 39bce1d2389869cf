"""Commands that put a network's neurons to the test on natural pictures: by removing inputs, and by editing pictures."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from early_vision.article.ablation_claims import is_about_ablation, removal_in
from early_vision.article.article import networks_of, read_article
from early_vision.article.circuit_entries import parse_neuron
from early_vision.article.circuits import resolve_figure
from early_vision.article.directives import CircuitFigure
from early_vision.circuits.approximation import read_approximation
from early_vision.circuits.circuit import Neuron, part_of
from early_vision.circuits.connections import adjacent_pairs
from early_vision.circuits.interventions_artifact import Interventions, read_interventions, write_interventions
from early_vision.circuits.natural_places import Pictures, read_pictures
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits, circuits_folder
from early_vision.circuits.photographs import in_words, test_on_photographs
from early_vision.circuits.photographs_artifact import Photographs, read_photographs, write_photographs
from early_vision.circuits.removal import Removal, removals_of, split
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError
from early_vision.network.architecture import INPUT
from early_vision.network.weights import Network
from early_vision.places import program_folder, project_folder
from early_vision.progress import progress

SECONDS_BETWEEN_CHECKPOINTS = 30.0
ROOT = project_folder()
ASSETS = program_folder() / "assets"


@click.command("interventions")
@click.argument("neurons", nargs=-1)
@click.option("--network", "name", default=None, help="The network, by name (inceptionv1-tiny).")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Folder or zip of natural pictures, large enough for the receptive fields.",
)
@click.option("--inputs", default="the 8 strongest", show_default=True, help="Which inputs of NEURONS to remove.")
@click.option("--fresh", is_flag=True, help="Measure again what is there already.")
def interventions_command(neurons: tuple[str, ...], name: str | None, pictures: Path, inputs: str, fresh: bool) -> None:
    """Remove inputs of neurons and measure what is left of their responses, against other inputs of as much weight.

    Without NEURONS, all that the circuit figures and `ablation` claims of the articles in content/ name, kept as an
    artifact for their pages. With NEURONS, such as mixed3a:90, only those, and nothing is written.
    """
    from early_vision.circuits.removal import measure_removals
    from early_vision.cli.completing import need_tensorflow
    from early_vision.network.known import EMBEDDED, find_network, home_of
    from early_vision.site.views.removals import sentence

    network = find_network(name or EMBEDDED, ASSETS)
    need_tensorflow()
    folder = circuits_folder(home_of(network.name, ASSETS), network)
    circuits = NetworkCircuits(network, wiring(network), {}, read_approximation(network, folder))
    if neurons:
        asked = tuple(one for written in neurons for one in _of_neuron(written, inputs, network, circuits))
        for removal, effect in measure_removals(network, read_pictures(pictures, network), asked).items():
            click.echo(f"{removal.target}: {sentence(removal, effect)}")
        return
    asked = named_removals(sorted((ROOT / "content").glob("*/article.md")), network, circuits)
    squares, known = read_pictures(pictures, network), _known(network, folder, fresh)
    if known.sha256 != squares.sha256:
        known = Interventions()
    new = [one for one in asked if one not in known.effects]
    found = measure_removals(network, squares, new) if new else {}
    effects = {one: effect for one, effect in {**known.effects, **found}.items() if one in asked}
    click.echo(f"removed: {len(found)} sets of inputs, {len(effects) - len(found)} were measured before")
    for one in asked:
        if one not in effects:
            click.echo(f"note: {one.target} responds to none of the pictures", err=True)
    path = write_interventions(network, folder, Interventions(len(squares.squares), squares.sha256, effects))
    click.echo(f"measured: {path}")


@click.command("photographs")
@click.argument("neurons", nargs=-1)
@click.option("--network", "name", default=None, help="The network, by name (inceptionv1-tiny).")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Folder or zip of natural pictures, large enough for the receptive fields.",
)
@click.option("--layer", "layers", multiple=True, help="Only this layer. May be given several times.")
@click.option("--fresh", is_flag=True, help="Test again what is there already.")
def photographs_command(
    neurons: tuple[str, ...], name: str | None, pictures: Path, layers: tuple[str, ...], fresh: bool
) -> None:
    """Edit the natural pictures that excite neurons most, and measure what that takes of their responses.

    Colour added and turned, halves, centre and surround blurred, and the lines in the pictures, each against a null of its
    own. With NEURONS, such as mixed3a:90, sentences on these; without, all neurons of the layers, kept as an artifact. Ctrl-C
    loses nothing: the next run goes on.
    """
    from early_vision.cli.completing import need_tensorflow
    from early_vision.cli.tuning import known_layers
    from early_vision.network.known import EMBEDDED, find_network

    network = find_network(name or EMBEDDED, ASSETS)
    need_tensorflow()
    chosen = known_layers(network, layers)
    asked = [parse_neuron(written, network.architecture) for written in neurons] or [
        Neuron(layer, channel) for layer in chosen for channel in range(network.architecture.layers[layer].neurons)
    ]
    squares = read_pictures(pictures, network)
    if not neurons:
        click.echo(f"tested: {_test_all(network, squares, asked, fresh)}")
        return
    found = dict(test_on_photographs(network, squares, asked))
    for neuron in asked:
        words = in_words(found[neuron]) if neuron in found else ("It responds to none of the pictures.",)
        click.echo(f"{neuron}: {' '.join(words) or 'Nothing exceeds its null.'}")


def _test_all(network: Network, pictures: Pictures, asked: Sequence[Neuron], fresh: bool) -> Path:
    """Test neurons on photographs and keep what is found, every half minute and at the end: the artifact's path."""
    from early_vision.network.known import home_of

    folder = circuits_folder(home_of(network.name, ASSETS), network)
    before = Photographs() if fresh else read_photographs(network, folder)
    tests = dict(before.tests) if before.sha256 == pictures.sha256 else {}
    keep = lambda: write_photographs(network, folder, Photographs(len(pictures.squares), pictures.sha256, tests))
    done = sum(neuron in tests for neuron in asked)
    with progress(f"{network.name}, photographs", len(asked), "neurons", done) as advance:
        kept, known = time.monotonic(), frozenset(tests)
        try:
            for neuron, found in test_on_photographs(network, pictures, asked, known):
                tests[neuron] = found
                advance(1, str(neuron))
                if time.monotonic() - kept > SECONDS_BETWEEN_CHECKPOINTS:
                    keep()
                    kept = time.monotonic()
        except KeyboardInterrupt:
            keep()
            raise
    return keep()


def named_removals(articles: Iterable[Path], network: Network, circuits: NetworkCircuits) -> tuple[Removal, ...]:
    """What the circuit figures and claims of the articles on a network remove.

    Raises:
        InputError: everything that is wrong with an article on it, or a claim that cannot be understood.
    """
    found: dict[Removal, None] = {}
    for path in articles:
        if network.name not in networks_of([path.parent]):
            continue
        article = read_article(path.parent, lambda _: network)
        for _, shown in article.directives(CircuitFigure):
            figure, _ = resolve_figure(shown, network.architecture, circuits.connect, circuits.typical)
            found.update(dict.fromkeys(removals_of(figure) if figure else ()))
        for block, claim in article.claims():
            if is_about_ablation(claim):
                try:
                    found[removal_in(claim, network.architecture, circuits.connect)] = None
                except InputError as error:
                    raise InputError.of([article.text.problem(error.message, block.line, error.hint)]) from error
    return tuple(found)


def _of_neuron(written: str, inputs: str, network: Network, circuits: NetworkCircuits) -> tuple[Removal, ...]:
    """The inputs of a neuron that a rule selects, exciting and inhibiting ones apart."""
    target = parse_neuron(written, network.architecture)
    source = {later: earlier for earlier, later in adjacent_pairs(network.architecture)}[target.layer]
    if source == INPUT:
        raise InputError(f"{target.layer} reads the picture itself: it has no inputs that are neurons")
    part = part_of(circuits.connect(source, target.layer), target.channel, parse_rule(inputs, source))
    return tuple(split(target, part.inputs))


def _known(network: Network, folder: Path, fresh: bool) -> Interventions:
    """What was measured before; nothing where it is to be measured again, or is of no use any more."""
    try:
        return Interventions() if fresh else read_interventions(network, folder)
    except InputError:
        return Interventions()
