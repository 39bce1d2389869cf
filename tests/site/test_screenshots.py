"""The main views as readers see them, at three widths, in the light and in the dark: kept in screenshots/ to look at."""

import io
from pathlib import Path

import numpy as np
import pytest
from chromium import ARTICLE, BROWSER, CHROMIUM, COMPARISON, ROUTES
from PIL import Image

ROOT = Path(__file__).parents[2]
VIEWS = {
    "front": "index.html",
    "article": ARTICLE,
    "diagram": f"{ARTICLE}#fig-layers",
    "groups": f"{ARTICLE}#mixed3a",
    "circuit": f"{ARTICLE}#fig-complex-gabors",
    "neuron": "early-vision-tiny/neurons/mixed3b/379.html",
    "browser": f"{BROWSER}#q=vertical",
    "comparison": f"{COMPARISON}#neurons=conv2d0:0,mixed3a:79,mixed3b:379",
    "routes": ROUTES,
    "inceptionv1": "early-vision/index.html",
    "inceptionv1-groups": "early-vision/index.html#mixed3a",
}
WIDTHS = {390: 844, 1024: 768, 1600: 1000}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_filled_and_fits(open_page, whole_site, view, width, scheme):
    page = open_page(VIEWS[view], width, WIDTHS[width], site=whole_site, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    if (anchor := VIEWS[view].partition("#")[2]) and "=" not in anchor:
        assert page.locator(f"[id='{anchor}']").count() == 1
    shot = page.screenshot()
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    (folder / f"{view}-{width}-{scheme}.png").write_bytes(shot)
    lightness = np.asarray(Image.open(io.BytesIO(shot)).convert("L"), np.float32)
    assert (np.median(lightness) > 200) == (scheme == "light") and (np.median(lightness) < 60) == (scheme == "dark")
    assert lightness.std() > 8, "something is to be seen"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
