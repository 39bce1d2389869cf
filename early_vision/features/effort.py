"""How much arithmetic a rendering takes, known before it begins."""

import math

from early_vision.features.recipe import Recipe, margin
from early_vision.network.architecture import INPUT, Architecture
from early_vision.network.crop import crops

STEP_OVERHEAD = 1e7
"""Operations in the time that an image's step takes besides its arithmetic; fitted to conv2d0 to mixed3b on two cores."""


def step_operations(architecture: Architecture, node: str, recipe: Recipe) -> tuple[float, float]:
    """Floating-point operations of one image's step, forward and backward: of the convolutions, and of the parameterization.

    Only what must be done is counted: convolutions at the positions that the neuron sees.
    """
    needed = crops(architecture, node)
    convolutions = sum(
        2 * needed[one.name].size ** 2 * math.prod(architecture.weight_shape(one))
        for one in architecture.convolutions
        if one.name in needed
    )
    canvas = needed[INPUT].size + 2 * margin(recipe, needed[INPUT].size)
    synthesis = 3 * 2 * (2 * canvas**3)
    return 2.0 * convolutions, 2.0 * synthesis


def steps_of(architecture: Architecture, node: str, recipe: Recipe) -> int:
    """The steps that a recipe takes for a convolution."""
    return recipe.linear_steps if architecture.node(node).inputs == (INPUT,) else recipe.steps


def image_effort(architecture: Architecture, node: str, recipe: Recipe) -> float:
    """What an image takes, to compare with that of another convolution."""
    operations = sum(step_operations(architecture, node, recipe)) + STEP_OVERHEAD
    return steps_of(architecture, node, recipe) * operations
