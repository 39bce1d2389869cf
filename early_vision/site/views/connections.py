"""A neuron's connections and symmetries as its page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from early_vision.circuits.approximation import Approximation
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import Neighbour
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.circuits.strengths import Kind
from early_vision.circuits.symmetries import Match
from early_vision.drawing.kernel_sheet import COLUMNS, Shown, kernel_sheet, whole_rows
from early_vision.drawing.kernel_words import kernel_words
from early_vision.drawing.kernels import Placed, Shade, heat_maps
from early_vision.network.architecture import INPUT
from early_vision.site.sprites import Tile

WORTH_SHOWING = 0.3
"""Score from which a symmetry is shown."""
FINE = 0.05
"""Scale below which sums are shown to three decimals."""
COLOURS = ("red", "green", "blue")
STEPS = 255
"""From none of a colour to all of it, in steps of a pixel's value."""
PIXEL_SIDE = 168
"""Of the kernels over red, green and blue, in CSS pixels."""


@dataclass(frozen=True)
class Entry:
    """A neighbour on a neuron's page.

    Attributes:
        name: its channel.
        address: of its page from the folder of all neurons.
        tile: its picture.
        excitation, inhibition: the sums of the kernel's positive and of its negative weights; empty where there are
            none.
        words: where the kernel acts most, and for one that does both what it does there; empty for one cell.
    """

    name: str
    address: str
    tile: Tile
    excitation: str
    inhibition: str
    words: str


@dataclass(frozen=True)
class Direction:
    """A neuron's inputs or outputs, by what they do, each by the norm of their kernels, the largest first.

    Attributes:
        layer: where they are.
        lists: ("exciting", those that excite on the whole, the row of the page's sheet at which their kernels begin), so
            for "inhibiting", and for "mixed", which do both depending on place; the kind of the strongest first.
        scale: the weight that has the full colour in their kernels.
    """

    layer: str
    lists: tuple[tuple[str, tuple[Entry, ...], int], ...]
    scale: str


@dataclass(frozen=True)
class PixelKernel:
    """The weights over one colour of the picture, in what a pixel adds that goes from none of it to all.

    Attributes:
        colour: "red", "green" or "blue".
        shades: its heat map, PIXEL_SIDE wide.
        excitation, inhibition: the sums of the positive and of the negative weights.
        words: what they do, and where most.
    """

    colour: str
    shades: tuple[Shade, ...]
    excitation: str
    inhibition: str
    words: str


@dataclass(frozen=True)
class PixelWeights:
    """The weights of a neuron that reads the picture itself; `scale` has the full colour."""

    kernels: tuple[PixelKernel, ...]
    scale: str
    side: int = PIXEL_SIDE


@dataclass(frozen=True)
class SymmetryEntry:
    """A neuron that this one would be in a changed picture."""

    channel: int
    address: str
    tile: Tile
    words: str
    score: str


@dataclass(frozen=True)
class ConnectionsView:
    """What a neuron's page says about its connections.

    Attributes:
        inputs, outputs: None where there are none.
        pixels: in place of inputs, for a neuron that reads the picture itself.
        sheet, sheet_size: the PNG of its kernels, and its columns and rows.
        neighbours, matches: the inputs and outputs, and all symmetries, that this shows.
        symmetries: the best first; those not worth showing left out.
        best_score: the best score of all, or None where symmetries were not computed.
        correlation: how well the expanded weights predict its activation, such as "0.94"; never
            "1.00" by rounding alone; None where it was not measured.
        pictures: how many it was measured on.
    """

    inputs: Direction | None
    pixels: PixelWeights | None
    outputs: Direction | None
    sheet: bytes
    sheet_size: tuple[int, int]
    neighbours: tuple[Sequence[Neighbour], Sequence[Neighbour]]
    matches: Sequence[Match]
    symmetries: tuple[SymmetryEntry, ...]
    best_score: str | None
    correlation: str | None
    pictures: int


def view_connections(neuron: Neuron, circuits: NetworkCircuits, tile: Callable[[Neuron], Tile]) -> ConnectionsView:
    """Everything about a neuron's connections.

    Args:
        neuron: whose page it is.
        circuits: of its network.
        tile: the picture of a neuron.
    """
    wiring, symmetries, approximation = circuits.wiring, circuits.symmetries, circuits.approximation
    inputs, outputs = wiring.inputs(neuron), wiring.outputs(neuron)
    scales = [max((float(abs(one.kernel).max()) for one in some), default=0.0) for some in (inputs, outputs)]
    kernels: list[Shown] = []
    reads_picture = bool(inputs) and inputs[0].neuron.layer == INPUT
    matches = symmetries[neuron.layer][neuron.channel] if symmetries else ()
    return ConnectionsView(
        inputs=None if reads_picture else _direction(inputs, kernels, scales[0], tile),
        pixels=_pixel_weights(inputs, scales[0]) if reads_picture else None,
        outputs=_direction(outputs, kernels, scales[1], tile),
        sheet=kernel_sheet(kernels),
        sheet_size=(COLUMNS, max(len(kernels) // COLUMNS, 1)),
        neighbours=(inputs, outputs),
        matches=matches,
        symmetries=tuple(_symmetry(neuron.layer, one, tile) for one in matches if one.score >= WORTH_SHOWING),
        best_score=f"{matches[0].score:.2f}" if matches else None,
        correlation=_correlation(approximation, neuron) if approximation else None,
        pictures=approximation.pictures if approximation else 0,
    )


def signed(value: float, decimals: int = 2) -> str:
    """A number with its sign."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def _direction(
    some: Sequence[Neighbour], kernels: list[Shown], scale: float, tile: Callable[[Neuron], Tile]
) -> Direction | None:
    """What is shown of some neighbours; their kernels are added to those of the page, each list from a row of its own."""
    if not some:
        return None
    decimals = 2 if scale >= FINE else 3
    lists: dict[Kind, list[Neighbour]] = {}
    for one in some:
        lists.setdefault(one.kind, []).append(one)
    shown = []
    for kind, members in lists.items():
        entries = tuple(_entry(one, kind, decimals, tile) for one in members)
        shown.append((kind.word, entries, len(kernels) // COLUMNS))
        kernels += whole_rows([(one.kernel, scale) for one in members])
    return Direction(some[0].neuron.layer, tuple(shown), f"{scale:.2g}")


def _pixel_weights(inputs: Sequence[Neighbour], scale: float) -> PixelWeights:
    kernels = (
        PixelKernel(
            COLOURS[one.neuron.channel],
            heat_maps([Placed(one.kernel, 0, 0, PIXEL_SIDE)], scale or 1.0),
            signed(STEPS * one.excitation),
            signed(STEPS * one.inhibition),
            kernel_words(one.kernel, one.kind),
        )
        for one in sorted(inputs, key=lambda one: one.neuron.channel)
    )
    return PixelWeights(tuple(kernels), f"{STEPS * scale:.2g}")


def _entry(one: Neighbour, kind: Kind, decimals: int, tile: Callable[[Neuron], Tile]) -> Entry:
    words = kernel_words(one.kernel, kind)
    said = (
        signed(one.excitation, decimals) if one.excitation else "",
        signed(one.inhibition, decimals) if one.inhibition else "",
        # What those of the other lists do, the lists' headings say; a page has a hundred, and they are read aloud only.
        (words if kind == Kind.MIXED else words.partition(", ")[2].removeprefix("most "))
        .replace(" most ", " ")
        .replace("at the ", ""),
    )
    address = f"{one.neuron.layer}/{one.neuron.channel}.html"
    return Entry(str(one.neuron.channel), address, tile(one.neuron), *said)


def _symmetry(layer: str, match: Match, tile: Callable[[Neuron], Tile]) -> SymmetryEntry:
    other = Neuron(layer, match.channel)
    return SymmetryEntry(
        match.channel, f"{layer}/{match.channel}.html", tile(other), match.change.words, f"{match.score:.2f}"
    )


def _correlation(approximation: Approximation, neuron: Neuron) -> str:
    value = float(approximation.correlation[neuron.layer][neuron.channel])
    return "1.00" if value >= 0.99995 else f"{min(value, 0.99):.2f}"
