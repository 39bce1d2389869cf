"""Where an article speaks of a neuron or shows it: sections, group cards and circuit figures, with their anchors."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from early_vision.article.markdown_html import Heading
from early_vision.article.mentions import LINK
from early_vision.circuits.circuit import Neuron
from early_vision.site.views.article import ArticleView
from early_vision.site.views.circuits import CircuitView
from early_vision.site.views.figures import FigureView, Piece, PortraitView, TableView, TextView, WallView
from early_vision.site.views.layers import CardsView

FOOTNOTE = re.compile(r"fn:")
STEP = re.compile(rf'<(?:h[2-6]|li)\b[^>]*\sid="(?P<anchor>[^"]+)"|{LINK.pattern}')
"""What moves through a piece of text: a heading or footnote, which has an anchor, or the name of a neuron."""


@dataclass(frozen=True)
class Place:
    """A place of the article: its anchor, what it is ("section", "figure", "table", "group" or "note"), and its title as HTML."""

    anchor: str
    kind: str
    title: Markup


def find_places(view: ArticleView) -> dict[Neuron, tuple[Place, ...]]:
    """Every neuron that the article names in its text or shows in a circuit, and where, in the order of the page.

    That every neuron is on its group's card is not said again.
    """
    found: dict[Neuron, dict[Place, None]] = {}
    for neuron, place in _all_places(view):
        found.setdefault(neuron, {})[place] = None
    return {neuron: tuple(places) for neuron, places in found.items()}


def _all_places(view: ArticleView) -> Iterator[tuple[Neuron, Place]]:
    article = view.article
    yield from _named(Place("abstract", "section", Markup("Abstract")), article.abstract)
    titles, here = dict(_titles(article.headings)), Place("top", "section", Markup("Beginning"))
    for piece in view.body:
        figure, caption = piece.figure, piece.caption
        if piece.html:
            for neuron, anchor in _steps(piece.html):
                if neuron:
                    yield neuron, here
                elif anchor in titles:
                    here = Place(anchor, "section", titles[anchor])
                elif FOOTNOTE.match(anchor):
                    here = Place(anchor, "note", Markup.escape(f"Footnote {FOOTNOTE.sub('', anchor)}"))
            continue
        there = _figure(piece) or here
        yield from ((neuron, there) for neuron in (_shown(figure) if figure is not None else ()))
        yield from _named(there, caption.html if caption else "")
        if isinstance(figure, TableView | TextView):
            yield from _named(there, figure.html)
        for card in figure.cards if isinstance(figure, CardsView) else ():
            yield from _named(Place(card.group.anchor, "group", Markup.escape(card.group.name)), card.group.description)
    yield from _named(Place("acknowledgements", "section", Markup("Acknowledgements")), article.acknowledgements)


def _figure(piece: Piece) -> Place | None:
    """The figure or table that a piece is; None for one without an anchor, which is a part of its section."""
    if not piece.caption or not piece.caption.anchor or not piece.caption.number:
        return None
    kind = "table" if isinstance(piece.figure, TableView) else "figure"
    title = piece.figure.figure.circuit.title if isinstance(piece.figure, CircuitView) else ""
    said = f"{piece.caption.number}: {title}" if title else str(piece.caption.number)
    return Place(piece.caption.anchor, kind, Markup.escape(said))


def _shown(figure: FigureView) -> tuple[Neuron, ...]:
    """The neurons that a figure picks out; cards of groups show all of theirs, which needs no saying."""
    match figure:
        case CircuitView():
            return figure.figure.circuit.neurons
        case WallView():
            return tuple(Neuron(one.layer, one.channel) for one in figure.neurons)
        case PortraitView():
            return (Neuron(figure.neuron.layer, figure.neuron.channel),)
        case _:
            return ()


def _named(place: Place, html: str) -> Iterator[tuple[Neuron, Place]]:
    yield from ((neuron, place) for neuron, _ in _steps(html) if neuron)


def _steps(html: str) -> Iterator[tuple[Neuron | None, str]]:
    for match in STEP.finditer(html):
        yield (None, match["anchor"]) if match["anchor"] else (Neuron(match[2], int(match[3])), "")


def _titles(headings: Iterable[Heading]) -> Iterator[tuple[str, Markup]]:
    for heading in headings:
        yield heading.anchor, heading.text
        yield from _titles(heading.below)
