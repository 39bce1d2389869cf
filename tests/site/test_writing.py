"""Writing the site: everything or nothing, only what changed, nothing outside."""

import os
from pathlib import Path

import pytest

from early_vision.errors import InputError
from early_vision.site.writing import MANIFEST, Written, check_out, write_site


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


FILES = {"index.html": b"front", "a/index.html": b"article", "a/neurons/x/1.html": b"one", "a/neurons/x/2.html": b"two"}


@pytest.fixture
def out(tmp_path) -> Path:
    write_site(FILES, tmp_path / "site", ["a"])
    return tmp_path / "site"


def test_what_is_written(out):
    listed = b"index.html\nneurons/x/1.html\nneurons/x/2.html\n"
    assert tree(out) == {**FILES, MANIFEST: b"index.html\n", f"a/{MANIFEST}": listed}


def test_unchanged_files_keep_their_time_stamps(out):
    for path in out.rglob("*"):
        os.utime(path, (1, 1))
    assert write_site({**FILES, "index.html": b"new"}, out, ["a"]) == Written(written=1, unchanged=5, removed=0)
    assert [path.name for path in out.rglob("*") if path.is_file() and path.stat().st_mtime > 1] == ["index.html"]


def test_stale_files_are_removed_and_other_peoples_are_not(out):
    (out / "a" / "CNAME").write_text("mine")
    (out / "mine.html").write_text("mine")
    less = {path: data for path, data in FILES.items() if "neurons" not in path}
    assert write_site(less, out, ["a"]).removed == 2
    assert sorted(tree(out)) == [MANIFEST, "a/" + MANIFEST, "a/CNAME", "a/index.html", "index.html", "mine.html"]
    assert not (out / "a" / "neurons").exists()


def test_articles_that_are_not_built_stay(out):
    write_site({"index.html": b"front", "b/index.html": b"other"}, out, ["b"])
    assert "a/neurons/x/1.html" in tree(out)


def test_of_the_whole_what_is_gone_goes(out):
    (out / "a" / "mine.txt").write_text("mine")
    (out / "a" / "a.pdf").write_text("printed")
    write_site({"index.html": b"front", "feed.xml": b"feed", "b/index.html": b"other"}, out, ["b"])
    assert "a/index.html" in tree(out)
    write_site({"index.html": b"front", "b/index.html": b"other"}, out, ["b"], whole=True)
    assert sorted(tree(out)) == [MANIFEST, "a/mine.txt", "b/" + MANIFEST, "b/index.html", "index.html"]


@pytest.mark.parametrize("path", ["index.html", "a/index.html"])
def test_what_no_build_has_written_is_not_replaced(tmp_path, path):
    (tmp_path / "site" / "a").mkdir(parents=True)
    (tmp_path / "site" / path).write_text("mine")
    with pytest.raises(InputError, match="no build has written it"):
        write_site(FILES, tmp_path / "site", ["a"])
    assert tree(tmp_path / "site") == {path: b"mine"}
    (tmp_path / "site" / path).write_bytes(FILES[path])
    assert write_site(FILES, tmp_path / "site", ["a"]).unchanged == 1, "what is the same is nobody's loss"


def test_a_site_of_an_earlier_version_is_taken_over(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old")
    (tmp_path / "site" / ".built.json").write_text("{}")
    write_site(FILES, tmp_path / "site", ["a"])
    assert tree(tmp_path / "site")["index.html"] == b"front" and ".built.json" not in tree(tmp_path / "site")


def test_output_and_articles_are_apart(tmp_path):
    article = tmp_path / "content" / "a"
    article.mkdir(parents=True)
    check_out(tmp_path / "site", [article])
    for out in (article, article / "site", tmp_path / "content"):
        with pytest.raises(InputError, match="article's"):
            check_out(out, [article])


def test_a_full_disk_leaves_the_site_as_it_was(out, monkeypatch):
    before, written = tree(out), []

    def fill(self, data):
        written.append(self)
        if len(written) > 1:
            raise OSError(28, "No space left on device", str(self))
        self.touch()

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(InputError, match="No space left on device.*Make room on the disk"):
        write_site({path: data + b"!" for path, data in FILES.items()}, out, ["a"])
    assert tree(out) == before


def test_kept_files_are_left_alone(out):
    assert write_site({**FILES, "a/index.html": None}, out, ["a"]).written == 0
    assert tree(out)["a/index.html"] == b"article"


def test_places_that_are_taken(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_site(FILES, tmp_path / "file", ["a"])
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a").write_text("")
    with pytest.raises(InputError, match="a file is where the site needs a folder"):
        write_site(FILES, tmp_path / "site", ["a"])
    (tmp_path / "other" / "index.html").mkdir(parents=True)
    with pytest.raises(InputError, match="a folder is where the site needs a file"):
        write_site(FILES, tmp_path / "other", ["a"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_site_that_is_not_writable(out):
    out.chmod(0o555)
    try:
        with pytest.raises(InputError, match="See to it that .* can be written"):
            write_site({**FILES, "index.html": b"new"}, out, ["a"])
    finally:
        out.chmod(0o755)


@pytest.mark.parametrize("path", ["../outside.html", "/outside.html", "a/../../outside.html"])
def test_paths_that_lead_out_are_refused(tmp_path, path):
    with pytest.raises(InputError, match="leads out of"):
        write_site({path: b""}, tmp_path / "site", [])


def test_links_that_lead_out_are_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="a link that leads out of it"):
        write_site(FILES, tmp_path / "site", ["a"])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_forged_manifest_removes_nothing_outside(out):
    outside = out.parent / "outside.html"
    outside.write_text("mine")
    (out / "a" / MANIFEST).write_text("../../outside.html\n../index.html\n")
    write_site({"a/index.html": b"article"}, out, ["a"])
    assert outside.exists() and (out / "index.html").exists()
