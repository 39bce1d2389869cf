"""Which neurons' inputs articles draw or make claims about: what the connections artifact has to hold of them."""

from collections.abc import Iterable
from pathlib import Path

from early_vision.article.ablation_claims import neuron_of as neuron_of_ablation
from early_vision.article.article import networks_of, read_article
from early_vision.article.circuits import resolve_figure
from early_vision.article.directives import CircuitFigure
from early_vision.article.weight_claims import neurons_of
from early_vision.circuits.approximation import read_approximation
from early_vision.circuits.artifact import named_by_circuits
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.network.weights import Network


def named_by_articles(articles: Iterable[Path], network: Network, folder: Path) -> dict[tuple[str, str], set[int]]:
    """(source, layer) to the channels of the layer whose inputs articles on a network name.

    Args:
        articles: the files of all articles; those on other networks are passed over.
        network: with its weights.
        folder: of what was computed of its circuits.

    Raises:
        InputError: everything that is wrong with an article on it.
        InputError: for a claim about a neuron that there is not.
    """
    circuits = NetworkCircuits(network, wiring(network), {}, read_approximation(network, folder))
    architecture = network.architecture
    named: dict[tuple[str, str], set[int]] = {}
    for path in articles:
        if network.name not in networks_of([path.parent]):
            continue
        article = read_article(path.parent, lambda _: network)
        for _, shown in article.directives(CircuitFigure):
            figure, _ = resolve_figure(shown, architecture, circuits.connect, circuits.typical)
            for pair, channels in named_by_circuits([figure] if figure else []).items():
                named.setdefault(pair, set()).update(channels)
        for _, claim in article.claims():
            for source, neuron in (*neurons_of(claim, architecture), *neuron_of_ablation(claim, architecture)):
                named.setdefault((source, neuron.layer), set()).add(neuron.channel)
    return named
