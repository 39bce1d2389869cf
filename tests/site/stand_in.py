"""Pictures that stand in for feature visualizations: quickly made, of the right sizes, the same every time."""

from functools import cache
from pathlib import Path

import numpy as np

from early_vision.circuits.interventions_artifact import read_interventions
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits, circuits_folder
from early_vision.circuits.photographs_artifact import read_photographs
from early_vision.features.result import FeatureVisualization
from early_vision.memory import Memory
from early_vision.site.build import Built, build_site
from early_vision.tuning import load_tuning

ROOT = Path(__file__).parents[2]


def grating(size: int, random: np.random.Generator) -> np.ndarray:
    """An oriented, coloured, windowed grating: uint8 [size, size, 3]."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    angle, phase, cycles = random.uniform(0, np.pi), random.uniform(0, 2 * np.pi), random.uniform(1, 2 + size / 9)
    wave = np.cos(np.pi * cycles * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    bend = np.cos(np.pi * cycles * np.hypot(x - random.normal(), y - random.normal()))
    window = np.exp(-2 * (x**2 + y**2))[..., None]
    colours = random.normal(size=(2, 3)) * 70
    picture = (
        128
        + window * (wave[..., None] * colours[0] + bend[..., None] * colours[1])
        + random.normal(size=(size, size, 3)) * 9
    )
    return np.clip(picture, 0, 255).astype(np.uint8)


def build_stand_in(
    folders, out: Path, templates: Path = ROOT / "templates", memory: Memory | None = None, base_url: str = ""
) -> Built:
    """A site over pictures that only stand in for feature visualizations."""
    return build_site(
        folders,
        assets=ROOT / "assets",
        templates=templates,
        out=out,
        load_features=stand_in_features,
        load_tuning=embedded_tuning,
        load_circuits=embedded_circuits,
        memory=memory,
        base_url=base_url,
    )


def embedded_tuning(network):
    return load_tuning(network, ROOT / "assets")


def embedded_circuits(network):
    """With what came of removing inputs and of tests on photographs, which the article's claims are about."""
    return NetworkCircuits(network, wiring(network), {}, None, {}, *embedded_tests(network))


def embedded_tests(network):
    folder = circuits_folder(ROOT / "assets", network)
    return read_interventions(network, folder), read_photographs(network, folder).tests


@cache
def stand_in_features(network) -> dict[str, tuple[FeatureVisualization, ...]]:
    """For every neuron a grating of the size of its receptive field; the same for a network at every call."""
    random, features = np.random.default_rng(0), {}
    architecture = network.architecture
    for name, layer in architecture.layers.items():
        sizes = [
            architecture.receptive_fields[architecture.branch(name, channel).node].size
            for channel in range(layer.neurons)
        ]
        features[name] = tuple(
            FeatureVisualization(name, channel, grating(size, random), 8 + random.uniform(), random.uniform(-1, 20))
            for channel, size in enumerate(sizes)
        )
    return features
