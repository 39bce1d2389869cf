"""Where a project keeps what its site is made of, and what is loaded from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from early_vision.circuits.network_circuits import NetworkCircuits, load_circuits
from early_vision.features import load_features
from early_vision.features.result import FeatureVisualization
from early_vision.network.known import network_homes
from early_vision.network.weights import Network
from early_vision.site.gather import Loaders
from early_vision.tuning import LayerTuning, load_tuning, tuning_folder


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

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def assets(self) -> Path:
        return self.root / "assets"

    @property
    def code(self) -> Path:
        return self.root / "early_vision"

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The folders that a site depends on, beside those of its articles."""
        computed = (home / name for home in network_homes(self.assets)[1:] for name in ("networks", "precomputed"))
        return (self.assets, self.templates, self.code, *computed)

    @property
    def loaders(self) -> Loaders:
        return Loaders(self._features, self._tuning, self._circuits)

    def _features(self, network: Network) -> Mapping[str, Sequence[FeatureVisualization]]:
        return load_features(network, self.assets)

    def _tuning(self, network: Network) -> Mapping[str, LayerTuning]:
        return load_tuning(network, self.assets) if tuning_folder(self.assets, network).is_dir() else {}

    def _circuits(self, network: Network) -> NetworkCircuits:
        return load_circuits(network, self.assets)
