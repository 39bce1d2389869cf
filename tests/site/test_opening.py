"""The picture that pages open with: what it shows at each width, what it loads, and how it is used without a mouse."""

import pytest
from chromium import ARTICLE, CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]
TILES = ".opening .some a"


@pytest.mark.parametrize("address", ("index.html", ARTICLE))
@pytest.mark.parametrize(
    "width, shown, least", [(390, 20, 76), (768, 30, 74), (1440, (30, 45), 90), (1920, (45, 60), 90)]
)
def test_tiles_are_large_enough_to_see_at_every_width(open_page, address, width, shown, least):
    page = open_page(address, width)
    sizes = page.locator(TILES).evaluate_all("all => all.filter(a => a.offsetParent).map(a => a.offsetWidth)")
    wanted = shown if isinstance(shown, int) else shown[address == "index.html"]
    assert len(sizes) == wanted and min(sizes) >= least
    opening = page.locator(".opening").bounding_box()
    assert opening["y"] + opening["height"] <= 800 and opening["x"] + opening["width"] == width


@pytest.mark.parametrize("width", (390, 768, 1440, 1920))
def test_tiles_read_first_have_their_place_before_the_others_come(open_page, width):
    page = open_page("index.html", width)
    first = "(({ x, y, width, height }) => [x, y, width, height])(document.querySelector('.opening .some a').getBoundingClientRect())"
    whole = page.evaluate(first)
    page.evaluate("[...document.querySelectorAll('.opening section ~ section, .some a ~ a')].map(one => one.remove())")
    assert page.evaluate(first) == pytest.approx(whole, abs=0.1)


def test_a_tap_names_a_neuron_and_another_goes_there(browser, site):
    page = browser.new_page(viewport={"width": 390, "height": 800}, has_touch=True)
    page.goto((site / ARTICLE).as_uri())
    tile = page.locator(TILES).nth(2)
    tile.tap()
    assert page.url.endswith(ARTICLE)
    name = tile.evaluate("a => getComputedStyle(a, '::after').content.slice(1, -1)")
    assert name == tile.get_attribute("data-name") and ":" in name
    tile.tap()
    page.wait_for_url("**/neurons/**")
    page.close()


def test_it_is_one_stop_of_the_tab_key_in_which_arrows_move(open_page):
    page = open_page(ARTICLE, 1440)
    assert page.locator(f"{TILES}[tabindex='0']").count() == 1
    page.locator(TILES).first.focus()
    at = [page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")]
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        at.append(page.evaluate("document.activeElement.getBoundingClientRect().toJSON()"))
    assert at[1]["x"] > at[0]["x"] and at[2]["y"] > at[1]["y"] and (at[4]["x"], at[4]["y"]) == (at[0]["x"], at[0]["y"])
