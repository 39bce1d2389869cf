"""Interventions: what is left of a neuron's response when some of its inputs are removed.

A circuit figure is a hypothesis; to remove what it names is the test of it. Inputs are set to zero, or to their mean over
all pictures, and the network is run on from there: nothing is approximated. What is removed is held against other inputs
of the same sign, drawn at random, that have as much weight.

- *Exciting* inputs: by how much the response falls at the neuron's own best places, one a picture, as a share of what it
  was there. 1 is silence.
- *Inhibiting* inputs: at places where the neuron is excited, so much that it is the most of that picture, and these
  inputs inhibit it most: by how much the response rises, as a share of the mean response at the best places.

Other inputs are drawn with a probability in proportion to the norm of their kernel, without repetition, until the sum of
their norms is as near as can be to that of what is removed: about as many, where there are others as strong, and more
where there are none. Inhibiting ones are looked at where they themselves inhibit most, by the same rule.

Source of the method: ablation of units, as in Meyes et al., Ablation Studies in Artificial Neural Networks (2019), and
Morcos et al., On the importance of single directions for generalization (ICLR 2018), who set units to zero and to their
mean.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from early_vision.circuits.circuit import Circuit, Input, Neuron
from early_vision.circuits.connections import Connection, connect_branch
from early_vision.circuits.natural_places import Pictures, Survey, crop_of, survey, window_maximum
from early_vision.network.crop import Crop, crops
from early_vision.network.weights import Network

PLACES, DRAWS, SEED = 50, 20, 0
BATCH = 50
Kind = Literal["exciting", "inhibiting"]


@dataclass(frozen=True)
class Removal:
    """Inputs of a neuron that are removed together.

    Attributes:
        target: the neuron.
        source: the layer, earlier but not always the one before, that they are in.
        inputs: their channels, in rising order.
        kind: as what they are looked at.
    """

    target: Neuron
    source: str
    inputs: tuple[int, ...]
    kind: Kind


@dataclass(frozen=True)
class Effect:
    """What came of a removal. Falls and rises are shares as the module says, 0 for none.

    Attributes:
        places: how many places it was looked at.
        best: the neuron's mean response at its best places.
        zero, mean: the change with the inputs set to zero, and to their mean.
        others_zero, others_mean: the same for each draw of other inputs.
        counts: how many inputs each draw has.
        weights: the sum of their norms, as a share of that of the removed ones.
        contributions: of each removed input, the mean over the places of its expanded weights times what they meet.
        norms: the norm of each one's kernel.
    """

    places: int
    best: float
    zero: float
    mean: float
    others_zero: tuple[float, ...]
    others_mean: tuple[float, ...]
    counts: tuple[int, ...]
    weights: tuple[float, ...]
    contributions: tuple[float, ...]
    norms: tuple[float, ...]


def removals_of(circuit: Circuit) -> tuple[Removal, ...]:
    """What a figure asks to be tested: of each neuron in it the inputs that it draws, exciting and inhibiting ones apart;
    and where it draws several sets of inputs of one neuron, each of these as well.
    """
    found: dict[Removal, None] = {}
    parts = [inner for part in circuit.parts for inner in (part, *part.behind)] if circuit.weighted else []
    for target in dict.fromkeys(part.target for part in parts):
        sets = [part.inputs for part in parts if part.target == target]
        together = tuple(one for inputs in sets for one in inputs)
        for inputs in dict.fromkeys([together, *sets]):
            found.update(dict.fromkeys(split(target, inputs)))
    return tuple(found)


def split(target: Neuron, inputs: Iterable[Input]) -> Iterator[Removal]:
    """Inputs of a neuron by layer and reading."""
    inputs = tuple(inputs)
    for source in dict.fromkeys(one.neuron.layer for one in inputs):
        for kind in ("exciting", "inhibiting"):
            here = {one.neuron.channel for one in inputs if one.neuron.layer == source and one.reading == kind}
            if here:
                yield Removal(target, source, tuple(sorted(here)), kind)


def measure_removals(network: Network, pictures: Pictures, removals: Sequence[Removal]) -> dict[Removal, Effect]:
    """Remove each set of inputs, and as many sets of others as there are draws.

    Returns:
        the effects; without those of neurons that respond to none of the pictures.

    Raises:
        InputError: for two layers between which no path leads.
    """
    targets = list(dict.fromkeys((one.target, one.source) for one in removals))
    found = survey(network, pictures, targets)
    effects: dict[Removal, Effect] = {}
    for target, source in targets:
        bench = _bench(network, pictures, found, target, source)
        if bench:
            asked = (one for one in removals if (one.target, one.source) == (target, source))
            effects |= {one: bench.effect(one) for one in asked}
    return effects


def draw_others(norms: np.ndarray, candidates: np.ndarray, total: float, seed: Sequence[int]) -> Iterator[np.ndarray]:
    """DRAWS sets of inputs, int [n] each, whose norms add up to about `total`, or all candidates where these have less.

    Args:
        norms: [inputs].
        candidates: indices of the inputs to draw from.
        total: of norms.
        seed: the same draws for the same one.
    """
    random, candidates = np.random.default_rng(seed), candidates[norms[candidates] > 0]
    for _ in range(DRAWS):
        # The keys of Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006), as logarithms.
        keys = -random.exponential(size=len(candidates)) / norms[candidates]
        order = candidates[np.argsort(-keys, kind="stable")]
        reached = np.cumsum(norms[order])
        count = int(np.abs(reached - total).argmin()) + 1 if len(order) else 0
        yield order[:count]


@dataclass(frozen=True, eq=False)
class _Bench:
    """A neuron with what it sees at its places, where inputs can be removed.

    Attributes:
        network, target, source: whose inputs.
        crops: the positions that the neuron sees of each node.
        part: the expanded weights of this neuron alone.
        active, excited: name to values [places, side, side, channels] where it is most active, and most excited.
        means: of the inputs, over all pictures.
    """

    network: Network
    target: Neuron
    source: str
    crops: dict[str, Crop]
    part: Connection
    active: Mapping[str, np.ndarray]
    excited: Mapping[str, np.ndarray]
    means: np.ndarray
    norms: np.ndarray = field(init=False)
    kinds: np.ndarray = field(init=False)
    run: Callable = field(init=False)
    best: float = field(init=False)

    def __post_init__(self):
        kernels = self.part.weights[..., 0]
        inputs = [Input(Neuron(self.source, i), kernels[..., i], 1.0) for i in range(kernels.shape[-1])]
        object.__setattr__(self, "norms", np.sqrt((kernels**2).sum((0, 1), dtype=np.float64)))
        object.__setattr__(self, "kinds", np.array([one.reading for one in inputs]))
        object.__setattr__(self, "run", _tail(self.network, self.crops))
        object.__setattr__(self, "best", float(self.respond(self.active).mean()))

    def effect(self, removal: Removal) -> Effect:
        chosen = np.array(removal.inputs)
        seed = [SEED, removal.target.channel, *removal.inputs, len(removal.source)]
        candidates = np.setdiff1d(np.flatnonzero(self.kinds == removal.kind), chosen)
        others = list(draw_others(self.norms, candidates, float(self.norms[chosen].sum()), seed))
        zero, mean = self.change(chosen, removal.kind)
        changes = [self.change(one, removal.kind) for one in others]
        patches = self.places(chosen, removal.kind)
        return Effect(
            places=len(patches[self.source]),
            best=self.best,
            zero=zero,
            mean=mean,
            others_zero=tuple(one[0] for one in changes),
            others_mean=tuple(one[1] for one in changes),
            counts=tuple(len(one) for one in others),
            weights=tuple(float(self.norms[one].sum() / self.norms[chosen].sum()) for one in others),
            contributions=tuple(map(float, contributions(self, patches)[:, chosen].mean(0))),
            norms=tuple(map(float, self.norms[chosen])),
        )

    def places(self, chosen: np.ndarray, kind: Kind) -> Mapping[str, np.ndarray]:
        """What the neuron sees where a set of inputs is looked at."""
        if kind == "exciting":
            return self.active
        inhibition = contributions(self, self.excited)[:, chosen].sum(1)
        order = np.argsort(inhibition, kind="stable")[:PLACES]
        return {name: values[order] for name, values in self.excited.items()}

    def change(self, chosen: np.ndarray, kind: Kind) -> tuple[float, float]:
        """The fall, or rise, with inputs set to zero and with them set to their means."""
        patches = self.places(chosen, kind)
        before, changes = float(self.respond(patches).mean()), []
        for value in (np.zeros(len(chosen), np.float32), self.means[chosen]):
            edited = patches[self.source].copy()
            edited[..., chosen] = value
            after = float(self.respond({**patches, self.source: edited}).mean())
            changes.append((before - after if kind == "exciting" else after - before) / self.best)
        return changes[0], changes[1]

    def respond(self, patches: Mapping[str, np.ndarray]) -> np.ndarray:
        """The neuron's responses after its activation, [n]."""
        channel = self.target.channel - self.part.branch.start
        count = len(patches[self.source])
        values = [
            self.run({name: value[start : start + BATCH] for name, value in patches.items()}).numpy()[:, channel]
            for start in range(0, count, BATCH)
        ]
        return np.concatenate(values)


def contributions(bench: _Bench, patches: Mapping[str, np.ndarray]) -> np.ndarray:
    """Expanded weights times what they meet, input by input: [places, inputs]."""
    part, held = bench.part, bench.crops[bench.source]
    pooled = window_maximum(patches[bench.source], part.window)
    total = np.zeros((len(pooled), pooled.shape[-1]), np.float32)
    at = part.start - held.start + np.arange(part.cells) * part.step
    for i, row in enumerate(at):
        for j, column in enumerate(at):
            total = total + pooled[:, row, column] * part.weights[i, j, :, 0]
    return total


def _tail(network: Network, crops: dict[str, Crop]) -> Callable:
    """What of the network follows from the edited values, as one graph."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import continue_cropped

    run = tf.function(lambda given: continue_cropped(network, given, crops), reduce_retracing=True, autograph=False)
    return lambda patches: run({name: tf.constant(value) for name, value in patches.items()})


def _bench(network: Network, pictures: Pictures, found: Survey, target: Neuron, source: str) -> _Bench | None:
    """A neuron with its places; None where it responds to nothing."""
    branch = network.architecture.branch(target.layer, target.channel)
    whole = connect_branch(network, source, branch)
    weights = whole.weights[..., target.channel - whole.branch.start][..., None]
    part = Connection(source, whole.branch, weights, whole.stride, whole.start, whole.step, whole.window)
    seen = crops(network.architecture, part.branch.node)
    best = found.active[target].best(PLACES)
    if not len(best):
        return None
    excited = found.excited[target, source]
    known = network, pictures, source, seen, part.branch.node
    return _Bench(
        network,
        target,
        source,
        seen,
        part,
        _patches(*known, found.active[target].corners, best),
        _patches(*known, excited.corners, excited.best(len(pictures.squares))),
        found.means[source].astype(np.float32),
    )


def _patches(
    network: Network,
    pictures: Pictures,
    source: str,
    seen: dict[str, Crop],
    node: str,
    corners: np.ndarray,
    chosen: np.ndarray,
) -> dict[str, np.ndarray]:
    """What the nodes from which a neuron can be computed on give where it is looked at: name to [n, side, side, c]."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward_cropped, held_for

    names, size = held_for(network.architecture, source, seen), network.architecture.receptive_fields[node].size
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for start in range(0, len(chosen), BATCH):
        images = np.stack([crop_of(pictures.squares[i], corners[i], size) for i in chosen[start : start + BATCH]])
        values = forward_cropped(network, tf.constant(images, tf.float32), seen)
        for name in names:
            found[name].append(values[name].numpy())
    return {name: np.concatenate(parts) for name, parts in found.items()}
