"""Articles on paper: the print style, and the PDF that a headless Chromium makes."""

import re
import shutil

import pytest
from chromium import ARTICLE, CHROMIUM
from PIL import Image

from early_vision.errors import InputError
from early_vision.site.paper import article_pdf, find_browser, picture_on_paper, print_articles, without_times

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@needs_chromium
def test_paper_is_light_unfolded_and_without_controls(open_page):
    page = open_page(ARTICLE, color_scheme="dark")
    page.get_by_role("button", name="Dark colours").click()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for selector in (".masthead", ".contents", ".hover-card", ".unfold + label", ".thread-nav"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator(".layer-diagram .wide").is_visible() and not page.locator(".layer-diagram .narrow").is_visible()
    figures = page.locator("main figure").evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")
    assert figures and set(figures) == {"avoid"}
    link = page.locator(".prose a[href^='http'], .appendix a[href^='http']:not(.references a)").first
    assert link.evaluate("link => getComputedStyle(link, '::after').content").strip('" ()').startswith("http")


def test_times_and_identifiers_are_taken_out_of_a_pdf_without_moving_anything():
    pdf = b"<</CreationDate (D:20261125021802+00'00')\n/ModDate (D:20261125021802+00'00')>> /ID [<0A1b><2C3d>] /IDTree 8 0 R"
    clean = without_times(pdf)
    assert len(clean) == len(pdf) and b"2026" not in clean and b"[<0000><0000>]" in clean and b"/IDTree 8 0 R" in clean


def test_elements_of_a_pdf_are_named_alike_wherever_their_counter_began():
    first, second = (b"/ID (node%08d) /K (node%08d) [(node%08d)]" % (n, n + 7, n) for n in (98, 2283))
    assert without_times(first) == without_times(second) == b"/ID (node00000001) /K (node00000002) [(node00000001)]"


@pytest.mark.parametrize("lossless", (True, False))
def test_what_is_transparent_in_a_picture_is_paper(tmp_path, lossless):
    picture = Image.new("RGBA", (16, 16))
    picture.paste((200, 0, 0, 255), (0, 0, 8, 16))
    picture.save(tmp_path / "axis.webp", lossless=lossless)
    shown, exact = picture_on_paper(tmp_path / "axis.webp")
    assert shown.getpixel((12, 8)) == pytest.approx((255, 255, 255), abs=6)
    assert shown.getpixel((3, 8)) == pytest.approx((200, 0, 0), abs=6)
    assert exact == lossless


def test_without_a_browser_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="Chromium") as caught:
        find_browser()
    assert "apt install chromium" in caught.value.hint


def test_a_build_without_pdf_leaves_no_old_one(tmp_path):
    page = tmp_path / "an-article" / "index.html"
    page.parent.mkdir()
    old = page.with_name("an-article.pdf")
    old.write_bytes(b"old")
    print_articles([page], None, pytest.fail)
    assert not old.exists()


def test_a_browser_that_fails_is_named(site, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(InputError, match="exit status 3"):
        article_pdf(site / "early-vision-tiny", broken)


@pytest.mark.slow
@needs_chromium
def test_the_pdf_is_whole_small_the_same_every_time_and_names_no_place_on_this_machine(site):
    folder = site / "early-vision-tiny"
    pdf = article_pdf(folder, find_browser(), "https://example.org/")
    assert pdf.startswith(b"%PDF-") and len(pdf) < 12_000_000
    assert 30 < len(re.findall(rb"/Type /Page\b", pdf)) < 90
    assert len(re.findall(rb"/DCTDecode", pdf)) > 900
    assert b"file:" not in pdf and b"https://example.org/early-vision-tiny/neurons/mixed3b/479.html" in pdf
    assert pdf == article_pdf(folder, find_browser(), "https://example.org/")
