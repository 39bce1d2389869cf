"""Circuit figures in an article's text: what they show, resolved against the network's weights."""

from early_vision.article.blocks import Block
from early_vision.article.circuit_entries import Misplaced, Typical, resolve
from early_vision.article.directives import CircuitFigure
from early_vision.circuits.circuit import Circuit, Connect
from early_vision.errors import Problem
from early_vision.network.architecture import Architecture


def resolve_figure(
    figure: CircuitFigure, architecture: Architecture, connect: Connect | None, typical: Typical | None = None
) -> tuple[Circuit | None, tuple[Misplaced, ...]]:
    """What a figure shows, or None and everything that is wrong with it; other arguments as for `resolve`."""
    return resolve(figure.layout, figure, architecture, connect, typical)


def circuit_problems(block: Block, found: tuple[Misplaced, ...]) -> tuple[Problem, ...]:
    """What is wrong with a figure, with its place: the line of the keys that lead there, or of the directive itself."""
    options = block.options
    return tuple(options.source.problem(one.message, options.line(path), one.hint) for path, one in found)
