"""Patches of an author's own pictures on pages: a neuron's own, and where the article shows them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from chromium import CHROMIUM
from playwright.sync_api import expect
from small_project import ARTICLE, NEURONS, write_small_project

from early_vision.features.credits import Credit
from early_vision.features.examples import NeuronExamples, Patch
from early_vision.memory import Memory
from early_vision.site.build import make_site, write

FIGURE = "\n/// examples | second:1\nid: patches\n\nWhat it likes, [@fig:patches].\n///\n"


@pytest.fixture
def project(tmp_path):
    project = write_small_project(tmp_path / "project")
    (project.article / "article.md").write_text(ARTICLE + FIGURE)
    return project


def site(project, examples):
    loaders = replace(project.loaders, examples=lambda network: examples)
    return make_site([project.article], project.assets, project.templates, loaders, Memory())


def test_what_pages_show(project):
    draw = np.random.default_rng(0)

    def patches(first: float, count: int) -> tuple[Patch, ...]:
        credit = Credit("a.png", "Jane <Roe>", "CC BY 4.0")
        return tuple(Patch(credit, 3, 4, 7, first - index) for index in range(count))

    def one() -> NeuronExamples:
        return NeuronExamples(patches(9.5, 2), patches(0.96, 3), draw.integers(0, 255, (5, 56, 56, 3), np.uint8))

    made = site(project, {layer: tuple(one() for _ in range(count)) for layer, count in NEURONS.items()})
    assert made.warnings == ()
    page, neuron = (made.files[f"small/{path}"].decode() for path in ("index.html", "neurons/second/1.html"))
    names = [f"{layer}/{channel}" for layer, count in NEURONS.items() for channel in range(count)]
    neurons = [made.files[f"small/neurons/{name}.html"].decode() for name in names]
    for html in (page, neuron):
        assert "Excite it most: 9.5, 8.5<" in html and "its range: 1.0, 0.0, −1.0<" in html
        assert "Pictures: Jane &lt;Roe&gt; (CC BY 4.0)." in html
    script = made.files["small/data/neurons.js"].decode()
    told = json.loads(re.search(r'"examples": (.*?),?$', script, re.MULTILINE)[1])
    assert told["credits"] == ["Jane <Roe> (CC BY 4.0)"] and told["side"] == 56
    assert len(told["rows"]) == 10 and all(path in neurons[at] for at, (path, count, whose) in enumerate(told["rows"]))
    assert all((count, whose) == (2, [0]) for _, count, whose in told["rows"])
    shown = [picture for picture in made.pictures["small"] if picture.path in neuron and (picture.height == 56)]
    assert sorted({(picture.width, picture.height) for picture in shown}) == [(112, 56), (168, 56)]


def test_without_any(project):
    made = site(project, {})
    assert '"examples":' not in made.files["small/data/neurons.js"].decode()
    assert "In pictures" not in made.files["small/neurons/second/1.html"].decode()
    assert "No pictures were looked at" in made.files["small/index.html"].decode()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_cards_of_neurons_show_them(project, open_page, tmp_path):
    def one() -> NeuronExamples:
        patches = tuple(Patch(Credit(f"{at}.png"), 3, 4, 7, 1.0) for at in range(5))
        return NeuronExamples(patches, patches[:2], np.full((7, 56, 56, 3), 90, np.uint8))

    write(
        site(project, {layer: tuple(one() for _ in range(count)) for layer, count in NEURONS.items()}),
        tmp_path / "site",
        Memory(),
    )
    page = open_page("small/index.html", site=tmp_path / "site")
    page.locator('.prose a[href="neurons/first/2.html"]').first.hover()
    card = page.locator(".hover-card")
    expect(card).to_contain_text("Pictures: 0.png; 1.png; 2.png; and others, on its page.")
    assert card.locator(".preview-patches img").evaluate("one => [one.naturalWidth, one.naturalHeight]") == [280, 56]
    assert page.complaints == []
