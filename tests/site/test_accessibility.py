"""What axe-core finds on each kind of page, in the light and in the dark, and what must work enlarged."""

import pytest
from chromium import ARTICLE, CHROMIUM, NEURON, PAGES

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

WITHOUT_WEIGHTS = ("index.html", "early-vision/index.html", "early-vision/neurons/mixed3a/79.html")


def violations(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page, name, scheme):
    page = open_page(name, 1440, color_scheme=scheme)
    assert violations(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_axe_finds_nothing_where_weights_are_absent(open_page, whole_site, name, scheme):
    page = open_page(name, 1440, site=whole_site, color_scheme=scheme)
    assert violations(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_axe_finds_nothing_with_contents_open_on_a_phone(open_page, scheme):
    page = open_page(f"{ARTICLE}#mixed3a", 390, color_scheme=scheme)
    page.locator(".here").click()
    assert violations(page) == []


def test_axe_finds_nothing_in_an_open_card(open_page):
    page = open_page(NEURON)
    page.locator(".siblings .neurons > a").first.hover()
    page.locator(".hover-card").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_at_twice_the_size(open_page, name):
    # A window of 1280 by 800 px at 200%.
    page = open_page(name, 640, 400, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.complaints == []
