"""How does A reach B, for any two neurons: the page finds the same paths as the program, up to four layers apart."""

from pathlib import Path

import pytest
from chromium import CHROMIUM, ROUTES

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.network_circuits import load_circuits
from early_vision.circuits.routes import find_route
from early_vision.network.known import find_network

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]
ASSETS = Path(__file__).parents[2] / "assets"


def test_the_page_finds_what_the_program_finds(open_page):
    wiring = load_circuits(find_network("inceptionv1-tiny", ASSETS), ASSETS).wiring
    page = open_page(f"{ROUTES}#from=conv2d0:3&to=mixed3b_79")
    for start, end in (("conv2d0:3", "mixed3b:79"), ("conv2d2:5", "mixed3b:200"), ("mixed3a:1", "mixed3b:0")):
        page.locator("#route [name=from]").fill(start)
        page.locator("#route [name=to]").fill(end)
        page.locator("#route button").click()
        page.locator("#paths h2", has_text=f"From {start} to {end}").wait_for()
        expected = find_route(wiring, *(Neuron(*one.split(":")[:1], int(one.split(":")[1])) for one in (start, end)), 6)
        shown = page.locator("#paths li").evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('a')].map(a => a.textContent))"
        )
        assert shown == [[str(neuron) for neuron in path.neurons] for path in expected.paths]
        assert page.url.endswith(f"#from={start}&to={end}")
    page.locator("#route [name=from]").fill("mixed3b:1")
    page.locator("#route button").click()
    page.locator("#paths", has_text="No path leads there").wait_for()
    assert not page.complaints
