"""How wide each card of a layer is, so that cards fill their rows and leave as little of the page empty as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

COLUMN_WIDTHS = {2: 560, 3: 500}
"""By the columns of the grid at the two wider breakpoints of assets/css/30-groups.css, below which there is one: how wide
the inside of a column is there, about, in CSS pixels."""
LARGE_FROM = 40
"""Pixels of the receptive field from which pictures have so much in them that they are shown larger."""
SMALL_TILE, LARGE_TILE = 66, 82
"""From one picture to the next, in CSS pixels, as assets/css/30-groups.css has them."""
ROW_LABEL, LINE, LETTER, TEXT_WIDTH, PLOT = 20, 21, 6.4, 600, 170
"""Heights of a picture's number, of a line of text and of a plot; the width of a letter, and of a text at most."""
LARGE_GROUP, TYPICAL, TYPICAL_TILE = 24, 12, 94
"""From how many neurons on a group shows at first only its most typical ones, larger; how many, and how large these are."""
FOLDED_ROWS, HIDDEN = 2, 3
"""Rows that a folded group shows, and what each neuron that one does not see is worth, in pixels of height."""


@dataclass(frozen=True)
class Content:
    """What a card holds: so many neurons, one from another by `tile` pixels, so many letters, and perhaps a plot."""

    neurons: int
    letters: int = 0
    tile: int = SMALL_TILE
    plot: bool = False

    def height(self, width: int) -> int:
        """About how high it is at a width inside, in pixels."""
        rows, tile = self.rows(width), self.tile
        shown = rows if rows <= FOLDED_ROWS + 1 else FOLDED_ROWS
        if self.neurons >= LARGE_GROUP:
            shown, tile = -(-TYPICAL // (width // TYPICAL_TILE)), TYPICAL_TILE
        beside = PLOT if self.plot else 0
        lines = -(-self.letters * LETTER // min(max(width - beside, 100), TEXT_WIDTH))
        return shown * (tile + ROW_LABEL) + max(int(lines) * LINE, beside)

    def hidden(self, width: int) -> int:
        """The neurons that one does not see at first."""
        if self.neurons >= LARGE_GROUP:
            return self.neurons - TYPICAL
        return 0 if self.rows(width) <= FOLDED_ROWS + 1 else self.neurons - FOLDED_ROWS * (width // self.tile)

    def rows(self, width: int) -> int:
        return -(-self.neurons // (width // self.tile))


def justified_spans(cards: Sequence[Content], columns: int) -> tuple[int, ...]:
    """The columns that each card takes: in their order, every row full, the page as short as can be.

    Args:
        cards: what they hold.
        columns: columns of the grid.
    """
    width = COLUMN_WIDTHS[columns]

    @cache
    def best(start: int) -> tuple[int, tuple[int, ...]]:
        """The least cost of the cards from one on, and their spans."""
        if start == len(cards):
            return 0, ()
        options = []
        for stop in range(start + 1, min(start + columns, len(cards)) + 1):
            cost, spans = _row(cards[start:stop], columns, width)
            rest, following = best(stop)
            options.append((cost + rest, spans + following))
        return min(options)

    return best(0)[1]


def _row(cards: Sequence[Content], columns: int, width: int) -> tuple[int, tuple[int, ...]]:
    """The cheapest way to divide a row among its cards, and its cost."""
    divisions = []
    for cuts in combinations(range(1, columns), len(cards) - 1):
        spans = tuple(stop - start for start, stop in zip((0, *cuts), (*cuts, columns), strict=True))
        sizes = [(card, span * width) for card, span in zip(cards, spans, strict=True)]
        hidden = sum(card.hidden(inside) for card, inside in sizes)
        divisions.append((max(card.height(inside) for card, inside in sizes) + HIDDEN * hidden, spans))
    return min(divisions)
