"""Cards: the most typical neurons of large groups first, and all of them as large and in the order that one likes."""

import pytest
from chromium import ARTICLE, CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def test_a_large_group_shows_its_most_typical_first_and_all_when_asked(open_page):
    page = open_page(ARTICLE, 1440)
    card = page.locator(".card:has(.typical)").first
    assert (
        card.locator(".typical > a").count() == 12 and card.locator(".typical img").first.bounding_box()["width"] > 80
    )
    assert not card.locator(".neurons").is_visible()
    card.locator(".unfold + label").click()
    assert card.locator(".neurons").is_visible() and not card.locator(".typical").is_visible()
    shown = card.locator(".neurons > a").evaluate_all("all => all.filter(one => one.offsetParent).length")
    assert shown == card.locator(".neurons > a").count()


def test_neurons_of_a_card_are_resized_and_sorted(open_page):
    page = open_page(ARTICLE, 1440)
    card = page.locator(".card:has(.typical)").first
    numbers = "all => all.map(one => Number(one.textContent))"
    before = card.locator(".neurons > a").evaluate_all(numbers)
    card.locator("select").select_option("layer")
    page.wait_for_function("!!globalThis.earlyVision?.neuronSorts")
    page.wait_for_function(
        "card => { const all = [...card.querySelectorAll('.neurons > a')].map(one => Number(one.textContent));"
        " return all.every((one, at) => !at || all[at - 1] < one); }",
        arg=card.element_handle(),
    )
    card.locator("select").select_option("")
    assert card.locator(".neurons > a").evaluate_all(numbers) == before
    card.locator("input[type=range]").evaluate("one => { one.value = 120; one.dispatchEvent(new Event('input')); }")
    image = card.locator(".neurons img").first
    assert image.bounding_box()["width"] == 120
    # The whole sprite is as much larger, so that a tile still shows one neuron.
    assert image.evaluate("one => parseFloat(one.sizes)") == pytest.approx(16 * 120, abs=1)
    assert not page.complaints
