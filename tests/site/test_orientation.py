"""Where the reader is and in which colours: the masthead, the contents, the strip of layers, the switch."""

import pytest
from chromium import ARTICLE, CHROMIUM, NEURON, PAGES

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
WIDE = 1600


def go_to(page, anchor: str) -> None:
    page.evaluate("anchor => document.getElementById(anchor).scrollIntoView()", anchor)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def current(page, of: str) -> list[str]:
    return page.locator(f"{of} [aria-current]").evaluate_all("links => links.map(link => link.getAttribute('href'))")


def is_dark(page) -> bool:
    return page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def test_contents_and_strip_say_where_the_reader_is(open_page):
    page = open_page(ARTICLE, WIDE)
    assert current(page, ".strip") == [] and not page.locator(".strip .passed").count()
    go_to(page, "mixed3a")
    assert current(page, ".strip") == ["#mixed3a"]
    assert current(page, ".contents") == ["#mixed3a"]
    assert page.locator(".strip .passed").count() == 3
    go_to(page, "conv2d1_discussion_complex_gabor")
    assert current(page, ".contents") == ["#conv2d1_discussion_complex_gabor"]
    page.evaluate("location.hash = 'group_conv2d2_line'")
    go_to(page, "group_conv2d2_line")
    assert current(page, ".contents") == ["#group_conv2d2_line"]
    assert page.locator(".current > ol a[href^='#group_']").count() == page.locator("[id^=group_conv2d2]").count()
    go_to(page, "limits")
    assert current(page, ".strip") == [] and page.locator(".strip .passed").count() == 5
    assert page.complaints == []


def test_every_layer_is_in_sight_in_the_strip_of_a_phone(open_page):
    page = open_page(f"{ARTICLE}#mixed3b", 390)
    page.locator(".strip [aria-current]").wait_for()
    strip, here = (page.locator(one).bounding_box() for one in (".strip", ".here"))
    layers = [one.bounding_box() for one in page.locator(".strip a").all()]
    assert len(layers) == 5 and all(one["width"] >= 24 for one in layers)
    assert layers[-1]["x"] + layers[-1]["width"] <= strip["x"] + strip["width"] + 0.5 <= here["x"] + 1


def test_where_the_strip_has_no_room_the_contents_name_the_layer(open_page):
    page = open_page(f"{ARTICLE}#mixed3b", 320)
    page.locator(".here", has_text="mixed3b").wait_for()
    assert not page.locator(".strip").is_visible()
    here = page.locator(".here")
    assert here.evaluate("one => one.scrollWidth <= one.clientWidth"), "in full"


def test_contents_stay_in_sight_beside_the_text_on_wide_screens(open_page):
    page = open_page(f"{ARTICLE}#group_mixed3b_other_units", WIDE)
    link = page.locator(".contents [aria-current]").bounding_box()
    assert 0 < link["y"] < 800
    text = page.locator(".prose").first.bounding_box()
    assert link["x"] + link["width"] < text["x"]


def test_contents_open_from_the_masthead_on_narrow_screens(open_page):
    page = open_page(f"{ARTICLE}#mixed3a", 390)
    here, sheet = page.locator(".here"), page.locator(".contents .sheet")
    assert here.inner_text() == "mixed3a"
    top = page.evaluate("scrollY")
    here.click()
    assert sheet.bounding_box()["y"] < 60 and here.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert here.get_attribute("aria-expanded") == "false"
    assert page.evaluate("document.activeElement.className") == "here"
    assert page.evaluate("scrollY") == top
    page.keyboard.press("Space")
    sheet.locator("a", has_text="Limits").click()
    assert here.get_attribute("aria-expanded") == "false"
    page.wait_for_function("document.querySelector('.here').textContent === 'Limits'")
    assert page.complaints == []


def test_steps_lead_to_the_sections_before_and_after(open_page):
    page = open_page(f"{ARTICLE}#conv2d1")
    page.get_by_role("button", name="Next section").click()
    page.wait_for_function("document.querySelector('.here').textContent === 'conv2d2'")
    page.get_by_role("button", name="Previous section").click()
    page.wait_for_function("document.querySelector('.here').textContent === 'conv2d1'")
    go_to(page, "limits")
    assert page.get_by_role("button", name="Next section").is_disabled()


def test_progress_is_as_far_as_the_reader(open_page):
    page = open_page(ARTICLE)
    page.evaluate("scrollTo(0, (document.documentElement.scrollHeight - innerHeight) / 2)")
    # What comes near is laid out, and the page is then longer or shorter than it was thought to be.
    page.wait_for_timeout(300)
    page.evaluate("scrollBy(0, 1)")
    page.wait_for_timeout(100)
    share = page.evaluate("scrollY / (document.documentElement.scrollHeight - innerHeight)")
    assert 0.4 < share < 0.6
    assert page.locator(".progress").bounding_box()["width"] == pytest.approx(1024 * share, abs=12)


def test_a_neuron_page_marks_its_layer_and_leads_back(open_page):
    page = open_page(NEURON)
    assert current(page, ".strip") == ["../../index.html#conv2d0"]
    page.locator(".strip a").last.click()
    page.wait_for_function("document.querySelector('.here')?.textContent === 'mixed3b'")


@pytest.mark.parametrize("width", (390, WIDE))
def test_without_scripts_contents_are_a_list_and_nothing_is_dead(open_page, width):
    page = open_page(ARTICLE, width, java_script_enabled=False)
    assert page.locator(".contents .sections > li > a").first.is_visible()
    assert not page.locator(".theme").is_visible() and not page.locator(".step").first.is_visible()
    page.locator(".strip a").last.click()
    assert page.url.endswith("#mixed3b")


@pytest.mark.parametrize("system", ("light", "dark"))
def test_the_switch_is_remembered_on_every_page(open_page, system):
    page = open_page(PAGES[0], color_scheme=system)
    switch = page.get_by_role("button", name="Dark colours")
    assert is_dark(page) == (system == "dark")
    switch.click()
    assert is_dark(page) == (system == "light")
    assert switch.get_attribute("aria-pressed") == str(system == "light").lower()
    for name in PAGES[1:]:
        page.goto(page.url.split("/site/")[0] + "/site/" + name)
        assert is_dark(page) == (system == "light")
    # Back to what the system prefers, and from then on with the system.
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate("localStorage.length") == 0
    page.emulate_media(color_scheme="dark" if system == "light" else "light")
    assert is_dark(page) == (system == "light")
    assert page.complaints == []


def test_a_page_is_painted_in_the_chosen_colours_from_the_first(open_page):
    page = open_page(ARTICLE)
    page.get_by_role("button", name="Dark colours").click()
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => (window.atFirst = document.documentElement.dataset.theme));
        new PerformanceObserver(list => (window.painted = document.documentElement.dataset.theme))
            .observe({ type: "paint", buffered: true });"""
    )
    page.reload()
    page.wait_for_function("window.painted")
    assert page.evaluate("[atFirst, painted]") == ["dark", "dark"]


def test_the_switch_works_where_storage_is_closed(open_page):
    page = open_page("index.html")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('closed'); } })")
    page.reload()
    page.get_by_role("button", name="Dark colours").click()
    assert is_dark(page)
    assert page.complaints == []
