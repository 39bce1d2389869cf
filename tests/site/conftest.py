"""A whole site to test: the embedded article over pictures that only stand in for feature visualizations."""

import shutil
from pathlib import Path

import pytest
from stand_in import build_stand_in

from early_vision.memory import Memory

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> Path:
    """A copy of the embedded content."""
    copy = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(ROOT / "content", copy)
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
