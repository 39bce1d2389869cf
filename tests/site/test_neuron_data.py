"""The data of all neurons: the script for pages and the table to download say what was measured."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stand_in import stand_in_features

from early_vision.article.article import read_article
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.memory import Memory
from early_vision.network.known import find_network
from early_vision.site.data.neuron_table import neurons_csv, table_metadata
from early_vision.site.data.neurons import SHOWN_MEASURES, neuron_columns, neurons_js
from early_vision.site.data.words import WORDS
from early_vision.site.material import Material
from early_vision.site.views.article import view_article
from early_vision.store import read_json
from early_vision.tuning import load_tuning
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.measures import MEASURES

ASSETS = Path(__file__).parents[2] / "assets"
DATA = "early-vision-tiny/data"


def read_script(script: str) -> dict:
    """What the script assigns."""
    head, _, data = script.partition("globalThis.earlyVisionNeurons = ")
    assert head.startswith("/*") and head.rstrip().endswith("*/")
    return json.loads(data.removesuffix(";\n"))


@pytest.fixture(scope="module")
def article(content):
    return read_article(content / "early-vision-tiny", lambda name: find_network(name, ASSETS))


@pytest.fixture(scope="module")
def tuning(article):
    return load_tuning(article.network, ASSETS)


@pytest.fixture(scope="module")
def data(site) -> dict:
    return read_script((site / DATA / "neurons.js").read_text("utf-8"))


def test_every_column_has_every_neuron(data, article):
    assert {len(column) for column in data["columns"].values()} == {1056}
    assert list(data["measures"]) == list(SHOWN_MEASURES)
    assert {len(measure["values"]) for measure in data["measures"].values()} == {1056}
    assert [(layer["name"], layer["first"], layer["neurons"]) for layer in data["layers"]] == [
        ("conv2d0", 0, 64), ("conv2d1", 64, 64), ("conv2d2", 128, 192), ("mixed3a", 320, 256), ("mixed3b", 576, 480),
    ]  # fmt: skip
    assert data["weights"] == article.network.sha256


def test_groups_and_tiles_are_the_neurons_own(data, article):
    for layer in data["layers"]:
        for group in article.taxonomy[layer["name"]]:
            for channel in group.neurons:
                said = data["groups"][data["columns"]["group"][layer["first"] + channel]]
                assert (said["name"], said["anchor"]) == (group.name, group.anchor)
                assert data["layers"][said["layer"]]["name"] == layer["name"]
    tiles = list(zip(*(data["columns"][name] for name in ("sprite", "column", "row")), strict=False))
    assert len(set(tiles)) == 1056
    for sprite, column, row in tiles:
        assert (column + 1) * data["tile"] <= data["sprites"][sprite]["width"]
        assert (row + 1) * data["tile"] <= data["sprites"][sprite]["height"]


def test_measures_families_and_words_are_those_of_the_tuning(data, tuning):
    for layer in data["layers"]:
        measured, first = tuning[layer["name"]], layer["first"]
        here = slice(first, first + layer["neurons"])
        for name, measure in data["measures"].items():
            step = 0.51 if MEASURES[name].period else 0.0051
            np.testing.assert_allclose(measure["values"][here], measured.measures[name], atol=step)
        for channel, families in enumerate(data["columns"]["families"][here]):
            scores = [score for _, score in families]
            best = sorted(measured.scores[channel], reverse=True)[: len(scores)]
            np.testing.assert_allclose(scores, best, atol=0.0051)
            for place, score in families:
                assert measured.scores[channel, place] == pytest.approx(score, abs=0.0051)
        for said, word in zip(data["words"], WORDS, strict=False):
            channels = [place - first for place in said["neurons"] if first <= place < first + layer["neurons"]]
            assert said["name"] == word.name and channels == word.members(measured.measures).tolist()
    assert [family["names"][2] for family in data["families"]] == [family.name_in("conv2d2") for family in FAMILIES]
    assert data["words"][-1]["name"] == "inactive"


def test_the_script_is_small(site):
    assert (site / DATA / "neurons.js").stat().st_size < 400_000


def test_the_table_and_its_description_agree(site, tuning):
    rows = list(csv.DictReader((site / DATA / "neurons.csv").open(encoding="utf-8")))
    described = json.loads((site / DATA / "neurons.csv-metadata.json").read_text("utf-8"))["tableSchema"]["columns"]
    assert [column["name"] for column in described] == list(rows[0])
    assert len(rows) == 1056 and all(column["dc:description"] for column in described)
    for row in rows[::97]:
        measured, channel = tuning[row["layer"]], int(row["channel"])
        for name in MEASURES:
            assert float(row[name]) == pytest.approx(measured.measures[name][channel], rel=1e-4, abs=1e-4)
        for index, family in enumerate(FAMILIES):
            assert float(row[f"family {family.name}"]) == pytest.approx(measured.scores[channel, index], abs=1e-4)


def test_without_measurements_the_rest_is_still_there(article):
    circuits = NetworkCircuits(article.network, wiring(article.network), {}, None)
    bare = replace(article, body=())
    published = read_json(ASSETS / "taxonomies" / "inceptionv1.json")
    view = view_article(Material(bare, stand_in_features(article.network), {}, circuits, (), published, {}), Memory())
    data = read_script(neurons_js(neuron_columns(view.layers, {}, circuits)))
    assert data["measures"] == {} and [word["name"] for word in data["words"]] == ["inactive"]
    assert set(map(tuple, data["columns"]["families"])) == {()} and set(data["columns"]["facts"]) == {""}
    assert {len(column) for column in data["columns"].values()} == {1056}
    header = neurons_csv(view.layers, {}).splitlines()[0]
    assert header == "layer,channel,group,activation,held_out,agreement"
    assert len(json.loads(table_metadata({}))["tableSchema"]["columns"]) == 6
