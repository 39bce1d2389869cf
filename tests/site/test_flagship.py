"""The article on Google's network: complete, sorted, and at every address that the world links to."""

import re

import pytest
from anchors import GROUPS, SECTIONS

from early_vision.article.article import read_article
from early_vision.network.known import find_network_or_outline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(whole_site):
    return (whole_site / "early-vision" / "index.html").read_text("utf-8")


def test_every_published_anchor_is_there_once(page):
    found = re.findall(r'\sid="([^"]+)"', page)
    anchors = [*SECTIONS, *(anchor for layer in GROUPS.values() for anchor in layer)]
    assert {anchor: found.count(anchor) for anchor in anchors} == dict.fromkeys(anchors, 1)


def test_no_catch_all_is_above_an_eighth_of_its_layer(content):
    assets = content.parent / "assets"
    article = read_article(content / "early-vision", lambda name: find_network_or_outline(name, assets))
    for layer, groups in article.taxonomy.items():
        count = sum(len(group.neurons) for group in groups)
        left = sum(len(group.neurons) for group in groups if group.name == "Other Units")
        assert left <= 0.12 * count, layer


def test_every_claim_is_checked_and_every_circuit_was_tested_by_intervention(page):
    assert page.count('class="claim') >= 90 or len(re.findall(r"<li[^>]*claim", page)) >= 90
    assert len(re.findall(r'<figure class="circuit', page)) >= 12
