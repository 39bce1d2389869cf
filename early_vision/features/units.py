"""The work of feature visualization cut into units: batches named by a hash, computed anywhere, in any order.

A unit returns bytes and writes nothing, so the same function serves this process, a pool of processes and a cluster.
"""

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from early_vision.features.recipe import Recipe, Request
from early_vision.network.architecture import Branch
from early_vision.network.weights import Network
from early_vision.store import artifact_key, to_npz

STAGE, VERSION = "features", 2
IMAGES_PER_UNIT = 32
"""As many as keep two cores busy; a killed run loses at most so many images."""


@dataclass(frozen=True)
class Unit:
    """A batch of neurons of one branch, and what to render of them.

    Attributes:
        branch: the run of a layer's channels that one convolution computes.
        channels: the convolution's own channels, a contiguous run of them.
        kind: which of the wanted images these are, such as "exciting".
        recipe: how they are made.
    """

    branch: Branch
    channels: range
    kind: str
    recipe: Recipe

    @property
    def step(self) -> tuple[str, Recipe]:
        """What its compiled step depends on: units that agree in it share one."""
        return self.branch.node, replace(self.recipe, seed=0, sign=1)

    def key(self, network: Network) -> str:
        """The name of the unit's result: from the weights and all that determines it."""
        span = {"convolution": self.branch.node, "channels": [self.channels.start, self.channels.stop]}
        return artifact_key(STAGE, VERSION, network.sha256, span | asdict(self.recipe))


def plan(network: Network, request: Request, layer: str) -> tuple[Unit, ...]:
    """The units of a layer, always cut in the same places."""
    units = []
    for kind, recipe in request.recipes().items():
        size = max(1, IMAGES_PER_UNIT // recipe.images)
        for branch in network.architecture.layers[layer].branches:
            starts = range(0, len(branch), size)
            units += [Unit(branch, range(i, min(i + size, len(branch))), kind, recipe) for i in starts]
    return tuple(units)


def renderer(network: Network) -> Callable[[Unit], bytes]:
    """A function that renders units of a network. Imports TensorFlow; a convolution's compiled step serves all its units."""
    from early_vision.features.ascent import Renderer

    last: tuple[Unit, Renderer] | None = None

    def render(unit: Unit) -> bytes:
        nonlocal last
        if not last or (unit.branch.node, unit.recipe) != (last[0].branch.node, last[0].recipe):
            like = last[1] if last and unit.step == last[0].step else None
            last = unit, Renderer(network, unit.branch.node, unit.recipe, like)
        rendered = last[1].render(np.arange(unit.channels.start, unit.channels.stop))
        return to_npz({"activations": rendered.activations, "images": rendered.images})

    return render


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of a unit's result."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)
