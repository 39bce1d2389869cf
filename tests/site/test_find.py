"""The search in the masthead: what it finds, how neurons may be written, and how fast it draws."""

import pytest
from chromium import ARTICLE, CHROMIUM, NEURON

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]
FIELD, FOUND = ".find input", ".find [role=option]"


def find(page, query: str) -> list[str]:
    """The kinds and names of what is found."""
    page.locator(FIELD).fill(query)
    page.wait_for_function("document.querySelector('.find [role=status]').textContent !== ''")
    return page.locator(FOUND).evaluate_all(
        "all => all.map(one => one.querySelector('i') "
        "? `${one.querySelector('i').textContent} ${one.querySelector('b').textContent}` : one.textContent)"
    )


def test_it_finds_from_every_page_whatever_has_a_name(open_page):
    for address, wanted in ((ARTICLE, "neurons/mixed3a/79.html"), (NEURON, "neurons/mixed3a/79.html")):
        page = open_page(address, 1200)
        page.keyboard.press("/")
        for written in ("mixed3a:79", "mixed3a/79", "mixed3a_79", "3a:79"):
            assert find(page, written) == ["neuron mixed3a:79"]
        assert "group Curves" in find(page, "curves") and "family Curves" in find(page, "curves")
        assert "measure sparseness" in find(page, "sparseness") and "layer conv2d2" in find(page, "conv2d2")
        assert find(page, "cruves")[0] == "Did you mean curves?"
        assert find(page, "mixed3a:999") == [] and "mixed3a:255" in page.locator(".find [role=status]").inner_text()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.matches('.find input')")
        find(page, "mixed3a_79")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{wanted}")
        assert not page.complaints


def test_words_of_descriptions_find_their_group(open_page, site):
    page = open_page("index.html", 390)
    page.locator(FIELD).focus()
    # From the description of a group of the embedded article.
    found = find(page, "diverge meet crosses")
    assert any(one.startswith("group") for one in found) or find(page, "crosses")
    box = page.locator(".find [role=listbox]").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_keystroke_is_drawn_within_50_ms(open_page):
    page = open_page(ARTICLE, 1200)
    page.locator(FIELD).focus()
    find(page, "warm")
    took = page.evaluate(
        """async () => {
          const field = document.querySelector('.find input'), took = [];
          // Through the whole of the page's own work and layout: what is left of a frame is the browser's.
          for (const query of ['vertical', 'curves that', 'mixed3b:37', 'black and', 'high-low']) {
            for (let end = 1; end <= query.length; end++) {
              const begun = performance.now();
              field.value = query.slice(0, end);
              field.dispatchEvent(new Event('input'));
              document.querySelector('.find [role=listbox]').getBoundingClientRect();
              took.push(performance.now() - begun);
            }
          }
          return took.sort((a, b) => a - b);
        }"""
    )
    assert took[int(0.95 * len(took))] < 50
