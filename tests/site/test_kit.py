"""The kit for researchers: what is in it, that schemas hold for the data, that its notebook runs, and citations."""

import datetime
import io
import json
import zipfile

import pytest
from pybtex.database import parse_string

from early_vision.article.schema import Author, FrontMatter
from early_vision.site.data.schemas import CONNECTION_COLUMNS, SCHEMAS
from early_vision.site.views.citing import view_citing

FOLDER = "early-vision-tiny"
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def hold(schema: dict, value, at: str = "") -> None:
    """Asserts what the schemas say; they use no more of JSON Schema than this."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert not kinds or any(isinstance(value, KINDS[kind]) for kind in kinds), at
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= value.keys(), at
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        assert others or not known or value.keys() <= known.keys(), (at, value.keys() - known.keys())
        for name, inner in value.items():
            hold(known.get(name, others or {}), inner, f"{at}/{name}")
    if isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            hold(schema["items"], inner, f"{at}/{index}")


def test_every_file_is_described_and_is_as_described(site):
    folder = site / FOLDER
    packed = zipfile.ZipFile(io.BytesIO((folder / "data/kit.zip").read_bytes()))
    names = {name.partition("/")[2] for name in packed.namelist()}
    for path in (folder / "data").rglob("*"):
        if path.suffix in (".csv", ".json"):
            name = path.relative_to(folder / "data").as_posix()
            assert packed.read(f"inceptionv1-tiny-data/{name}") == path.read_bytes()
    tables = {name for name in names if name.endswith(".csv")}
    assert {f"{name}-metadata.json" for name in tables} <= names
    for name in tables - {"neurons.csv"}:
        assert (folder / "data" / name).read_text().partition("\n")[0].split(",") == list(CONNECTION_COLUMNS)
    for name in (one for one in names if one.endswith(".json") and "metadata" not in one and "schema" not in one):
        hold(
            SCHEMAS[name.partition("-")[0].removesuffix(".json")],
            json.loads(packed.read(f"inceptionv1-tiny-data/{name}")),
            name,
        )
    for neuron in ("conv2d0/0", "mixed3b/379"):
        hold(SCHEMAS["neuron"], json.loads((folder / "neurons" / f"{neuron}.json").read_text()), neuron)


def test_the_notebook_has_five_lines_that_run(site, tmp_path, monkeypatch):
    with zipfile.ZipFile(site / FOLDER / "data/kit.zip") as packed:
        packed.extractall(tmp_path)
    book = json.loads((tmp_path / "inceptionv1-tiny-data/notebook.ipynb").read_text())
    source = "".join(book["cells"][1]["source"])
    assert len(source.splitlines()) == 5
    compile(source, "notebook", "exec")
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path / "inceptionv1-tiny-data")
    exec(source, {})


def test_citations_are_bibtex():
    front = FrontMatter(
        title="Curves & edges", network="n", date=datetime.date(2026, 3, 1),
        authors=(Author(name="The early-vision project"), Author(name="Mary Somerville")),
    )  # fmt: skip
    citing = view_citing("early-vision", front, "n", "https://example.org/")
    entry = parse_string(citing.neuron("mixed3a", 79), "bibtex").entries["early-vision2026-mixed3a-79"]
    assert len(entry.persons["author"]) == 2 and entry.fields["year"] == "2026"
    assert entry.fields["url"] == "https://example.org/early-vision/neurons/mixed3a/79.html"
    assert "url" not in parse_string(view_citing("a", front, "n", "").article, "bibtex").entries["a2026"].fields
