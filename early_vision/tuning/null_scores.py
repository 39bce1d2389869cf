"""How often neurons of null networks have a family's name, and how much has to be asked for so that few do.

Of every kind of null network (`early_vision.network.nulls`) there are as many as `SEEDS`. A rule as it is defined would
name some of their neurons, in some layers as many as of the trained network's. So the bound of a family in a layer is a
percentile of its scores in null networks of that layer: of no kind of them more than a part `RATE` of the neurons get the
name, nor does any neuron that fulfils the rule by less than half. Nobody looks at neurons for that, so it is the same
procedure for every network. And a name is given in a layer only if more of the network's neurons get it than of any
single one of the null networks'.

The bounds also correct for what rules cannot see: that more curves were shown than straight lines, or that crosses have
more ink than lines, holds in null networks as well.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import get_args

import numpy as np

from early_vision.errors import InputError
from early_vision.network.architecture import Architecture
from early_vision.network.nulls import NULLS, Null
from early_vision.network.weights import Network
from early_vision.store import Artifact, artifact_key
from early_vision.tuning.families import ENOUGH, FAMILIES, Family, margins, scores, stretched
from early_vision.tuning.measures import Tuning
from early_vision.tuning.responses import VERSION as RESPONSES_VERSION

STAGE, VERSION = "null scores", 1
SEEDS = 5
RATE = 0.02
"""The part of a null network's neurons that may have a family's name."""
DIGITS = 4


@dataclass(frozen=True)
class NullCount:
    """How many neurons of a layer of one null network have each family's name, in the order of `FAMILIES`.

    Attributes:
        kind, seed: the null network.
        members: neurons that score `ENOUGH` or more, by what is asked for in this layer.
        first: neurons whose best family it is, by what is asked for in this layer.
        defined: neurons whose best family it is, by the rule as it is defined.
    """

    kind: Null
    seed: int
    members: tuple[int, ...]
    first: tuple[int, ...]
    defined: tuple[int, ...]


@dataclass(frozen=True)
class NullScores:
    """What null networks say of the families in a layer.

    Attributes:
        neurons: of the layer.
        reached: of each kind of null network, the margin (`families.margins`) that no more than a part `RATE` of the
            neurons exceed, in the order of `FAMILIES`.
        networks: all that were made.
    """

    neurons: int
    reached: Mapping[Null, tuple[float, ...]]
    networks: tuple[NullCount, ...]

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """By how much each family's ramps are stretched in this layer: 1 where the rule as it is defined is enough."""
        return tuple(_factor(values) for values in zip(*self.reached.values(), strict=True))

    @cached_property
    def most(self) -> np.ndarray:
        """The largest number of members that any null network has, int [families]."""
        return np.max([one.members for one in self.networks], axis=0)

    @cached_property
    def mean(self) -> np.ndarray:
        """The mean number of members, [families]."""
        return np.mean([one.members for one in self.networks], axis=0)


def kinds_for(architecture: Architecture, layer: str) -> tuple[Null, ...]:
    """The kinds of null networks for a layer: without `last` where no convolution comes before."""
    needed = {layer}
    for node in reversed(architecture.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    own = {branch.node for branch in architecture.layers[layer].branches}
    before = any(node.name in needed - own for node in architecture.convolutions)
    return tuple(kind for kind in NULLS if kind != "last" or before)


def score_nulls(tunings: Sequence[tuple[Null, int, Tuning]]) -> NullScores:
    """What comes of the tunings of null networks.

    Args:
        tunings: kind, seed and tuning of each, at full contrast.
    """
    found = [(kind, seed, margins(tuning)) for kind, seed, tuning in tunings]
    reached = {}
    for kind in NULLS:
        if pooled := [values for one, _, values in found if one == kind]:
            every = -np.sort(-np.concatenate(pooled), axis=0)
            reached[kind] = tuple(round(float(value), DIGITS) for value in every[math.floor(RATE * len(every))])
    bounds = NullScores(len(found[0][2]), reached, ())
    counts = []
    for kind, seed, tuning in tunings:
        asked = scores(tuning, asked_for(bounds))
        members = tuple(int(count) for count in (asked >= ENOUGH).sum(0))
        counts.append(NullCount(kind, seed, members, first_families(asked), first_families(scores(tuning))))
    return replace(bounds, networks=tuple(counts))


def first_families(scores: np.ndarray) -> tuple[int, ...]:
    """How many neurons have each family as their best, if it fits, from scores [neurons, families]."""
    best = scores.argmax(1)[scores.max(1) >= ENOUGH]
    return tuple(int((best == index).sum()) for index in range(len(FAMILIES)))


def asked_for(nulls: NullScores | None) -> tuple[Family, ...]:
    """The families with what is asked for in a layer; as they are defined where there are no null networks."""
    if nulls is None:
        return FAMILIES
    return tuple(stretched(family, factor) for family, factor in zip(FAMILIES, nulls.factors, strict=True))


def nulls_path(folder: Path, network: Network, layer: str) -> Path:
    """Where the null scores of a layer are: the name holds the hash of weights, rules and versions."""
    rules = {family.name: [asdict(one) for one in family.conditions] for family in FAMILIES}
    parameters = {"layer": layer, "rules": rules, "responses": RESPONSES_VERSION, "seeds": SEEDS, "rate": RATE}
    return folder / f"{layer}-nulls-{artifact_key(STAGE, VERSION, network.sha256, parameters)}.json"


def write_nulls(folder: Path, network: Network, layer: str, nulls: NullScores) -> Path:
    """Write a layer's null scores, and remove what they supersede.

    Raises:
        InputError: when they cannot be written.
    """
    path = nulls_path(folder, network, layer)
    content = {
        "network": network.name,
        "layer": layer,
        "families": [family.name for family in FAMILIES],
        "rate": RATE,
        "neurons": nulls.neurons,
        "reached": {kind: list(values) for kind, values in nulls.reached.items()},
        "networks": [asdict(one) for one in nulls.networks],
    }
    _artifact(path, network, layer).write(content, compact=True)
    for other in folder.glob(f"{layer}-nulls-*.json"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def read_nulls(folder: Path, network: Network, layer: str) -> NullScores | None:
    """A layer's null scores; None where none were made.

    Raises:
        InputError: when they come from other weights or older rules, or are damaged; with the command that makes them.
    """
    path = nulls_path(folder, network, layer)
    artifact = _artifact(path, network, layer)
    if not path.is_file():
        if others := sorted(folder.glob(f"{layer}-nulls-*.json")):
            raise InputError(artifact.other, file=others[0], hint=artifact.hint)
        return None
    content = artifact.read()
    with artifact.parsing():
        reached = {kind: tuple(map(float, content["reached"][kind])) for kind in NULLS if kind in content["reached"]}
        networks = tuple(
            NullCount(one["kind"], one["seed"], *(tuple(map(int, one[n])) for n in ("members", "first", "defined")))
            for one in content["networks"]
        )
        nulls = NullScores(int(content["neurons"]), reached, networks)
        if len(nulls.factors) != len(FAMILIES) or any(one.kind not in get_args(Null) for one in networks):
            raise ValueError("families or kinds of another version")
        return nulls


def _factor(reached: Sequence[float]) -> float:
    """The least factor, to three digits and some more, by which stretched ramps leave the margins reached below `ENOUGH`."""
    return max(1.0, (math.floor(1000 * max(reached) / ENOUGH) + 2) / 1000)


def _artifact(path: Path, network: Network, layer: str) -> Artifact:
    other = f"the null networks of {layer} were made of other weights, or held against older rules"
    return Artifact(
        path, STAGE, VERSION, network.sha256, other, f"Run: python build.py measure --network {network.name}"
    )
