"""Claims of the embedded article: enough of them, all true, and the build stops at any that is not."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from early_vision.article.article import read_article
from early_vision.article.blocks import read_blocks
from early_vision.article.directives import Claim
from early_vision.article.source import Source
from early_vision.circuits.network_circuits import load_circuits
from early_vision.memory import Memory
from early_vision.network.known import find_network
from early_vision.site.gather import check_claims
from early_vision.tuning import load_tuning

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def article():
    return read_article(ROOT / "content" / "early-vision-tiny", lambda name: find_network(name, ROOT / "assets"))


@pytest.fixture(scope="module")
def circuits(article):
    return load_circuits(article.network, ROOT / "assets")


@pytest.fixture(scope="module")
def tuning(article):
    return load_tuning(article.network, ROOT / "assets")


def broken(claim: str) -> str:
    """The claim with a bound that nothing meets."""
    patterns = (
        (r"(falls|rises) (beyond others|by .*)$", r"\1 by 999%"),
        (r"is \S+$", "is 999"),
        (r"at least \S+", "at least 999"),
        (r"at most \S+", "at most -99"),
        (r"near (\S+)", lambda match: f"near {float(match[1]) + 40:g}"),
    )
    for pattern, bound in patterns:
        if re.search(pattern, claim):
            return re.sub(pattern, bound, claim)
    raise AssertionError(f"add a way to break {claim}")


def test_there_are_enough_and_they_hold(article, tuning, circuits):
    assert len(article.blocks(Claim)) >= 25
    assert check_claims(article, tuning, circuits, Memory()) == []


def test_breaking_any_one_stops_the_build_at_its_line(article, tuning, circuits):
    for block in article.blocks(Claim):
        claim, line = block.directive.claim, article.text.place(block.line)[1]
        wrong = replace(block, directive=Claim(claim=broken(claim)))
        (error,) = check_claims(replace(article, body=(wrong,)), tuning, circuits, Memory())
        assert error.line == line and error.file.name == "article.md"
        assert error.message.startswith(f'the claim "{broken(claim)}" does not hold: ')


@pytest.mark.parametrize(
    ("claim", "message", "hint"),
    [
        ("conv2d2:192 orientation near 45 within 10", "there is no neuron conv2d2:192", "conv2d2:0 to conv2d2:191"),
        ("conv2d2:17 orientaton near 45 within 10", 'there is no measure and no family "orientaton"', '"orientation"'),
        ('conv2d2:17 "Lime" at least 0.5', 'there is no measure and no family "Lime"', '"Line'),
        ("conv2d2:17 is nice", 'the claim "conv2d2:17 is nice" cannot be read', "Write for example"),
    ],
)
def test_a_claim_that_names_nothing_gets_the_nearest(article, tuning, circuits, claim, message, hint):
    source = Source(article.text.file, f"Text.\n\n/// claim | {claim}\n///\n", first_line=10)
    _, blocks, _ = read_blocks(source, article.network.architecture.layer_names)
    (error,) = check_claims(replace(article, text=source, body=blocks), tuning, circuits, Memory())
    assert error.line == 12 and error.message == message and hint in error.hint


def test_without_measurements_the_command_is_named(article, circuits):
    problems = check_claims(article, {}, circuits, Memory())
    assert problems and {one.hint for one in problems} == {"Run: python build.py measure --network inceptionv1-tiny"}
