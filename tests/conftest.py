"""What the tests share: the embedded network, the browser, and where things are."""

import os
import signal
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every process that a test starts to interrupt it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


WHOLE_SITES = {"site", "whole_site", "without", "generated"}
"""Fixtures that build hundreds of pages."""


def pytest_addoption(parser):
    parser.addoption("--fuzz", type=int, metavar="N", help="damaged files for every reader of foreign files")


def pytest_collection_modifyitems(items):
    """Whatever asks for the browser or for a whole site is marked so, wherever it stands."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if "browser" in asked:
            item.add_marker(pytest.mark.browser)
        if asked & WHOLE_SITES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Weights that a developer has fetched are no part of a test, and tests leave none to the developer."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def assets() -> Path:
    return ROOT / "assets"


@pytest.fixture(scope="session")
def tiny():
    """The embedded network."""
    from early_vision.network.known import EMBEDDED, find_network

    return find_network(EMBEDDED, ROOT / "assets")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and data beside the repository; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def browser():
    """A Chromium for all tests of pages: a process can have but one Playwright at a time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
