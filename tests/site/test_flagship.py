"""The article on Google's network: complete, sorted, and at every address that the world links to."""

import json
import re

import pytest
import yaml
from anchors import GROUPS, SECTIONS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(whole_site):
    return (whole_site / "early-vision" / "index.html").read_text("utf-8")


def test_every_published_anchor_is_there_once(page):
    found = re.findall(r'\sid="([^"]+)"', page)
    anchors = [*SECTIONS, *(anchor for layer in GROUPS.values() for anchor in layer)]
    assert {anchor: found.count(anchor) for anchor in anchors} == dict.fromkeys(anchors, 1)


def test_every_circuit_is_drawn(page):
    assert len(re.findall(r'<figure class="circuit', page)) >= 12


def test_no_catch_all_holds_more_than_an_eighth_of_its_layer(root):
    for path in sorted((root / "content/early-vision/groups").glob("*.yaml")):
        groups = {group["name"]: len(group["neurons"]) for group in yaml.safe_load(path.read_text("utf-8"))}
        assert groups.get("Other Units", 0) <= 0.12 * sum(groups.values()), path.name


def test_claims_are_many_and_hold(page):
    assert not re.findall(r'<details class="claims[^"]* (?:failing|unchecked)|<li class="(?:fails|unchecked)">', page)
    assert len(re.findall(r'<li class="holds">', page)) >= 12
    assert page.count("<code>weights ") + page.count("<code>ablation ") >= 80


def test_every_figure_with_weights_says_what_came_of_removing_its_inputs(page):
    assert page.count('<div class="removals">') >= 12
    assert len(_rows(page, "table-interventions")) >= 25


def test_the_published_groups_stand_beside_ours(page, root):
    published = json.loads((root / "assets/taxonomies/inceptionv1.json").read_text("utf-8"))
    names = {(layer, group["name"]) for layer, one in published.items() for group in one["groups"]}
    for path in (root / "content/early-vision/groups").glob("*.yaml"):
        names |= {(path.stem, group["name"]) for group in yaml.safe_load(path.read_text("utf-8"))}
    assert len(_rows(page, "table-shares")) == len(names)


def _rows(page, anchor):
    table = page.partition(f'id="{anchor}"')[2].partition("</figure>")[0]
    return re.findall(r'<tr><th scope="row"', table)
