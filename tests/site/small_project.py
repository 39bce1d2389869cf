"""A whole project that is small enough to build many times: two layers of ten neurons, and artifacts in files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from stand_in import grating

from early_vision.features.result import FeatureVisualization
from early_vision.network.architecture_file import read_architecture
from early_vision.network.weights import expected_shapes
from early_vision.project import Project
from early_vision.site.gather import Loaders

ROOT = Path(__file__).parents[2]
NEURONS = {"first": 4, "second": 6}
DESCRIPTION = """\
input: {mean: [117, 117, 117]}
layers: [first, second]
nodes:
  - {name: first, op: conv, inputs: [input], kernel: 3, stride: 2, channels: 4}
  - {name: second, op: conv, inputs: [first], kernel: 3, channels: 6}
"""
ARTICLE = """\
---
title: Two layers
network: small
---
Some words before all else, and first:2.

# First {#first}

/// layer-groups | first
///

# Second {#second}

/// layer-groups | second
///

/// circuit | fan-in
title: Built from the first layer
target: second:1
inputs: 3

What it is built from.
///
"""
GROUPS = {
    "first": "- name: All\n  neurons: [0, 1, 2, 3]\n",
    "second": "- name: Some\n  neurons: [0, 1, 2]\n- name: Others\n  neurons: [3, 4, 5]\n",
}


@dataclass(frozen=True)
class SmallProject(Project):
    """A project whose feature visualizations are read from one file."""

    @property
    def code(self) -> Path:
        return self.root / "code"

    @property
    def loaders(self) -> Loaders:
        return Loaders(self.read_features)

    @property
    def article(self) -> Path:
        return self.content / "small"

    def read_features(self, network) -> dict[str, tuple[FeatureVisualization, ...]]:
        with np.load(self.assets / "precomputed" / "small" / "features.npz") as arrays:
            return {
                layer: tuple(
                    FeatureVisualization(layer, channel, image, float(image.mean()), 1.0)
                    for channel, image in enumerate(arrays[layer])
                )
                for layer in NEURONS
            }


def write_small_project(root: Path) -> SmallProject:
    """Write a small project."""
    project = SmallProject(root)
    # Where a project has none of its own, they are the program's.
    (root / "assets").mkdir(parents=True)
    shutil.copytree(ROOT / "templates", root / "templates")
    for name in ("css", "fonts", "js", "serve", "taxonomies"):
        shutil.copytree(ROOT / "assets" / name, project.assets / name)
    shutil.copy(ROOT / "assets" / "favicon.svg", project.assets)
    (project.article / "groups").mkdir(parents=True)
    (project.article / "article.md").write_text(ARTICLE)
    for layer, text in GROUPS.items():
        (project.article / "groups" / f"{layer}.yaml").write_text(text)
    write_weights(project, 0)
    write_features(project, 0)
    return project


def write_weights(project: SmallProject, seed: int) -> None:
    folder, random = project.assets / "networks", np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    (folder / "small.yaml").write_text(DESCRIPTION)
    shapes = expected_shapes(read_architecture(folder / "small.yaml").architecture)
    np.savez(folder / "small.npz", **{name: random.normal(size=shape).astype("f4") for name, shape in shapes.items()})


def write_features(project: SmallProject, seed: int) -> None:
    folder, random = project.assets / "precomputed" / "small", np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {"first": 3, "second": 7}
    images = {layer: np.stack([grating(sizes[layer], random) for _ in range(n)]) for layer, n in NEURONS.items()}
    np.savez(folder / "features.npz", **images)
