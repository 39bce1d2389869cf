"""Claims across networks: each kind true and false, and what cannot be understood."""

import numpy as np
import pytest

from early_vision.article.comparison_claims import check_comparison, comparison_sentence, is_about_comparison
from early_vision.comparison.report import compare
from early_vision.errors import InputError


@pytest.fixture
def comparison(by_hand, permuted):
    recording = by_hand(4)
    copy, _ = permuted(recording)
    return compare([recording, copy, by_hand(6, "other")])


def holds(claim, comparison):
    assert is_about_comparison(claim)
    return check_comparison(claim, comparison, "small")[0]


@pytest.mark.parametrize(
    ("claim", "truth"),
    [
        ("compare first with permuted found by pictures at least 90%", True),
        ("compare first with other found by pictures at least 90%", False),
        ("compare first with permuted matches by pictures at least 0.8", True),
        ("compare first with permuted matches exceeds shuffled", True),
        ("compare second with other matches exceeds shuffled", False),
        ("compare second with permuted cka is 1.0", True),
        ("compare second with other cka at least 0.5", False),
        ("compare second with permuted cka of untrained at most 0.2", True),
        ("compare permuted/second with small predictivity exceeds untrained", True),
        ("compare first:5 with permuted similarity is 1.00", True),
        ("compare first:5 with permuted found by pictures", True),
        ("compare first:5 with permuted not found by pictures", False),
        ("compare first with permuted aligned at least 30", False),
        ("compare first with other aligned at most 5", True),
        ('compare kind "Color Contrast" with permuted found by pictures at least 80%', True),
        ('compare kind "Color Contrast" with other found by pictures at least 80%', False),
        ("compare dead of first is 2", True),
        ("compare noise of other/first is 2", False),
        ('compare share "Color Contrast" of first is 20%', True),
        ('compare share "Color Contrast" of other/first at most 10%', False),
        ('compare share "Color" of first exceeds shuffled', False),
    ],
)
def test_claims_are_held_against_the_comparison(claim, truth, comparison):
    assert holds(claim, comparison) is truth
    said = comparison_sentence(claim)
    assert said != claim
    assert said.endswith(".")


def test_the_best_match_is_named(comparison):
    found = comparison.pairs["small", "permuted"]["first"].matches("stimuli")
    at = int(np.flatnonzero(found.channels == 5)[0])
    best = f"first:{found.best[at]}"
    assert holds(f"compare first:5 with permuted best is {best}", comparison)
    assert not holds("compare first:5 with permuted best is first:999", comparison)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("compare first to other", "cannot be read"),
        ("compare first:5 with other best is 0.5", "cannot be read"),
        ("compare first:5 with other similarity", "cannot be read"),
        ("compare frist with other cka is 1", 'no layer of small "frist"'),
        ("compare first with othr cka is 1", 'no network "othr"'),
        ("compare first:0 with other found", "neuron 0 of first is dead"),
        ("compare first:99 with other found", "the layer has 40 neurons"),
        ("compare first with other found at least 0.9", "0.9 is no percentage"),
        ('compare share "Colour" of first is 20%', 'no kind of neuron "Colour"'),
        ('compare share "Color" of first exceeds untrained', "were not measured"),
    ],
)
def test_what_cannot_be_understood_is_told(claim, message, comparison):
    with pytest.raises(InputError, match=message):
        check_comparison(claim, comparison, "small")


def test_an_article_on_one_network_makes_no_such_claims():
    with pytest.raises(InputError, match="names no others") as wrong:
        check_comparison("compare first with other cka is 1", None, "small")
    assert "compares: [googlenet]" in wrong.value.hint
