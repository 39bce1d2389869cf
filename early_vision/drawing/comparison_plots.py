"""Figures of comparisons as numbers and paths for the templates: densities, shares by depth, small tuning curves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from early_vision.comparison.family_shares import Estimate

WIDTH, RIDGE = 200.0, 26.0
"""Of the axis of a density, from 0 to 1, and how high the highest one is: in user units."""
BANDWIDTH, STEPS = 0.025, 81
PANEL_WIDTH, PANEL_HEIGHT = 250.0, 110.0
"""Of a panel of shares, without its labels."""
SPREAD = 0.72
"""The part of a column over which the networks' marks in it are spread."""
ROSE = 18.0
"""Radius of a small tuning curve."""


@dataclass(frozen=True)
class Mark:
    """An estimate in a panel: its middle, the ends of its interval, and which network it is of."""

    x: float
    y: float
    low: float
    high: float
    series: int


@dataclass(frozen=True)
class SharePanel:
    """Shares of a kind by depth.

    Attributes:
        marks: of the networks.
        published: x and y of the shares in the published taxonomy.
        controls: x, y and width of the shares in shuffled controls.
        top: the share at the upper end, in percent.
    """

    marks: tuple[Mark, ...]
    published: tuple[tuple[float, float], ...]
    controls: tuple[tuple[float, float, float], ...]
    top: int


def density(values: np.ndarray, highest: float) -> str:
    """A density as the path of an area above its base line y = RIDGE, over 0 to 1.

    Args:
        values: what it is of.
        highest: the density that is as high as RIDGE.
    """
    heights = np.minimum(_heights(values) / highest, 1.0) * RIDGE
    at = np.linspace(0, WIDTH, STEPS)
    points = " ".join(f"{_short(x)} {_short(RIDGE - y)}" for x, y in zip(at, heights, strict=True))
    return f"M0 {RIDGE:g}L{points}L{WIDTH:g} {RIDGE:g}Z"


def peak(values: np.ndarray) -> float:
    """The highest value of a density."""
    return float(_heights(values).max())


def along(value: float) -> float:
    """Where a value is on the axis of a density."""
    return round(min(max(value, 0.0), 1.0) * WIDTH, 1)


def percent(value: float) -> float:
    """Where a value is on an axis from 0 to 1 that is 100 long."""
    return round(100 * min(max(value, 0.0), 1.0), 1)


def share_panel(
    estimates: Sequence[tuple[int, int, Estimate]],
    published: Sequence[float | None],
    controls: Sequence[float | None],
    series: int,
) -> SharePanel:
    """A panel of shares by depth.

    Args:
        estimates: which column, which network, and its share there.
        published: the share of each column in the published taxonomy; None where it has none.
        controls: the share of each column in the shuffled control; None likewise.
        series: how many networks there are.
    """
    columns = len(published)
    every = [one.high for _, _, one in estimates] + [share for share in (*published, *controls) if share is not None]
    top = max(5, 5 * math.ceil(20 * max(every, default=0.0)))
    step = PANEL_WIDTH / columns
    height = lambda share: round(PANEL_HEIGHT * (1 - 100 * share / top), 1)
    seen: dict[tuple[int, int], int] = {}
    marks = []
    for column, network, one in estimates:
        again = seen[column, network] = seen.get((column, network), -1) + 1
        place = (network + 0.5 + 0.35 * again) / series - 0.5
        x = round(step * (column + 0.5 + SPREAD * place), 1)
        marks.append(Mark(x, height(one.value), height(one.low), height(one.high), network))
    middle = lambda column: round(step * (column + 0.5), 1)
    return SharePanel(
        tuple(marks),
        tuple((middle(at), height(share)) for at, share in enumerate(published) if share is not None),
        tuple(
            (round(step * (at + 0.5 - SPREAD / 2), 1), height(share), round(step * SPREAD, 1))
            for at, share in enumerate(controls)
            if share is not None
        ),
        top,
    )


def small_curve(kind: str, values: np.ndarray) -> str:
    """A neuron's tuning curve as a path around (0, 0): round for angles, bars for frequency.

    Args:
        kind: "orientation", "direction", "hue" or "frequency".
        values: parts of its best drive, for evenly spaced angles, or for frequencies from low to high.
    """
    best = float(np.max(values, initial=0.0)) or 1.0
    if kind == "frequency":
        step = 2 * ROSE / len(values)
        return "".join(
            f"M{_short(at * step - ROSE)} {ROSE:g}v{_short(-2 * ROSE * value / best)}h{_short(step - 1)}V{ROSE:g}Z"
            for at, value in enumerate(values)
        )
    whole = np.concatenate([values, values]) if kind == "orientation" else np.asarray(values)
    angles = 2 * np.pi * np.arange(len(whole)) / len(whole)
    points = " ".join(
        f"{_short(ROSE * value / best * math.cos(turn))} {_short(-ROSE * value / best * math.sin(turn))}"
        for value, turn in zip(whole, angles, strict=True)
    )
    return f"M{points}Z"


def _heights(values: np.ndarray) -> np.ndarray:
    at = np.linspace(0, 1, STEPS)
    apart = (at[:, None] - np.asarray(values, np.float64)[None]) / BANDWIDTH
    return np.exp(-(apart**2) / 2).mean(1)


def _short(value: float) -> str:
    return f"{round(float(value), 1):g}"
