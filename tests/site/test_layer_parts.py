"""A layer's groups in two parts, and by branch."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup
from stand_in import stand_in_features

from early_vision.article.groups import Group, in_part
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.known import find_network
from early_vision.site.rendering import Templates
from early_vision.site.views.branches import view_branches
from early_vision.site.views.figures import Caption
from early_vision.site.views.layers import layer_pictures, view_cards, view_layer

ROOT = Path(__file__).parents[2]


def group(name: str, neurons, priority: int = 0) -> Group:
    return Group("mixed3a", name, f"group_{name}", priority, Markup(), tuple(neurons), (), Path("mixed3a.yaml"), 1)


GROUPS = (
    group("small", [0]),
    group("first", [64, 65], priority=2),
    group("last", range(1, 64), priority=-1),
    group("large", [66, 67, 192, 255]),
    group("second", range(193, 200), priority=1),
)
PLACED = {channel for one in GROUPS for channel in one.neurons}
WHOLE = (*GROUPS, group("others", sorted(set(range(256)) - PLACED)))
"""Every neuron of the layer in one group."""


def test_parts_are_disjoint_and_together_the_layer_in_display_order():
    assert [one.name for one in in_part(GROUPS, "priority")] == ["first", "second"]
    assert [one.name for one in in_part(GROUPS, "rest")] == ["large", "small", "last"]
    assert in_part(GROUPS, "all") == in_part(GROUPS, "priority") + in_part(GROUPS, "rest")


def test_branches_count_every_neuron_once():
    view = view_branches(INCEPTIONV1, "mixed3a", GROUPS)
    assert [(one.name, one.first, one.last, one.receptive_field) for one in view.branches] == [
        ("1x1", 0, 63, 27), ("3x3", 64, 191, 43), ("5x5", 192, 223, 59), ("pool_reduce", 224, 255, 43),
    ]  # fmt: skip
    rows = {row.group.name: row for row in view.rows}
    assert rows["large"].counts == (0, 2, 1, 1) and rows["large"].quarters == (0, 2, 1, 1)
    assert rows["last"].counts == (63, 0, 0, 0) and rows["last"].quarters == (4, 0, 0, 0)
    assert [sum(row.counts) for row in view.rows] == [len(one.neurons) for one in GROUPS]


@pytest.fixture(scope="module")
def layer():
    network = find_network("inceptionv1-tiny", ROOT / "assets")
    features = stand_in_features(network)["mixed3a"]
    return view_layer(INCEPTIONV1.layers["mixed3a"], WHOLE, features, layer_pictures(features, len(features)), None)


def render(name: str, figure) -> str:
    caption = Caption("table-by-branch", 3, Markup("In <em>which</em> branch."))
    return Templates(ROOT / "templates").render(f"figures/{name}.html", figure=figure, caption=caption)


def cards_in(html: str) -> list[str]:
    return re.findall(r'<section class="card [^"]*" id="([^"]+)"', html)


def test_a_part_has_its_own_cards_which_fill_its_rows(layer):
    whole, first, rest = (render("layer-groups", view_cards(layer, part)) for part in ("all", "priority", "rest"))
    assert cards_in(first) == ["group_first", "group_second"]
    assert cards_in(first) + cards_in(rest) == cards_in(whole)
    assert first.count(" of2-1 ") == 2 and rest.count(" of2-2 ") == 2
    # Of the receptive field the page speaks once.
    assert [one.count("<dt>stride</dt>") for one in (whole, first, rest)] == [1, 1, 0]
    assert "<dd>9 of 256</dd>" in first and "<dd>247 of 256</dd>" in rest and "<dd>256</dd>" in whole


def test_the_table_of_branches_leads_to_the_groups():
    html = render("layer-branches", view_branches(INCEPTIONV1, "mixed3a", in_part(GROUPS, "priority")))
    assert '<figure class="branches" id="table-by-branch">' in html and "In <em>which</em> branch." in html
    assert re.findall(r'<th scope="row"><a href="#([^"]+)"', html) == ["group_first", "group_second"]
    assert "192–223" in html and "59 px" in html
    assert re.findall(r'<td class="quarters-(\d)">([^<]+)</td>', html)[:4] == [
        ("0", "–"),
        ("4", "2"),
        ("0", "–"),
        ("0", "–"),
    ]
