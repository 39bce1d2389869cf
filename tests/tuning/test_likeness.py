"""Maps of layers: those that respond alike are near, no two at one place, and always the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_vision.tuning.likeness import embedded, likeness_map, on_grid


def signatures(clusters: int, each: int, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    middles = draw.random((clusters, 1, 60))
    vectors = (middles + 0.1 * draw.random((clusters, each, 60))).reshape(-1, 60)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_neurons_that_respond_alike_are_neighbours():
    apart = np.arange(60)[:, None] // 12 != np.arange(60)[None] // 12
    columns, rows = likeness_map(signatures(5, 12))
    for at in (embedded(signatures(5, 12)), np.stack([columns, rows], 1).astype(float)):
        far = np.linalg.norm(at[:, None] - at[None], axis=-1)
        assert far[~apart].mean() < far[apart].mean() / 2
    again = likeness_map(signatures(5, 12))
    assert (again[0] == columns).all() and (again[1] == rows).all()


@pytest.mark.parametrize("neurons", (1, 2, 7, 9))
def test_few_neurons_have_a_map_too(neurons):
    columns, rows = likeness_map(signatures(1, neurons))
    assert len({*zip(columns.tolist(), rows.tolist(), strict=True)}) == neurons


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_no_neuron_hides_another(positions):
    columns, rows = on_grid(np.array(positions, float))
    assert len({*zip(columns.tolist(), rows.tolist(), strict=True)}) == len(positions)
    assert columns.min() == rows.min() == 0
