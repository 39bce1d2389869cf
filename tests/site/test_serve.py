"""Serving while an author writes: what the server gives and refuses, and what a browser shows of edits and mistakes."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import CHROMIUM
from small_project import ARTICLE, write_small_project

from early_vision.site.build import find_articles
from early_vision.site.server import HOST, News, Server, listen_on
from early_vision.site.serving import Session, serve

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0


@contextmanager
def served(project, out: Path):
    """A server for a small project, with what it prints."""
    printed, news, stop = [], News(), threading.Event()
    session = Session(project, lambda: find_articles(project.content), out, news, printed.append)
    server = listen_on(8650, lambda port: Server(port, out, project.assets / "serve", news))
    thread = threading.Thread(target=serve, args=(session, server, stop), daemon=True)
    thread.start()
    try:
        wait(lambda: printed)
        yield server, printed
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def wait(condition) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    with served(write_small_project(root / "project"), root / "site") as (server, printed):
        yield server, root / "project", root / "site", printed


def ask(server, path: str, method: str = "GET", **headers) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=PATIENCE_S)
    connection.request(method, path, headers={"Host": f"127.0.0.1:{server.server_port}", **headers})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


TYPES = [
    ("/", "text/html; charset=utf-8"),
    ("/small/index.html", "text/html; charset=utf-8"),
    ("/small/", "text/html; charset=utf-8"),
    ("/assets/style.css?v=1", "text/css; charset=utf-8"),
    ("/assets/favicon.svg", "image/svg+xml"),
    ("/small/neurons/first/0.json", "application/json"),
    ("/-/live.js", "text/javascript; charset=utf-8"),
]


@pytest.mark.parametrize(("path", "kind"), TYPES)
def test_files_and_their_types(running, path, kind):
    status, headers, body = ask(running[0], path)
    assert (status, headers["Content-Type"]) == (200, kind) and body
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Security-Policy"] == "default-src 'self'"
    head = ask(running[0], path, "HEAD")
    assert head[0] == 200 and head[1]["Content-Length"] == str(len(body)) and head[2] == b""


@pytest.mark.parametrize(
    "path",
    [
        "/../project/content/small/article.md", "/%2e%2e/project/content/small/article.md", "/small/..%2f..%2fproject",
        "/small/.files", "/.built.json", "/-/../css/20-page.css", "/-/%2e%2e/css/20-page.css", "/small%00.html",
        "/..%5cproject", "//etc/passwd", "/link/article.md",
    ],
)  # fmt: skip
def test_nothing_but_the_site_is_served(running, path):
    server, project, out, _ = running
    if not (out / "link").is_symlink():
        (out / "link").symlink_to(project / "content" / "small")
    status, _, body = ask(server, path)
    assert status == 404 and b"title:" not in body


def test_other_hosts_and_methods_are_refused(running):
    server = running[0]
    port = server.server_port
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"127.0.0.1.evil.example:{port}",
    ):
        assert ask(server, "/", Host=host)[0] == 403
    assert ask(server, "/-/news", Origin="https://evil.example")[0] == 403
    assert ask(server, "/", Host=f"localhost:{port}")[0] == 200
    assert ask(server, "/", "POST")[0] == 501
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server, "/small")[1]["Location"] == "/small/"
    assert ask(server, "//evil.example/..")[0] == 404


def test_the_script_is_served_and_never_written(running):
    server, _, out, _ = running
    assert b"/-/live.js" in ask(server, "/small/index.html")[2]
    assert [path for path in out.rglob("*.html") if b"/-/" in path.read_bytes()] == []


def test_news_reach_every_listener_and_end_with_the_server(tmp_path):
    news = News()
    server = Server(0, tmp_path, tmp_path, news)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lines = []
    for _ in range(2):
        connection = http.client.HTTPConnection(HOST, server.server_port, timeout=PATIENCE_S)
        connection.request("GET", "/-/news")
        lines.append(connection.getresponse())
    first = [json.loads(one.readline().removeprefix(b"data: ")) for one in lines]
    news.tell({"version": "x-1", "changed": ["a.css"], "problems": []})
    for one in lines:
        one.readline()
        assert json.loads(one.readline().removeprefix(b"data: "))["changed"] == ["a.css"]
    assert first == [{"version": "", "changed": None, "problems": []}] * 2
    server.shut()
    assert [one.read().strip() for one in lines] == [b"", b""]


def test_a_taken_port_leads_to_the_next_one(tmp_path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = listen_on(port, lambda one: Server(one, tmp_path, tmp_path, News()))
        assert server.server_port > port
        server.server_close()
        with pytest.raises(OSError):
            listen_on(port, lambda one: Server(one, tmp_path, tmp_path, News()), tries=1)


PARAGRAPHS = "\n\n".join(f"Paragraph {number} of many, so that there is something to scroll." for number in range(40))
LONG = ARTICLE.replace("Some words before all else, and first:2.", PARAGRAPHS)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_edits_reach_the_page_in_place(browser, tmp_path):
    project = write_small_project(tmp_path / "project")
    text = project.article / "article.md"
    text.write_text(LONG)
    with served(project, tmp_path / "site") as (server, printed):
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.set_default_timeout(PATIENCE_S * 1000)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{server.address}small/index.html")
        page.get_by_text("Paragraph 25 of").evaluate("one => one.scrollIntoView()")
        place = "() => [...document.querySelectorAll('p')].find(p => /^Paragraph 25/.test(p.textContent)).getBoundingClientRect().top"
        before = page.evaluate(place)

        more = LONG.replace("Paragraph 3 of", "An inserted paragraph.\n\nParagraph 3 of")
        text.write_text(more.replace("30 of many", "30 of some"))
        page.get_by_text("Paragraph 30 of some").wait_for()
        page.wait_for_load_state("load")
        wait(lambda: abs(page.evaluate(place) - before) < 2)
        assert page.evaluate("scrollY") > 500

        page.evaluate("window.mark = 'still here'")
        (project.assets / "css" / "99-own.css").write_text("h1 { letter-spacing: 7px !important }")
        wait(lambda: page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") == "7px")
        assert page.evaluate("window.mark") == "still here", "a style sheet is swapped without loading the page again"

        panel = page.locator("section.problems")
        text.write_text(LONG.replace("/// layer-groups | second", "/// layer-grups | second"))
        panel.wait_for()
        line = LONG.splitlines().index("/// layer-groups | second") + 1
        told = panel.inner_text()
        assert f"content/small/article.md:{line}" in told and "/// layer-grups | second" in told
        assert 'Did you mean "layer-groups"?' in told and "layer-grups" in "\n".join(printed)
        assert page.evaluate("window.mark") == "still here", "the last good page stays"
        assert "Paragraph 30 of some" in page.content()
        if folder := os.environ.get("SCREENSHOTS"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(300)
                page.screenshot(path=f"{folder}/overlay-{scheme}.png")
        other = browser.new_page()
        other.goto(f"{server.address}small/index.html")
        other.locator("section.problems").wait_for(timeout=PATIENCE_S * 1000)

        text.write_text(LONG)
        for one in (page, other):
            one.locator("section.problems").wait_for(state="detached", timeout=PATIENCE_S * 1000)
        page.get_by_text("Paragraph 30 of many").wait_for()
        assert complaints == [] and not any("Traceback" in one for one in printed)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_site_that_never_was_built_appears_when_it_can_be(browser, tmp_path):
    project = write_small_project(tmp_path / "project")
    text = project.article / "article.md"
    text.write_text("no front matter")
    with served(project, tmp_path / "site") as (server, _):
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(server.address)
        page.locator("section.problems").wait_for()
        assert "not built yet" in page.inner_text("h1")
        text.write_text(ARTICLE)
        page.get_by_role("heading", name="Two layers").wait_for()


@pytest.mark.slow
def test_the_command_ends_at_ctrl_c(root, tmp_path):
    command = [sys.executable, "build.py", "serve", "--out", str(tmp_path / "site"), "--port", "8691"]
    run = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert "http://127.0.0.1:8691/" in run.stdout.readline()
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    rest, _ = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0 and "Traceback" not in rest and rest.endswith("ended\n")
