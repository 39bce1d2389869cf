"""What determines a feature visualization besides the weights: the recipe, as data that an artifact is named by."""

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Recipe:
    """How a neuron's image is optimized.

    The parameterization (decorrelated colours, Fourier), the objective (one neuron at one position) and the kinds of
    transformation are lucid's (Olah et al., Feature Visualization, Distill 2017); extents are shares of the receptive
    field, since lucid's 8 px of jitter are most of conv2d1's 11.

    Attributes:
        seed: of the initial images and of the transformations.
        steps: steps of gradient ascent.
        linear_steps: steps for a convolution that sees the pixels themselves. Its activation is linear in them, so more
            steps only saturate every pixel.
        learning_rate: root mean square of a step over the coefficients of an image, in lucid's parameterization.
        momentum: share of the previous step's direction that is kept.
        cutoff: cycles per pixel above which frequencies are damped (second-order roll-off). Strides amplify the finest
            frequencies into checkerboards.
        jitter: largest displacement of the image in each direction, as a share of the receptive field's side.
        scale: largest enlargement or reduction, as a share of the size.
        rotation: largest rotation either way, in degrees.
        calm: share of the steps, at the end, over which transformations and learning rate fall off.
        images: images per neuron, made together so that they differ; 1 for a single one.
        diversity: weight of the penalty on their likeness, relative to the activation.
        sign: 1 for the image that excites the neuron most, -1 for the one that inhibits it most.
    """

    seed: int = 0
    steps: int = 160
    linear_steps: int = 80
    learning_rate: float = 0.04
    momentum: float = 0.8
    cutoff: float = 0.23
    jitter: float = 0.06
    scale: float = 0.05
    rotation: float = 8.0
    calm: float = 0.4
    images: int = 1
    diversity: float = 0.5
    sign: int = 1


def margin(recipe: Recipe, size: int) -> int:
    """Pixels of canvas around a receptive field of `size` pixels, so that no transformation looks far beyond it."""
    half, turn = size / 2, math.radians(recipe.rotation)
    farthest = half * (1 + recipe.scale) * (math.cos(turn) + math.sin(turn)) + recipe.jitter * size
    # Corners of the turned square may look over the edge, where the canvas is mirrored: they hardly matter to a neuron.
    return math.ceil((farthest - half) * 0.75)


@dataclass(frozen=True)
class Request:
    """Which images of every neuron are wanted.

    Attributes:
        recipe: how the first one is made; the others differ from it in seed, sign or company.
        seeds: images from so many seeds are compared for the agreement score; 1 for none. Only the first is kept.
        inhibiting: whether the image that inhibits the neuron most is wanted too.
        diverse: how many images that differ from each other as much as possible are wanted besides: 0, or 2 to 4.
    """

    recipe: Recipe = Recipe()
    seeds: int = 2
    inhibiting: bool = True
    diverse: int = 3

    def recipes(self) -> dict[str, Recipe]:
        """The recipe of every kind of image that is wanted, by the kind's name."""
        first = self.recipe
        kinds = {"exciting": first}
        kinds |= {f"seed-{i}": replace(first, seed=first.seed + i) for i in range(1, self.seeds)}
        if self.inhibiting:
            kinds["inhibiting"] = replace(first, sign=-first.sign)
        if self.diverse:
            kinds["diverse"] = replace(first, images=self.diverse)
        return kinds


ONE_PICTURE = Request(seeds=1, inhibiting=False, diverse=0)
"""Only the image that excites a neuron most, from one seed: an eighth of the work and of the bytes."""
