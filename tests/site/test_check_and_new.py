"""A new article builds at once; and whatever is wrong with an article is in one list, for people and for programs."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from small_project import ARTICLE, ROOT, write_small_project

from early_vision.article.anchors import Link
from early_vision.errors import InputError, Problem
from early_vision.memory import Memory
from early_vision.network.known import find_network
from early_vision.project import CACHE
from early_vision.site.build import make_site
from early_vision.site.external import external_problems
from early_vision.site.new_article import write_new_article
from early_vision.site.problems import find_problems, report, tally


@pytest.fixture
def project(tmp_path):
    return write_small_project(tmp_path)


def test_a_new_article_builds_without_a_warning(project):
    network, folder = find_network("small", project.assets), project.content / "brand-new"
    written = write_new_article(folder, network, {}, project.templates)
    assert all(path.is_file() for path in written) and {path.suffix for path in written} == {".md", ".yaml", ".bib"}
    site = make_site([folder], project.assets, project.templates, project.loaders, Memory())
    assert site.warnings == () and b"Brand new" in site.files["brand-new/index.html"]
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(InputError, match="something here already"):
        write_new_article(folder, network, {}, project.templates)
    assert {path: path.read_bytes() for path in written} == before
    with pytest.raises(InputError, match="cannot be an article's address"):
        write_new_article(project.content / "Brand New", network, {}, project.templates)
    assert sorted(path.name for path in project.content.iterdir()) == ["brand-new", "small"]


BROKEN = ARTICLE.replace("Some words", "[Gone](neurons/first/9.html), [lost](#frist).\n\nSome words").replace(
    "# Second {#second}", "## Deep {#deep}\n\n#### Deeper {#deeper}\n\n# Second {#second}"
)


def test_everything_is_in_the_list_with_its_line(project):
    (project.article / "unused.png").write_bytes(b"no picture")
    again = project.content / "again"
    again.mkdir()
    (again / "article.md").write_text("nothing yet")
    (project.article / "article.md").write_text(ARTICLE)
    problems, _ = find_problems([project.article, again], project, external=False)
    assert [line.split(": ")[0] for line in report(problems, "text", project.content)] == [
        "again/article.md:1",
        "small/unused.png",
    ]

    text = BROKEN.replace("[lost](#frist).", "And no more.")
    (project.article / "article.md").write_text(text)
    problems, _ = find_problems([project.article], project, external=False)
    place = {words: 1 + text.splitlines().index(line) for words, line in (
        ("leads to no file", "[Gone](neurons/first/9.html), And no more."),
        ("levels below", "#### Deeper {#deeper}"),
    )}  # fmt: skip
    listed = list(report(problems, "text", project.content))
    for words, line in place.items():
        assert any(one.startswith(f"small/article.md:{line}: ") and words in one for one in listed), listed
    assert any(one.startswith("small/unused.png: warning: no page shows this picture") for one in listed)
    assert tally(problems, 1) == "2 errors and 1 warning in 1 article"


def test_links_may_lead_to_articles_that_are_not_built_now(project):
    beside = project.content / "beside"
    beside.mkdir()
    (beside / "article.md").write_text(ARTICLE)
    links = "[here](../beside/index.html#first), [not here](../besides/index.html)"
    (project.article / "article.md").write_text(ARTICLE.replace("Some words", links))
    (problem,) = find_problems([project.article], project, external=False)[0]
    assert "../besides/index.html leads to no file" in problem.message


def test_a_text_that_is_wrong_hides_nothing_else_that_is(project):
    (project.article / "unused.png").write_bytes(b"no picture")
    claim = "/// claim | weights first:0 to second:0 sum at least 1000\n///\n\n"
    links = "[gone](neurons/first/9.html), [here](neurons/first/3.html#top), [elsewhere](../unread/index.html#it)"
    text = ARTICLE.replace("Some words", f"Unknown [@nobody1999].\n\n{links}\n\nSome words")
    text = text.replace("# Second", f"### Third {{#third}}\n\n{claim}# Second")
    (project.article / "article.md").write_text(text.replace("inputs: 3", "inputs: 9"))
    unread = project.content / "unread"
    unread.mkdir()
    (unread / "article.md").write_text("nothing yet")
    problems, _ = find_problems([project.article, unread], project, external=False)
    *listed, unused, broken = report(problems, "text", project.content)
    assert unused.startswith("small/unused.png: warning: no page shows") and broken.startswith("unread/article.md:1: ")
    wanted = (
        "nobody1999", "neurons/first/9.html leads to no file", '"Third" is 2 levels below', "a claim needs measurements",
        "no neuron 9",
    )  # fmt: skip
    for words, one in zip(wanted, listed, strict=True):
        assert words in one and one.startswith("small/article.md:"), listed


def test_in_a_shared_bibliography_only_what_is_cited_can_be_wrong(project):
    entries = (
        "@misc{one, title = {One}}\n@misc{none, title = {Nobody cites it}}\n@article{wrong, title = {No author}}\n"
    )
    (project.content / "bibliography.bib").write_text(entries)
    (project.article / "article.md").write_text(ARTICLE.replace("Some words", "Some words [@one]"))
    assert find_problems([project.article], project, external=False)[0] == []
    (project.article / "article.md").write_text(ARTICLE.replace("Some words", "Some words [@one; @wrong]"))
    (problem,) = find_problems([project.article], project, external=False)[0]
    assert str(problem).endswith('bibliography.bib:3: "author" is missing in "wrong". A `@article` needs it')


def test_what_a_check_worked_out_is_there_for_the_next(project):
    """Neuron pages are most of the work; and whatever is wrong is told every time."""

    def kept() -> set[str]:
        with closing(sqlite3.connect(project.cache / CACHE)) as cache:
            return {key for (key,) in cache.execute("SELECT key FROM kept")}

    (project.article / "unused.png").write_bytes(b"no picture")
    first, _ = find_problems([project.article], project, external=False)
    keys = kept()
    second, _ = find_problems([project.article], project, external=False)
    assert first and [*map(str, first)] == [*map(str, second)]
    assert len(keys) >= 10 and kept() == keys, "every neuron's page is kept, and none is made again"


def test_formats_for_programs():
    problems = [
        Problem("100% wrong:\nreally", file="/content/a, b.md", line=3, hint="Mend it"),
        Problem("look here", file="/content/c.md", severity="warning"),
    ]
    assert list(report(problems, "github", Path("/content"))) == [
        "::error file=a%2C b.md,line=3::100%25 wrong:%0Areally. Mend it",
        "::warning file=c.md::look here",
    ]
    told = json.loads("\n".join(report(problems, "json", Path("/content"))))
    assert told[0] == {
        "severity": "error", "file": "a, b.md", "line": 3, "message": "100% wrong:\nreally", "hint": "Mend it",
    }  # fmt: skip
    assert json.loads("\n".join(report([], "json", Path("/content")))) == []


class Answers(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self):
        self.asked.append((self.command, self.path))
        status = {"/here": 200, "/gone": 404, "/closed": 403, "/no-head": 200 if self.command == "GET" else 405}
        if self.path == "/slow":
            threading.Event().wait(1.5)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/here")
        else:
            self.send_response(status.get(self.path, 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


def test_links_to_elsewhere():
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    names = ("here#a", "here#b", "gone", "closed", "no-head", "moved", "slow")
    links = [Link(f"{host}/{name}", Path("article.md"), line) for line, name in enumerate(names, 1)]
    links += [Link("index.html", Path("article.md"), 90), Link("mailto:a@b.org", Path("article.md"), 91)]
    links.append(Link("http://127.0.0.1:9/", Path("article.md"), 92))
    problems = external_problems(links, timeout=0.5)
    told = {problem.line: (problem.severity, problem.message.removeprefix(f"the link {host}")) for problem in problems}
    assert told[3] == ("error", "/gone leads to nothing: 404 Not Found")
    assert told[4] == ("warning", "/closed could not be checked: 403 Forbidden")
    assert told[7][0] == told[92][0] == "warning" and set(told) == {3, 4, 7, 92}
    asked = [path for _, path in Answers.asked]
    assert asked.count("/here") == 2, "once for itself, once where a redirect leads"
    (rest,) = external_problems(links[:3], timeout=2, most=1)
    assert "was not checked" in rest.message and rest.severity == "warning"
    server.shutdown()


@pytest.mark.slow
def test_exit_statuses(tmp_path):
    def run(*arguments):
        done = subprocess.run([sys.executable, "build.py", *arguments], cwd=ROOT, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        return done

    assert run("check", str(tmp_path)).returncode == 2 and run("check", "--nonsense").returncode == 2
    (tmp_path / "an-article").mkdir()
    (tmp_path / "an-article" / "article.md").write_text("no front matter")
    done = run("check", str(tmp_path / "an-article"))
    assert done.returncode == 1 and done.stdout.startswith(f"{tmp_path}/an-article/article.md:1: ")
    assert "1 error in 1 article" in done.stderr
