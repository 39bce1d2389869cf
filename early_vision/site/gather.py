"""Gathering what pages are made of: every article as it was read and checked, and what is known of its network."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from early_vision.article.article import Article, read_article
from early_vision.article.bibliography import SHARED
from early_vision.article.circuits import circuit_problems, resolve_figure
from early_vision.article.directives import CircuitFigure, Claim
from early_vision.artifacts import read_json
from early_vision.circuits.circuit import Circuit
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.errors import InputError, InputErrors
from early_vision.features.result import FeatureVisualization
from early_vision.network.known import find_network, network_homes
from early_vision.network.weights import Network
from early_vision.memory import Memory, files_in, hash_files
from early_vision.site.views import check_any_claim, group_neurons
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
    """

    features: Callable[[Network], Mapping[str, Sequence[FeatureVisualization]]]
    tuning: Callable[[Network], Mapping[str, LayerTuning]] = lambda network: {}
    circuits: Callable[[Network], NetworkCircuits] = lambda network: NetworkCircuits(network, wiring(network), {}, None)


@dataclass(frozen=True, eq=False)
class Material:
    """An article, and all that its pages are made of.

    Attributes:
        article: what its author wrote, for which nothing is wrong: circuits can be drawn, and claims hold.
        features, tuning, circuits: of its network, as `Loaders` gives them.
        figures: what its circuit figures show, in the order of its text.
        published: the published taxonomy of InceptionV1, to compare with.
    """

    article: Article
    features: Mapping[str, Sequence[FeatureVisualization]]
    tuning: Mapping[str, LayerTuning]
    circuits: NetworkCircuits
    figures: tuple[Circuit, ...]
    published: Taxonomy


def gather(folders: Iterable[Path], assets: Path, loaders: Loaders, memory: Memory) -> tuple[Material, ...]:
    """Read all articles, load what is known of their networks, and hold the one against the other.

    Args:
        folders: one folder per article.
        assets: holds networks/, precomputed/ and taxonomies/.
        loaders: are called once per network, after all articles were read.
        memory: keeps what was read and loaded while files stay the same.

    Raises:
        InputErrors: everything that is wrong with any of the articles, or with their circuits, or with their claims.
        InputError: for artifacts that cannot be used.
    """
    artifacts = {
        str(folder): hash_files(folder, files_in(folder), memory)
        for home in network_homes(assets)
        for folder in (home / "networks", home / "precomputed", home / "taxonomies")
    }
    articles = read_articles(folders, assets, artifacts, memory)
    published = memory(_read_published, assets, artifacts)
    material, problems = [], []
    for article in articles:
        features, tuning, circuits = (
            memory(_load, load, article.network, artifacts, at=(what, article.network.sha256))
            for what, load in vars(loaders).items()
        )
        figures, wrong = read_circuits(article, circuits, memory)
        problems += wrong or check_claims(article, tuning, circuits, memory)
        material.append(Material(article, features, tuning, circuits, figures, published))
    if problems:
        raise InputErrors(problems)
    return tuple(material)


def read_articles(
    folders: Iterable[Path], assets: Path, artifacts: Artifacts, memory: Memory
) -> tuple[Article, ...]:
    """All articles.

    Args:
        folders: one folder per article.
        assets: holds networks/.
        artifacts: the hashes of the files there.
        memory: keeps the articles whose files stay the same.

    Raises:
        InputErrors: everything that is wrong with any of them, or two that have one address.
    """
    articles, problems = [], []
    for folder in folders:
        try:
            shared = folder.parent / SHARED
            files = [*files_in(folder), *([shared] if shared.is_file() else [])]
            content = hash_files(folder.parent, files, memory)
            article = memory(_read_article, folder, content, assets, artifacts, memory, at=folder)
        except InputErrors as errors:
            problems += errors.errors
            continue
        if article.slug in [other.slug for other in articles]:
            problems.append(
                InputError(
                    f"two articles have the address {article.slug}", file=folder, mend="Rename one of the folders"
                )
            )
        articles.append(article)
    if problems:
        raise InputErrors(problems)
    return tuple(articles)


def read_circuits(
    article: Article, circuits: NetworkCircuits, memory: Memory
) -> tuple[tuple[Circuit, ...], tuple[InputError, ...]]:
    """What the circuit figures of an article show, in the order of its text, and everything that is wrong with them."""
    figures, problems, architecture = [], [], article.network.architecture
    for index, block in enumerate(article.blocks(CircuitFigure)):
        known = architecture, circuits.connect, circuits.typical
        figure, wrong = memory(resolve_figure, block.directive, *known, at=(article.slug, index))
        figures.append(figure)
        problems += circuit_problems(block, wrong)
    return tuple(figures), tuple(problems)


def check_claims(
    article: Article, measured: Mapping[str, LayerTuning], circuits: NetworkCircuits, memory: Memory
) -> list[InputError]:
    """What is wrong with an article's claims: each that is not true, with what was measured, or cannot be understood."""
    problems, groups = [], group_neurons(article.taxonomy)
    for block in article.blocks(Claim):
        claim, line = block.directive.claim, block.line
        if not measured:
            mend = f"Run: python build.py measure --network {article.network.name}"
            problems.append(article.text.error("a claim needs measurements of the network", line, mend))
            continue
        try:
            checked = memory(check_any_claim, claim, measured, groups, circuits, at=(article.slug, claim))
        except InputError as error:
            problems.append(article.text.error(error.message, line, error.mend))
            continue
        if not checked.holds:
            message = f'the claim "{claim}" does not hold: {checked.measured}'
            problems.append(article.text.error(message, line, "Mend the claim and the sentence that it stands by"))
    return problems


# What the following read, they read from files, whose hashes are among their arguments.


def _read_article(
    folder: Path, content: Mapping[str, str], assets: Path, artifacts: Artifacts, memory: Memory
) -> Article:
    return read_article(folder, lambda name: memory(_find_network, name, assets, artifacts, at=name), memory)


def _find_network(name: str, assets: Path, artifacts: Artifacts) -> Network:
    return find_network(name, assets)


def _load(load: Callable, network: Network, artifacts: Artifacts):
    return load(network)


def _read_published(assets: Path, artifacts: Artifacts) -> Taxonomy:
    return read_json(assets / "taxonomies" / "inceptionv1.json")
