"""What the tests of circuits share: the embedded network's connections, computed once, and what was measured of it."""

import functools

import pytest

from early_vision.circuits.connections import connect
from early_vision.circuits.neighbours import wiring


@pytest.fixture(scope="session")
def connected(tiny):
    """connect(source, layer) for the embedded network."""
    return functools.lru_cache(maxsize=None)(lambda source, layer: connect(tiny, source, layer))


@pytest.fixture(scope="session")
def wired(tiny):
    return wiring(tiny)
