"""Patches of an author's own pictures as pages show them: the strongest of a neuron in a row, and its deciles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from early_vision.circuits.circuit import Neuron
from early_vision.features.examples import TILE, NeuronExamples, Patch
from early_vision.site.material import Examples
from early_vision.site.pictures import Picture, sheet

QUALITY = 75


@dataclass(frozen=True)
class ExampleRow:
    """A row of patches as one picture: its path and size in pixels, the neuron's answer to each, and whose they are."""

    path: str
    width: int
    height: int
    values: tuple[float, ...]
    credits: tuple[str, ...]


@dataclass(frozen=True)
class ExamplesView:
    """The patches of a neuron.

    Attributes:
        strongest, spread: those that excite it most, and those at the deciles of its answers.
        credits: of the pictures that they are from, each once, with their names where no credit is given.
    """

    strongest: ExampleRow
    spread: ExampleRow
    credits: tuple[str, ...]


def example_pictures(examples: Examples) -> tuple[Picture, ...]:
    """The rows of all neurons as pictures."""
    return tuple(row for some in examples.values() for one in some for row in _rows(one))


def view_examples(examples: Examples) -> dict[Neuron, ExamplesView]:
    """What the pages of neurons show, where there is something."""
    return {
        Neuron(layer, channel): view_neuron(one) for layer, some in examples.items() for channel, one in enumerate(some)
    }


def view_neuron(examples: NeuronExamples) -> ExamplesView:
    """The patches of one neuron."""
    some = zip((examples.strongest, examples.spread), _rows(examples), strict=True)
    strongest, spread = (
        ExampleRow(row.path, row.width, row.height, tuple(patch.value for patch in patches), _credits(patches))
        for patches, row in some
    )
    return ExamplesView(strongest, spread, _credits((*examples.strongest, *examples.spread)))


def _rows(examples: NeuronExamples) -> Iterator[Picture]:
    cut = len(examples.strongest)
    for images in (examples.images[:cut], examples.images[cut:]):
        yield sheet(list(images), TILE, len(images), QUALITY)


def _credits(patches: Iterable[Patch]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_credit, patches)))


def _credit(patch: Patch) -> str:
    picture = patch.picture
    who = picture.credit or picture.name
    return f"{who} ({picture.licence})" if picture.licence else who
