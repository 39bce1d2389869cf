"""How wide each card of a layer is, so that cards fill their rows without holes at any number of columns."""

from collections.abc import Sequence
from functools import cache
from itertools import combinations

NEURONS_PER_COLUMN = {2: 16, 3: 12, 4: 12}
"""By the columns of the grid at the three wider breakpoints of assets/css/30-groups.css, below which there is one: how
many neurons a card one column wide shows before it is folded."""
STRETCH, SQUEEZE = 1.0, 0.35
"""What it costs a card to be a column wider or narrower than it needs: it can fold, but not fill an empty half."""


def needed(neurons: int, columns: int) -> float:
    """The columns that a card needs to show its neurons, between one and all."""
    return min(max(neurons / NEURONS_PER_COLUMN[columns], 1.0), float(columns))


def justified_spans(sizes: Sequence[int], columns: int) -> tuple[int, ...]:
    """The columns that each card takes: in their order, every row full, each card as near to its need as can be.

    Args:
        sizes: neurons of each group.
        columns: columns of the grid.
    """
    needs = tuple(needed(size, columns) for size in sizes)

    @cache
    def best(start: int) -> tuple[float, tuple[int, ...]]:
        """The least cost of the cards from one on, and their spans."""
        if start == len(needs):
            return 0.0, ()
        options = []
        for stop in range(start + 1, min(start + columns, len(needs)) + 1):
            cost, spans = _row(needs[start:stop], columns)
            rest, following = best(stop)
            options.append((cost + rest, spans + following))
        return min(options)

    return best(0)[1]


def _row(needs: Sequence[float], columns: int) -> tuple[float, tuple[int, ...]]:
    """The cheapest way to divide a row among its cards, and its cost."""
    divisions = []
    for cuts in combinations(range(1, columns), len(needs) - 1):
        spans = tuple(stop - start for start, stop in zip((0, *cuts), (*cuts, columns), strict=False))
        divisions.append((sum(_cost(span - need) for span, need in zip(spans, needs, strict=False)), spans))
    return min(divisions)


def _cost(excess: float) -> float:
    return (STRETCH if excess > 0 else SQUEEZE) * excess * excess
