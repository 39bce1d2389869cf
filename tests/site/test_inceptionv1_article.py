"""The article on InceptionV1 keeps what was published, letter for letter, and what it says can be counted is counted."""

import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest
from markupsafe import Markup

from early_vision.article.article import read_article
from early_vision.article.directives import CircuitFigure
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.known import find_network

ROOT = Path(__file__).parents[2]
PUBLISHED = json.loads((ROOT / "assets/taxonomies/inceptionv1.json").read_text())
SECTIONS = [
    "conv2d0",
    "conv2d1",
    "conv2d2",
    "mixed3a",
    "mixed3b",
    "cards",
    "presentation",
    "conclusion",
    "conv2d1_discussion_complex_gabor",
    "mixed3a_discussion_BW",
    "mixed3a_discussion_small_circle",
    "mixed3a_discussion_triangle",
    "mixed3b_discussion_boundary",
    "mixed3b_discussion_curve_based",
    "mixed3b_discussion_fur",
]
"""What newsletters and papers link to, beside the groups."""
CIRCUITS = {
    "conv2d1:30": [22, 39, 54, 15],
    "conv2d1:55": [10, 0, 17, 41, 62, 28],
    "conv2d1:52": [14, 49, 20, 41, 27, 18],
    "mixed3a:222": [43, 23, 77, 178, 101, 45, 29, 21, 40, 90, 36, 0, 62, 13, 120, 124],
    "mixed3a:175": [182, 32, 117, 171, 130, 146, 180],
    "mixed3a:188": [9, 116, 39, 113, 144, 100, 114],
    "mixed3b:345": [110, 101, 133, 211, 112, 165, 203, 117, 70, 86],
    "mixed3b:404": [47, 46, 26, 63],
    "mixed3b:333": [47, 46, 26, 63],
}
"""The inputs that the published figures show, of each of their neurons."""
WORDS = range(30, 121)
"""How long a description is."""
BRANCHES = {
    # What the text says of branches: all, none, most (over half) or nearly all (at least three quarters) of a group.
    "group_mixed3a_curves": ("all", "3x3"),
    "group_mixed3a_angles": ("all", "3x3"),
    "group_mixed3a_eyes_small_circles": ("all", "3x3"),
    "group_mixed3a_high_low_frequency": ("all", "3x3"),
    "group_mixed3a_bw_vs_color": ("all", "5x5"),
    "group_mixed3a_color_contrast": ("most", "5x5"),
    "group_mixed3a_fur_precursors": ("nearly all", "1x1"),
    "group_mixed3a_other_units": ("most", "3x3"),
    "group_mixed3b_color_center_surround": ("most", "1x1"),
    "group_mixed3b_other_fur": ("nearly all", "pool_reduce"),
    "group_mixed3b_scales": ("nearly all", "pool_reduce"),
    "group_mixed3b_circle_cluster": ("most", "pool_reduce"),
    "group_mixed3b_boundary": ("most", "5x5"),
    "group_mixed3b_boundary_misc": ("all", "3x3"),
    "group_mixed3b_bumps": ("all", "3x3"),
    "group_mixed3b_shallow_curves": ("all", "5x5"),
    "group_mixed3b_curves_misc.": ("all", "5x5"),
}
LEAST = {"all": 1.0, "nearly all": 0.75, "most": 0.5}


@pytest.fixture(scope="module")
def article():
    """The article, read for the embedded network, which has the same architecture."""
    return read_article(
        ROOT / "content/early-vision-2020", lambda name: find_network("inceptionv1-tiny", ROOT / "assets")
    )


@pytest.fixture(scope="module")
def groups(article):
    """Every group by its anchor."""
    return {group.anchor: group for layer in article.taxonomy.values() for group in layer}


def test_the_taxonomy_is_the_published_one(article):
    ours = {
        layer: [(group.name, group.anchor, group.priority, group.neurons) for group in groups]
        for layer, groups in article.taxonomy.items()
    }
    published = {
        layer: [(group["name"], group["anchor"], group["priority"], tuple(group["units"])) for group in of["groups"]]
        for layer, of in PUBLISHED.items()
    }
    assert ours == published
    assert sum(map(len, ours.values())) == 77


def test_every_anchor_that_the_world_links_to_is_there(article, groups):
    headings = [anchor for heading in article.headings for anchor in anchors_of(heading)]
    assert set(SECTIONS) <= set(headings)
    assert {group["anchor"] for of in PUBLISHED.values() for group in of["groups"]} == set(groups)


def anchors_of(heading) -> list[str]:
    return [heading.anchor, *(anchor for below in heading.below for anchor in anchors_of(below))]


def test_descriptions_are_neither_stubs_nor_essays(groups):
    lengths = {anchor: len(words_of(group.description)) for anchor, group in groups.items()}
    assert {anchor: length for anchor, length in lengths.items() if length not in WORDS} == {}


def words_of(description: Markup) -> list[str]:
    # Citations are numbers in brackets.
    return [word for word in description.striptags().split() if not re.fullmatch(r"\[[\d, –]+\][.,]?", word)]


def test_no_two_descriptions_begin_alike(groups):
    """Seventy-seven cards from one template would be seventy-six too many."""
    openings = [" ".join(words_of(group.description)[:3]).lower() for group in groups.values()]
    assert len(set(openings)) == len(openings)


def test_groups_are_linked_to_one_another(groups):
    leads_to = {anchor: targets(group) - {anchor} for anchor, group in groups.items()}
    assert [anchor for anchor, others in leads_to.items() if not others] == []
    assert set(groups) - set().union(*leads_to.values()) == set()


def targets(group) -> set[str]:
    return {link.removeprefix("#") for link in group.links if link.startswith("#group_")}


def test_every_work_is_cited_and_nothing_else_is_wrong(article):
    assert article.warnings == ()
    assert len(article.references) >= 25


def test_circuits_show_the_published_inputs(article):
    shown = {}
    for block in article.blocks(CircuitFigure):
        entry = block.directive
        for part in entry.parts or (entry,):
            shown.setdefault(part.target or entry.target, []).extend(part.inputs)
    assert {target: sorted(inputs) for target, inputs in shown.items() if target in CIRCUITS} == {
        target: sorted(inputs) for target, inputs in CIRCUITS.items()
    }


def test_the_circuits_inputs_are_of_the_groups_that_the_text_names(groups):
    assert Counter(group_of(groups, "conv2d0", n) for n in CIRCUITS["conv2d1:55"]) == {"Gabor Filters": 6}
    assert Counter(group_of(groups, "conv2d2", n) for n in CIRCUITS["mixed3a:175"]) == {"Tiny Curves": 7}
    assert Counter(group_of(groups, "conv2d2", n) for n in CIRCUITS["mixed3a:222"]) == {
        "Color Contrast": 8,
        "Color Center-Surround": 4,
        "Textures": 2,
        "Texture Contrast": 1,
        "Other Units": 1,
    }
    assert Counter(group_of(groups, "conv2d2", n) for n in CIRCUITS["mixed3a:188"]) == {
        "Line": 3,
        "Gabor Textures": 2,
        "Shifted Line": 1,
        "Tiny Curves": 1,
    }
    assert Counter(group_of(groups, "mixed3a", n) for n in CIRCUITS["mixed3b:345"]) == {
        "High-Low Frequency": 5,
        "Color Contrast": 2,
        "Lines": 1,
        "Line Misc.": 1,
        "Line Ends": 1,
    }
    assert {group_of(groups, "mixed3a", n) for n in CIRCUITS["mixed3b:404"]} == {"Fur Precursors"}
    # Those of conv2d1:30 lie side by side in the published order.
    order = groups["group_conv2d0_gabor_filters"].neurons
    places = sorted(order.index(n) for n in CIRCUITS["conv2d1:30"])
    assert places == list(range(places[0], places[0] + 4))


def group_of(groups, layer: str, channel: int) -> str:
    return next(group.name for group in groups.values() if group.layer == layer and channel in group.neurons)


@pytest.mark.parametrize("anchor", BRANCHES)
def test_groups_are_in_the_branches_that_the_text_names(groups, anchor):
    amount, name = BRANCHES[anchor]
    group = groups[anchor]
    share = sum(branch_of(group.layer, channel) == name for channel in group.neurons) / len(group.neurons)
    assert share >= LEAST[amount]


def branch_of(layer: str, channel: int) -> str:
    return INCEPTIONV1.branch(layer, channel).node.removeprefix(f"{layer}_")


def test_the_text_counts_branches_as_the_taxonomy_does(groups):
    curved = ("curves", "double_curves", "curves_misc.", "shallow_curves", "curve_shapes", "circles_loops", "evolute")
    channels = [channel for name in curved for channel in groups[f"group_mixed3b_{name}"].neurons]
    assert len(channels) == 30 and {branch_of("mixed3b", channel) for channel in channels} == {"5x5"}
    in_pool = [group.name for group in groups.values() for n in group.neurons if group.layer == "mixed3a" and n >= 224]
    assert Counter(in_pool).most_common(1)[0] == ("Texture", 23) and len(in_pool) == 32
    center_surround = ("color_center_surround", "complex_center_surround")
    ones = [n for name in center_surround for n in groups[f"group_mixed3b_{name}"].neurons if n < 128]
    assert len(ones) > 64
    for name in ("line", "lines", "curves", "angles", "line_misc.", "thick_lines", "line_ends"):
        in_5x5 = [n for n in getattr(groups.get(f"group_mixed3a_{name}"), "neurons", ()) if 192 <= n < 224]
        assert in_5x5 == []
    assert all(not n >= 192 for n in groups["group_mixed3a_other_units"].neurons)
    boundary = {branch_of("mixed3b", n) for n in groups["group_mixed3b_boundary"].neurons}
    assert boundary == {"3x3", "5x5"}
    assert len({branch_of("mixed3a", n) for n in groups["group_mixed3a_brightness_gradient"].neurons}) == 4


def test_the_text_gives_the_architectures_numbers():
    shape = {conv.name: INCEPTIONV1.weight_shape(conv) for conv in INCEPTIONV1.convolutions}
    weights = {name: math.prod(of) for name, of in shape.items()}
    assert shape["conv2d0"] == (7, 7, 3, 64) and 7 * 7 * 3 == 147
    assert weights["conv2d2"] == 110_592 and round(weights["conv2d2"] / weights["conv2d0"]) == 12
    assert (shape["mixed3a_3x3_bottleneck"][3], shape["mixed3a_5x5_bottleneck"][3]) == (96, 16)
    seen = {name: field.size for name, field in INCEPTIONV1.receptive_fields.items()}
    assert [seen[name] for name in ("conv2d0", "conv2d1", "conv2d2")] == [7, 11, 19]
    branches = {layer: INCEPTIONV1.layers[layer].branches for layer in ("mixed3a", "mixed3b")}
    assert [seen[branch.node] for branch in branches["mixed3a"]] == [27, 43, 59, 43]
    assert [seen[branch.node] for branch in branches["mixed3b"]] == [59, 75, 91, 75]
    assert [branch.start for branch in branches["mixed3a"]] == [0, 64, 192, 224]
    assert [len(branch) for branch in branches["mixed3b"]] == [128, 192, 96, 64]
    assert INCEPTIONV1.layers["mixed3b"].neurons * 6 == 5 * (64 + 64 + 192 + 256)
