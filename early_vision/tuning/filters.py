"""Measures of the filters of a first layer, whose weights are a picture: colour, orientation, frequency, shape.

A neuron of the first layer is linear up to its ReLU, so its weights say what it responds to: it is read from their
spectrum and their colours, without running the network. Only `norm` depends on the scale of a filter.
"""

from collections import Counter
from dataclasses import dataclass, fields

import numpy as np

OPPONENT_AXES = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])
"""Rows: luminance, red against green, yellow against blue, in RGB; orthonormal, so that energies add up.

Source: van de Sande, Gevers and Snoek, Evaluating Color Descriptors, PAMI 2010, eq. 3 (O3, O1, O2).
"""

RED_IN_OPPONENT_PLANE = 30.0
"""Angle, in degrees, of red in the plane of the axes red-green and yellow-blue: hue is counted from there."""

LIGHT_SPAN, COLOUR_SPAN = np.sqrt(3), np.sqrt(1.5)
"""Lengths of the longest deviations from grey along luminance, and in the opponent plane for a primary hue, RGB to 1."""

SPECTRUM_SIZE = 63
"""Samples of the spectrum along one side, a step of 1/63 cycles per pixel: odd, so that they lie symmetrically."""

COLOURFUL = 0.575
"""The `colour_drive` from which on a filter is one of colour: of shuffled filters one in a
thousand has more."""

CENTRE_RADIUS, SURROUND_RADIUS = 1.5, 2.5
"""Pixels within the one of a filter's centroid are its centre, beyond the other its surround."""


@dataclass(frozen=True)
class FilterMeasures:
    """The measures of n filters, each an array [n]. Energy is the sum of squared weights, over pixels and colours."""

    norm: np.ndarray
    """Square root of the energy, in the weights' unit."""

    colour_share: np.ndarray
    """Share of the energy in the two opponent axes rather than in luminance, 0 to 1."""

    red_green_share: np.ndarray
    """Share of the energy along red against green, 0 to 1; the rest of `colour_share` is along yellow against blue."""

    colour_drive: np.ndarray
    """What the strongest colour that pixels can have along the filter's main pair of hues drives, against black and white:
    its part in the sum of both, 0 to 1. Unlike `colour_share` it asks what a picture can do: luminance spans more of the
    cube of colours, and weights at random have two thirds of their energy in colour, but 0.44 of this."""

    hue: np.ndarray
    """Direction, in the opponent plane, in which the colours of the filter vary most: degrees in [0, 360), red 0,
    yellow 60, green 120, cyan 180, blue 240, magenta 300. Of the axis's two ends, the one that the filter's middle has.
    It means nothing where `colour_share` is near 0."""

    hue_purity: np.ndarray
    """Share of the colour energy that lies along this axis, 0.5 (no axis) to 1 (one pair of opponent colours)."""

    orientation: np.ndarray
    """Orientation of the bar or edge: degrees in [0, 180) counter-clockwise from horizontal, as one sees it. Horizontal
    stripes have 0, a line rising to the right has 45. It means nothing where `orientation_selectivity` is near 0."""

    orientation_selectivity: np.ndarray
    """1 minus the circular variance of the power spectrum over orientation, 0 (round) to 1 (one orientation only)."""

    peak_frequency: np.ndarray
    """Spatial frequency with the most power, cycles per pixel, 0 (uniform) to 0.71 (a checkerboard of pixels)."""

    mean_frequency: np.ndarray
    """Mean spatial frequency, weighted by power, cycles per pixel."""

    parity: np.ndarray
    """-1 (odd: an edge, one side against the other) to 1 (even: a bar or blob), about the centroid of the energy."""

    uniform_share: np.ndarray
    """Share of the energy that answers to a uniform colour, 0 (blind to it) to 1 (a plain average)."""

    spread: np.ndarray
    """Root mean square distance of the energy from its centroid, in pixels; a uniform 7x7 filter has 2.83."""

    radial_symmetry: np.ndarray
    """Share of the energy that is left when rings around the centroid, a pixel wide, are averaged: 0 (an edge) to 1."""

    surround: np.ndarray
    """How much the surround opposes the centre, -1 to 1: 1 when it is as strong and of the opposite colour, 0 when
    absent, -1 when it continues the centre."""

    brightness: np.ndarray
    """Correlation with a light spot in the middle, -1 to 1: positive where light in the middle excites."""

    def __len__(self) -> int:
        return len(self.norm)

    def of(self, channel: int) -> dict[str, float]:
        """One filter's measures by name."""
        return {f.name: float(getattr(self, f.name)[channel]) for f in fields(self)}


def measure(filters: np.ndarray) -> FilterMeasures:
    """Measure the filters [height, width, 3, n] of a convolution on RGB. One that is zero everywhere measures 0.

    Raises:
        ValueError: for another shape, or a value that is not finite.
    """
    filters = np.asarray(filters, np.float64)
    if filters.ndim != 4 or filters.shape[2] != 3:
        raise ValueError(f"filters have the shape [height, width, 3, n], not {filters.shape}")
    if not np.isfinite(filters).all():
        raise ValueError("filters have a value that is not finite")
    norm = np.sqrt((filters**2).sum((0, 1, 2)))
    unit = np.einsum("yxcn,ac->yxan", filters / np.where(norm > 0, norm, 1), OPPONENT_AXES)
    centroid = _centroid(unit)
    return FilterMeasures(
        norm=norm,
        **_colour(unit),
        **_spectral(unit, centroid),
        **_spatial(unit, centroid),
    )


def _colour(unit: np.ndarray) -> dict[str, np.ndarray]:
    """Colour measures of filters [height, width, opponent axis, n] of unit energy.

    The dominant axis is the first principal axis of the pixels' colours, without subtracting their mean: the angle of
    a double-angle mean, as orientations are averaged (Mardia and Jupp, Directional Statistics, 2000, section 9.2).
    """
    red_green, yellow_blue = unit[:, :, 1], unit[:, :, 2]
    share = (unit[:, :, 1:] ** 2).sum((0, 1, 2))
    doubled = ((red_green + 1j * yellow_blue) ** 2).sum((0, 1))
    axis = np.angle(doubled) / 2
    along = np.cos(axis) * red_green + np.sin(axis) * yellow_blue
    middle = np.einsum("yxn,yx->n", along, _middle(unit.shape[:2]))
    angle = np.degrees(axis) + 180.0 * (middle < 0) - RED_IN_OPPONENT_PLANE
    strength = np.abs(doubled) / np.where(share > 0, share, 1)
    by_colour = COLOUR_SPAN * np.sqrt(share * (1 + strength) / 2)
    by_light = LIGHT_SPAN * np.sqrt((unit[:, :, 0] ** 2).sum((0, 1)))
    return {
        "colour_share": share,
        "colour_drive": by_colour / np.maximum(by_colour + by_light, 1e-12),
        "red_green_share": (red_green**2).sum((0, 1)),
        "hue": _turn(angle, 360.0),
        "hue_purity": (1 + strength) / 2,
    }


def _turn(angle: np.ndarray, full: float) -> np.ndarray:
    """Angles brought into [0, full). Twice, because the first brings -1e-17 to `full` itself."""
    return np.mod(np.mod(angle, full), full)


def _middle(size: tuple[int, int]) -> np.ndarray:
    """A Gaussian [height, width] of unit energy about the middle; its standard deviation is a quarter of the side."""
    y, x = (np.exp(-(((np.arange(n) - (n - 1) / 2) / (n / 4)) ** 2) / 2) for n in size)
    return np.outer(y, x) / np.sqrt((y @ y) * (x @ x))


def _spectral(unit: np.ndarray, centroid: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of the power spectrum, summed over the opponent axes, of filters [height, width, axis, n].

    Circular variance: Ringach, Shapley and Hawken, Orientation Selectivity in Macaque V1, J. Neurosci. 2002, eq. 1,
    here of power in place of firing rate. Power at frequency 0 has no orientation and counts as unselective.
    """
    spectrum = np.fft.fft2(unit, (SPECTRUM_SIZE, SPECTRUM_SIZE), axes=(0, 1))
    power = (np.abs(spectrum) ** 2).sum(2)
    power /= np.where(power.sum((0, 1)) > 0, power.sum((0, 1)), 1)
    across = np.fft.fftfreq(SPECTRUM_SIZE)[None, :]
    down = np.fft.fftfreq(SPECTRUM_SIZE)[:, None]
    frequency = np.hypot(across, down)
    # Rows count downwards, people count angles upwards; a bar lies at right angles to its wave vector.
    bar = np.arctan2(-down, across) + np.pi / 2
    doubled = np.where(frequency > 0, np.exp(2j * bar), 0)
    resultant = np.einsum("yx,yxn->n", doubled, power)
    # Reflection about the centroid c turns W into its conjugate times a phase: <w, reflected> = sum W^2 e^(4 pi i f c).
    phase = np.exp(4j * np.pi * (down[:, :, None] * centroid[0] + across[:, :, None] * centroid[1]))
    reflected = np.einsum("yxan,yxn->n", spectrum**2, phase).real / SPECTRUM_SIZE**2
    return {
        "orientation": _turn(np.degrees(np.angle(resultant)) / 2, 180.0),
        "orientation_selectivity": np.abs(resultant),
        "peak_frequency": frequency.ravel()[power.reshape(-1, power.shape[-1]).argmax(0)],
        "mean_frequency": np.einsum("yx,yxn->n", frequency, power),
        "parity": reflected,
        "uniform_share": (unit.sum((0, 1)) ** 2).sum(0) / (unit.shape[0] * unit.shape[1]),
    }


def _centroid(unit: np.ndarray) -> np.ndarray:
    """Centroid [row and column, n] of the energy, in pixels from the first."""
    energy = (unit**2).sum(2)
    y, x = np.indices(energy.shape[:2])
    return np.stack([np.einsum("yx,yxn->n", axis, energy) for axis in (y, x)])


def _spatial(unit: np.ndarray, centroid: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of how filters [height, width, axis, n] lie around their centroids [row and column, n]."""
    y, x = np.indices(unit.shape[:2])[..., None] - centroid[:, None, None, :]
    distance = np.hypot(y, x)
    shapes = [_radial(unit[..., n], distance[..., n]) for n in range(unit.shape[-1])]
    symmetry, surround = np.array(shapes).reshape(-1, 2).T
    return {
        "spread": np.sqrt(((unit**2).sum(2) * distance**2).sum((0, 1))),
        "radial_symmetry": symmetry,
        "surround": surround,
        "brightness": np.einsum("yxn,yx->n", unit[:, :, 0], _middle(unit.shape[:2])),
    }


def _radial(unit: np.ndarray, distance: np.ndarray) -> tuple[float, float]:
    """Radial symmetry and surround of one filter [height, width, axis] at distances [height, width] in pixels."""
    ring = np.rint(distance).astype(int)
    means = {r: unit[ring == r].mean(0) for r in np.unique(ring)}
    symmetry = sum((ring == r).sum() * float(mean @ mean) for r, mean in means.items())
    inside, outside = distance <= CENTRE_RADIUS, distance > SURROUND_RADIUS
    centre = unit[inside].mean(0) if inside.any() else np.zeros(unit.shape[-1])
    around = unit[outside].mean(0) if outside.any() else np.zeros(unit.shape[-1])
    strength = float(centre @ centre)
    surround = -float(centre @ around) / strength if strength > 0 else 0.0
    return symmetry, float(np.clip(surround, -1, 1))


def families(measures: FilterMeasures) -> list[str]:
    """The family of each filter: the first whose rule holds.

    | family | rule |
    |---|---|
    | Color | mostly colour, and a uniform colour drives it |
    | Color Contrast | colour drives it more than light does |
    | Gabor Filters | one orientation dominates |
    | Light and Dark Spots | round and not fine |
    | Edges | odd: one half against the other |
    | Checks | neither round nor odd nor of one orientation |
    | Other Units | the rest: round and fine, or zero everywhere |

    Filters at random are told apart from these by `supported_families`.
    """
    m = measures
    rules = {
        "Other Units": m.norm == 0,
        "Color": (m.colour_share >= 0.5) & (m.uniform_share >= 0.23),
        "Color Contrast": m.colour_drive >= COLOURFUL,
        "Gabor Filters": m.orientation_selectivity >= 0.55,
        "Light and Dark Spots": (m.radial_symmetry >= 0.25) & (m.mean_frequency < 0.25),
        "Edges": m.parity <= -0.2,
        "Checks": m.radial_symmetry < 0.25,
    }
    return np.select(list(rules.values()), list(rules), "Other Units").tolist()


def null_counts(filters: np.ndarray, seeds: int) -> list[Counter]:
    """How many of the filters have each family when the weights of each are shuffled, and when they are drawn anew from
    a normal distribution: so many times each."""
    found = []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        columns = filters.reshape(-1, filters.shape[-1])
        for null in (random.permuted(columns, axis=0), columns.std(0) * random.standard_normal(columns.shape)):
            found.append(Counter(families(measure(null.reshape(filters.shape)))))
    return found


def supported_families(filters: np.ndarray, seeds: int = 5) -> list[str]:
    """The family of each filter, "Other Units" for those that are not more frequent than in every null."""
    names = families(measure(filters))
    here, nulls = Counter(names), null_counts(filters, seeds)
    return [name if here[name] > max(null[name] for null in nulls) else "Other Units" for name in names]
