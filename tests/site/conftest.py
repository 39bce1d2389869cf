"""A whole site to test: the embedded article over pictures that only stand in for feature visualizations."""

import shutil
from pathlib import Path

import pytest
from stand_in import stand_in_features

from early_vision.site.build import build_site
from early_vision.tuning import load_tuning

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> Path:
    """A copy of the embedded content."""
    copy = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(ROOT / "content", copy)
    return copy


@pytest.fixture(scope="session")
def site(tmp_path_factory, content) -> Path:
    """The embedded article's site."""
    out = tmp_path_factory.mktemp("site") / "site"
    build_site(
        [content / "early-vision-tiny"],
        assets=ROOT / "assets",
        templates=ROOT / "templates",
        out=out,
        load_features=stand_in_features,
        load_tuning=lambda network: load_tuning(network, ROOT / "assets"),
    )
    return out
