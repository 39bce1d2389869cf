"""Neuron groups: the 2020 spelling of anchors, and every neuron in exactly one group."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from early_vision.article.article import read_article
from early_vision.article.groups import Placed, anchor_of, coverage, display_order, read_groups
from early_vision.article.source import Source, read_source

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "inceptionv1-neuron-groups.json"


@pytest.mark.parametrize(
    "name, anchor",
    [
        ("Gabor Filters", "group_conv2d0_gabor_filters"),
        ("Black & White", "group_conv2d0_black_white"),
        ("Cross / Corner Divergence", "group_conv2d0_cross_corner_divergence"),
        ("High-Low Frequency", "group_conv2d0_high_low_frequency"),
        ("Line Misc.", "group_conv2d0_line_misc."),
    ],
)
def test_anchor_of(name, anchor):
    assert anchor_of("conv2d0", name) == anchor


@pytest.mark.skipif(not FACTS.is_file(), reason="needs ../shared/facts, which is not part of the repository")
def test_anchors_of_all_published_groups():
    layers = json.loads(FACTS.read_text("utf-8"))
    published = {(layer, group["name"]): group["anchor"] for layer, one in layers.items() for group in one["groups"]}
    assert len(published) == 77
    assert {key: anchor_of(*key) for key in published} == published


@given(st.permutations(range(12)), st.lists(st.integers(-2, 14), max_size=4), st.integers(0, 3), st.data())
def test_coverage_reports_what_keeps_neurons_from_being_in_one_group_each(order, extra, dropped, data):
    channels = data.draw(st.permutations([*order[dropped:], *extra]))
    placed = [Placed(channel, f"group {channel % 3}", line) for line, channel in enumerate(channels, 1)]
    problems = coverage(Source(Path("layer.yaml"), ""), placed, 12)

    counts = Counter(channels)
    outside = sum(count for channel, count in counts.items() if not 0 <= channel < 12)
    again = sum(count - 1 for channel, count in counts.items() if 0 <= channel < 12)
    missing = [channel for channel in range(12) if channel not in counts]
    messages = [problem.message for problem in problems]
    assert sum("is not in the layer" in message for message in messages) == outside
    assert sum("is already in" in message for message in messages) == again
    assert [message.split(": ")[1] for message in messages if "in no group" in message] == (
        [", ".join(map(str, missing))] if missing else []
    )
    assert len(problems) == outside + again + bool(missing)


def test_groups_are_read_in_their_order_and_displayed_by_priority_and_size(tmp_path):
    path = tmp_path / "layer.yaml"
    path.write_text(
        "- {name: Small, neurons: [0]}\n"
        "- {name: Rest, neurons: [1, 2, 6], priority: -1}\n"
        "- {name: Large, neurons: [3, 4], description: 'See *this*'}\n"
        "- {name: First, neurons: [5], priority: 1, anchor: group_first}\n"
    )
    groups, problems = read_groups(read_source(path), "layer", {"layer": 7})
    assert problems == ()
    assert [group.name for group in groups] == ["Small", "Rest", "Large", "First"]
    assert [group.anchor for group in groups] == [
        "group_layer_small",
        "group_layer_rest",
        "group_layer_large",
        "group_first",
    ]
    assert groups[2].description == "<p>See <em>this</em></p>"
    assert [group.name for group in display_order(groups)] == ["First", "Large", "Small", "Rest"]


def test_a_linked_folder_keeps_its_name(write_article, find, tmp_path):
    (tmp_path / "linked").symlink_to(write_article())
    assert read_article(tmp_path / "linked", find).slug == "linked"
