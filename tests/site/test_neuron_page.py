"""A neuron's page: where the article speaks of the neuron, how everything was made, and the neuron as data."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stand_in import build_stand_in

from early_vision.circuits.connections import connect
from early_vision.circuits.network_circuits import load_circuits
from early_vision.drawing.kernel_sheet import EXCITING, INHIBITING, SIDE
from early_vision.features import load_features
from early_vision.network.known import find_network
from early_vision.site.views.provenance import in_words, provenance
from early_vision.tuning import load_tuning

ROOT = Path(__file__).parents[2]
ARTICLE = "early-vision-tiny"


@pytest.fixture(scope="module")
def network():
    return find_network("inceptionv1-tiny", ROOT / "assets")


def places(page: str) -> list[tuple[str, str]]:
    """(what, where) of each entry under "In the article", in order."""
    listed = re.search(r'<section class="places">(.*?)</section>', page, re.DOTALL)[1]
    return [
        (re.sub(r"<[^>]+>", "", entry), re.search(r'href="\.\./\.\./index\.html#([^"]*)"', entry)[1])
        for entry in re.findall(r"<li>(.*?)</li>", listed)
    ]


@pytest.mark.slow
def test_every_place_that_names_a_neuron_is_listed(content, memory, tmp_path):
    folder = tmp_path / "content" / ARTICLE
    shutil.copytree(content / ARTICLE, folder)
    head, body = (folder / "article.md").read_text("utf-8").split("\n---\n", 1)
    head = re.sub(r"abstract: >\n", "abstract: >\n  See mixed3b:5. ", head, count=1)
    body = body.replace("caption: >\n", "caption: >\n  Not mixed3b:5. ", 1)
    opening, closing = "# Opening {#opening}\n\nOf mixed3b:5, *mixed3b:5*.[^n]\n\n", "\n# Of mixed3b:5 {#closing}\n\n"
    (folder / "article.md").write_text(f"{head}\n---\n{opening}{body}{closing}[^n]: Again mixed3b:5.\n")
    groups = folder / "groups" / "conv2d0.yaml"
    groups.write_text(groups.read_text("utf-8").replace("description: >\n", "description: >\n    Like mixed3b:5.\n", 1))
    build_stand_in([folder], tmp_path / "site", memory=memory)

    page = (tmp_path / "site" / ARTICLE / "neurons" / "mixed3b" / "5.html").read_text("utf-8")
    listed = places(page)
    assert listed[0][0].startswith("Group ") and listed[0][1] == "mixed3b:5"
    kinds = [what.split()[0] for what, _ in listed[1:]]
    anchors = [anchor for _, anchor in listed[1:]]
    assert anchors[:2] == ["abstract", "opening"] and anchors[-2] == "closing"
    assert len(set(anchors)) == len(anchors)
    assert kinds[:2] == ["Section", "Section"] and kinds[-2:] == ["Section", "Footnote"]
    assert any(
        kind == "Description" and anchor.startswith("group_conv2d0_")
        for kind, anchor in zip(kinds, anchors, strict=False)
    )
    assert "Figure" in kinds


def test_a_circuit_is_a_place_for_each_neuron_in_it(site):
    article = (site / ARTICLE / "index.html").read_text("utf-8")
    figures = re.findall(r'<figure class="circuit[^"]*" id="([^"]*)">(.*?)</figure>', article, re.DOTALL)
    assert len(figures) >= 7
    for anchor, figure in figures:
        for address in set(re.findall(r'href="(neurons/[^"]*)"', figure)):
            page = (site / ARTICLE / address).read_text("utf-8")
            assert anchor in [where for what, where in places(page) if what.startswith("Figure ")]


@pytest.mark.slow
def test_provenance_names_weights_seed_recipe_and_artifacts(network):
    assets = ROOT / "assets"
    made = load_features(network, assets)["mixed3a"][0].made
    tuning, circuits = load_tuning(network, assets)["mixed3a"], load_circuits(network, assets)
    found = provenance(made, tuning, circuits)
    assert found["weights"] == network.sha256
    folders = assets / "precomputed" / network.name
    assert (folders / "features" / f"{found['pictures']['artifact']}.json").is_file()
    assert (folders / "tuning" / f"{found['tuning']['artifact']}.npz").is_file()
    said = dict(in_words(found))
    assert network.sha256 in said["Weights"]
    recipe = json.loads((folders / "features" / f"{made.artifact}.json").read_text("utf-8"))["request"]["recipe"]
    for name, value in recipe.items():
        assert f"{name.replace('_', ' ')} {value}" in said["Pictures"]


def test_a_page_without_measurements_says_what_it_can(network):
    circuits = load_circuits(network, ROOT / "absent")
    assert [what for what, _ in in_words(provenance(None, None, circuits))] == ["Weights"]


def test_a_neurons_data_are_the_networks(site, network):
    beside = site / ARTICLE / "neurons" / "mixed3a"
    data = json.loads((beside / "90.json").read_text("utf-8"))
    assert data["neuron"] == "mixed3a:90" and data["provenance"]["weights"] == network.sha256
    assert len(data["curves"]["orientation"]["at"]) == len(set(data["curves"]["orientation"]["at"]))
    connections = connect(network, "conv2d2", "mixed3a")
    for channel, kernel in zip(data["inputs"]["channel"], data["inputs"]["kernel"], strict=False):
        kernel = np.array(kernel).reshape(3, 3) * data["unit"]
        np.testing.assert_allclose(kernel, connections.kernel(channel, 90), atol=6e-5)
    rows = csv.DictReader(io.StringIO((site / ARTICLE / "data" / "connections-mixed3a.csv").read_text("utf-8")))
    assert [int(row["source"]) for row in rows if row["channel"] == "90"] == data["inputs"]["channel"]
    page = (beside / "90.html").read_text("utf-8")
    assert 'href="90.json" download' in page and 'href="../../data/connections-mixed3a.csv" download' in page


LISTS = """() => [...document.querySelectorAll('.connections:not(.symmetries)')].map((list) =>
  [...list.children].map((link) => {
    const place = getComputedStyle(link, '::before').backgroundPosition.split(' ').map((one) => parseFloat(one) / -45);
    const moved = new DOMMatrix(getComputedStyle(link.querySelector('use')).transform);
    return [parseInt(link.textContent), ...place, moved.e / -45, moved.f / -45];
  }))"""
"""Of each list of connections each neuron, and the columns and rows that its picture and its kernel are shown from."""


def test_every_connection_shows_its_own_picture_and_kernel(open_page, site):
    """Of all that the style sheet says of places: those of the first row were once inherited from elsewhere, and wrong."""
    page = open_page(f"{ARTICLE}/neurons/mixed3a/90.html")
    lists = page.evaluate(LISTS)
    kinds = page.locator(".wired h3").evaluate_all("all => all.map((one) => one.className)")
    drawn = np.asarray(Image.open(site / ARTICLE / "neurons/mixed3a/90.png").convert("RGBA")).astype(int)
    data = json.loads((site / ARTICLE / "neurons/mixed3a/90.json").read_text("utf-8"))
    assert sum(map(len, lists)) == len(data["inputs"]["channel"]) + len(data["outputs"]["channel"]) == 100
    for kind, listed in zip(kinds, lists, strict=True):
        for channel, *tile, column, row in listed:
            assert tile == [channel % 128 % 16, channel % 128 // 16]
            cell = drawn[round(row) * SIDE :][:SIDE, round(column) * SIDE :][:, :SIDE]
            red, blue = (cell[..., 3][cell[..., 0] == colour[0]].sum() for colour in (EXCITING, INHIBITING))
            assert {"exciting": red > blue, "inhibiting": red < blue, "mixed": red and blue}[kind], (kind, channel)
    assert not page.complaints
