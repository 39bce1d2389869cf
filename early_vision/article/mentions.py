"""Neurons named in prose, such as `mixed3a:79`: each becomes a link to the neuron's page."""

import difflib
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import STX, AtomicString

from early_vision.article.marks import Handled
from early_vision.article.source import Source
from early_vision.errors import Problem

NAME = r"([A-Za-z]\w*):(\d{1,9})"
MENTION = rf"(?<![\w{STX}#/.@:=-]){NAME}(?![\w:])"
"""Not a part of an address, an anchor, a time or a longer name."""
CLOSE = 0.75
"""Likeness from which a word before a colon and a number is taken for a layer's name misspelled; from `mixed4a` to
`mixed3a` it is 0.86, from `conv` to `conv2d0` 0.73."""
CLASS = "neuron"
LINK = re.compile(rf'<a class="{CLASS}" href="neurons/(\w+)/(\d+)\.html"')
"""The beginning of a mention in HTML, with its layer and channel."""


def neuron_page(layer: str, channel: int) -> str:
    """The address of a neuron's page, from the article's folder."""
    return f"neurons/{layer}/{channel}.html"


class MentionExtension(Extension):
    """Makes `<a class="neuron" href="neurons/mixed3a/79.html">mixed3a:79</a>` of a neuron's name in prose.

    What is code, or inside of a link, stays as it is. So does a word, colon and number that is like no layer's name.

    Args:
        layers: how many neurons each layer has.
        unknown: takes up the names of neurons that there are not, in the order of the text.
    """

    def __init__(self, layers: Mapping[str, int], unknown: list[str]):
        super().__init__()
        self.layers, self.unknown = layers, unknown

    def extendMarkdown(self, md: Markdown) -> None:
        # After code, links and raw HTML, before emphasis, which may hold mentions.
        md.inlinePatterns.register(_Mention(md, self.layers, self.unknown), "mention", 75)


class _Mention(InlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, md: Markdown, layers: Mapping[str, int], unknown: list[str]):
        super().__init__(MENTION, md)
        self.layers, self.unknown = layers, unknown

    def handleMatch(self, m: re.Match[str], data: str) -> Handled:  # type: ignore[override]
        layer, channel = m[1], m[2]
        if int(channel) < self.layers.get(layer, 0) and channel == str(int(channel)):
            link = ElementTree.Element("a", {"class": CLASS, "href": neuron_page(layer, int(channel))})
            link.text = AtomicString(m[0])
            return link, m.start(0), m.end(0)
        if layer in self.layers or _closest(layer, self.layers):
            self.unknown.append(m[0])
            return m[0], m.start(0), m.end(0)
        return None, None, None


def mention_problems(source: Source, layers: Mapping[str, int], unknown: Sequence[str]) -> list[Problem]:
    """An error for each neuron that there is not, with its line and the nearest one.

    Args:
        source: the text.
        layers: how many neurons each layer has.
        unknown: as `MentionExtension` took them up.
    """
    problems, lines = [], _named_on(source)
    for index, name in enumerate(unknown):
        where, before = lines.get(name, [source.first_line]), unknown[:index].count(name)
        line, hint = where[min(before, len(where) - 1)], _mend(name, layers)
        problems.append(
            source.problem(f"there is no neuron {name}", line, f"{hint} Between backticks it stays plain text")
        )
    return problems


def _mend(name: str, layers: Mapping[str, int]) -> str:
    layer, _, channel = name.partition(":")
    if layer in layers:
        return f"The neurons of {layer} are {layer}:0 to {layer}:{layers[layer] - 1}."
    near = _closest(layer, layers) or layer
    number = int(channel)
    return f'Did you mean "{near}:{number}"?' if number < layers.get(near, 0) else f'Did you mean a neuron of "{near}"?'


def _closest(word: str, layers: Mapping[str, int]) -> str | None:
    known = {layer.lower(): layer for layer in layers}
    return next((known[near] for near in difflib.get_close_matches(word.lower(), known, n=1, cutoff=CLOSE)), None)


def _named_on(source: Source) -> dict[str, list[int]]:
    """The lines of prose that name each neuron, once for each time."""
    lines: dict[str, list[int]] = {}
    for number, text in source.prose:
        for found in re.finditer(MENTION, text):
            lines.setdefault(found[0], []).append(number)
    return lines
