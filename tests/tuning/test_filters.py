"""The measures say what they claim, on filters of known truth; and the groups of conv2d0 say what the measures say."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from early_vision.network.known import find_network
from early_vision.tuning.filters import OPPONENT_AXES, FilterMeasures, families, measure

ROOT = Path(__file__).resolve().parents[2]
GREY, RED, GREEN, BLUE, YELLOW = (np.array(c, float) for c in ([1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]))


def coordinates(dx: float = 0, dy: float = 0) -> tuple[np.ndarray, np.ndarray]:
    """x to the right and y upwards, [7, 7] each, in pixels from the middle, displaced."""
    row, column = np.indices((7, 7))
    return column - 3 - dx, 3 - row - dy


def coloured(pattern: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """One filter [height, width, 3, 1]."""
    return (pattern[..., None] * colour)[..., None]


def gabor(orientation: float, frequency: float, phase: float, sigma: float = 2.0, colour=GREY) -> np.ndarray:
    """Stripes at an orientation, degrees counter-clockwise from horizontal; a phase of 0 is a light bar, 90 an edge."""
    x, y = coordinates()
    across = -x * np.sin(np.radians(orientation)) + y * np.cos(np.radians(orientation))
    window = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    wave = np.cos(2 * np.pi * frequency * across - np.radians(phase))
    return coloured(window * (wave - (window * wave).sum() / window.sum()), colour)


def blob(colour, sigma: float = 1.2, dx: float = 0, dy: float = 0) -> np.ndarray:
    x, y = coordinates(dx, dy)
    return coloured(np.exp(-(x**2 + y**2) / (2 * sigma**2)), colour)


def opponent(colour: np.ndarray) -> np.ndarray:
    """A colour without its luminance."""
    return colour - colour.mean()


def apart(a: float, b: float, full: float) -> float:
    """Distance of two angles on a circle of `full` degrees."""
    return abs((a - b + full / 2) % full - full / 2)


# Orientation, frequency, phase


@given(
    orientation=st.floats(0, 180, exclude_max=True),
    frequency=st.floats(0.16, 0.34),
    phase=st.sampled_from([0.0, 90.0, 180.0, 270.0]),
)
@settings(max_examples=150, deadline=None)
def test_a_gabor_has_the_orientation_and_frequency_that_it_was_made_with(orientation, frequency, phase):
    found = measure(gabor(orientation, frequency, phase))
    assert apart(found.orientation[0], orientation, 180) < 5
    assert abs(found.peak_frequency[0] - frequency) < 0.04
    assert found.orientation_selectivity[0] > 0.5
    assert families(found) == ["Gabor Filters"]


@pytest.mark.parametrize("phase, parity", [(0, 1), (90, -1), (180, 1), (270, -1), (45, 0)])
def test_parity_tells_bars_from_edges(phase, parity):
    assert measure(gabor(30, 0.22, phase)).parity[0] == pytest.approx(parity, abs=0.15)


def test_orientation_is_what_one_sees():
    horizontal = np.zeros((7, 7))
    horizontal[3, :] = 1
    rising = np.fliplr(np.eye(7))
    assert measure(coloured(horizontal, GREY)).orientation[0] == pytest.approx(0, abs=1e-6)
    assert measure(coloured(horizontal.T, GREY)).orientation[0] == pytest.approx(90, abs=1e-6)
    assert measure(coloured(rising, GREY)).orientation[0] == pytest.approx(45, abs=1e-6)
    assert measure(coloured(rising[:, ::-1], GREY)).orientation[0] == pytest.approx(135, abs=1e-6)


def test_a_colour_edge_has_an_orientation_too():
    x, _ = coordinates()
    found = measure(coloured(np.sign(x) * np.exp(-(x**2) / 8), opponent(BLUE)))
    assert apart(found.orientation[0], 90, 180) < 1
    assert found.parity[0] < -0.95
    assert found.colour_share[0] == pytest.approx(1)


def test_a_checkerboard_is_as_fine_as_pixels_get():
    row, column = np.indices((7, 7))
    found = measure(coloured((-1.0) ** (row + column), GREY))
    assert found.peak_frequency[0] > 0.69
    assert found.orientation_selectivity[0] < 0.02


# Colour


@pytest.mark.parametrize(
    "colour, hue",
    [(RED, 0), (YELLOW, 60), (GREEN, 120), (GREEN + BLUE, 180), (BLUE, 240), (RED + BLUE, 300), (RED + YELLOW, 30)],
)
def test_a_blob_has_the_hue_of_its_colour(colour, hue):
    found = measure(blob(opponent(colour)))
    assert apart(found.hue[0], hue, 360) < (1 if hue % 60 == 0 else 5)
    assert found.colour_share[0] == pytest.approx(1)
    assert found.hue_purity[0] == pytest.approx(1)


def test_grey_has_no_colour_and_red_a_third_luminance():
    assert measure(blob(GREY)).colour_share[0] == pytest.approx(0, abs=1e-12)
    assert measure(blob(RED)).colour_share[0] == pytest.approx(2 / 3)


def test_red_against_green_lies_on_its_axis():
    found = measure(blob(RED - GREEN))
    assert found.red_green_share[0] == pytest.approx(1)
    assert measure(blob(YELLOW - 2 * BLUE)).red_green_share[0] == pytest.approx(0, abs=1e-12)


def test_opponent_axes_are_orthonormal():
    np.testing.assert_allclose(OPPONENT_AXES @ OPPONENT_AXES.T, np.eye(3), atol=1e-12)


# Shape


def test_a_uniform_filter_is_all_average_and_spreads_widest():
    found = measure(np.ones((7, 7, 3, 1)))
    assert found.uniform_share[0] == pytest.approx(1)
    assert found.spread[0] == pytest.approx(np.sqrt(8))
    assert found.peak_frequency[0] == 0
    assert found.surround[0] == pytest.approx(-1)


@pytest.mark.parametrize("colour", [GREY, opponent(RED)])
def test_centre_surround_is_found_and_a_plain_spot_is_not(colour):
    x, y = coordinates()
    squared = x**2 + y**2
    rings = np.where(squared <= 1.5**2, 1.0, np.where(squared > 2.5**2, -0.8, 0.0))
    assert measure(coloured(rings, colour)).surround[0] == pytest.approx(0.8)
    assert measure(coloured(rings, colour)).radial_symmetry[0] > 0.95
    assert abs(measure(blob(colour)).surround[0]) < 0.05


def test_a_spot_is_round_and_an_edge_is_not():
    assert measure(blob(GREY)).radial_symmetry[0] > 0.95
    assert measure(gabor(0, 0.15, 90)).radial_symmetry[0] < 0.1


def test_a_displaced_spot_is_measured_about_its_own_centroid():
    found = measure(blob(GREY, sigma=0.8, dx=1, dy=-1))
    assert found.parity[0] > 0.95
    assert found.radial_symmetry[0] > 0.9


def test_brightness_tells_light_from_dark():
    assert measure(blob(GREY, sigma=7 / 4)).brightness[0] == pytest.approx(1)
    assert measure(blob(-GREY)).brightness[0] < -0.9
    assert measure(blob(opponent(GREEN))).brightness[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "filter_, family",
    [
        (blob(opponent(GREEN), sigma=2), "Color"),
        (gabor(90, 0.12, 90, colour=opponent(BLUE)), "Color Contrast"),
        (gabor(10, 0.3, 0), "Gabor Filters"),
        (blob(GREY), "Light and Dark Spots"),
        (-blob(GREY), "Light and Dark Spots"),
    ],
)
def test_families_of_known_filters(filter_, family):
    assert families(measure(filter_)) == [family]


def test_a_saddle_is_a_check():
    x, y = coordinates()
    assert families(measure(coloured(x * y * np.exp(-(x**2 + y**2) / 6), GREY))) == ["Checks"]


# What holds for any filter

any_filters = arrays(np.float64, (7, 7, 3, 2), elements=st.floats(-1, 1, width=16)).filter(
    lambda filters: (filters**2).sum((0, 1, 2)).min() > 1e-3
)
CONTINUOUS = ("colour_share", "orientation_selectivity", "parity", "uniform_share", "spread", "mean_frequency")


@given(any_filters)
@settings(max_examples=60, deadline=None)
def test_measures_stay_in_their_ranges(filters):
    found = measure(filters)
    for name, low, high in [
        ("colour_share", 0, 1),
        ("red_green_share", 0, 1),
        ("hue", 0, 360),
        ("hue_purity", 0.5, 1),
        ("orientation", 0, 180),
        ("orientation_selectivity", 0, 1),
        ("peak_frequency", 0, np.sqrt(0.5)),
        ("mean_frequency", 0, np.sqrt(0.5)),
        ("parity", -1, 1),
        ("uniform_share", 0, 1),
        ("spread", 0, 3 * np.sqrt(2)),
        ("radial_symmetry", 0, 1),
        ("surround", -1, 1),
        ("brightness", -1, 1),
    ]:
        value = getattr(found, name)
        assert value.shape == (2,)
        assert (value >= low - 1e-9).all() and (value <= high + 1e-9).all(), name
    assert (found.hue < 360).all() and (found.orientation < 180).all()
    assert (found.red_green_share <= found.colour_share + 1e-9).all()


@given(any_filters, st.floats(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_only_the_norm_depends_on_the_scale(filters, scale):
    before, after = measure(filters), measure(filters * scale)
    np.testing.assert_allclose(after.norm, before.norm * scale, rtol=1e-9)
    for name in (*CONTINUOUS, "brightness"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=1e-9)


@given(any_filters)
@settings(max_examples=40, deadline=None)
def test_a_quarter_turn_turns_only_the_orientation(filters):
    before, after = measure(filters), measure(np.rot90(filters))
    for name in CONTINUOUS:
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=1e-9)
    for a, b, selectivity in zip(after.orientation, before.orientation, before.orientation_selectivity, strict=False):
        assert selectivity < 1e-6 or apart(a, b + 90, 180) < 1e-3


@pytest.mark.parametrize(
    "filters, said",
    [
        (np.ones((7, 7, 64)), "shape"),
        (np.ones((7, 7, 4, 1)), "shape"),
        (np.full((7, 7, 3, 1), np.nan), "not finite"),
    ],
)
def test_what_cannot_be_measured_is_refused(filters, said):
    with pytest.raises(ValueError, match=said):
        measure(filters)


def test_a_filter_of_zeros_measures_nothing_and_has_no_family():
    found = measure(np.concatenate([np.ones((7, 7, 3, 1)), np.zeros((7, 7, 3, 1))], -1))
    assert all(np.isfinite(values).all() for values in vars(found).values()) and found.norm[1] == 0
    assert families(found)[1] == "Other Units"


# The embedded network's first layer, against its groups and what their descriptions say


@pytest.fixture(scope="module")
def network():
    return find_network("inceptionv1-tiny", ROOT / "assets")


@pytest.fixture(scope="module")
def filters(network) -> np.ndarray:
    return network.kernel("conv2d0")


@pytest.fixture(scope="module")
def measured(filters) -> FilterMeasures:
    return measure(filters)


@pytest.fixture(scope="module")
def groups() -> dict[str, list[int]]:
    file = ROOT / "content" / "early-vision-tiny" / "groups" / "conv2d0.yaml"
    return {group["name"]: group["neurons"] for group in yaml.safe_load(file.read_text(encoding="utf-8"))}


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


def test_the_groups_are_the_measured_families(groups, measured):
    found = families(measured)
    assert groups.keys() == set(found)
    for name, neurons in groups.items():
        assert sorted(neurons) == [c for c, family in enumerate(found) if family == name], name


def test_the_families_do_not_hang_on_rounding(filters, measured):
    random = np.random.default_rng(0)
    for _ in range(20):
        noisy = filters * (1 + 0.05 * random.standard_normal(filters.shape))
        pairs = enumerate(zip(families(measure(noisy)), families(measured), strict=True))
        # 45 and 55 are as near to brightness as to colour.
        assert {channel for channel, (one, other) in pairs if one != other} <= {45, 55}


def test_the_order_within_groups(groups, measured):
    m = measured

    def orientation(c):
        return (m.orientation[c] + 25) % 180

    edges, spots = groups["Color Contrast"][:4], groups["Color Contrast"][4:]
    assert max(m.radial_symmetry[edges]) < 0.3 < min(m.radial_symmetry[spots])
    for neurons, key in [
        (groups["Gabor Filters"], orientation),
        (groups["Edges"], orientation),
        (groups["Light and Dark Spots"], lambda c: -m.brightness[c]),
        (groups["Color"], lambda c: m.hue[c]),
        (edges, orientation),
        (spots, lambda c: m.hue[c]),
        (groups["Checks"], lambda c: m.mean_frequency[c]),
    ]:
        assert neurons == sorted(neurons, key=key)


def test_what_the_description_of_gabor_filters_says(groups, filters, measured):
    gabors = groups["Gabor Filters"]
    assert len(gabors) == 17
    assert measured.colour_share[gabors].max() <= 0.1
    wavelengths = 1 / measured.peak_frequency[gabors]
    assert round(wavelengths.min()) == 3 and round(wavelengths.max()) == 7
    upright = [c for c in gabors if min(apart(measured.orientation[c], at, 180) for at in (0, 90)) <= 10]
    assert len(upright) == 13
    assert correlation(filters[..., 35], filters[..., 63]) < -0.9


def test_what_the_description_of_edges_says(groups, filters, measured):
    edges = groups["Edges"]
    assert (measured.peak_frequency[edges] * 7).max() < 1.15
    assert measured.parity[edges].max() < -0.4
    assert measured.colour_share[edges].max() < 0.5
    gabors = groups["Gabor Filters"]
    assert measured.orientation_selectivity[edges].max() < measured.orientation_selectivity[gabors].min()
    assert np.median(measured.mean_frequency[gabors]) > measured.mean_frequency[edges].max()
    axes = np.einsum("yxcn,ac->yxan", filters, OPPONENT_AXES)
    bluer = [c for c in edges if correlation(axes[:, :, 0, c], axes[:, :, 2, c]) < 0]
    assert sorted(set(edges) - set(bluer)) == [49, 61]


def test_what_the_description_of_spots_says(groups, measured):
    spots = groups["Light and Dark Spots"]
    assert (measured.brightness[spots[:5]] > 0).all() and (measured.brightness[spots[5:]] < 0).all()
    assert np.abs(measured.surround[spots]).max() < 0.2
    assert measured.colour_share[spots].max() < 0.5


def test_what_the_descriptions_of_the_colour_groups_say(network, groups, filters, measured):
    def best(weights):
        """Highest response, over pixels from 0 to 255 minus the mean, of what is free to vary: each given weight."""
        mean = network.architecture.input_mean
        free = np.where(weights > 0, (255 - mean) * weights, -mean * weights)
        return free.reshape(-1, free.shape[-1]).sum(0) + network.bias("conv2d0")

    uniform = best(filters.sum((0, 1))) / best(filters)
    colour, contrast = groups["Color"], groups["Color Contrast"]
    assert uniform[colour].min() > 0.58 > 0.56 > uniform[contrast].max()
    assert measured.colour_share[colour + contrast].min() > 0.5
    assert not any(45 < hue < 120 for hue in measured.hue[colour])
    assert 50 < measured.hue[26] < 70
    assert max(contrast, key=lambda c: measured.radial_symmetry[c] * measured.surround[c]) == 26
    for upright in (12, 52):
        assert correlation(np.rot90(filters)[..., 28], filters[..., upright]) > 0.8
    assert max(contrast, key=lambda c: measured.uniform_share[c]) == 23


def test_what_the_descriptions_of_the_last_groups_say(groups, filters, measured):
    checks, others = groups["Checks"], groups["Other Units"]
    assert measured.parity[checks].min() > 0
    assert measured.colour_share[checks + others].max() < 0.1
    spots = groups["Light and Dark Spots"]
    assert measured.mean_frequency[others].min() > measured.mean_frequency[spots].max()
    energy = (filters[..., others] ** 2).sum(2).reshape(49, -1)
    assert (np.sort(energy, 0)[-4:].sum(0) > 0.5 * energy.sum(0)).all()
