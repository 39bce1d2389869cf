"""The article on InceptionV1, built without its weights and with random numbers in their place."""

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from anchors import GROUPS, SECTIONS
from published import read_taxonomy, write_article
from stand_in import embedded_circuits, stand_in_features

from early_vision.article.article import read_article
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.fetch import keep_found
from early_vision.network.known import find_network_or_outline, outline
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights_file import Found
from early_vision.site.build import build_site
from early_vision.site.faults import read_folder, site_faults
from early_vision.site.views.related import related_by_article
from early_vision.store import user_cache
from early_vision.tuning import load_tuning

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
CONTENT = ROOT / "content" / "early-vision-2020"
NEURON = re.compile(r'<a id="([\w:]+)"[^>]* href="neurons/(\w+)/(\d+)\.html"')


def build(out: Path, *articles: Path) -> Path:
    build_site(
        articles,
        assets=ASSETS,
        templates=ROOT / "templates",
        out=out,
        load_features=stand_in_features,
        load_tuning=lambda network: {} if network.stand_in else load_tuning(network, ASSETS),
        load_circuits=embedded_circuits,
    )
    return out


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("without"), CONTENT)


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    """An article with the published groups and no prose."""
    return write_article(tmp_path_factory.mktemp("content") / "inceptionv1", read_taxonomy(ASSETS))


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def page(site: Path, address: str = "early-vision-2020/index.html") -> str:
    return (site / address).read_text("utf-8")


def assert_whole(html: str) -> None:
    """Every group, neuron and section that the world links to, once."""
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    anchors = [*SECTIONS, *(anchor for layer in GROUPS.values() for anchor in layer)]
    assert len(anchors) == 15 + 77
    assert {anchor: ids[anchor] for anchor in anchors} == dict.fromkeys(anchors, 1)
    neurons = Counter((layer, int(channel)) for _, layer, channel in NEURON.findall(html))
    assert neurons == {(name, i): 1 for name, layer in INCEPTIONV1.layers.items() for i in range(layer.neurons)}


def test_without_weights_everything_that_the_world_links_to_is_there(without):
    html = page(without)
    assert_whole(html)
    assert list(map(str, site_faults(read_folder(without)))) == []
    assert len(list((without / "early-vision-2020/neurons").rglob("*.html"))) == 1056


def test_without_weights_every_published_circuit_is_drawn(without, shared):
    import json

    facts = json.loads((shared / "facts" / "inceptionv1-circuits.json").read_text())
    html = page(without)
    figures = re.findall(r'<figure class="circuit outline".*?</figure>', html, re.DOTALL)
    assert len(figures) >= len(facts)
    for anchor, fact in facts.items():
        for figure in fact["figures"]:
            wanted = {f"neurons/{fact['layer']}/{figure['unit']}.html"}
            wanted |= {f"neurons/{figure['from']}/{i}.html" for i in figure["inputs"]}
            assert any(wanted <= set(re.findall(r'href="([^"]+)"', drawn)) for drawn in figures), (anchor, figure)


def test_without_weights_the_pages_say_so_and_nothing_that_needs_them(without):
    notice, command = 'class="notice"', "<code>make site WEIGHTS=1</code>"
    for html in (page(without), page(without, "index.html")):
        assert html.count(notice) == 1 and command in html
    stamp = page(without, "early-vision-2020/neurons/mixed3a/79.html")
    assert "Waiting for the weights." in stamp and command in stamp
    assert "mixed3a_3x3_bottleneck → mixed3a_3x3" in stamp and "43 × 43 pixels" in stamp
    html = page(without)
    # The author's own drawing needs no weights.
    assert "<img" not in html.split('<main id="main">')[1].replace('<img src="curve-shapes.svg"', "")
    for word in ("excitation", "inhibition", "the thicker"):
        assert not any(word in legend for legend in re.findall(r'<div class="legend">.*?</div>', html, re.DOTALL))
    assert "Checked by the build" not in html and "claims checked by the build" not in html
    assert not list((without / "early-vision-2020").rglob("*.webp"))


def test_weights_can_be_left_aside(empty_cache, generated, tmp_path):
    stand_in_weights()
    build_site([generated], assets=ASSETS, templates=ROOT / "templates", out=tmp_path, load_features=pytest.fail,
               without=frozenset({"inceptionv1"}))  # fmt: skip
    assert "still without its pictures" in page(tmp_path, "inceptionv1/index.html")


def stand_in_weights():
    """Random numbers in the place of InceptionV1's weights, in the user's cache."""
    found = Found(stand_in_tensors(INCEPTIONV1), "random numbers")
    keep_found(found, "inceptionv1", INCEPTIONV1, user_cache() / "networks", "a test", stand_in=True)


@pytest.mark.slow
def test_with_a_stand_in_every_page_is_stamped(empty_cache, tmp_path):
    stand_in_weights()
    site = build(tmp_path / "site", CONTENT)
    assert_whole(page(site))
    assert list(map(str, site_faults(read_folder(site)))) == []
    for path in (site / "early-vision-2020").rglob("*.html"):
        assert path.read_text("utf-8").count("<strong>Stand-in weights.</strong>") == 1, path
    assert "<strong>Stand-in weights.</strong>" in page(site, "index.html")
    assert "not checked: stand-in weights" in page(site) and "does not hold here" not in page(site)
    assert page(site).count("<img class=") >= 1056
    assert not re.search('class="notice"', page(site))


@pytest.mark.slow
def test_two_articles_are_one_thread(content, tmp_path):
    site = build(tmp_path / "site", CONTENT, content / "early-vision-tiny")
    assert list(map(str, site_faults(read_folder(site)))) == []
    front = page(site, "index.html")
    order = re.findall(r'<h2><a href="([\w-]+)/index.html">', front)
    assert order == ["early-vision-tiny", "early-vision-2020"], "what is complete comes first"
    assert 'rel="next" href="../early-vision-2020/index.html"' in page(site, "early-vision-tiny/index.html")
    assert 'rel="prev" href="../early-vision-tiny/index.html"' in page(site)
    assert 'rel="next"' not in page(site)
    for one, other in (order, order[::-1]):
        links = re.findall(r'class="related" href="\.\./([\w-]+)/index\.html#(\w+)"', page(site, f"{one}/index.html"))
        assert len(links) > 30 and {slug for slug, _ in links} == {other}
        ids = set(re.findall(r'\sid="([^"]+)"', page(site, f"{other}/index.html")))
        assert {anchor for _, anchor in links} <= ids
    for slug in order:
        elements = len(re.findall(r"<[a-z]", page(site, f"{slug}/index.html")))
        assert elements < 10_000, (slug, elements)
    assert len(list(site.rglob("style.css"))) == 1


def test_families_lead_to_the_same_family_elsewhere(generated):
    tiny = read_article(ROOT / "content" / "early-vision-tiny", lambda name: find_network_or_outline(name, ASSETS))
    published = read_article(generated, outline)
    related = related_by_article([tiny, published])
    (one,) = related["inceptionv1"]["group_conv2d0_gabor_filters"]
    assert (one.family, one.network, one.here) == ("Stripes and Gabors", "inceptionv1-tiny", "44%")
    (back,) = next(found for anchor, found in related[tiny.slug].items() if f"#{anchor}" in one.address)
    assert (back.there, back.here) == (one.here, one.there)
    assert related["inceptionv1"]["group_conv2d0_other_units"] == (), "what is in no family has no like"
    again = replace(published, slug="again")
    assert set(related_by_article([published, again])["again"].values()) == {()}, "not within one network"


def test_articles_are_read_the_same_with_and_without_weights(empty_cache, generated):
    bare = read_article(generated, lambda name: find_network_or_outline(name, ASSETS))
    stand_in_weights()
    full = read_article(generated, lambda name: find_network_or_outline(name, ASSETS))
    assert bare.network.state == "absent" and full.network.stand_in
    assert (bare.taxonomy, bare.headings) == (full.taxonomy, full.headings)
    shutil.rmtree(user_cache())
