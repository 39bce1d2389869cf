"""An article on InceptionV1 with the published taxonomy and circuits and no prose: what any article on it must hold."""

import json
from pathlib import Path

import yaml

HEAD = """\
---
title: InceptionV1 as published
network: inceptionv1
claims: report
---
# Playing Cards with Neurons {#cards}

/// layer-diagram
///

"""
CIRCUITS = """\
/// circuit | fan-in
title: Two complex Gabors
parts:
  - target: conv2d1:30
    heading: One
    inputs: [22, 39, 54, 15]
  - target: conv2d1:55
    heading: Another
    inputs: at least 30% of the largest
///

/// circuit | rows
title: Against colour
target: mixed3a:222
inputs: [43, 23, 77, 178, 101, 45, 29, 21, 40, 90, 36, 0, 62, 13, 120, 124]
///

/// circuit | mirrored
title: Fur to the left and to the right
parts:
  - target: mixed3b:404
    inputs: [47, 46, 26, 63]
  - target: mixed3b:333
    inputs: [47, 46, 26, 63]
///

"""
CLAIMS = """\
/// claim | median group_conv2d0_gabor_filters orientation_selectivity at least 0.5
///

/// claim | weights conv2d0:22 to conv2d1:30 sum at least 0.5
///

"""


def write_article(folder: Path, taxonomy: dict) -> Path:
    """An article's folder with every group and neuron of a taxonomy."""
    (folder / "groups").mkdir(parents=True)
    text = [HEAD, CIRCUITS, CLAIMS]
    for layer, of in taxonomy.items():
        text.append(f"# {layer} {{#{layer}}}\n\n/// layer-groups | {layer}\n///\n\n")
        groups = [
            {"name": one["name"], "anchor": one["anchor"], "priority": one["priority"], "neurons": one["units"]}
            for one in of["groups"]
        ]
        (folder / "groups" / f"{layer}.yaml").write_text(yaml.safe_dump(groups, sort_keys=False))
    (folder / "article.md").write_text("".join(text))
    return folder


def read_taxonomy(assets: Path) -> dict:
    return json.loads((assets / "taxonomies" / "inceptionv1.json").read_text())
