"""Patches of an author's own pictures on pages: a neuron's own, and where the article shows them."""

from dataclasses import replace

import numpy as np
import pytest
from small_project import ARTICLE, NEURONS, write_small_project

from early_vision.features.examples import Credit, NeuronExamples, Patch
from early_vision.memory import Memory
from early_vision.site.build import make_site

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
        return NeuronExamples(patches(9.5, 2), patches(1, 3), draw.integers(0, 255, (5, 56, 56, 3), np.uint8))

    made = site(project, {layer: tuple(one() for _ in range(count)) for layer, count in NEURONS.items()})
    assert made.warnings == ()
    page, neuron = (made.files[f"small/{path}"].decode() for path in ("index.html", "neurons/second/1.html"))
    for html in (page, neuron):
        assert "Excite it most: 9.5, 8.5<" in html and "its range: 1.0, 0.0, −1.0<" in html
        assert "Pictures: Jane &lt;Roe&gt; (CC BY 4.0)." in html
    shown = [picture for picture in made.pictures["small"] if picture.path in neuron and (picture.height == 56)]
    assert sorted({(picture.width, picture.height) for picture in shown}) == [(112, 56), (168, 56)]


def test_without_any(project):
    made = site(project, {})
    assert "In pictures" not in made.files["small/neurons/second/1.html"].decode()
    assert "No pictures were looked at" in made.files["small/index.html"].decode()
