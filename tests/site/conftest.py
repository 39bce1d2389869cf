"""A whole site to test: the embedded article over pictures that only stand in for feature visualizations."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in import build_stand_in

from early_vision.memory import Memory

ROOT = Path(__file__).parents[2]
LOCAL = ("file:", "blob:")
"""What pages on the disk may load: files, and what they made themselves."""


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> Path:
    """A copy of the embedded article, alone in its content folder: its links to others lead to its beginning."""
    copy = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(ROOT / "content" / "early-vision-tiny", copy / "early-vision-tiny")
    article = copy / "early-vision-tiny" / "article.md"
    article.write_text(re.sub(r"\]\(\.\./[^)]+\)", "](#introduction)", article.read_text("utf-8")), "utf-8")
    return copy


@pytest.fixture(scope="session")
def memory() -> Memory:
    """What building the embedded article's site took: a test that builds it again need not work it out again."""
    return Memory()


@pytest.fixture(scope="session")
def site(tmp_path_factory, content, memory) -> Path:
    """The embedded article's site."""
    out = tmp_path_factory.mktemp("site") / "site"
    build_stand_in([content / "early-vision-tiny"], out, memory=memory)
    return out


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory) -> Path:
    """The site of all articles as it is built for readers, from the artifacts that the repository holds."""
    out = tmp_path_factory.mktemp("whole") / "site"
    subprocess.run([sys.executable, "build.py", "build", "--out", str(out)], cwd=ROOT, check=True, capture_output=True)
    return out


@pytest.fixture
def open_page(browser, request):
    """Opens a page of a site, by default the embedded one's, from its file; `page.complaints` is what went wrong."""
    contexts = []

    def open_page(name: str, width: int = 1024, height: int = 800, site: Path | None = None, **options):
        site = site or request.getfixturevalue("site")
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(LOCAL) else page.complaints.append(request.url)
        )
        # What the page had begun to load when a test led it on was cut off, and has not failed.
        page.on(
            "requestfailed",
            lambda request: None if request.failure == "net::ERR_ABORTED" else page.complaints.append(request.url),
        )
        name, _, fragment = name.partition("#")
        page.goto(site.joinpath(name).as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield open_page
    for context in contexts:
        context.close()
