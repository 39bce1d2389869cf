"""The built pages in Chromium."""

import functools
import http.server
import re
import threading

import pytest
from chromium import ARTICLE, CHROMIUM, LIVE, PAGES

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

UNFOLD = ".card:has(.neurons > :nth-child(40)) .unfold"


def test_every_picture_decodes(open_page):
    page = open_page(ARTICLE)
    page.evaluate("document.querySelectorAll('.unfold').forEach(box => box.checked = true)")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    broken = page.evaluate(
        """async () => {
            const broken = [];
            for (const image of document.querySelectorAll("img")) {
                await image.decode().catch(() => broken.push(image.src));
                if (!image.naturalWidth) broken.push(image.src);
            }
            return broken;
        }"""
    )
    assert broken == []
    assert page.locator(".neurons > a > img[alt]").count() == 1056
    assert page.complaints == []


def test_each_tile_shows_its_own_part_of_the_sprite(open_page):
    page = open_page(ARTICLE)
    image = page.locator("[id='mixed3b:300'] img")
    # Neuron 300 is the 44th of its sprite: the third row's thirteenth.
    assert image.evaluate("image => getComputedStyle(image).objectPosition") == "-912px -152px"
    sizes = image.evaluate(
        "image => (image.loading = 'eager', image.decode().then(() => [image.naturalWidth, image.naturalHeight]))"
    )
    # Drawn at 76 px, so 16 by 8 tiles of at least as many pixels.
    assert sizes[0] == 2 * sizes[1] >= 16 * 76


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", (320, 390, 1024, 1600))
def test_no_page_scrolls_sideways(open_page, name, width):
    page = open_page(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def shown_in(place) -> int:
    """How many neurons are rendered in a part of the page."""
    return place.evaluate(
        "place => [...place.querySelectorAll('.neurons > a')].filter(a => a.getClientRects().length).length"
    )


@pytest.mark.parametrize("scripts", (True, False))
def test_a_large_group_folds_with_and_without_scripts(open_page, scripts):
    page = open_page(ARTICLE, java_script_enabled=scripts)
    card = page.locator(".card", has=page.locator(":scope > .neurons > :nth-child(40)")).last
    neurons = card.locator(".neurons > a").count()
    card.scroll_into_view_if_needed()
    fold = card.locator("label[for^='all-']")
    assert fold.text_content().strip().endswith(f"Show all {neurons} neurons")
    typical = card.locator(".typical > a:visible")
    assert (shown_in(card), typical.count()) == (0, 12)
    fold.click()
    assert shown_in(card) == neurons
    fold.click()
    assert (shown_in(card), typical.count()) == (0, 12)
    assert page.complaints == []


def test_a_group_unfolds_by_keyboard(open_page):
    page = open_page(ARTICLE)
    page.locator(UNFOLD).first.focus()
    page.keyboard.press("Space")
    assert page.locator(UNFOLD).first.is_checked()


@pytest.mark.parametrize("anchor", ("mixed3b:479", "group_mixed3b_"))
def test_a_link_to_a_neuron_or_a_group_unfolds_it(open_page, site, anchor):
    if anchor.endswith("_"):
        anchor = re.search(rf'id="({anchor}[^"]*)"', (site / ARTICLE).read_text("utf-8"))[1]
    page = open_page(f"{ARTICLE}#{anchor}")
    target = page.locator(f"[id='{anchor}']")
    assert target.is_visible()
    top = target.evaluate("element => element.getBoundingClientRect().top")
    assert -5 <= top < 800
    card = page.locator(".card", has=target) if ":" in anchor else target
    assert shown_in(card) == card.locator(".neurons > a").count()


def test_paper_shows_every_neuron(open_page):
    page = open_page(ARTICLE)
    page.emulate_media(media="print")
    assert shown_in(page.locator("main")) == 1056


def test_dark_pages_are_dark(open_page):
    for name in PAGES:
        page = open_page(name, color_scheme="dark")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, colour.removeprefix("rgb(").rstrip(")").split(","))) < 40


def test_a_strict_content_security_policy_under_a_sub_path(browser, site):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/a/b"))

        def end_headers(self):
            self.send_header("Content-Security-Policy", "default-src 'self'")
            super().end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page, complaints = browser.new_page(), []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("response", lambda response: complaints.append(response.url) if response.status >= 400 else None)
        for name in PAGES:
            page.goto(f"http://127.0.0.1:{server.server_port}/a/b/{name}", wait_until="networkidle")
            if name == LIVE:
                # It makes its worker under its own policy where it may, and from a file where this one is stricter.
                assert len(complaints) == 1 and "blob:" in complaints.pop()
            assert complaints == []
        page.close()
    finally:
        server.shutdown()
