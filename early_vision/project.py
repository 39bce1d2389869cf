"""Where a project keeps what its site is made of, and what is loaded from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from early_vision.article.article import networks_of, title_of
from early_vision.cache import fingerprint
from early_vision.circuits.network_circuits import NetworkCircuits, load_circuits
from early_vision.features import load_features
from early_vision.features.examples import NeuronExamples, examples_folder, read_examples
from early_vision.features.result import FeatureVisualization
from early_vision.memory import Memory, files_in, hash_files
from early_vision.network.catalogue import read_catalogue
from early_vision.network.known import home_of, network_home, network_homes, state_of
from early_vision.network.release import GOOGLES
from early_vision.network.weights import Network
from early_vision.places import own_home, package_folder, program_folder
from early_vision.site.build import find_articles
from early_vision.site.freshness import input_key
from early_vision.site.gather import Loaders
from early_vision.tuning import LayerTuning, load_tuning, tuning_folder

CACHE = "site.sqlite"
"""The file in `Project.cache` that holds what builds keep for the next one."""


@dataclass(frozen=True)
class Project:
    """A project's folders.

    Attributes:
        root: holds all of them.
    """

    root: Path

    @property
    def content(self) -> Path:
        return self.root / "content"

    def _or_the_programs(self, name: str) -> Path:
        own = self.root / name
        return own if own.is_dir() else program_folder() / name

    @property
    def templates(self) -> Path:
        return self._or_the_programs("templates")

    @property
    def assets(self) -> Path:
        return self._or_the_programs("assets")

    @property
    def code(self) -> Path:
        own = self.root / "early_vision"
        return own if own.is_dir() else package_folder()

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The folders that a site depends on, beside those of its articles."""
        computed = (home / name for home in network_homes(self.assets)[1:] for name in ("networks", "precomputed"))
        return (self.assets, self.templates, self.code, *computed)

    @property
    def cache(self) -> Path:
        """What builds keep for the next one; safe to delete."""
        return self.root / ".cache"

    def input_hash(self, memory: Memory) -> str:
        """A hash of all that pages depend on beside the articles and the templates: the program, the libraries, and
        what is known of networks. That of the program is taken once, when it has just been loaded."""
        folders = [folder for folder in self.inputs if folder not in (self.templates, self.code)]
        contents = {str(folder): dict(hash_files(folder, files_in(folder), memory)) for folder in folders}
        return fingerprint((memory(input_key, (self.code,), ()), contents))

    def folders(self, given: Sequence[Path]) -> tuple[Path, ...]:
        """The folders of articles that are meant: given as such or by their names in content/, or else all there that
        are not `waiting`.

        Raises:
            InputError: when there is none.
        """
        named = (self.content / one if not one.exists() and (self.content / one).is_dir() else one for one in given)
        waiting = {} if given else self.waiting()
        return tuple(named) or tuple(one for one in self.articles() if one not in waiting)

    def articles(self) -> tuple[Path, ...]:
        """The folders of all articles in content/.

        Raises:
            InputError: when there is none.
        """
        return find_articles(self.content)

    def waiting(self) -> dict[Path, str]:
        """The articles in content/ that a build leaves out unless they are named, with their titles: those about a
        network of the catalogue that could be fetched, and of which nothing is here."""
        fetched = {name for name, entry in read_catalogue(self.assets).items() if entry.source}
        everything = self.articles()
        absent = [
            one
            for one in everything
            for name in networks_of([one])
            if name in fetched and state_of(name, self.assets) == "absent"
        ]
        # A project of such articles alone shows them rather than nothing.
        return {one: title_of(one) for one in absent} if len(absent) < len(everything) else {}

    def without(self, folders: Sequence[Path]) -> frozenset[str]:
        """The networks of some articles that are shown without weights: those whose can be fetched, and are not here."""
        missing = GOOGLES.network in networks_of(folders) and network_home(GOOGLES.network, self.assets) is None
        return frozenset({GOOGLES.network}) if missing else frozenset()

    def examples_of(self, network: Network) -> Path:
        """Where the examples of a network are kept: an author's pictures belong to the project, never to the program."""
        return examples_folder(own_home() or home_of(network.name, self.assets), network)

    @property
    def loaders(self) -> Loaders:
        return Loaders(self._features, self._tuning, self._circuits, self._examples)

    def _features(self, network: Network) -> Mapping[str, Sequence[FeatureVisualization]]:
        return load_features(network, home_of(network.name, self.assets))

    def _tuning(self, network: Network) -> Mapping[str, LayerTuning]:
        home = home_of(network.name, self.assets)
        return load_tuning(network, home) if tuning_folder(home, network).is_dir() else {}

    def _examples(self, network: Network) -> Mapping[str, Sequence[NeuronExamples]]:
        return read_examples(network, self.examples_of(network))

    def _circuits(self, network: Network) -> NetworkCircuits:
        return load_circuits(network, home_of(network.name, self.assets))
