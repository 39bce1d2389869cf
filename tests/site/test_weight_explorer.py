"""The weight explorer: the weights between two neurons, large, by mouse, keyboard and touch; and the data that it reads."""

import json
import re
from string import ascii_lowercase, ascii_uppercase

import numpy as np
import pytest
from chromium import ARTICLE, CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

FOLDER = "early-vision-tiny/neurons"
NEURON = f"{FOLDER}/mixed3b/379.html"
ENTRY = "#inputs .connections > a"


def weights(site, layer, channel) -> dict:
    text = (site / FOLDER / layer / f"{channel}.js").read_text("utf-8")
    name, data = re.fullmatch(r'\(globalThis\.earlyVisionWeights \?\?= \{\}\)\["([^"]+)"\] = (.*);\n', text).groups()
    assert name == f"{layer}:{channel}"
    return json.loads(data)


@pytest.mark.parametrize("neuron", (("mixed3b", 379), ("conv2d1", 5), ("conv2d0", 3)))
def test_the_script_holds_what_the_json_does(site, neuron):
    layer, channel = neuron
    found, told = weights(site, layer, channel), json.loads((site / FOLDER / layer / f"{channel}.json").read_text())
    # The first layer reads the picture: its page shows those weights.
    assert set(found) == {name for name in ("inputs", "outputs") if name in told and told[name]["layer"] != "input"}
    for name, one in found.items():
        assert (one["layer"], one["channels"]) == (told[name]["layer"], told[name]["channel"])
        assert one["kinds"] == told[name]["kind"]
        for unpacked, kernel in zip(kernels(one), told[name]["kernel"], strict=True):
            assert np.abs(unpacked - np.array(kernel) * told["unit"]).max() < 0.51 * told["unit"] + one["scale"] / 4000
        assert max(np.abs(kernel).max() for kernel in kernels(one)) == pytest.approx(one["scale"])


def kernels(found: dict) -> list[np.ndarray]:
    """A digit for the side of each, then two for each weight."""
    digits = [(ascii_uppercase + ascii_lowercase + "0123456789+/").index(one) for one in found["kernels"]]
    all_of_them = []
    while digits:
        count = digits.pop(0) ** 2
        numbers = np.array(digits[: 2 * count]).reshape(count, 2) @ (64, 1)
        all_of_them.append((numbers - 2047) / 2047 * found["scale"])
        del digits[: 2 * count]
    return all_of_them


def channel_of(entry) -> str:
    return entry.get_attribute("href").rpartition("/")[2].removesuffix(".html")


def shown(page) -> str:
    return page.locator(".explorer .explorer-kernel > p").first.inner_text()


def numbers(square) -> list[float]:
    return [float(text.replace("−", "-")) for text in square.locator("span").all_inner_texts()]


def test_a_kernel_is_shown_large_with_its_numbers_and_by_its_signs(open_page, site):
    page = open_page(NEURON, 1440)
    entry = page.locator(ENTRY).first
    entry.hover()
    card = page.locator(".hover-card")
    card.locator(".numbered").wait_for()
    first = weights(site, "mixed3b", 379)["inputs"]
    kernel = kernels(first)[0]
    assert channel_of(entry) == str(first["channels"][0])
    assert np.abs(np.array(numbers(card.locator(".numbered"))) - kernel).max() <= 0.0051
    # Excitation and inhibition apart, each with its sum, as they stand under the kernel on the page.
    sums = [float(text.replace("−", "-")) for text in card.locator(".apart b").all_inner_texts()]
    assert sums == pytest.approx([kernel.clip(0).sum(), kernel.clip(max=0).sum()], abs=0.0051)
    assert page.complaints == []


def test_one_opens_an_input_in_place_and_goes_back(open_page):
    page = open_page(NEURON, 1440)
    entry = page.locator(ENTRY).first
    entry.scroll_into_view_if_needed()
    entry.locator("svg").click()
    page.locator(".explorer").wait_for()
    began, name = shown(page), f"mixed3a:{channel_of(entry)}"
    assert name in began and "mixed3b:379" in began
    inner = page.locator(".explorer .input").first
    inner.click()
    page.wait_for_function(
        "began => !document.querySelector('.explorer-kernel > p').textContent.includes(began)", arg="mixed3b:379"
    )
    assert name in shown(page) and "conv2d2:" in shown(page)
    page.get_by_role("button", name="Back").click()
    page.wait_for_function("began => document.querySelector('.explorer-kernel > p').textContent === began", arg=began)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("began => document.querySelector('.explorer-kernel > p').textContent !== began", arg=began)
    # Behind the dialog the arrow keys lead to other pages.
    assert page.url.endswith(NEURON) and page.locator(".explorer").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".explorer").is_visible()
    assert page.complaints == []


def test_by_keyboard_it_opens_from_the_card(open_page):
    page = open_page(NEURON, 1440)
    page.keyboard.press("Tab")
    page.locator(ENTRY).first.focus()
    page.locator(".hover-card .numbered").wait_for()
    explore = page.get_by_role("button", name="Explore these weights")
    for _ in range(4):
        page.keyboard.press("Tab")
        if explore.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.locator(".explorer").wait_for()
    assert page.locator(".explorer").evaluate("dialog => dialog.contains(document.activeElement)")
    page.locator(".explorer .input").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.explored > span').length === 3")
    assert page.locator(".explorer").evaluate("dialog => dialog.contains(document.activeElement)")
    page.keyboard.press("Backspace")
    page.wait_for_function("document.querySelectorAll('.explored > span').length === 2")
    assert page.complaints == []


def test_by_finger_and_in_circuit_figures(open_page):
    page = open_page(ARTICLE, 390, has_touch=True)
    link = page.locator(".circuit > svg.narrow a[data-on]").first
    target = link.get_attribute("data-on").split()[0]
    link.scroll_into_view_if_needed()
    link.tap()
    card = page.locator(".hover-card")
    card.locator(".numbered").first.wait_for()
    assert target in card.inner_text()
    page.get_by_role("button", name="Explore these weights").tap()
    page.locator(".explorer").wait_for()
    assert target in shown(page)
    assert page.locator(".explorer").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    assert page.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_axe_finds_nothing_in_it(open_page, scheme):
    from test_accessibility import violations

    page = open_page(NEURON, 1440, color_scheme=scheme)
    page.locator(ENTRY).first.scroll_into_view_if_needed()
    page.locator(f"{ENTRY} > svg").first.click()
    page.locator(".explorer").wait_for()
    assert violations(page) == []


def test_without_scripts_a_kernel_is_part_of_its_link(open_page):
    page = open_page(NEURON, 1440, java_script_enabled=False)
    entry = page.locator(ENTRY).first
    name = channel_of(entry)
    entry.locator("svg").click()
    page.wait_for_url(f"**/mixed3a/{name}.html")
