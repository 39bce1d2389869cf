"""Pages keep their place, groups of pictures are one stop for the keyboard, and a picture's card leaves them in sight."""

import pytest
from chromium import ARTICLE, CHROMIUM, NEURON

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

TILE = ".card .neurons > a"
TILES = ":is(.neurons, .typical) > a:visible"
DEEP = "early-vision-tiny/neurons/mixed3a/90.html"
AT_TOP = """() => {
  const all = [...document.querySelectorAll("main section, main figure, main p, main .connections > a")];
  return all.findIndex((one) => one.getBoundingClientRect().top > 60);
}"""


@pytest.mark.parametrize("name, share", [(ARTICLE, 0.45), (ARTICLE, 0.85), (DEEP, 0.8)])
def test_a_page_that_is_loaded_again_or_returned_to_is_where_it_was(open_page, name, share):
    page = open_page(name, 1440, 900)
    page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
    page.wait_for_timeout(400)
    seen, height = page.evaluate(AT_TOP), page.evaluate("scrollY")
    page.reload()
    page.wait_for_timeout(400)
    assert page.evaluate(AT_TOP) == seen
    assert abs(page.evaluate("scrollY") - height) < 90
    page.goto(page.url.split("early-vision-tiny")[0] + NEURON)
    page.go_back()
    page.wait_for_timeout(400)
    assert abs(page.evaluate("scrollY") - height) < 90


def test_nothing_moves_while_one_scrolls(open_page):
    for name in (ARTICLE, DEEP):
        page = open_page(name, 1440, 900)
        page.evaluate(
            """() => { window.moved = 0; new PerformanceObserver((list) => { for (const one of list.getEntries())
               window.moved += one.value }).observe({ type: "layout-shift", buffered: true }) }"""
        )
        for _ in range(30):
            page.mouse.wheel(0, 800)
            page.wait_for_timeout(30)
        assert page.evaluate("window.moved") < 0.02


@pytest.mark.parametrize("width", (320, 390, 768, 1440))
def test_what_waits_on_a_neurons_page_is_as_high_as_it_will_be_and_loads_nothing(open_page, width):
    page = open_page("early-vision-tiny/neurons/mixed3b/379.html", width, 700)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    page.reload()
    page.wait_for_timeout(300)
    heights = "[...document.querySelectorAll('.connections:not(.symmetries), .siblings .neurons')].map(one => one.offsetHeight)"
    siblings = page.locator(".siblings .neurons")
    before, early = page.evaluate(heights), list(loaded)
    siblings.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    background = "a => getComputedStyle(a, '::before').backgroundImage.split('\"')[1]"
    own = siblings.locator("a").first.evaluate(background)
    assert own not in early and own in loaded
    assert page.evaluate(heights) == before


def test_a_group_is_one_stop_and_arrows_lead_through_it(open_page):
    page = open_page(ARTICLE, 1440, 900)
    stops = """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")].filter(
        (one) => one.tabIndex >= 0 && one.checkVisibility()).length"""
    assert page.evaluate(stops) < 700
    first = page.locator(f"{TILE}:visible").first
    first.focus()
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.id"
    second = page.evaluate(focused)
    assert second == page.locator(f"{TILE}:visible").nth(1).get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) not in (second, first.get_attribute("id"))
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == second
    page.keyboard.press("Home")
    assert page.evaluate(focused) == first.get_attribute("id")
    assert page.evaluate("document.activeElement.closest('.neurons').querySelectorAll('[tabindex=\"0\"]').length") == 1


def test_arrow_keys_lead_from_neuron_to_neuron(open_page):
    page = open_page("early-vision-tiny/neurons/conv2d0/5.html", 1440, 900)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/conv2d0/6.html")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/conv2d0/5.html")


def test_the_card_of_a_picture_stands_beside_its_group_and_follows_the_pointer(open_page):
    page = open_page(ARTICLE, 1440, 900)
    group = page.locator(".card.of2-1").first
    group.scroll_into_view_if_needed()
    boxes = [group.locator(TILES).nth(at).bounding_box() for at in (0, 1)]
    for at, box in enumerate(boxes):
        page.mouse.move(box["x"] + 20, box["y"] + 20, steps=3)
        name = group.locator(TILES).nth(at).inner_text()
        page.locator(".hover-card .preview-title", has_text=name).wait_for()
    card, whole = page.locator(".hover-card").bounding_box(), group.bounding_box()
    assert card["x"] >= whole["x"] + whole["width"] or card["x"] + card["width"] <= whole["x"]
    assert page.locator(".preview-picture").bounding_box()["width"] == pytest.approx(200, abs=1)


def test_slash_leads_to_the_search_again_after_escape(open_page):
    page = open_page(ARTICLE, 1440, 900)
    for _ in range(2):
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.type") == "search"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement === document.body")
