"""Feature visualization: the images that excite and inhibit each neuron most.

Reading what was rendered (`load_features`) needs no TensorFlow; rendering does.
"""

from pathlib import Path

from early_vision.features.held_out import read_held_out
from early_vision.features.layer_artifact import read_layer
from early_vision.features.result import FeatureVisualization
from early_vision.network.weights import Network


def features_folder(assets: Path, network: Network) -> Path:
    """Where a network's feature visualizations are kept."""
    return assets / "precomputed" / network.name / "features"


def load_features(network: Network, assets: Path) -> dict[str, tuple[FeatureVisualization, ...]]:
    """Layer to its neurons' feature visualizations, one per channel in order.

    Raises:
        InputError: when they are absent, damaged, or were made from other weights.
    """
    folder = features_folder(assets, network)
    held_out = read_held_out(network, folder)
    return {name: read_layer(folder, network, name, held_out.get(name)) for name in network.architecture.layer_names}
