"""A build with nothing to do is found out by the contents of its inputs and the stamps of its outputs."""

import os

from early_vision.site.freshness import count_if_fresh, input_key, record_of, remember


def test_inputs_and_outputs_are_watched(tmp_path):
    content, out = tmp_path / "content", tmp_path / "site"
    for path, text in (
        (content / "a" / "article.md", "one"),
        (out / "index.html", "<p>"),
        (out / "x" / "y.html", "<p>"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    key, record = input_key([content]), record_of(tmp_path / ".cache", out)
    assert count_if_fresh(record, out, key) is None, "never built"
    remember(record, out, key)
    assert count_if_fresh(record, out, key) == 2
    os.utime(content / "a" / "article.md", (1, 1))
    assert input_key([content]) == key, "touched, not changed"
    (content / "a" / "article.md").write_text("two")
    assert input_key([content]) != key
    (content / "a" / "article.md").write_text("one")
    (content / "a" / "more.md").write_text("")
    assert input_key([content]) != key
    (out / "x" / "y.html").write_text("somebody's edit")
    assert count_if_fresh(record, out, key) is None
    remember(record, out, key)
    (out / "index.html").unlink()
    assert count_if_fresh(record, out, key) is None
    record.write_text("{")
    assert count_if_fresh(record, out, key) is None
    assert record != record_of(tmp_path / ".cache", content) and not list(out.glob(".*")), "none of it is published"
