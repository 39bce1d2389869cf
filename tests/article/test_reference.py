"""The reference for authors is what the code takes."""

from early_vision.article.directives import DIRECTIVES
from early_vision.article.reference import FILE, reference
from early_vision.article.schema import FrontMatter


def test_it_is_up_to_date():
    assert FILE.read_text("utf-8") == reference(), "run: python -m early_vision.article.reference"


def test_it_names_every_directive_and_key():
    text = reference()
    for name, kind in DIRECTIVES.items():
        section = text.split(f"### {name}\n")[1].split("\n## ")[0].split("\n### ")[0]
        assert f"/// {name}" in section
        assert all(f"- `{field.alias or key}`" in section for key, field in kind.model_fields.items())
    assert all(f"- `{key}`" in text for key in FrontMatter.model_fields)
