"""A network whose neurons are known, because they were made by hand: what measuring has to find again.

Three layers on the picture, all with stride 1: `simple` is a bank of filters, `complex` adds up some of them,
`arranged` puts what those find side by side.
"""

import numpy as np

from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network, hash_tensors
from early_vision.tuning.colour import opponent_colour
from early_vision.tuning.shapes import curved_edge

FILTER, ARRANGEMENT = 13, 15
ORIENTATIONS = np.arange(0.0, 180.0, 15.0)
PHASES = (0.0, 90.0, 180.0, 270.0)
BROAD_ORIENTATIONS = np.arange(0.0, 180.0, 45.0)
HUES = np.arange(0.0, 360.0, 60.0)
MIDDLE, HIGH, LOW = 0.15, 0.22, 0.055
CURVE_RADIUS, BORDER_RADIUS = 8.0, 2.5
DIRECTIONS = np.arange(0.0, 360.0, 45.0)
SPAN = 110.0
"""Pixel values from grey to white: filters are scaled to give responses of about 1."""


def points(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x to the right, y upwards, in pixels from the middle."""
    row, column = np.indices((size, size))
    return column - size // 2, size // 2 - row


def gabor(orientation: float, frequency: float, phase: float, sigma: float) -> np.ndarray:
    """A filter [FILTER, FILTER, 3] for stripes in black and white that is blind to uniform brightness."""
    x, y = points(FILTER)
    turn = np.radians(orientation)
    window = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    wave = np.cos(2 * np.pi * frequency * (y * np.cos(turn) - x * np.sin(turn)) - np.radians(phase))
    pattern = window * (wave - (window * wave).sum() / window.sum())
    return np.repeat((pattern / np.abs(pattern).sum())[..., None], 3, axis=2) / (3 * SPAN)


def spot(hue: float, surround: float) -> np.ndarray:
    """A filter for a spot of a hue; `surround` is how strongly the opposite hue is wanted around it: 1 for as much."""
    x, y = points(FILTER)
    narrow, wide = (np.exp(-(x**2 + y**2) / (2 * sigma**2)) for sigma in (1.6, 3.5))
    pattern = narrow / narrow.sum() - surround * wide / wide.sum()
    return pattern[..., None] * opponent_colour(hue) / SPAN


def light_spot() -> np.ndarray:
    """A filter for a light spot on a dark surround."""
    x, y = points(FILTER)
    narrow, wide = (np.exp(-(x**2 + y**2) / (2 * sigma**2)) for sigma in (1.6, 3.5))
    pattern = narrow / narrow.sum() - wide / wide.sum()
    return np.repeat(pattern[..., None], 3, axis=2) / (3 * SPAN)


def curved_border(direction: float) -> np.ndarray:
    """A filter for a light finger that points in a direction: an arc of a border, open at the back."""
    x, y = points(FILTER)
    window = np.exp(-(x**2 + y**2) / (2 * 3.0**2))
    pattern = curved_edge(x.astype(float), y.astype(float), direction, BORDER_RADIUS, 1)
    pattern = window * (pattern - (window * pattern).sum() / window.sum())
    return np.repeat((pattern / np.abs(pattern).sum())[..., None], 3, axis=2) / (3 * SPAN)


def simple_filters() -> tuple[np.ndarray, dict[str, list[int]]]:
    """Filters [FILTER, FILTER, 3, n], and which of them are what."""
    bank = {
        "gabors": [gabor(o, MIDDLE, p, 2.5) for o in ORIENTATIONS for p in PHASES],
        # Narrow windows leave no side lobes: a bar, not stripes.
        "bars": [gabor(o, MIDDLE, 0.0, 1.6) for o in ORIENTATIONS],
        "high": [gabor(o, HIGH, p, 1.8) for o in BROAD_ORIENTATIONS for p in PHASES],
        "low": [gabor(o, LOW, p, 4.0) for o in BROAD_ORIENTATIONS for p in PHASES],
        "hues": [spot(h, 0.0) for h in HUES],
        "spots": [spot(h, 1.0) for h in HUES],
        "light spots": [light_spot()],
        "curved borders": [curved_border(d) for d in DIRECTIONS],
    }
    where, start = {}, 0
    for name, filters in bank.items():
        where[name] = list(range(start, start + len(filters)))
        start += len(filters)
    return np.stack([f for filters in bank.values() for f in filters], axis=-1), where


def complex_weights(where: dict[str, list[int]]) -> tuple[np.ndarray, dict[str, list[int]]]:
    """Weights [1, 1, simple, n] that pool phases, and which neurons are what."""
    count = max(max(channels) for channels in where.values()) + 1
    columns, kinds = [], {"complex": [], "light lines": [], "high": [], "low": [], "bw": [], "two places": []}

    def add(kind: str, *parts: tuple[list[int], float]) -> None:
        column = np.zeros(count)
        for channels, weight in parts:
            column[channels] = weight
        kinds[kind].append(len(columns))
        columns.append(column)

    for i in range(len(ORIENTATIONS)):
        add("complex", (where["gabors"][4 * i : 4 * i + 4], 1.0))
    for i in range(len(ORIENTATIONS)):
        add("light lines", (where["bars"][i : i + 1], 1.0))
    add("high", (where["high"], 0.2))
    add("low", (where["low"], 0.2))
    add("bw", (where["gabors"] + where["high"], 0.2), (where["hues"], -4.0))
    for i in range(len(ORIENTATIONS)):
        # Half a period apart: the first harmonic cancels, the second stays.
        add("two places", (where["gabors"][4 * i : 4 * i + 4 : 2], 1.0))
    return np.stack(columns, axis=-1)[None, None], kinds


def arranged_weights(kinds: dict[str, list[int]]) -> tuple[np.ndarray, dict[str, list[int]]]:
    """Weights [ARRANGEMENT, ARRANGEMENT, complex, n] of curve cells and high-low frequency cells."""
    count = max(max(channels) for channels in kinds.values()) + 1
    lines = np.array(kinds["light lines"])
    x, y = points(ARRANGEMENT)
    cells, names = [], {"curves": [], "high-low": [], "both lines": [], "bw by its input": []}
    for direction in DIRECTIONS:
        cell = np.zeros((ARRANGEMENT, ARRANGEMENT, count))
        _draw_arc(cell, lines, direction, 1.0, np.linspace(-50, 50, 11))
        # The opposite curve counts against it where the two are apart.
        _draw_arc(cell, lines, direction + 180, -0.7, np.array([-50, -40, -30, 30, 40, 50]))
        names["curves"].append(len(cells))
        cells.append(cell)
    for direction in DIRECTIONS:
        side = np.sign(np.round(x * np.cos(np.radians(direction)) + y * np.sin(np.radians(direction)), 6))
        cell = np.zeros((ARRANGEMENT, ARRANGEMENT, count))
        cell[..., kinds["high"][0]] = side / side.size
        cell[..., kinds["low"][0]] = -side / side.size
        names["high-low"].append(len(cells))
        cells.append(cell)
    cell = np.zeros((ARRANGEMENT, ARRANGEMENT, count))
    cell[ARRANGEMENT // 2, ARRANGEMENT // 2, [lines[0], lines[len(lines) // 2]]] = 1.0
    names["both lines"].append(len(cells))
    cells.append(cell)
    cell = np.zeros((ARRANGEMENT, ARRANGEMENT, count))
    # Nothing inhibits it: under a tint what excites it falls silent.
    cell[ARRANGEMENT // 2, ARRANGEMENT // 2, kinds["bw"]] = 1.0
    names["bw by its input"].append(len(cells))
    cells.append(cell)
    return np.stack(cells, axis=-1), names


def _draw_arc(cell: np.ndarray, lines: np.ndarray, direction: float, weight: float, turns: np.ndarray) -> None:
    """Put weights for light lines along an arc through the middle that bulges towards `direction`."""
    middle = np.radians(direction)
    for turn in turns:
        angle = np.radians(direction + turn)
        x = CURVE_RADIUS * (np.cos(angle) - np.cos(middle))
        y = CURVE_RADIUS * (np.sin(angle) - np.sin(middle))
        tangent = (direction + turn + 90) % 180
        apart = np.abs((ORIENTATIONS - tangent + 90) % 180 - 90)
        fit = np.clip(1 - apart / 20, 0, 1)
        if weight > 0:
            # A line across the arc speaks against it, or crossing lines would do as well.
            fit = fit - np.clip(apart / 30 - 1, 0, 1)
        cell[ARRANGEMENT // 2 - round(y), ARRANGEMENT // 2 + round(x), lines] += weight * fit / len(turns)


def hand_built(noise: float = 0.0, seed: int = 0) -> tuple[Network, dict[str, dict[str, list[int]]]]:
    """The network, and for each layer which neurons are what.

    Args:
        noise: every weight is multiplied by 1 plus or minus up to so much.
        seed: of the noise.
    """
    filters, simple = simple_filters()
    pooled, complex_ = complex_weights(simple)
    placed, arranged = arranged_weights(complex_)
    architecture = Architecture(
        nodes=(
            Node("simple", "conv", (INPUT,), kernel=FILTER, channels=filters.shape[-1]),
            Node("complex", "conv", ("simple",), channels=pooled.shape[-1]),
            Node("arranged", "conv", ("complex",), kernel=ARRANGEMENT, channels=placed.shape[-1]),
        ),
        layer_names=("simple", "complex", "arranged"),
    )
    random = np.random.default_rng(seed)
    weights = {}
    for name, kernel in (("simple", filters), ("complex", pooled), ("arranged", placed)):
        kernel = kernel * (1 + noise * random.uniform(-1, 1, kernel.shape))
        weights[f"{name}_w"] = kernel.astype(np.float32)
        weights[f"{name}_b"] = np.zeros(kernel.shape[-1], np.float32)
    network = Network("hand-built", architecture, weights, hash_tensors(weights))
    return network, {"simple": simple, "complex": complex_, "arranged": arranged}
