"""The card that shows what a link leads to: by mouse, by keyboard, by touch, and what it says."""

import pytest
from chromium import ARTICLE, CHROMIUM, NEURON

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

CITATION, FOOTNOTE, MENTION = ".prose a.citation", ".prose a.footnote-ref", ".prose a.neuron"
GROUP = ".prose a[href^='#group_']"
FIGURE = ".prose a.crossref:not([href^='#group_'])"
TILE = ".card .neurons > a"


def hover(page, selector):
    """Moves the mouse onto a link, in steps as a hand does."""
    link = page.locator(selector).first
    link.scroll_into_view_if_needed()
    x, y = middle(link)
    page.mouse.move(x - 30, y - 3)
    page.mouse.move(x, y, steps=4)
    return link


def middle(link) -> tuple[float, float]:
    box = link.evaluate(
        "link => { const box = link.getClientRects()[0]; return [box.x, box.y, box.width, box.height] }"
    )
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def card_of(page):
    card = page.locator(".hover-card")
    card.wait_for()
    return card


def gone(page):
    page.locator(".hover-card").wait_for(state="hidden")


@pytest.mark.parametrize(
    "selector, says",
    [
        (CITATION, "Going deeper with convolutions"),
        (FOOTNOTE, "maximum"),
        (GROUP, "neurons"),
        (FIGURE, "Figure"),
        (MENTION, "Open its page"),
        (TILE, "Group"),
    ],
)
@pytest.mark.parametrize("width", (320, 1024))
def test_hover_shows_what_a_link_leads_to_within_the_screen(open_page, selector, says, width):
    page = open_page(ARTICLE, width)
    link = hover(page, selector)
    card = card_of(page)
    assert says in card.inner_text()
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert box["y"] >= 48 and box["y"] + box["height"] <= 800
    # Not over the link itself.
    x, y = middle(link)
    assert not (box["y"] <= y <= box["y"] + box["height"] and box["x"] <= x <= box["x"] + box["width"])
    assert link.get_attribute("aria-describedby") == "hover-card-text"
    assert page.locator("[id]").evaluate_all("all => all.length - new Set(all.map(one => one.id)).size") == 0
    assert page.complaints == []


def test_a_neuron_s_card_shows_its_picture_group_and_facts(open_page):
    page = open_page(ARTICLE)
    link = hover(page, MENTION)
    card = card_of(page)
    picture = card.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    name = link.inner_text()
    assert name in card.inner_text() and card.get_attribute("aria-label") == f"Neuron {name}"
    assert card.locator(".more").get_attribute("href").endswith(link.get_attribute("href"))
    tile = page.locator(f"[id='{name}'] img")
    position = "image => [getComputedStyle(image).objectPosition, image.src]"
    shown, source = picture.evaluate(position)
    on_wall, sprite = tile.evaluate(position)
    assert source == sprite
    assert [float(one[:-2]) for one in shown.split()] == [2 * float(one[:-2]) for one in on_wall.split()]


def test_the_pointer_can_go_into_the_card_across_other_links_and_the_card_stays_where_it_is(open_page):
    page = open_page(ARTICLE, 1024)
    link = hover(page, MENTION)
    card = card_of(page)
    before = card.bounding_box()
    label = card.get_attribute("aria-label")
    x, y = middle(link)
    # Slowly, and not straight: on the way lie other links.
    for step in range(1, 13):
        page.mouse.move(x - 8 * step, y + (before["y"] + 40 - y) * step / 12)
        page.wait_for_timeout(60)
    page.wait_for_timeout(900)
    assert card.is_visible() and card.get_attribute("aria-label") == label
    assert card.bounding_box() == before
    page.mouse.move(before["x"] + 400, before["y"] + before["height"] + 60, steps=5)
    page.wait_for_function(
        "label => document.querySelector('.hover-card').ariaLabel !== label || "
        "!document.querySelector('.hover-card').checkVisibility()",
        arg=label,
    )


def test_passing_over_links_opens_nothing(open_page):
    page = open_page(ARTICLE)
    link = hover(page, MENTION)
    x, y = middle(link)
    page.mouse.move(x, y - 200, steps=3)
    page.wait_for_timeout(600)
    assert page.locator(MENTION).first.get_attribute("aria-describedby") is None


def test_by_keyboard_the_card_opens_is_read_entered_left_and_closed(open_page):
    page = open_page(ARTICLE)
    page.keyboard.press("Tab")
    link = page.locator(MENTION).first
    link.focus()
    card = card_of(page)
    assert link.get_attribute("aria-describedby") == "hover-card-text"
    page.keyboard.press("Tab")
    assert card.evaluate("card => card.contains(document.activeElement)")
    page.keyboard.press("Shift+Tab")
    assert link.evaluate("link => link === document.activeElement") and card.is_visible()
    page.keyboard.press("Escape")
    gone(page)
    assert link.evaluate("link => link === document.activeElement")
    assert link.get_attribute("aria-describedby") is None
    # Closed, it is no stop any more.
    page.keyboard.press("Tab")
    following = page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("Shift+Tab")
    card_of(page)
    for _ in range(card.locator("a[href]:visible").count() + 1):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.outerHTML").split(" aria-describedby")[0] in following
    assert page.complaints == []


def test_by_touch_a_first_tap_shows_and_a_second_follows(open_page):
    page = open_page(ARTICLE, 390, has_touch=True, is_mobile=True)
    link = page.locator(MENTION).first
    link.scroll_into_view_if_needed()
    before = page.url
    page.touchscreen.tap(*middle(link))
    card = card_of(page)
    assert page.url == before
    assert card.evaluate("card => card === document.activeElement")
    # Elsewhere closes it, and does no more.
    box = card.bounding_box()
    page.touchscreen.tap(380, box["y"] + box["height"] + 40 if box["y"] < 400 else box["y"] - 60)
    gone(page)
    page.touchscreen.tap(*middle(link))
    card_of(page)
    page.touchscreen.tap(*middle(link))
    page.wait_for_url("**/neurons/**")


def test_by_touch_the_card_leads_on(open_page):
    page = open_page(ARTICLE, 390, has_touch=True, is_mobile=True)
    tile = page.locator(TILE).first
    tile.scroll_into_view_if_needed()
    page.touchscreen.tap(*middle(tile))
    card_of(page)
    page.touchscreen.tap(*middle(page.locator(".hover-card .more")))
    page.wait_for_url("**/neurons/**")


def test_a_link_to_a_group_in_a_card_closes_it_and_unfolds_the_group(open_page):
    page = open_page(ARTICLE)
    hover(page, GROUP)
    card = card_of(page)
    card.locator(".more").click()
    gone(page)
    assert page.locator(":target").evaluate("target => target.className").startswith("card")


def test_a_neuron_s_page_has_cards_for_its_connections(open_page):
    page = open_page(NEURON.replace("conv2d0/0", "conv2d2/101"))
    hover(page, ".connections > a")
    assert "Group" in card_of(page).inner_text()
    assert page.complaints == []


def test_without_scripts_links_lead_to_the_lists_and_back(open_page):
    page = open_page(ARTICLE, java_script_enabled=False)
    assert not page.locator(".hover-card").is_visible()
    for selector, back in ((CITATION, "[role='doc-backlink']"), (FOOTNOTE, ".footnote-backref")):
        link = page.locator(selector).first
        place = link.evaluate("link => link.id || link.parentElement.id")
        link.click()
        page.locator(f":target {back}").first.click()
        assert page.url.endswith(f"#{place}")
