"""Circuit figures in an article's text: `/// circuit | layout`, YAML that says what to show, and `///`."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from early_vision.article.markdown_html import render_markdown
from early_vision.article.schema import validate
from early_vision.article.source import Source
from early_vision.article.yaml_source import Located, read_yaml
from early_vision.circuits.circuit import Circuit, Connect
from early_vision.circuits.specification import FigureEntry, Typical, resolve
from early_vision.errors import InputError
from early_vision.network.architecture import Architecture

OPENING = re.compile(r" {0,3}/{3,} *circuit *(?:\| *(.*?) *)?$")
CLOSING = re.compile(r" {0,3}/{3,} *$")


@dataclass(frozen=True)
class CircuitBlock:
    """A circuit figure as it stands in the text.

    Attributes:
        layout: the name of its layout.
        line: where it begins.
        body: the YAML in it.
    """

    layout: str
    line: int
    body: Source


@dataclass(frozen=True)
class ReadCircuit:
    """A circuit figure as it was read: what it shows, and its caption as HTML with the addresses that it links to."""

    circuit: Circuit
    caption: Markup
    links: tuple[str, ...]


def find_circuits(source: Source) -> tuple[CircuitBlock, ...]:
    """Every circuit figure of a text, in its order; one that is not closed goes on to the end."""
    blocks, opened, lines = [], None, []
    for number, text in source.prose:
        if opened is None:
            match = OPENING.match(text)
            opened, lines = ((match[1] or "", number), []) if match else (None, [])
        elif CLOSING.match(text):
            blocks.append(CircuitBlock(*opened, Source(source.file, "\n".join(lines), opened[1] + 1)))
            opened = None
        else:
            # As it was written: prose has its code spans blanked out.
            lines.append(source.lines[number - source.first_line])
    if opened:
        blocks.append(CircuitBlock(*opened, Source(source.file, "\n".join(lines), opened[1] + 1)))
    return tuple(blocks)


def read_circuit(
    block: CircuitBlock, architecture: Architecture, connect: Connect, typical: Typical | None = None
) -> tuple[ReadCircuit | None, tuple[InputError, ...]]:
    """What a figure shows, or None and everything that is wrong with it, with file and line.

    Args:
        block: the figure.
        architecture: of the article's network.
        connect, typical: as for `resolve`.
    """
    located, problems = read_yaml(block.body)
    if located.data is None:
        if not problems:
            problems = (
                block.body.error(
                    "the circuit does not say what to show", block.line, "Write `title:`, `target:` and `inputs:` in it"
                ),
            )
        return None, problems
    entry, wrong = validate(FigureEntry, located)
    problems = (*problems, *wrong)
    if entry is None:
        return None, problems
    circuit, found = resolve(block.layout, entry, architecture, connect, typical)
    problems += tuple(_placed(block, located, one.path, one.error) for one in found)
    layers = {name: layer.neurons for name, layer in architecture.layers.items()}
    caption, wrong = render_markdown(entry.caption or "", block.body.since(located.line(("caption",))), layers)
    problems += wrong
    if circuit is None or problems:
        return None, problems
    return ReadCircuit(circuit, caption.html, caption.found.links), ()


def _placed(block: CircuitBlock, located: Located, path: tuple, error: InputError) -> InputError:
    """An error with its place: the line of the keys that lead there, or of the directive itself."""
    line = located.line(path) if path and path in located.places else block.line if not path else located.line(path)
    return block.body.error(error.message, line, error.mend)
