"""The stimuli that a layer is shown: for each kind of stimulus, every combination of its parameters.

Sizes follow the receptive field: series have those for the widest branch of a layer, and neurons of a branch that sees
less are shown the same stimuli smaller (`scaled`). Spatial frequencies and angles are the same for all layers.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from early_vision.tuning import shapes, textures

Value = float | int | str

STEP_15, STEP_30, STEP_45 = range(0, 360, 15), range(0, 360, 30), range(0, 360, 45)
"""Angles in degrees; the first half of each are orientations."""

FREQUENCIES = (0.031, 0.063, 0.088, 0.125, 0.177, 0.25, 0.354)
"""Cycles per pixel: half an octave apart, but an octave between the first two."""

HUES = tuple(range(0, 360, 30))
"""Degrees in the opponent plane."""

LAB_LIGHTNESS, LAB_CHROMA = 70.0, 38.0
"""The lightness at which sRGB has most chroma for every hue, and that chroma."""

LIGHT_AND_DARK = (1, -1)

SIZES = frozenset({"radius", "width", "sigma", "pitch"})
"""Parameters that follow the receptive field."""

UNITS = {
    "direction": "°", "orientation": "°", "hue": "°", "lab_hue": "°", "phase": "°", "opening": "°",
    "frequency": " cycles/px", "high": " cycles/px", "low": " cycles/px",
    "radius": " px", "width": " px", "sigma": " px", "pitch": " px", "side": " px", "spacing": " px",
}  # fmt: skip


@dataclass(frozen=True)
class Series:
    """A kind of stimulus with the values of its parameters.

    Attributes:
        kind: the function of `shapes` or `textures` that draws it; its docstring says what the parameters mean.
        axes: parameter name to its values. Those with one value are fixed.
        everywhere: whether it fills the picture and its parameters already say where in its period the middle is: then
            it is shown in one place only.
    """

    kind: str
    axes: Mapping[str, tuple[Value, ...]]
    everywhere: bool = False

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    @property
    def sized(self) -> bool:
        """Whether branches with receptive fields of other sizes are shown other stimuli."""
        return not SIZES.isdisjoint(self.axes)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    def stimuli(self) -> Iterator[dict[str, Value]]:
        """The parameters of every stimulus, the last axis running fastest."""
        for values in itertools.product(*self.axes.values()):
            yield dict(zip(self.axes, values, strict=True))

    def nth(self, index: int, scale: float = 1.0) -> dict[str, Value]:
        """The parameters of a stimulus, by its place among `stimuli`, for a branch of a scale."""
        at = np.unravel_index(index, self.shape)
        return scaled({name: values[int(i)] for (name, values), i in zip(self.axes.items(), at, strict=True)}, scale)

    def label(self, index: int, scale: float = 1.0) -> str:
        """A stimulus in words, by its place among `stimuli`, for a branch of a scale."""
        parameters = self.nth(index, scale)
        return ", ".join([self.kind.replace("_", " "), *(describe(name, value) for name, value in parameters.items())])


def scaled(parameters: Mapping[str, Value], scale: float) -> dict[str, Value]:
    """Parameters with the sizes in a part `scale` of what they are."""
    return {
        name: value * scale if name in SIZES and not isinstance(value, str) else value
        for name, value in parameters.items()
    }


def describe(name: str, value: Value) -> str:
    """A parameter and its value in words."""
    if isinstance(value, str):
        return f"{name.replace('_', ' ')} {value}{UNITS.get(name, '')}"
    if name == "polarity":
        return "light" if value > 0 else "dark"
    shown = f"{value:.3g}"
    return f"{name.replace('_', ' ')} {shown}{UNITS.get(name, '')}"


def drawing(kind: str) -> Callable[..., np.ndarray]:
    """The function that draws a kind of stimulus."""
    return getattr(shapes, kind, None) or getattr(textures, kind)


def draw(kind: str, parameters: Mapping[str, Value], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pixel values float32 [height, width, 3], 0 to 255, of a stimulus at points in pixels from its middle."""
    deviation = np.asarray(drawing(kind)(x, y, **parameters))
    if deviation.ndim == 2:
        deviation = deviation[..., None]
    return np.broadcast_to(textures.MIDDLE_GREY + textures.SPAN * deviation, (*x.shape, 3)).astype(np.float32)


def series_for(receptive_field: int) -> tuple[Series, ...]:
    """All stimuli for a layer whose neurons see a square of so many pixels along a side."""
    field = float(receptive_field)
    radii = _between(max(1.5, field / 14), 0.35 * field, 4)
    bends = _between(0.1 * field, 0.5 * field, 4)
    widths = _between(max(1.0, field / 30), max(2.0, field / 9), 3)
    width = (widths[1],)
    orientations = tuple(STEP_15)[:12]
    directions = tuple(STEP_30)
    fine = (0.177,)
    return (
        _extended("grey", level=(-1.0, -0.5, 0.0, 0.5, 1.0)),
        _extended("uniform_hue", hue=HUES),
        _extended("uniform_lab", lab_hue=HUES, lightness=(LAB_LIGHTNESS,), chroma=(LAB_CHROMA,)),
        _extended("grating", orientation=orientations, frequency=FREQUENCIES, phase=tuple(STEP_45)),
        _extended("colour_grating", hue=(0, 60, 120), orientation=(0, 45, 90, 135),
                  frequency=(0.063, 0.125, 0.25), phase=(0, 90, 180, 270)),
        Series("gabor", {"orientation": orientations, "frequency": FREQUENCIES[1::2], "sigma": (round(field / 7, 1),),
                         "polarity": LIGHT_AND_DARK}),
        Series("edge", {"direction": tuple(STEP_15)}),
        Series("gradient", {"direction": directions, "width": (round(field / 2, 1), field)}),
        Series("line", {"orientation": orientations, "width": widths, "polarity": LIGHT_AND_DARK}),
        Series("line_end", {"direction": directions, "width": widths[1:], "polarity": LIGHT_AND_DARK}),
        Series("angle", {"direction": directions, "opening": (45, 90, 135), "width": width,
                         "polarity": LIGHT_AND_DARK}),
        Series("corner", {"direction": directions, "opening": (60, 90), "polarity": LIGHT_AND_DARK}),
        Series("junction", {"direction": directions, "width": width, "polarity": LIGHT_AND_DARK}),
        Series("cross", {"orientation": (0, 15, 30, 45, 60, 75), "width": width, "polarity": LIGHT_AND_DARK}),
        Series("divergence", {"direction": directions, "width": width, "polarity": LIGHT_AND_DARK}),
        Series("curve", {"direction": directions, "radius": bends, "width": widths[1:], "polarity": LIGHT_AND_DARK}),
        Series("curved_edge", {"direction": directions, "radius": bends, "polarity": LIGHT_AND_DARK}),
        Series("disc", {"radius": radii, "polarity": LIGHT_AND_DARK}),
        Series("circle", {"radius": radii, "width": width, "polarity": LIGHT_AND_DARK}),
        Series("eye", {"radius": radii, "polarity": LIGHT_AND_DARK}),
        Series("spiral", {"handedness": (1, -1), "pitch": radii[1:], "polarity": LIGHT_AND_DARK}),
        Series("rings", {"frequency": FREQUENCIES[1::2], "polarity": LIGHT_AND_DARK}),
        Series("colour_edge", {"hue": HUES[:6], "direction": tuple(STEP_45)}),
        _extended("isoluminant_field", lab_hue=HUES),
        Series("isoluminant_edge", {"lab_hue": HUES[:6], "direction": tuple(STEP_45)}),
        Series("isoluminant_spot", {"lab_hue": HUES, "radius": radii[1::2]}),
        Series("colour_spot", {"hue": HUES, "radius": radii, "surround": ("grey", "opposite")}),
        Series("hatch", {"orientation": (0, 15, 30, 45, 60, 75), "frequency": FREQUENCIES[2:],
                         "polarity": LIGHT_AND_DARK}),
        Series("checks", {"orientation": (0, 45), "side": (2, 4, 7), "polarity": LIGHT_AND_DARK}),
        Series("dots", {"spacing": (4, 7, 12), "polarity": LIGHT_AND_DARK}),
        Series("noise", {"frequency": FREQUENCIES[1:6], "seed": (0, 1)}),
        Series("noise_spot", {"frequency": FREQUENCIES[2:6], "radius": radii[1:], "where": ("centre", "surround")}),
        Series("parting", {"direction": directions, "frequency": FREQUENCIES[2:5], "polarity": LIGHT_AND_DARK}),
        Series("high_low", {"direction": directions, "high": (0.177, 0.25), "low": (0.031, 0.063), "seed": (0, 1)}),
        Series("pattern", {"pattern": tuple(textures.PATTERNS), "frequency": fine}),
        Series("tinted_pattern", {"pattern": tuple(textures.PATTERNS), "frequency": fine, "hue": HUES[::2]}),
        Series("tinted_place", {"frequency": fine, "radius": radii[1::2], "hue": HUES[::2],
                                "where": ("centre", "surround")}),
        Series("boundary", {"direction": tuple(STEP_45), "frequency": fine, "texture": (0, 1), "light": (-1, 0, 1),
                            "colour": (-1, 0, 1)}),
    )  # fmt: skip


def _extended(kind: str, **axes: tuple[Value, ...]) -> Series:
    return Series(kind, axes, everywhere=True)


def _between(low: float, high: float, count: int) -> tuple[float, ...]:
    """Values in even ratios, to a tenth."""
    return tuple(round(float(value), 1) for value in np.geomspace(low, high, count))
