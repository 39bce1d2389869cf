"""Drawing what fills the picture: uniform fields, gratings, textures, and two of them side by side.

Arguments and results are those of `shapes`. Textures are functions of the place, not arrays, so that a shifted texture
is the same texture shifted.
"""

import numpy as np

from early_vision.tuning.colour import MIDDLE_GREY, SPAN, isoluminant_colour, lab_colour, opponent_colour
from early_vision.tuning.shapes import blend, ink, turned

WAVES = 60
"""Plane waves in a noise texture."""

NOISE_CONTRAST = 0.3
"""Root mean square of a noise texture before it is limited to -0.5 and 0.5; a grating has 0.35."""

CUE_CONTRAST = 0.5
"""Contrast of each cue of a boundary, of that which it would have alone: three together stay comparable to others."""

BOUNDARY_HUE = 30.0
"""The hue, orange, that a boundary's colour cue sets against its opposite, blue."""


def grey(x, y, level: float):
    """Uniform grey, -1 (black) to 1 (white)."""
    return np.full(x.shape, level)


def uniform_hue(x, y, hue: float):
    """A uniform field of a hue; the sum of R, G and B is that of grey."""
    return np.broadcast_to(opponent_colour(hue), (*x.shape, 3))


def uniform_lab(x, y, lab_hue: float, lightness: float, chroma: float):
    """A uniform field of a CIELAB colour: hues that look equally bright and equally far from grey."""
    deviation = (255 * lab_colour(lightness, chroma, lab_hue) - MIDDLE_GREY) / SPAN
    return np.broadcast_to(deviation, (*x.shape, 3))


def isoluminant_field(x, y, lab_hue: float):
    """A uniform field of a hue that has grey's own lightness L*."""
    return np.broadcast_to(isoluminant_colour(lab_hue), (*x.shape, 3))


def grating(x, y, orientation: float, frequency: float, phase: float):
    """Sinusoidal stripes along `orientation`; `frequency` in cycles per pixel, `phase` in degrees (0: light middle)."""
    return np.cos(2 * np.pi * frequency * turned(x, y, orientation)[1] - np.radians(phase)) / 2


def colour_grating(x, y, hue: float, orientation: float, frequency: float, phase: float):
    """Stripes of a hue and its opposite; the sum of R, G and B is the same."""
    return grating(x, y, orientation, frequency, phase)[..., None] * opponent_colour(hue)


def gabor(x, y, orientation: float, frequency: float, sigma: float, polarity: float):
    """A grating under a round Gaussian window with a standard deviation of `sigma` pixels."""
    return polarity * grating(x, y, orientation, frequency, 0) * np.exp(-(x**2 + y**2) / (2 * sigma**2))


def rings(x, y, frequency: float, polarity: float):
    """Concentric rings."""
    return polarity * np.cos(2 * np.pi * frequency * np.hypot(x, y)) / 2


def hatch(x, y, orientation: float, frequency: float, polarity: float):
    """Two gratings at right angles, one at `orientation`."""
    return polarity * (grating(x, y, orientation, frequency, 0) + grating(x, y, orientation + 90, frequency, 0)) / 2


def checks(x, y, orientation: float, side: float, polarity: float):
    """A chessboard of squares of a side in pixels, with an edge of squares through the middle."""
    across = [_square_wave(axis, 2 * side) for axis in turned(x, y, orientation)]
    return polarity * across[0] * across[1] / 2


def dots(x, y, spacing: float, polarity: float):
    """Discs in a hexagonal array, `spacing` pixels from middle to middle, half of that wide, on grey."""
    height = spacing * np.sqrt(3)
    places = [_from_nearest(x, y, spacing, height), _from_nearest(x - spacing / 2, y - height / 2, spacing, height)]
    return polarity * ink(np.minimum(*places) - spacing / 4)


def noise(x, y, frequency: float, seed: int):
    """A texture without orientation, of one spatial frequency give or take a fifth."""
    random = np.random.default_rng([seed, round(frequency * 10_000)])
    directions, phases = random.uniform(0, 2 * np.pi, (2, WAVES))
    frequencies = frequency * random.uniform(0.8, 1.2, WAVES)
    total = np.zeros(x.shape)
    for direction, phase, cycles in zip(directions, phases, frequencies, strict=True):
        total += np.cos(2 * np.pi * cycles * (x * np.cos(direction) + y * np.sin(direction)) + phase)
    return np.clip(NOISE_CONTRAST * np.sqrt(2 / WAVES) * total, -0.5, 0.5)


def noise_spot(x, y, frequency: float, radius: float, where: str):
    """Noise in a disc on grey, or around a grey disc."""
    inside = ink(np.hypot(x, y) - radius)
    return noise(x, y, frequency, 0) * (inside if where == "centre" else 1 - inside)


def high_low(x, y, direction: float, high: float, low: float, seed: int):
    """Noise of a high frequency on the side of `direction`, of a low one on the other: the same contrast."""
    return blend(noise(x, y, high, seed), noise(x, y, low, seed), ink(-turned(x, y, direction)[0]))


def parting(x, y, direction: float, frequency: float, polarity: float):
    """Stripes that run off to both sides of an axis, as hair from a parting: 45 degrees off `direction`."""
    left = turned(x, y, direction)[1]
    stripes = [grating(x, y, direction + turn, frequency, 0) for turn in (45, -45)]
    return polarity * blend(stripes[0], stripes[1], ink(-left))


PATTERNS = {
    "stripes 0": lambda x, y, fine: grating(x, y, 0, fine, 0),
    "stripes 90": lambda x, y, fine: grating(x, y, 90, fine, 0),
    "checks": lambda x, y, fine: checks(x, y, 0, 0.5 / fine, 1),
    "fine noise": lambda x, y, fine: noise(x, y, fine, 1),
    "coarse noise": lambda x, y, fine: noise(x, y, fine / 2, 1),
}
"""Patterns that are shown both without and with a tint."""


def pattern(x, y, pattern: str, frequency: float):
    """A pattern in black and white."""
    return PATTERNS[pattern](x, y, frequency)


def tinted_pattern(x, y, pattern: str, frequency: float, hue: float):
    """The same pattern under a uniform tint of a hue: brightness and its contrast are the same."""
    return PATTERNS[pattern](x, y, frequency)[..., None] + opponent_colour(hue) / 2


def tinted_place(x, y, frequency: float, radius: float, hue: float, where: str):
    """Noise, tinted only in a disc (`centre`) or only around it (`surround`)."""
    inside = ink(np.hypot(x, y) - radius)
    tint = (inside if where == "centre" else 1 - inside)[..., None] * opponent_colour(hue) / 2
    return noise(x, y, frequency, 1)[..., None] + tint


def boundary(x, y, direction: float, frequency: float, texture: float, light: float, colour: float):
    """A border with any of three cues, each 1, 0 (absent) or -1, for what lies on the side of `direction`.

    Texture: fine noise there, nothing on the other side; light: brighter; colour: orange there, blue on the other side.
    """
    there = ink(-turned(x, y, direction)[0])
    side = (there - 0.5)[..., None]
    fine = noise(x, y, frequency, 2) * (there if texture > 0 else 1 - there) * abs(texture)
    tint = colour * side * opponent_colour(BOUNDARY_HUE)
    return CUE_CONTRAST * (fine[..., None] + light * side + tint)


def _square_wave(at: np.ndarray, period: float) -> np.ndarray:
    """-1 and 1 in turn, changing at 0, over a pixel's width."""
    within = np.mod(at, period)
    to_border = np.minimum(within, np.minimum(np.abs(within - period / 2), period - within))
    return np.where(within < period / 2, 1.0, -1.0) * np.clip(2 * to_border, 0, 1)


def _from_nearest(x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    """Distance from the nearest point of a rectangular lattice through the middle."""
    return np.hypot(np.mod(x + width / 2, width) - width / 2, np.mod(y + height / 2, height) - height / 2)
