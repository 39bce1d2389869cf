"""The colours of stimuli: the opponent plane that hue is counted in, and CIELAB for fields that look equally bright."""

import numpy as np

from early_vision.tuning.filters import OPPONENT_AXES, RED_IN_OPPONENT_PLANE

MIDDLE_GREY, SPAN = 117.0, 117.0
"""The pixel value of grey, and how far 1 is from it. Grey is the input mean: a grey picture is nothing but padding."""

FULL_CHROMA = np.sqrt(1.5)
"""Length of an RGB vector in the opponent plane whose largest component, for a primary or secondary hue, is 1."""

ISOLUMINANT_CHROMA = 28.0
"""C* of isoluminant stimuli: about the most that sRGB shows of every hue at the lightness of grey."""

WHITE = np.array([0.95047, 1.0, 1.08883])
"""XYZ of the white D65, CIE 15:2004."""

XYZ_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
"""IEC 61966-2-1 (sRGB)."""


def opponent_colour(hue: float) -> np.ndarray:
    """The full colour of a hue as a deviation from grey: RGB [3], -1 to 1, summing to 0.

    Args:
        hue: degrees in the opponent plane, as `FilterMeasures.hue`: red 0, yellow 60, green 120, cyan 180, blue 240,
            magenta 300. Opposite hues have opposite deviations. All have an equal sum of R, G and B, none of them an
            equal luminance: that is what `isoluminant_colour` is for.
    """
    angle = np.radians(hue + RED_IN_OPPONENT_PLANE)
    return FULL_CHROMA * (np.cos(angle) * OPPONENT_AXES[1] + np.sin(angle) * OPPONENT_AXES[2])


def grey_lightness() -> float:
    """L* of `MIDDLE_GREY`, CIE 15:2004 and IEC 61966-2-1."""
    luminance = ((MIDDLE_GREY / 255 + 0.055) / 1.055) ** 2.4
    return 116 * luminance ** (1 / 3) - 16


def isoluminant_colour(lab_hue: float) -> np.ndarray:
    """A colour of grey's own lightness L* as a deviation from grey: RGB [3], of `ISOLUMINANT_CHROMA`.

    Args:
        lab_hue: degrees in CIELAB, as `lab_colour`.
    """
    return (255 * lab_colour(grey_lightness(), ISOLUMINANT_CHROMA, lab_hue) - MIDDLE_GREY) / SPAN


def lab_colour(lightness: float, chroma: float, hue: float) -> np.ndarray:
    """The sRGB [3], 0 to 1, of a colour in CIELAB.

    Args:
        lightness: L*, 0 to 100.
        chroma: C*, distance from grey.
        hue: h, degrees: about 40 for red, 103 yellow, 136 green, 196 cyan, 306 blue, 328 magenta.

    Raises:
        ValueError: when sRGB cannot show it.
    """
    a, b = chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))
    f = (lightness + 16) / 116 + np.array([a / 500, 0, -b / 200])
    xyz = WHITE * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    linear = XYZ_TO_RGB @ xyz
    if (linear < -1e-3).any() or (linear > 1 + 1e-3).any():
        raise ValueError(f"sRGB has no colour with lightness {lightness}, chroma {chroma} and hue {hue}")
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
