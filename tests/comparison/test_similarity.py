"""Similarity of layers, on layers whose truth is known since they were made by hand."""

import numpy as np
import pytest

from early_vision.comparison.similarity import (
    best_matches,
    correlations,
    expected_best,
    expected_best_of_others,
    linear_cka,
    ridge_predictivity,
)

NEURONS, STIMULI = 48, 400


@pytest.fixture(scope="module")
def layer():
    """Responses like those of neurons: skewed, of different strengths."""
    generator = np.random.default_rng(1)
    strength = generator.uniform(0.1, 20.0, (NEURONS, 1))
    return strength * np.maximum(generator.standard_normal((NEURONS, STIMULI)), 0.0) + generator.normal(
        size=(NEURONS, 1)
    )


@pytest.fixture(scope="module")
def rotated(layer):
    turn, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((NEURONS, NEURONS)))
    return turn @ layer


def independent(seed, neurons=NEURONS):
    return np.maximum(np.random.default_rng(seed).standard_normal((neurons, STIMULI)), 0.0)


def test_a_copy_with_permuted_channels_gives_1_and_the_permutation(layer):
    order = np.random.default_rng(3).permutation(NEURONS)
    # The copy's own scale and offset do not matter.
    matched, value = best_matches(correlations(layer, 3.0 * layer[order] - 7.0))
    assert np.allclose(value, 1.0)
    assert (order[matched] == np.arange(NEURONS)).all()


def test_independent_layers_match_as_a_control_does_and_are_not_alike_as_a_whole(layer):
    one, control = (expected_best(correlations(layer, independent(seed)), 32) for seed in (4, 5))
    assert abs(np.median(one) - np.median(control)) < 0.02
    assert 0.05 < np.median(one) < 0.25
    assert abs(linear_cka(layer, independent(4))) < 0.05
    assert np.median(ridge_predictivity(independent(4), layer)) < 0.02


def test_more_candidates_match_better_by_chance_unless_their_numbers_are_equal(layer):
    few, many = correlations(layer, independent(6)), correlations(layer, independent(7, 480))
    assert np.median(best_matches(many)[1]) > np.median(best_matches(few)[1]) + 0.02
    assert abs(np.median(expected_best(many, 32)) - np.median(expected_best(few, 32))) < 0.01


def test_the_expected_best_is_the_mean_over_all_choices():
    similarity = np.array([[0.9, 0.1, 0.5, 0.3]])
    pairs = [(0.9, 0.1), (0.9, 0.5), (0.9, 0.3), (0.1, 0.5), (0.1, 0.3), (0.5, 0.3)]
    assert np.allclose(expected_best(similarity, 2), np.mean([max(pair) for pair in pairs]))
    assert np.allclose(expected_best(similarity, 4), 0.9)
    assert np.allclose(expected_best(similarity, 1), similarity.mean())
    with pytest.raises(ValueError, match="5 candidates of 4"):
        expected_best(similarity, 5)


def test_a_neuron_is_no_match_for_itself():
    same = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, -0.1], [0.4, -0.1, 1.0]])
    assert np.allclose(expected_best_of_others(same, 2), [0.4, 0.2, 0.4])


def test_a_rotation_keeps_the_whole_and_loses_the_matches(layer, rotated):
    assert linear_cka(layer, rotated) == pytest.approx(1.0)
    assert np.median(ridge_predictivity(rotated, layer)) > 0.99
    assert np.median(best_matches(correlations(layer, rotated))[1]) < 0.8


def test_more_neurons_than_stimuli_do_not_make_layers_alike():
    some, others = (np.random.default_rng(seed).standard_normal((480, 60)) for seed in (8, 9))
    assert abs(linear_cka(some, others)) < 0.1


def test_ridge_finds_sums_and_no_more(layer):
    generator = np.random.default_rng(10)
    sums = generator.standard_normal((8, NEURONS)) @ layer
    noisy = sums + sums.std(1, keepdims=True) * generator.standard_normal(sums.shape)
    assert ridge_predictivity(layer, sums).min() > 0.98
    assert np.abs(np.median(ridge_predictivity(layer, noisy)) - 0.45) < 0.08


def test_dead_neurons_are_like_nothing(layer):
    dead = np.vstack([layer[:4], np.full((2, STIMULI), 0.3)])
    similarity = correlations(dead, layer)
    assert (similarity[4:] == 0).all()
    assert np.isnan(linear_cka(np.ones((3, STIMULI)), layer))
    assert np.isfinite(ridge_predictivity(dead, layer)).all()
    assert (ridge_predictivity(layer, dead)[4:] == 0).all()
