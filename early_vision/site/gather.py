"""Gathering what pages are made of: every article as it was read and checked, and what is known of its network."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from early_vision.article.article import Article, check_article, folder_name
from early_vision.article.bibliography import SHARED
from early_vision.article.circuits import circuit_problems, resolve_figure
from early_vision.article.directives import CircuitFigure
from early_vision.cache import Cache
from early_vision.circuits.circuit import Circuit
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.comparison.recording import Recording, find_recording
from early_vision.comparison.report import Comparison, compare
from early_vision.errors import InputError, Problem
from early_vision.features import features_folder
from early_vision.features.layer_artifact import read_layer
from early_vision.features.result import FeatureVisualization, not_rendered
from early_vision.memory import Memory, files_in, hash_files
from early_vision.network.known import find_network_or_outline, network_homes, outline
from early_vision.network.weights import Network
from early_vision.site.checking import look_at_texts
from early_vision.site.material import Examples, Features, Material
from early_vision.site.views.claims import group_names, group_neurons, view_claim
from early_vision.site.views.comparison import comparison_faults
from early_vision.site.views.related import related_by_article
from early_vision.store import read_json
from early_vision.tuning import LayerTuning
from early_vision.tuning.shares import Taxonomy

Artifacts = Mapping[str, Mapping[str, str]]
"""The hash of every file that networks, and what was computed from them, are read from: by folder, and path in it."""


@dataclass(frozen=True)
class Loaders:
    """How to come by what was computed of a network beforehand.

    Attributes:
        features: the feature visualizations: for each layer, one per channel in order; may raise InputError.
        tuning: the tuning of its layers, or none of them where it was not measured.
        circuits: its circuits, by default without what is computed beforehand.
        examples: what its neurons answer to among an author's pictures, or nothing.
    """

    features: Callable[[Network], Features]
    tuning: Callable[[Network], Mapping[str, LayerTuning]] = lambda network: {}
    circuits: Callable[[Network], NetworkCircuits] = lambda network: NetworkCircuits(network, wiring(network), {}, None)
    examples: Callable[[Network], Examples] = lambda network: {}


def gather(
    folders: Iterable[Path], assets: Path, loaders: Loaders, memory: Memory, without: frozenset[str] = frozenset()
) -> tuple[tuple[Material, ...], list[Problem], list[Problem]]:
    """Read all articles, load what is known of their networks, and hold the one against the other.

    Articles on networks whose weights are not here come last.

    Args:
        folders: one folder per article.
        assets: holds networks/, precomputed/ and taxonomies/.
        loaders: are called once per network, after all articles were read.
        memory: keeps what was read and loaded while files stay the same.
        without: names of networks to be shown as if their weights were not here.

    Returns:
        the articles that could be read; everything that is wrong with any of them, with their circuits and with their
        claims, warnings included; and what is told but stops nothing, such as claims that an article only reports.

    Raises:
        InputError: for artifacts that cannot be used.
    """
    artifacts = {
        str(folder): hash_files(folder, files_in(folder), memory)
        for home in network_homes(assets)
        for folder in (home / "networks", home / "precomputed", home / "taxonomies")
    }
    folders = tuple(folders)
    articles, faulty, problems = read_articles(folders, assets, artifacts, memory, without)
    published = memory(_read_published, assets, artifacts)
    related = memory(related_by_article, articles)
    material: list[Material] = []
    notes: list[Problem] = []
    # Faulty ones, too, are held against their networks, so that their authors can mend everything at once.
    read = [*((article, True) for article in articles), *((article, False) for article in faulty)]
    homes = {one.network.name: one.slug for one in articles if not one.front.compares}
    for article, in_order in sorted(read, key=lambda one: (not one[0].network.shown, one[0].front.order)):
        features, tuning, circuits, examples = _computed(article.network, loaders, artifacts, memory)
        comparison: Comparison | None = None
        others: Mapping[str, Features] = {}
        if article.front.compares:
            try:
                comparison, others = memory(
                    _compared, networks_compared(article), assets, artifacts, memory.cache, at=article.slug
                )
            except InputError as error:
                problems.append(Problem(error.message, file=article.folder / "article.md", hint=error.hint))
                continue
            problems += comparison_faults(article, comparison)
        figures, wrong = read_circuits(article, circuits, memory)
        found = check_claims(article, tuning, circuits, memory, comparison)
        problems += [*wrong, *(one for one in found if one.severity == "error")]
        if in_order:
            problems += article.warnings
            notes += (one for one in found if one.severity == "warning")
            known = features, tuning, circuits, figures, published
            among = comparison, others, homes
            material.append(Material(article, *known, related[article.slug], examples, *among))
    if any(problem.severity == "error" for problem in problems):
        problems += look_at_texts([article for article, _ in read], {folder_name(folder) for folder in folders})
    return tuple(material), problems, notes


def _computed(network: Network, loaders: Loaders, artifacts: Artifacts, memory: Memory) -> list:
    """Features, tuning and circuits of a network, as far as there are weights that they could come from."""
    if not network.shown:
        layers = network.architecture.layers
        return [
            memory(_not_rendered, tuple((name, layer.neurons) for name, layer in layers.items())),
            {},
            memory(_no_circuits, network, at=network.name),
            {},
        ]
    return [memory(_load, load, network, artifacts, at=(what, network.sha256)) for what, load in vars(loaders).items()]


def read_articles(
    folders: Iterable[Path],
    assets: Path,
    artifacts: Artifacts,
    memory: Memory,
    without: frozenset[str] = frozenset(),
) -> tuple[tuple[Article, ...], tuple[Article, ...], list[Problem]]:
    """All articles that are in order; faulty ones that can be read all the same; and everything that is wrong with these
    and with those that cannot.

    Args:
        folders: one folder per article.
        assets: holds networks/.
        artifacts: the hashes of the files there.
        memory: keeps the articles whose files stay the same.
        without: names of networks to be shown as if their weights were not here.
    """
    articles: list[Article] = []
    faulty: list[Article] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            shared = folder.parent / SHARED
            files = [*files_in(folder), *([shared] if shared.is_file() else [])]
            content = hash_files(folder.parent, files, memory)
            article, found = memory(_check_article, folder, content, assets, artifacts, memory, without, at=folder)
        except InputError as error:
            problems += error.problems
            continue
        if article is None or any(problem.severity == "error" for problem in found):
            problems += found
            faulty += [article] if article else []
            continue
        if article.slug in [other.slug for other in articles]:
            problems.append(
                Problem(f"two articles have the address {article.slug}", file=folder, hint="Rename one of the folders")
            )
            continue
        articles.append(article)
    return tuple(articles), tuple(faulty), problems


def read_circuits(
    article: Article, circuits: NetworkCircuits, memory: Memory
) -> tuple[tuple[Circuit, ...], tuple[Problem, ...]]:
    """What the circuit figures of an article show, in the order of its text, and everything that is wrong with them."""
    figures: list[Circuit] = []
    problems: list[Problem] = []
    architecture = article.network.architecture
    shown = article.network.shown
    known = architecture, circuits.connect if shown else None, circuits.typical if shown else None
    for index, (block, directive) in enumerate(article.directives(CircuitFigure)):
        figure, wrong = memory(resolve_figure, directive, *known, at=(article.slug, index))
        figures += [figure] if figure else []
        problems += circuit_problems(block, wrong)
    return tuple(figures), tuple(problems)


def check_claims(
    article: Article,
    measured: Mapping[str, LayerTuning],
    circuits: NetworkCircuits,
    memory: Memory,
    comparison: Comparison | None = None,
) -> list[Problem]:
    """What is wrong with an article's claims: each that is not true, with what was measured, or cannot be understood.

    In an article that only reports its claims, one that is not true is a warning.
    """
    problems, groups, network = [], group_neurons(article.taxonomy), article.network
    names = group_names(article.taxonomy)
    enforced = article.front.claims == "enforce"
    for block, claim in article.claims():
        line = block.line
        if not measured and enforced and network.shown and not network.stand_in:
            hint = f"Run: python build.py measure --network {network.name}"
            problems.append(article.text.problem("a claim needs measurements of the network", line, hint))
            continue
        try:
            known = measured, groups, circuits, names, comparison
            view = memory(view_claim, claim, *known, at=(article.slug, claim))
        except InputError as error:
            problems.append(article.text.problem(error.message, line, error.hint))
            continue
        if view.state == "fails":
            message = f'the claim "{claim}" does not hold: {view.words}'
            say = article.text.problem if enforced else article.text.warning
            problems.append(say(message, line, "Mend the claim and the sentence that it stands by"))
    return problems


def networks_compared(article: Article) -> tuple[str, ...]:
    """The article's own network, and those that it compares it with, each once."""
    return tuple(dict.fromkeys((article.network.name, *article.front.compares)))


# What the following read, they read from files, whose hashes are among their arguments.


def _check_article(
    folder: Path,
    content: Mapping[str, str],
    assets: Path,
    artifacts: Artifacts,
    memory: Memory,
    without: frozenset[str],
) -> tuple[Article | None, tuple[Problem, ...]]:
    find = lambda name: memory(_find_network, name, assets, artifacts, name in without, at=name)
    problems: list[Problem] = []
    return check_article(folder, find, problems, memory), tuple(problems)


def _find_network(name: str, assets: Path, artifacts: Artifacts, without: bool) -> Network:
    return outline(name) if without else find_network_or_outline(name, assets)


def _not_rendered(layers: tuple[tuple[str, int], ...]) -> dict[str, tuple[FeatureVisualization, ...]]:
    return {name: not_rendered(name, neurons) for name, neurons in layers}


def _no_circuits(network: Network) -> NetworkCircuits:
    return NetworkCircuits(network, wiring(network), {}, None)


def _load(load: Callable, network: Network, artifacts: Artifacts):
    return load(network)


def _compared(
    names: tuple[str, ...], assets: Path, artifacts: Artifacts, cache: Cache
) -> tuple[Comparison, Mapping[str, Features]]:
    recordings = [find_recording(name, assets) for name in names]
    return compare(recordings, cache=cache), {one.network: _features_of(one, assets) for one in recordings}


def _features_of(recording: Recording, assets: Path) -> Features:
    """The feature visualizations of a network that was recorded, as far as it was rendered."""
    network = Network(recording.network, recording.architecture, {}, recording.weights, state="computed")
    folders = [folder for home in network_homes(assets) if (folder := features_folder(home, network)).is_dir()]
    found = {}
    for name, layer in recording.architecture.layers.items():
        there = next((folder for folder in folders if any(folder.glob(f"{name}-*.json"))), None)
        found[name] = read_layer(there, network, name, None) if there else not_rendered(name, layer.neurons)
    return found


def _read_published(assets: Path, artifacts: Artifacts) -> Taxonomy:
    return read_json(assets / "taxonomies" / "inceptionv1.json")
