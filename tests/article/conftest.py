"""A small network and small articles about it, to break in every way."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from early_vision.errors import InputError, Problem
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network

TINY = Architecture(
    nodes=(Node("first", "conv", (INPUT,), 3, 2, 4), Node("second", "conv", ("first",), 3, 1, 6)),
    layer_names=("first", "second"),
)
"""Two layers, of four and of six neurons."""


def find_tiny(name: str) -> Network:
    if name != "tiny":
        raise InputError(f"there is no network {name!r}", hint='Did you mean "tiny"?')
    return Network("tiny", TINY, {"first_w": np.zeros((3, 3, 3, 4), np.float32)}, "0" * 64)


WHOLE = {
    "article.md": """---
title: Two layers
network: tiny
---
# First {#first}

/// layer-groups | first
///

# Second {#second}

/// layer-groups | second
///
""",
    "groups/first.yaml": "- name: All\n  neurons: [0, 1, 2, 3]\n",
    "groups/second.yaml": "- name: All\n  neurons: [0, 1, 2, 3, 4, 5]\n",
}


@pytest.fixture
def write_article(tmp_path):
    """Writes an article: the whole one, with some of its files replaced (None leaves one out)."""

    def write(files: Mapping[str, str | bytes | None] = MappingProxyType({})) -> Path:
        folder = tmp_path / "an-article"
        (folder / "groups").mkdir(parents=True, exist_ok=True)
        for name, text in {**WHOLE, **files}.items():
            if text is not None:
                (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return folder

    return write


@pytest.fixture
def find():
    return find_tiny


@pytest.fixture
def problems_of():
    """What is wrong with an article, warnings included, as the messages that its author reads, without the folder's own
    path."""
    from early_vision.article.article import check_article

    def problems(folder: Path) -> list[str]:
        found: list[Problem] = []
        check_article(folder, find_tiny, found)
        return [str(error).replace(f"{folder}/", "") for error in found]

    return problems
