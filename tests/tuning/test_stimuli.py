"""Stimuli are what their parameters say: placed, oriented, coloured and of equal contrast."""

import inspect

import numpy as np
import pytest

from early_vision.tuning import shapes, textures
from early_vision.tuning.colour import lab_colour, opponent_colour
from early_vision.tuning.stimuli import Series, draw, drawing, series_for

EVERY = series_for(59)
KINDS = [series.kind for series in EVERY]
COLOURED = (
    "uniform_hue",
    "uniform_lab",
    "colour_grating",
    "colour_edge",
    "colour_spot",
    "tinted_pattern",
    "tinted_place",
    "boundary",
)


def points(size: int = 41) -> tuple[np.ndarray, np.ndarray]:
    at = np.arange(size) - size // 2
    x, y = np.meshgrid(at, -at)
    return x.astype(float), y.astype(float)


def series(kind: str) -> Series:
    return next(one for one in EVERY if one.kind == kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_stimulus_is_drawn_within_the_range_of_pixels_and_documented(kind):
    x, y = points(31)
    assert tuple(inspect.signature(drawing(kind)).parameters) == ("x", "y", *series(kind).axes)
    assert drawing(kind).__doc__
    stimuli = list(series(kind).stimuli())
    assert len(stimuli) == len(series(kind))
    for index in np.linspace(0, len(stimuli) - 1, 12).astype(int):
        image = draw(kind, stimuli[index], x, y)
        assert image.shape == (31, 31, 3) and image.dtype == np.float32
        assert image.min() >= 0 and image.max() <= 255


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (*COLOURED, "grey")])
def test_contrasts_are_alike(kind):
    x, y = points(61)
    spans = [np.ptp(draw(kind, parameters, x, y)) / textures.SPAN for parameters in series(kind).stimuli()]
    assert max(spans) <= 1 + 1e-6
    assert max(spans) > 0.85


@pytest.mark.parametrize("kind", ["uniform_hue", "colour_grating", "colour_edge", "colour_spot"])
def test_colours_change_no_brightness(kind):
    x, y = points(21)
    for parameters in list(series(kind).stimuli())[::17]:
        np.testing.assert_allclose(draw(kind, parameters, x, y).mean(2), textures.MIDDLE_GREY, atol=1e-3)


def test_a_tint_leaves_the_brightness_of_the_pattern():
    x, y = points()
    plain = draw("pattern", {"pattern": "checks", "frequency": 0.177}, x, y)
    tinted = draw("tinted_pattern", {"pattern": "checks", "frequency": 0.177, "hue": 120}, x, y)
    np.testing.assert_allclose(plain.mean(2), tinted.mean(2), atol=1e-3)


def test_directions_and_orientations_are_as_one_sees_them():
    x, y = points()
    middle = 20
    assert shapes.edge(x, y, 0)[middle, -1] > 0 > shapes.edge(x, y, 0)[middle, 0]
    assert shapes.edge(x, y, 90)[0, middle] > 0 > shapes.edge(x, y, 90)[-1, middle]
    assert shapes.line(x, y, 45, 2, 1)[5, 35] == 1 and shapes.line(x, y, 45, 2, 1)[5, 5] == 0
    assert textures.grating(x, y, 0, 0.1, 0)[middle].std() < 1e-12
    assert shapes.line_end(x, y, 0, 2, 1)[middle, 5] == 1 and shapes.line_end(x, y, 0, 2, 1)[middle, 35] == 0
    # A curve that bulges to the right lies to the left of the middle above and below it.
    arc = shapes.curve(x, y, 0, 12, 2, 1)
    assert arc[middle, middle] > 0 and arc[middle - 8, :middle].max() > 0 and arc[middle - 8, middle:].max() == 0
    fine = textures.high_low(x, y, 90, 0.25, 0.031, 0)
    assert np.abs(np.diff(fine[:15], axis=1)).mean() > 3 * np.abs(np.diff(fine[26:], axis=1)).mean()


@pytest.mark.parametrize("radius", [1.7, 5.3, 9.0])
def test_borders_are_anti_aliased(radius):
    x, y = points()
    assert shapes.disc(x, y, radius, 1).sum() == pytest.approx(np.pi * radius**2, rel=0.05)
    shifted = shapes.disc(x - 0.37, y + 0.21, radius, 1).sum()
    assert shifted == pytest.approx(np.pi * radius**2, rel=0.05)


def test_a_shifted_texture_is_the_same_texture():
    x, y = points()
    np.testing.assert_allclose(textures.noise(x + 3, y, 0.1, 0)[:, :-3], textures.noise(x, y, 0.1, 0)[:, 3:], atol=1e-9)


def test_opposite_hues_and_primaries():
    np.testing.assert_allclose(opponent_colour(77) + opponent_colour(257), 0, atol=1e-12)
    np.testing.assert_allclose(opponent_colour(0), [1, -0.5, -0.5], atol=1e-9)
    np.testing.assert_allclose(opponent_colour(240), [-0.5, -0.5, 1], atol=1e-9)


def test_cielab_greys_and_what_a_screen_cannot_show():
    np.testing.assert_allclose(lab_colour(50, 0, 0), 0.4663, atol=2e-3)
    np.testing.assert_allclose(lab_colour(100, 0, 0), 1, atol=2e-3)
    # sRGB red is L* 53.2, C* 104.6, h 40.0.
    np.testing.assert_allclose(lab_colour(53.24, 104.55, 40.0), [1, 0, 0], atol=0.03)
    with pytest.raises(ValueError, match="chroma 60"):
        lab_colour(70, 60, 200)


def test_labels_say_what_is_shown():
    assert series("curve").label(0) == "curve, direction 0°, radius 5.9 px, width 3.6 px, light"
