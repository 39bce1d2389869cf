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
    "isoluminant_field",
    "isoluminant_edge",
    "isoluminant_spot",
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
def test_opponent_colours_change_no_sum_of_rgb(kind):
    x, y = points(21)
    for parameters in list(series(kind).stimuli())[::17]:
        np.testing.assert_allclose(draw(kind, parameters, x, y).mean(2), textures.MIDDLE_GREY, atol=1e-3)


@pytest.mark.parametrize("kind", ["isoluminant_field", "isoluminant_edge", "isoluminant_spot"])
def test_isoluminant_colours_have_the_luminance_of_grey(kind):
    x, y = points(21)
    for parameters in list(series(kind).stimuli())[::5]:
        rgb = draw(kind, parameters, x, y) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        luminance = linear @ [0.2126, 0.7152, 0.0722]
        grey = ((117 / 255 + 0.055) / 1.055) ** 2.4
        # A pixel on a border is a mixture of both sides: a little off.
        assert np.abs(luminance / grey - 1).max() < 0.15
        assert (np.abs(luminance / grey - 1) < 0.005).mean() > 0.7


def test_hues_of_equal_sums_of_rgb_have_other_luminances():
    x, y = points(3)
    rgb = np.array([draw("uniform_hue", {"hue": hue}, x, y)[0, 0] / 255 for hue in (60, 240)])
    luminance = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    assert luminance[0] > 0.3 > 0.12 > luminance[1]


@pytest.mark.parametrize("radius", [3.0, 6.0, 20.0])
def test_a_curved_edge_never_closes(radius):
    x, y = points(81)
    edge = shapes.curved_edge(x, y, 90, radius, 1)
    assert edge[40 + 2, 40] > 0 > edge[40 - 2, 40]
    # As far as the arc goes it is the border of a disc, behind its middle it goes on to the border of the picture.
    distance, turn = np.hypot(x, y + radius) - radius, np.degrees(np.abs(np.arctan2(x, y + radius)))
    on_arc = turn < shapes.ARC
    assert (np.sign(edge)[on_arc & (np.abs(distance) > 1)] == -np.sign(distance)[on_arc & (np.abs(distance) > 1)]).all()
    assert (edge[41:, 40] == 0.5).all()
    assert (edge[-1] > 0).sum() > 2 * radius or radius > 15


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
