"""Drawing what lies at one place: edges, lines, curves, spots, and what is made of them.

Every function draws on points x (to the right) and y (upwards), float [height, width], in pixels from the middle, and
returns the deviation from grey, -1 (black) to 1 (white): [height, width], or [height, width, 3] where it has colour.
Contrasts are alike: the lightest and the darkest point of a picture are 1 apart, whether a shape lies on grey (0 and 1,
or 0 and -1) or light lies beside dark (0.5 and -0.5).
Borders are a pixel wide and linear, the exact coverage of a pixel by a half plane that is parallel to it.

A direction is in degrees counter-clockwise from rightwards, 0 to 360; an orientation is that of a line, 0 to 180.
A polarity is 1 for light on grey and -1 for dark on grey.
"""

from collections.abc import Iterable

import numpy as np

from early_vision.tuning.colour import isoluminant_colour, opponent_colour

ARC = 75.0
"""Half of the angle, seen from its centre, over which a curve is drawn: shorter than a half circle, so no ring, no disc."""


def turned(x: np.ndarray, y: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The points in axes turned by an angle in degrees: (along that direction, to the left of it)."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return x * cos + y * sin, y * cos - x * sin


def ink(outside: np.ndarray) -> np.ndarray:
    """How much of a pixel is covered, 0 to 1, from its distance outside the shape in pixels (negative within)."""
    return np.clip(0.5 - outside, 0.0, 1.0)


def blend(inside: np.ndarray, outside: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Two pictures, [height, width] or [height, width, 3], parted by a coverage [height, width]."""
    inside, outside = np.asarray(inside), np.asarray(outside)
    coverage = coverage[..., None] if max(inside.ndim, outside.ndim) in (1, 3) else coverage
    return inside * coverage + outside * (1 - coverage)


def edge(x, y, direction: float):
    """Light on the side of `direction`, dark on the other."""
    return ink(-turned(x, y, direction)[0]) - 0.5


def gradient(x, y, direction: float, width: float):
    """Brightness that rises towards `direction`, evenly over `width` pixels."""
    return np.clip(turned(x, y, direction)[0] / width, -0.5, 0.5)


def line(x, y, orientation: float, width: float, polarity: float):
    """A line through the middle, longer than the picture."""
    return polarity * ink(np.abs(turned(x, y, orientation)[1]) - width / 2)


def line_end(x, y, direction: float, width: float, polarity: float):
    """A line that comes from one side and ends in the middle; `direction` is where it points."""
    return polarity * _rays(x, y, [direction + 180], width)


def angle(x, y, direction: float, opening: float, width: float, polarity: float):
    """Two lines from the middle, `opening` degrees apart, that open towards `direction`."""
    return polarity * _rays(x, y, [direction - opening / 2, direction + opening / 2], width)


def junction(x, y, direction: float, width: float, polarity: float):
    """A T: a line through the middle, and one from the middle towards `direction`."""
    return polarity * _rays(x, y, [direction - 90, direction, direction + 90], width)


def cross(x, y, orientation: float, width: float, polarity: float):
    """Two lines at right angles, one of them at `orientation`."""
    return polarity * _rays(x, y, [orientation + quarter for quarter in (0, 90, 180, 270)], width)


def divergence(x, y, direction: float, width: float, polarity: float):
    """Four lines that spread over 90 degrees from a point towards `direction`."""
    return polarity * _rays(x, y, [direction + turn for turn in (-45, -15, 15, 45)], width)


def corner(x, y, direction: float, opening: float, polarity: float):
    """A filled corner that opens towards `direction`, of the polarity within and the other without."""
    sides = [-turned(x, y, direction + sign * (90 - opening / 2))[0] for sign in (1, -1)]
    return polarity * (ink(np.maximum(*sides)) - 0.5)


def curve(x, y, direction: float, radius: float, width: float, polarity: float):
    """An arc through the middle whose bulge points towards `direction`."""
    forward, left = turned(x, y, direction)
    distance, at = _from_centre(forward, left, radius)
    beyond = distance * np.sin(np.radians(np.clip(at - ARC, -90, 90)))
    return polarity * ink(np.maximum(np.abs(distance - radius) - width / 2, beyond))


def curved_edge(x, y, direction: float, radius: float, polarity: float):
    """A border that bulges towards `direction`: an arc through the middle, and straight on where it ends.

    The polarity is that within. It never closes: a whole disc of a small radius would be a spot.
    """
    forward, left = turned(x, y, direction)
    distance, at = _from_centre(forward, left, radius)
    beyond = np.cos(np.radians(np.maximum(at - ARC, 0)))
    return polarity * (ink(distance * beyond - radius) - 0.5)


def disc(x, y, radius: float, polarity: float):
    """A filled disc on grey."""
    return polarity * ink(np.hypot(x, y) - radius)


def circle(x, y, radius: float, width: float, polarity: float):
    """A ring on grey; `radius` is that of its middle line."""
    return polarity * ink(np.abs(np.hypot(x, y) - radius) - width / 2)


def eye(x, y, radius: float, polarity: float):
    """A disc of the polarity within a ring of the other, as wide as the disc's radius."""
    within = disc(x, y, radius, 1)
    return polarity * (within - 0.5) * disc(x, y, 2 * radius, 1)


def spiral(x, y, handedness: float, pitch: float, polarity: float):
    """A spiral line half as wide as its pitch (pixels from turn to turn); outwards it goes counter-clockwise for 1."""
    turns = handedness * np.arctan2(y, x) / (2 * np.pi)
    phase = np.mod(np.hypot(x, y) / pitch - turns, 1.0)
    return polarity * ink((np.abs(phase - 0.5) - 0.25) * pitch) * ink(np.hypot(x, y) - 2.5 * pitch)


def colour_edge(x, y, hue: float, direction: float):
    """A hue on the side of `direction`, the opposite hue on the other; the sum of R, G and B is the same."""
    return edge(x, y, direction)[..., None] * opponent_colour(hue)


def colour_spot(x, y, hue: float, radius: float, surround: str):
    """A disc of a hue on grey, or on the opposite hue; the sum of R, G and B is the same."""
    around = {"grey": 0.0, "opposite": -0.5}[surround]
    return (ink(np.hypot(x, y) - radius) + around)[..., None] * opponent_colour(hue)


def isoluminant_edge(x, y, lab_hue: float, direction: float):
    """A hue of grey's own lightness L* on the side of `direction`, the opposite one on the other."""
    there = ink(-turned(x, y, direction)[0])
    return blend(isoluminant_colour(lab_hue), isoluminant_colour(lab_hue + 180), there)


def isoluminant_spot(x, y, lab_hue: float, radius: float):
    """A disc of a hue on grey of the same lightness L*."""
    return blend(isoluminant_colour(lab_hue), np.zeros(3), ink(np.hypot(x, y) - radius))


def _from_centre(forward: np.ndarray, left: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Distance in pixels from the centre of a circle behind the middle, and angle off forward there, in degrees."""
    back = forward + radius
    return np.hypot(back, left), np.degrees(np.abs(np.arctan2(left, back)))


def _rays(x: np.ndarray, y: np.ndarray, directions: Iterable[float], width: float) -> np.ndarray:
    """Coverage by lines of a width from the middle outwards, with round ends in the middle."""
    distances = []
    for direction in directions:
        forward, left = turned(x, y, direction)
        distances.append(np.where(forward > 0, np.abs(left), np.hypot(forward, left)))
    return ink(np.minimum.reduce(distances) - width / 2)
