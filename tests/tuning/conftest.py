"""The embedded network with its measurements and its groups, as the article has them."""

import re
from pathlib import Path

import pytest
import yaml

from early_vision.network.known import find_network
from early_vision.network.weights import Network
from early_vision.tuning import LayerTuning, load_tuning

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ROOT / "content" / "early-vision-tiny" / "groups"


@pytest.fixture(scope="session")
def embedded() -> Network:
    return find_network("inceptionv1-tiny", ROOT / "assets")


@pytest.fixture(scope="session")
def tuning(embedded) -> dict[str, LayerTuning]:
    return dict(load_tuning(embedded, ROOT / "assets"))


@pytest.fixture(scope="session")
def taxonomy(embedded) -> dict[str, dict[str, list[int]]]:
    """Layer to group name to channels, in display order."""
    texts = {layer: (GROUPS / f"{layer}.yaml").read_text("utf-8") for layer in embedded.architecture.layer_names}
    return {layer: {group["name"]: group["neurons"] for group in yaml.safe_load(text)} for layer, text in texts.items()}


@pytest.fixture(scope="session")
def groups(taxonomy) -> dict[str, tuple[str, list[int]]]:
    """Anchor to layer and channels."""
    return {
        f"group_{layer}_" + re.sub(r"[^a-z0-9.]+", "_", name.lower()).strip("_"): (layer, neurons)
        for layer, found in taxonomy.items()
        for name, neurons in found.items()
    }
