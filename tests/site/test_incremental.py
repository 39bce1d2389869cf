"""Whatever an author does, in whatever order: a build that remembers makes the same site as one that does not."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_project import ARTICLE, ROOT, SmallProject, write_features, write_small_project, write_weights

from early_vision.errors import InputError
from early_vision.memory import Memory
from early_vision.site.build import find_articles, make_site, write

PROSE = ("", "More words.", "Words and second:3, and *much* more.", "A line.\n\nAnd another one, with first:0.")
SPLITS = ("[0, 1, 2, 3, 4, 5]", "[5, 4, 3, 2, 1, 0]", "[0, 1, 2, 3]\n- name: Rest\n  neurons: [4, 5]")
TEMPLATES = tuple(
    path.relative_to(ROOT / "templates").as_posix()
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "new-article" not in path.parts
)
EDITS = st.one_of(
    st.tuples(st.just("prose"), st.sampled_from(PROSE)),
    st.tuples(st.just("above"), st.sampled_from(PROSE)),
    st.tuples(st.just("title"), st.sampled_from(("Two layers", "Three & a half"))),
    st.tuples(st.just("split"), st.sampled_from(SPLITS)),
    st.tuples(st.just("group"), st.sampled_from(("All", "Everything"))),
    st.tuples(st.just("described"), st.sampled_from(("", "  description: Of all *kinds*.\n"))),
    st.tuples(st.just("target"), st.sampled_from(("second:1", "second:2"))),
    st.tuples(st.just("broken"), st.sampled_from(("", "/// layer-grups | first\n///", "[gone](neurons/first/9.html)"))),
    st.tuples(st.just("style"), st.sampled_from(("", "p { color: red }"))),
    st.tuples(st.just("script"), st.sampled_from((None, "/* more */"))),
    st.tuples(st.just("features"), st.integers(0, 2)),
    st.tuples(st.just("weights"), st.integers(0, 2)),
    st.tuples(st.just("shared"), st.sampled_from((None, "@misc{one, title = {One}, author = {A. B.}, year = 2020}"))),
    st.tuples(st.just("second article"), st.booleans()),
    *(st.tuples(st.just(f"template {name}"), st.sampled_from(("", "<!-- a -->", "<!-- b -->"))) for name in TEMPLATES),
)


def apply(project: SmallProject, what: str, value) -> None:
    """Make an edit: files then hold what they would hold whatever they held before."""
    state = project.root / "state"
    state.mkdir(exist_ok=True)
    if what in ("features", "weights"):
        {"features": write_features, "weights": write_weights}[what](project, value)
    elif what.startswith("template "):
        name = what.removeprefix("template ")
        (project.templates / name).write_text((ROOT / "templates" / name).read_text() + value)
    elif what == "style":
        (project.assets / "css" / "99-own.css").write_text(value)
    elif what == "script":
        put(project.assets / "js" / "own.js", value)
    elif what == "shared":
        put(project.content / "bibliography.bib", value)
    elif what == "second article":
        shutil.rmtree(project.content / "again", ignore_errors=True)
        if value:
            shutil.copytree(project.article, project.content / "again")
    else:
        (state / what).write_text(value)
        known = {path.name: path.read_text() for path in state.iterdir()}
        text = ARTICLE.replace("second:1", known.get("target", "second:1"))
        text = text.replace("Two layers", known.get("title", "Two layers"))
        text = text.replace("# First", f"{known.get('above', '')}\n\n# First")
        text += f"\n{known.get('prose', '')}\n\n{known.get('broken', '')}\n"
        (project.article / "article.md").write_text(text)
        head = f"- name: {known.get('group', 'All')}\n{known.get('described', '')}"
        (project.article / "groups" / "first.yaml").write_text(f"{head}  neurons: [0, 1, 2, 3]\n")
        (project.article / "groups" / "second.yaml").write_text(f"{head}  neurons: {known.get('split', SPLITS[0])}\n")


def put(path: Path, text: str | None) -> None:
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_text(text)


def outcome(project: SmallProject, out: Path, memory: Memory) -> dict[str, bytes] | list[str]:
    """The site's files, or what is wrong."""
    folders = find_articles(project.content)
    try:
        site = make_site(folders, project.assets, project.templates, project.loaders, memory)
        write(site, out, memory, whole=True)
    except InputError as error:
        return [str(one) for one in error.problems]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def check(edits, folder: Path) -> None:
    project, memory = write_small_project(folder / "project"), Memory()
    assert isinstance(outcome(project, folder / "site", memory), dict)
    for number, edit in enumerate(edits):
        apply(project, *edit)
        kept = outcome(project, folder / "site", memory)
        clean = outcome(project, folder / f"clean-{number}", Memory())
        if isinstance(clean, dict) and isinstance(kept, dict):
            assert sorted(kept) == sorted(clean)
            assert [path for path in clean if kept[path] != clean[path]] == []
        assert kept == clean


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(edits=st.lists(EDITS, min_size=4, max_size=12))
def test_any_edits_in_any_order(edits, tmp_path_factory):
    check(edits, tmp_path_factory.mktemp("edits"))


@pytest.mark.slow
def test_every_kind_of_edit_and_back(tmp_path):
    check(
        [
            ("prose", PROSE[2]), ("broken", "/// layer-grups | first\n///"), ("broken", ""), ("split", SPLITS[2]),
            ("features", 1), ("features", 0), ("weights", 1), ("template parts/neuron.html", "<!-- a -->"),
            ("template parts/neuron.html", ""), ("described", "  description: Of all *kinds*.\n"), ("title", "A & b"),
        ],
        tmp_path,
    )  # fmt: skip


def test_only_what_shows_an_edit_is_rendered_again(tmp_path, monkeypatch):
    from early_vision.site.rendering import Templates

    project, memory, rendered = write_small_project(tmp_path / "project"), Memory(), []
    apply(project, "prose", PROSE[0])
    outcome(project, tmp_path / "site", memory)
    render = Templates.render

    def noted(self, name, **context):
        rendered.append(name)
        return render(self, name, **context)

    monkeypatch.setattr(Templates, "render", noted)
    for edit, expected in (
        (("prose", PROSE[1]), {"article.html"}),
        (("style", "p { color: red }"), set()),
        (("template neuron.html", "<!-- a -->"), {"neuron.html"}),
        (("template front.html", "<!-- a -->"), {"front.html"}),
    ):
        rendered.clear()
        apply(project, *edit)
        outcome(project, tmp_path / "site", memory)
        # The article's other pages, and the front page, are given the whole article.
        assert expected <= set(rendered) <= expected | {"article.html", "routes.html", "front.html"}
