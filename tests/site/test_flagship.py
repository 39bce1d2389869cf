"""The article on Google's network: complete, sorted, and at every address that the world links to."""

import re

import pytest
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
