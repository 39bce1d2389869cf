"""Circuit figures as HTML: well-formed, no id twice, every reference resolved, readable on a phone and by a screen
reader."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from chromium import CHROMIUM
from markupsafe import Markup

from early_vision.circuits.circuit import Circuit, part_of
from early_vision.circuits.selection import parse_rule
from early_vision.drawing.layouts import LAYOUTS
from early_vision.features.result import FeatureVisualization
from early_vision.site.rendering import Templates
from early_vision.site.views.circuits import view_circuit
from early_vision.site.views.figures import Caption

SVG = "{http://www.w3.org/2000/svg}"
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'
    '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="style.css"></head>'
    '<body class="article"><main>{}</main></body></html>'
)


@pytest.fixture(scope="module")
def features(tiny):
    """Grey pictures: only their places matter here."""
    picture = np.full((9, 9, 3), 128, np.uint8)
    layers = tiny.architecture.layers
    return {
        name: [FeatureVisualization(name, i, picture, 1.0, 1.0) for i in range(layer.neurons)]
        for name, layer in layers.items()
    }


@pytest.fixture(scope="module")
def views(connected, features):
    """A figure of every layout."""
    made = []

    def part(channel, heading):
        return part_of(
            connected("mixed3a", "mixed3b"), channel, parse_rule("the 5 strongest", "mixed3a"), "norm", heading
        )

    for index, (layout, takes) in enumerate(LAYOUTS.items()):
        parts = [
            part(403 if takes.one_target else 400 + i, f"Part {i}")
            for i in range(takes.least + (takes.most > takes.least))
        ]
        if layout == "two-step":
            rule = parse_rule("the 4 strongest", "conv2d2")
            behind = [part_of(connected("conv2d2", "mixed3a"), one.neuron.channel, rule) for one in parts[0].inputs]
            parts = [replace(parts[0], behind=tuple(behind))]
        circuit = Circuit(layout, f"Figure <{layout}>", tuple(parts), "A note: it excites & inhibits.")
        made.append(view_circuit(circuit, f"circuit-{index}", features, address, str))
    return made


def address(neuron):
    return f"neurons/{neuron.layer}/{neuron.channel}.html"


@pytest.fixture(scope="module")
def html(root, views):
    engine = Templates(root / "templates")
    return [
        engine.render("circuits/figure.html", figure=view, caption=Caption(view.name, 1, Markup("Words")))
        for view in views
    ]


def test_well_formed_with_title_and_description(html, views):
    for text, view in zip(html, views, strict=False):
        figure = ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))
        drawings = [svg for svg in figure.iter(f"{SVG}svg") if svg.get("class") in ("wide", "narrow")]
        assert [svg.get("class") for svg in drawings] == ["wide", "narrow"]
        for svg in drawings:
            assert svg[0].tag == f"{SVG}title" and svg[0].text == view.figure.circuit.title
            assert svg[1].tag == f"{SVG}desc" and "mixed3b:40" in svg[1].text
            links = {link.get("href") for link in svg.iter(f"{SVG}a")}
            assert address(view.figure.circuit.parts[0].target) in links


def test_no_id_twice_and_every_reference_leads_somewhere(html):
    whole = "".join(html)
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", whole)) <= set(ids)


def test_no_inline_styles_or_scripts(html):
    assert all("style=" not in text and "<script" not in text and " on" not in text.split("<desc>")[0] for text in html)


def test_one_picture_holds_all_tiles_in_their_places(connected):
    """Neurons as plain colours: what is drawn at a tile is its own neuron's."""
    layers = {"mixed3a": 256, "mixed3b": 480}
    features = {
        name: [FeatureVisualization(name, i, np.full((9, 9, 3), i % 251, np.uint8), 1.0, 1.0) for i in range(count)]
        for name, count in layers.items()
    }
    part = part_of(connected("mixed3a", "mixed3b"), 400, parse_rule("the 8 strongest", "mixed3a"))
    view = view_circuit(Circuit("around", "t", (part,)), "circuit-1", features, address, str)
    for shape, drawing in view.figure.drawings.items():
        pixels = np.asarray(view.pictures[shape].draw())
        assert pixels.shape == (2 * drawing.height, 2 * drawing.width, 4)
        assert len(drawing.tiles) == 9
        for tile in drawing.tiles:
            x, y = (round(2 * at) for at in tile.middle)
            assert pixels[y, x].tolist() == [tile.neuron.channel % 251] * 3 + [255]
        assert not pixels[-2:, :, 3].any(), "nothing between the tiles"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_in_a_browser(html, views, root, tmp_path, browser):
    """At 390 and 1600 px, light and dark: one drawing is shown, its text is readable, nothing is blocked or
    overflows."""
    sheets = sorted((root / "assets" / "css").glob("*.css"))
    (tmp_path / "style.css").write_text("\n".join(path.read_text() for path in sheets))
    (tmp_path / "index.html").write_text(PAGE.format("".join(html)))
    pictures = [picture for view in views for picture in view.pictures.values()]
    for path, data in {picture.path: picture.encode() for picture in pictures}.items():
        target = Path(tmp_path / path)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
    for width, scheme in ((390, "dark"), (1600, "light")):
        page, complaints = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), []
        page.on("console", lambda message, into=complaints: into.append(message.text))
        page.on("requestfailed", lambda request, into=complaints: into.append(request.url))
        page.goto((tmp_path / "index.html").as_uri())
        measured = page.evaluate(
            """() => {
              const shown = [...document.querySelectorAll('.circuit > svg')].filter(s =>
              s.getBoundingClientRect().width > 0); const sizes = shown.flatMap(svg =>
              [...svg.querySelectorAll('text')].map( text => parseFloat(getComputedStyle(text).fontSize) *
              svg.getScreenCTM().a)); const line = document.querySelector('.line.exciting'), kernel =
              document.querySelector('.kernel-exciting'); return {shown: shown.length, smallest: Math.min(...sizes),
                overflow: document.documentElement.scrollWidth - innerWidth,
                colours: [getComputedStyle(line).stroke, getComputedStyle(kernel).fill]};
            }"""
        )
        assert complaints == []
        assert measured["shown"] == len(views) and measured["overflow"] <= 0
        assert measured["smallest"] >= 10.5
        assert measured["colours"] == [{"light": "rgb(202, 0, 32)", "dark": "rgb(255, 116, 135)"}[scheme]] * 2
        page.close()
