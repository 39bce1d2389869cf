"""What figures in a text show, held against the article's folder, network and groups."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from early_vision.article.author_pictures import AuthorPicture, read_picture
from early_vision.article.blocks import Block
from early_vision.article.directives import Examples, Figure, GroupFigure, GroupPhotographs, NeuronFigure, Table, Wall
from early_vision.article.source import Source
from early_vision.errors import InputError, Problem, did_you_mean


def read_figures(
    source: Source, blocks: Iterable[Block], folder: Path, layers: Mapping[str, int], anchors: Iterable[str] | None
) -> tuple[dict[str, AuthorPicture], tuple[Problem, ...]]:
    """The pictures that a text shows, by what it names them, and everything that its figures show although it is not there.

    Args:
        source: the text.
        blocks: its directives.
        folder: the article's.
        layers: how many neurons each layer has.
        anchors: of all groups, or None where not all could be read.
    """
    pictures, problems = {}, []
    for block in blocks:
        try:
            match block.directive:
                case Figure(picture=written) if written not in pictures:
                    pictures[written] = read_picture(folder, written)
                case NeuronFigure(neuron=written) | Examples(neuron=written):
                    neuron_of(written, layers)
                case GroupFigure(group=anchor) if anchors is not None and anchor not in anchors:
                    raise InputError(f'there is no neuron group "{anchor}"', hint=did_you_mean(anchor, anchors))
                case GroupPhotographs(tests=tests) if anchors is not None:
                    for anchor in (one for some in tests.values() for one in some if one not in anchors):
                        raise InputError(f'there is no neuron group "{anchor}"', hint=did_you_mean(anchor, anchors))
                case Wall(layer=layer, neurons=neurons):
                    wall_channels(neurons, layers[layer])
        except InputError as error:
            line = block.options.line(("neurons",)) if isinstance(block.directive, Wall) else block.line
            problems.append(source.problem(error.message, line, error.hint))
    return pictures, tuple(problems)


def table_problems(source: Source, pieces: Iterable[Markup | Block]) -> list[Problem]:
    """Table directives whose text is not just one table."""
    tables = [one for one in pieces if isinstance(one, Block) and isinstance(one.directive, Table)]
    hint = "Write one table in it: `| a | b |`, then `|---|---|`, then its rows"
    return [
        source.problem("the directive table does not hold one table", block.line, hint)
        for block in tables
        if block.text.count("<table>") != 1 or not block.text.endswith("</table>")
    ]


def neuron_of(written: str, layers: Mapping[str, int]) -> tuple[str, int]:
    """Layer and channel of a neuron such as `mixed3a:79`.

    Raises:
        InputError: without a place, when there is none of that name.
    """
    layer, _, channel = (part.strip() for part in written.partition(":"))
    if not channel.isdecimal():
        hint = f"Write it as layer and channel, such as {next(iter(layers))}:0"
        raise InputError(f'"{written}" is no neuron', hint=hint)
    if layer not in layers:
        raise InputError(
            f'there is no layer "{layer}"', hint=did_you_mean(layer, layers) or f"Known: {', '.join(layers)}"
        )
    if int(channel) >= layers[layer]:
        raise InputError(f"there is no neuron {layer}:{channel}", hint=f"Its neurons are 0 to {layers[layer] - 1}")
    return layer, int(channel)


def wall_channels(neurons: Sequence[object] | None, count: int) -> tuple[int, ...]:
    """The channels of a wall, in order.

    Args:
        neurons: channels and ranges such as `20-25`; None for all.
        count: how many neurons the layer has.

    Raises:
        InputError: without a place, when one is not in the layer or given twice.
    """
    if neurons is None:
        return tuple(range(count))
    channels: list[int] = []
    for one in neurons:
        written = re.fullmatch(r"(-?\d{1,6})(?: *- *(\d{1,6}))?", str(one))
        if not written:
            raise InputError(f'"{one}" is no channel', hint="Write a number, or a range such as 20-25")
        first, last = int(written[1]), int(written[2] or written[1])
        if not 0 <= first <= last < count:
            raise InputError(f"{one} is not in the layer", hint=f"Its neurons are 0 to {count - 1}")
        channels += range(first, last + 1)
    again = next((one for one in channels if channels.count(one) > 1), None)
    if again is not None:
        raise InputError(f"neuron {again} is in the wall twice", hint="Keep it once")
    return tuple(channels)
