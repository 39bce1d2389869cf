"""Building the whole site: what is in it, what a second build does, and what stops a build."""

import json
import re
import shutil
from pathlib import Path

import pytest
from stand_in import build_stand_in

from early_vision.article.article import read_article
from early_vision.errors import InputError
from early_vision.network.known import find_network
from early_vision.site.build import find_articles
from early_vision.site.checking import pages_of
from early_vision.site.data.network import groups_json

ROOT = Path(__file__).parents[2]
LAYERS = ("conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b")


def build(content: Path, out: Path, **options):
    return build_stand_in(find_articles(content), out, **options)


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def article():
    return read_article(ROOT / "content" / "early-vision-tiny", lambda name: find_network(name, ROOT / "assets"))


def test_what_the_site_holds(site):
    files = stamps(site)
    folders = {re.sub(r"[0-9a-f]{16}|(?<=/)\d+(?=\.\w+$)", "*", path) for path in files}
    assert folders == {
        ".files",
        "index.html",
        "assets/style.css",
        "assets/page.js",
        *(f"assets/{path.name}" for path in (ROOT / "assets/js").glob("*.js")),
        "assets/favicon.svg",
        *(f"assets/{path.name}" for path in (ROOT / "assets/fonts").iterdir()),
        "early-vision-tiny/.files",
        "early-vision-tiny/preview.jpg",
        "early-vision-tiny/index.html",
        "early-vision-tiny/data/groups.json",
        "early-vision-tiny/data/network.json",
        "early-vision-tiny/data/neurons.js",
        *(f"early-vision-tiny/data/neurons-{layer}.js" for layer in LAYERS),
        "early-vision-tiny/neurons/index.html",
        "early-vision-tiny/neurons/compare.html",
        "early-vision-tiny/data/neurons.csv",
        "early-vision-tiny/data/neurons.csv-metadata.json",
        "early-vision-tiny/pictures/*.webp",
        "early-vision-tiny/measures.html",
        "early-vision-tiny/routes.html",
        "early-vision-tiny/sprites.css",
        *(f"early-vision-tiny/data/strengths-{layer}.js" for layer in LAYERS),
        *(f"early-vision-tiny/data/connections-{layer}.csv" for layer in LAYERS),
        *(f"early-vision-tiny/data/connections-{layer}.csv-metadata.json" for layer in LAYERS),
        *(f"early-vision-tiny/data/schemas/{of}.schema.json" for of in ("groups", "network", "neuron", "strengths")),
        *(f"early-vision-tiny/maps/{layer}.html" for layer in LAYERS),
        "early-vision-tiny/data/kit.zip",
        "early-vision-tiny/data/live.js",
        "early-vision-tiny/data/search.js",
        "early-vision-tiny/live.html",
        *(f"early-vision-tiny/neurons/{layer}/*.{kind}" for layer in LAYERS for kind in ("html", "js", "png", "json")),
    }
    assert len([path for path in files if re.search(r"/neurons/\w+/", path)]) == 4 * 1056
    # A picture per neuron, ten sprites, five mosaics, and more: stimuli, parts of circuits, what opens the page.
    assert len([path for path in files if "/pictures/" in path]) > 1056 + 10 + 5


def test_what_a_text_can_lead_to_is_what_there_is(site, article):
    """As long as pages are not made, links are held against this list."""
    files, expected = stamps(site), {f"early-vision-tiny/{path}" for path in pages_of(article)}
    assert expected <= set(files)
    # Maps are made from measurements, which an article's files do not know of.
    assert {path for path in files if path.endswith(".html") and "/maps/" not in path} == {"index.html"} | {
        path for path in expected if path.endswith(".html")
    }


def test_a_second_build_writes_nothing(site, content):
    before = stamps(site)
    assert build(content, site).written.written == 0
    assert stamps(site) == before


def test_a_clean_build_has_the_same_bytes(site, content, tmp_path):
    build(content, tmp_path / "again")
    again = {path: (tmp_path / "again" / path).read_bytes() for path in stamps(tmp_path / "again")}
    assert again == {path: (site / path).read_bytes() for path in stamps(site)}


def test_groups_json_has_the_published_shape(site, article):
    data = json.loads((site / "early-vision-tiny" / "data" / "groups.json").read_text("utf-8"))
    assert {layer: one["neurons"] for layer, one in data.items()} == {
        "conv2d0": 64, "conv2d1": 64, "conv2d2": 192, "mixed3a": 256, "mixed3b": 480,
    }  # fmt: skip
    for layer, one in data.items():
        assert all(list(group) == ["name", "anchor", "priority", "units"] for group in one["groups"])
        assert sorted(unit for group in one["groups"] for unit in group["units"]) == list(range(one["neurons"]))
        assert [group["name"] for group in one["groups"]] == [group.name for group in article.taxonomy[layer]]


def test_groups_json_to_the_letter(article):
    group = article.taxonomy["conv2d1"][0]
    small = type(group)(
        "conv2d1", 'Say "x"', "group_conv2d1_say_x", -1, group.description, (2, 0, 1), (), group.file, 1
    )
    assert groups_json({"conv2d1": (small,)}, {"conv2d1": 3}) == (
        "{\n"
        ' "conv2d1": {\n'
        '  "neurons": 3,\n'
        '  "groups": [\n'
        "   {\n"
        '    "name": "Say \\"x\\"",\n'
        '    "anchor": "group_conv2d1_say_x",\n'
        '    "priority": -1,\n'
        '    "units": [2, 0, 1]\n'
        "   }\n"
        "  ]\n"
        " }\n"
        "}\n"
    )


def test_network_json(site, article):
    data = json.loads((site / "early-vision-tiny" / "data" / "network.json").read_text("utf-8"))
    assert (data["name"], data["sha256"]) == ("inceptionv1-tiny", article.network.sha256)
    assert data["layers"]["mixed3b"] == {"neurons": 480, "kernel": 5, "stride": 8, "receptive_field": 91}


BROKEN_TEMPLATES = [
    ("{% if %}", r"article\.html:1: the template is wrong"),
    ("<p>\n{{ view.articel.title }}</p>", r"article\.html:2: the template fails: .* has no attribute 'articel'"),
    ("\n\n{{ 1 / 0 }}", r"article\.html:3: the template fails: division by zero"),
    ('{% include "absent.html" %}', r"there is no template absent\.html"),
]


@pytest.mark.parametrize("text, message", BROKEN_TEMPLATES)
def test_a_broken_template_is_named_with_its_line(site, content, memory, tmp_path, text, message):
    before = stamps(site)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "article.html").write_text(text)
    with pytest.raises(InputError, match=message):
        build(content, site, templates=tmp_path / "templates", memory=memory)
    assert stamps(site) == before


def test_missing_folders(content, memory, tmp_path):
    with pytest.raises(InputError, match="no such folder of templates"):
        build(content, tmp_path / "site", templates=tmp_path / "absent", memory=memory)
    with pytest.raises(InputError, match="no article here"):
        find_articles(tmp_path)
    assert not (tmp_path / "site").exists()


def test_broken_content_leaves_the_site_as_it_was(site, content, memory, tmp_path):
    before = stamps(site)
    shutil.copytree(content, tmp_path / "content")
    path = tmp_path / "content" / "early-vision-tiny" / "article.md"
    path.write_text(path.read_text() + "\n[gone](neurons/conv2d0/64.html) and [here](neurons/conv2d0/63.html)\n")
    line = len(path.read_text().splitlines())
    with pytest.raises(InputError) as caught:
        build(tmp_path / "content", site, memory=memory)
    assert [str(error) for error in caught.value.problems] == [
        f'{path}:{line}: the link neurons/conv2d0/64.html leads to no file. Did you mean "neurons/conv2d0/6.html"?'
    ]
    assert stamps(site) == before


def test_all_articles_problems_are_reported_together(content, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "article.md").write_text("no front matter")
    with pytest.raises(InputError) as caught:
        build(tmp_path, tmp_path / "site")
    assert [error.file.parent.name for error in caught.value.problems] == ["one", "two"]
