"""Tests on photographs: what a neuron's response hangs on at its best places in natural pictures, one a picture.

Each test does something to the pictures there and says how much of the response it takes; each has a null of its own,
since whatever is done at the best places lowers the response:

- *Tint* (black and white against colour): colour of six hues is added and luma kept; held against as much grey, added and
  taken away. Of the loss, the part that is more inhibition, by expanded weights, is told from excitation that is lost.
- *Hue*: all colours become their opposites; held against a picture without colour.
- *Sharp side* (high-low frequency): one half is blurred, for four halves. The null turns the sign of the difference
  between opposite halves at random, picture by picture, and has the 95th percentile of what then comes out.
- *Centre*: all but a disc of half of the area is blurred, against the disc alone; the null is as above.
- *Lines* and *bend* (orientation, curves): direction and curvature by the structure tensor of the pictures themselves. The
  null is the most of DRAWS draws of as many pictures from other neurons' best places in the layer; without others, 1.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.connections import Connection, adjacent_pairs, connect_branch
from early_vision.circuits.natural_places import Pictures, crop_of, survey, window_maximum
from early_vision.circuits.photo_edits import (
    HUES,
    LUMA,
    blurred,
    brightened,
    disc_mask,
    half_mask,
    hue_turned,
    line_fields,
    tinted,
)
from early_vision.network.architecture import Branch
from early_vision.network.crop import Crop, crops
from early_vision.network.weights import Network

PLACES, DRAWS, FLIPS, SEED = 24, 20, 400, 0
EDITS, FOUND = ("tint", "hue", "sharp", "centre"), ("lines", "bend")
"""Tests that edit pictures, and those that only look at them."""
STRENGTH = 40.0
"""Length of the colour that a tint adds, in pixel values."""


@dataclass(frozen=True)
class PhotographTests:
    """A neuron's tests. Falls are shares of its response at its best places, below 0 for a rise.

    Attributes:
        places: how many were looked at.
        tint, tint_null: the fall under a tint, and under as much grey.
        tint_inhibition: which part, 0 to 1 where both act alike, of the change in what its inputs give under a tint is
            added inhibition; the rest is lost excitation.
        hue, hue_null: the fall with opposite colours, and without colours.
        sharp_side: degrees, 0 right and 90 up, towards the side that has to stay sharp.
        sharp, sharp_null: by how much more blurring that side takes than blurring the opposite one.
        centre, centre_null: by how much more blurring the disc takes than blurring what is around it.
        orientation: degrees, 0 to 180, of the lines in its pictures.
        lines, lines_null: how much these agree, 0 to 1.
        bend_side: degrees, to where its lines bend.
        bend, bend_null: how much, in 1 / px.
    """

    places: int
    tint: float
    tint_null: float
    tint_inhibition: float
    hue: float
    hue_null: float
    sharp_side: float
    sharp: float
    sharp_null: float
    centre: float
    centre_null: float
    orientation: float
    lines: float
    lines_null: float
    bend_side: float
    bend: float
    bend_null: float

    @property
    def passed(self) -> frozenset[str]:
        """The tests that exceed their nulls and say enough to be told: "tint", "hue", "sharp", "centre", "lines", "bend".

        What edits take has to be a tenth of the response at least.
        """
        values = {name: (abs(getattr(self, name)), getattr(self, f"{name}_null")) for name in (*EDITS, *FOUND)}
        least = dict.fromkeys(EDITS, 0.1) | dict.fromkeys(FOUND, 0.0)
        return frozenset(name for name, (value, null) in values.items() if value > max(null, least[name]))


def test_on_photographs(
    network: Network, pictures: Pictures, neurons: Sequence[Neuron], known: Container[Neuron] = ()
) -> Iterator[tuple[Neuron, PhotographTests]]:
    """Test neurons, one after another; those that respond to none of the pictures are left out. Nulls come from all of a
    layer's neurons that are given: give a whole layer, or many.

    Args:
        known: which of them were tested before and are not tested again; nulls come from them, too.
    """
    architecture = network.architecture
    before = {layer: source for source, layer in adjacent_pairs(architecture)}
    for layer in dict.fromkeys(neuron.layer for neuron in neurons):
        here = [neuron for neuron in neurons if neuron.layer == layer]
        if all(neuron in known for neuron in here):
            continue
        branches = {neuron: architecture.branch(layer, neuron.channel) for neuron in here}
        seen = _best_crops(network, pictures, before[layer], branches)
        fields = {neuron: line_fields(images.astype(np.float32)) for neuron, images in seen.items()}
        for branch in dict.fromkeys(branches.values()):
            look_of = branch_looks(network, branch, before[layer])
            for neuron in (one for one in seen if branches[one] == branch and one not in known):
                images, others = seen[neuron], [fields[one] for one in seen if one != neuron]
                edited = _edited(look_of(neuron.channel), images.astype(np.float32))
                yield neuron, PhotographTests(len(images), **edited, **_lines(fields[neuron], others, neuron.channel))


test_on_photographs.__test__ = False  # type: ignore[attr-defined]

Look = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""look(images): the neuron's responses [n], and what each input gives by expanded weights, [n, inputs]."""


def branch_looks(network: Network, branch: Branch, source: str) -> Callable[[int], Look]:
    """How each neuron of a branch, by its channel in the layer, sees images of exactly its receptive field."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward_cropped

    whole, held = connect_branch(network, source, branch), crops(network.architecture, branch.node)

    @tf.function(reduce_retracing=True, autograph=False)
    def run(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = forward_cropped(network, images, held)
        return values[branch.node][:, 0, 0], values[source]

    def look_of(channel: int) -> Look:
        def look(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            responses, patches = run(tf.constant(images, tf.float32))
            own = channel - branch.start
            return responses.numpy()[:, own], _given(whole, own, held[source], patches.numpy())

        return look

    return look_of


def _best_crops(
    network: Network, pictures: Pictures, source: str, branches: Mapping[Neuron, Branch]
) -> dict[Neuron, np.ndarray]:
    """What neurons see at their best places: uint8 [places, size, size, 3]; none for those without a place."""
    found = survey(network, pictures, [(neuron, source) for neuron in branches], excitation=False)
    seen = {}
    for neuron, branch in branches.items():
        places, size = found.active[neuron], network.architecture.receptive_fields[branch.node].size
        best = places.best(PLACES)
        if len(best):
            seen[neuron] = np.stack([crop_of(pictures.squares[i], places.corners[i], size) for i in best])
    return seen


def flipped(differences: np.ndarray) -> np.ndarray:
    """What comes of differences [pairs, n] when the sign of each of the n is turned at random: [FLIPS], the largest
    magnitude of any pair's mean."""
    signs = np.random.default_rng(SEED).choice([-1.0, 1.0], (FLIPS, 1, differences.shape[1]))
    return np.abs((signs * differences).mean(2)).max(1)


def _edited(look: Look, images: np.ndarray) -> dict[str, float]:
    """What edits of the pictures take."""
    whole, given = look(images)
    mean = float(whole.mean())
    fall = lambda edited: 1 - float(look(edited)[0].mean()) / mean
    tints = [look(tinted(images, hue, STRENGTH)) for hue in HUES]
    excited = sum(float((np.maximum(given, 0) - np.maximum(one, 0)).sum()) for _, one in tints)
    inhibited = sum(float((np.minimum(given, 0) - np.minimum(one, 0)).sum()) for _, one in tints)
    lost = excited + inhibited
    size = images.shape[1]
    soft, disc = blurred(images, size / 16), disc_mask(size)
    blur = lambda mask: look(images + mask * (soft - images))[0] / mean
    halves = {side: blur(half_mask(size, side)) for side in ("right", "upper", "left", "lower")}
    pairs = np.stack([halves["left"] - halves["right"], halves["lower"] - halves["upper"]])
    right, up = pairs.mean(1)
    centre = blur(1 - disc) - blur(disc)
    return {
        "tint": 1 - float(np.mean([one.mean() for one, _ in tints])) / mean,
        "tint_null": float(np.mean([fall(brightened(images, sign * STRENGTH)) for sign in (1, -1)])),
        "tint_inhibition": inhibited / lost if lost > 0 else 0.0,
        "hue": fall(hue_turned(images)),
        "hue_null": fall(np.repeat((images @ LUMA)[..., None], 3, -1)),
        "sharp_side": float(np.degrees(np.arctan2(up, right)) % 360),
        "sharp": float(max(abs(right), abs(up))),
        "sharp_null": float(np.percentile(flipped(pairs), 95)),
        "centre": float(centre.mean()),
        "centre_null": float(np.percentile(flipped(centre[None]), 95)),
    }


def _lines(
    own: tuple[np.ndarray, np.ndarray], others: Sequence[tuple[np.ndarray, np.ndarray]], seed: int
) -> dict[str, float]:
    """Direction and bend of a neuron's pictures, and of as many of others'."""
    random, nulls = np.random.default_rng([SEED, seed]), [(0.0, 0.0)] if others else [(1.0, 1.0)]
    if others:
        pool = [np.concatenate(parts) for parts in zip(*others, strict=True)]
        for _ in range(DRAWS):
            chosen = random.choice(len(pool[0]), min(len(own[0]), len(pool[0])), replace=False)
            along, bent = (float(abs(part[chosen].mean())) for part in pool)
            nulls.append((along, bent))
    agreed, bend = (complex(part.mean()) for part in own)
    return {
        "orientation": float((np.degrees(np.angle(agreed)) / 2 + 90) % 180),
        "lines": abs(agreed),
        "lines_null": max(one[0] for one in nulls),
        "bend_side": float(np.degrees(np.angle(bend)) % 360),
        "bend": abs(bend),
        "bend_null": max(one[1] for one in nulls),
    }


def _given(whole: Connection, channel: int, held: Crop, patches: np.ndarray) -> np.ndarray:
    """Expanded weights times what they meet, input by input: [n, inputs]."""
    pooled = window_maximum(patches, whole.window)
    at = whole.start - held.start + np.arange(whole.cells) * whole.step
    total = np.zeros((len(pooled), pooled.shape[-1]), np.float32)
    for i, row in enumerate(at):
        for j, column in enumerate(at):
            total = total + pooled[:, row, column] * whole.weights[i, j, :, channel]
    return total


def in_words(tests: PhotographTests) -> tuple[str, ...]:
    """What exceeds its null, a sentence each."""
    percent = lambda share: f"{100 * share:.0f}%"
    part = percent(min(max(tests.tint_inhibition, 0.0), 1.0))
    where, around = ("centre", "surround") if tests.centre > 0 else ("surround", "centre")
    said = {
        "tint": f"A tint takes {percent(tests.tint)} of its response, as much grey {percent(tests.tint_null)}; "
                f"{part} of that is inhibition.",
        "hue": f"Opposite colours take {percent(tests.hue)}, no colour {percent(tests.hue_null)}.",
        "sharp": f"The side at {tests.sharp_side:.0f}° has to be sharp: to blur it takes {percent(tests.sharp)} more than to "
                 f"blur the opposite one (by chance {percent(tests.sharp_null)}).",
        "centre": f"To blur the {where} takes {percent(abs(tests.centre))} more than to blur the {around}.",
        "lines": f"Its pictures have lines at {tests.orientation:.0f}° (agreement {tests.lines:.2f}, by chance at most "
                 f"{tests.lines_null:.2f}).",
        "bend": f"They bend towards {tests.bend_side:.0f}° ({tests.bend:.3f} per px, by chance at most {tests.bend_null:.3f}).",
    }  # fmt: skip
    return tuple(words for name, words in said.items() if name in tests.passed)
