"""The article that compares networks: built from committed artifacts, without weights and without TensorFlow."""

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """Its folder in a site of its own; TensorFlow cannot be imported, and no weights are in the cache."""
    folder = tmp_path_factory.mktemp("universality")
    (folder / "blocked").mkdir()
    (folder / "blocked" / "tensorflow.py").write_text("raise ImportError('no TensorFlow here')")
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPATH": os.pathsep.join([str(folder / "blocked"), str(root)]),
    }
    command = [sys.executable, "build.py", "build", "content/universality", "--out", str(folder / "site")]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "site" / "universality"


@pytest.fixture(scope="module")
def page(built):
    return (built / "index.html").read_text("utf-8")


def test_it_shows_every_kind_of_figure(page):
    for kind in ("matched", "distributions", "similarity", "kinds", "counts"):
        assert f'class="compared {kind}"' in page
    assert "not rendered" not in page.split('class="compared matched"')[1].split("</tr>")[1]


def test_its_claims_were_checked_and_hold(page):
    assert len(re.findall(r"<code>compare ", page)) >= 30
    assert "not checked" not in page
    assert "does not hold" not in page


def test_it_has_no_pages_of_neurons(built):
    assert not (built / "neurons").exists()
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < 6e6


def test_its_data_say_what_they_were_made_with(built, page):
    data = json.loads((built / "data" / "comparison.json").read_text("utf-8"))
    assert {"candidates", "seed", "stimuli", "pictures"} <= data["made_with"].keys()
    assert len(data["made_with"]["weights"]) == 6
    medians = [
        value["value"]
        for layer in data["layers"]
        if (layer["network"], layer["layer"], layer["other"]) == ("inceptionv1-2015", "conv2d0", "googlenet")
        for value in layer["values"]
        if (value["responses_to"], value["measure"]) == ("stimuli", "median best match")
    ]
    assert f"<b>{medians[0]:.2f}</b>" in page


def test_its_length_is_that_of_an_article(root):
    text = (root / "content" / "universality" / "article.md").read_text("utf-8").split("---", 2)[2]
    prose = re.sub(r"^///.*?^///$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert 2000 < len(prose.split()) < 4000


def test_it_opens_with_the_same_neurons_in_each_network(built, page):
    opening = page.split('class="opening')[1].split('<dl class="byline">')[0]
    sections = opening.split("<section")[1:]
    assert len(sections) == 6 and {section.count("<a ") for section in sections} == {4}
    places = [re.findall(r'href="index.html#([\w-]+)"', section) for section in sections]
    assert all(one == places[0] for one in places), "the same place is the same row of a figure"
    assert all(f'id="{anchor}"' in page for anchor in places[0])
    own = re.findall(r'data-name="([^ ]+) · inceptionv1-2015"', sections[0])
    assert [name in page.split('class="compared matched"', 1)[1] for name in own] == [True] * 4
