"""Claims on the page: checked, not checked and why, and not true where an article only reports them."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from stand_in import embedded_circuits, embedded_tuning, stand_in_features

from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.errors import InputError
from early_vision.network.known import outline
from early_vision.site.build import build_site
from early_vision.site.views.claims import ABSENT, STAND_IN, UNMEASURED, view_claim
from early_vision.tuning import load_tuning

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TRUE, FALSE = "weights conv2d0:31 to conv2d1:41 sum at least -9", "conv2d2:17 orientation_selectivity at least 5"


@pytest.fixture(scope="module")
def circuits(tiny):
    return NetworkCircuits(tiny, wiring(tiny), {}, None)


@pytest.fixture(scope="module")
def tuning(tiny):
    return load_tuning(tiny, ROOT / "assets")


def test_with_weights_a_claim_holds_or_fails(tuning, circuits):
    assert view_claim(TRUE, tuning, {}, circuits).state == "holds"
    assert view_claim(FALSE, tuning, {}, circuits).state == "fails"
    unmeasured = view_claim(FALSE, {}, {}, circuits)
    assert (unmeasured.state, unmeasured.words) == ("unchecked", UNMEASURED)


def ticks(path: str) -> int:
    return path.count("v")


def test_claims_of_weights_have_strips(tuning, circuits):
    def strip(claim):
        return view_claim(claim, tuning, {}, circuits).strip

    # All 192 inputs on their own scale, of which some may share a place.
    at_place = strip("weights conv2d2:115 to mixed3a:90 upper left at least -9")
    assert ticks(at_place.marked) == 1 and ticks(at_place.others) > 50 and "at the upper left" in at_place.words
    kernels = circuits.connect("conv2d2", "mixed3a")
    corner = [kernels.kernel(channel, 90)[0, 0] for channel in range(192)]
    assert (at_place.low, at_place.high) == ("−9", f"{max(corner):.3g}")
    assert strip("weights mixed3b:207 and mixed3b:295 correlation at least -1") is None
    inputs = strip("weights mixed3a:52 inhibiting of the 16 strongest at least 0")
    assert 0 < ticks(inputs.marked) + ticks(inputs.others) <= 16


def test_random_numbers_check_nothing_but_that_a_claim_can_be_understood(tuning, circuits):
    stand_in = replace(circuits, network=replace(circuits.network, stand_in=True))
    for claim in (TRUE, FALSE):
        assert (view_claim(claim, tuning, {}, stand_in).words) == STAND_IN
    with pytest.raises(InputError, match="orientation_selectvity"):
        view_claim("conv2d2:17 orientation_selectvity at least 0.5", tuning, {}, stand_in)


def test_without_weights_nothing_is_checked_but_how_a_claim_is_written():
    network = outline("inceptionv1")
    absent = NetworkCircuits(network, wiring(network), {}, None)
    for claim in (TRUE, FALSE):
        assert view_claim(claim, {}, {}, absent).words == ABSENT
    for claim in ("weights of conv2d0", "conv2d2:17 is a curve"):
        with pytest.raises(InputError, match="cannot be read"):
            view_claim(claim, {}, {}, absent)


@pytest.mark.slow
def test_an_article_that_reports_is_built_with_what_does_not_hold(content, tmp_path):
    article = tmp_path / "early-vision-tiny"
    shutil.copytree(content / "early-vision-tiny", article)
    path = article / "article.md"
    wrong = f"\n/// claim | {FALSE}\n///\n"
    path.write_text(path.read_text() + wrong)

    def build():
        return build_site([article], assets=ROOT / "assets", templates=ROOT / "templates", out=tmp_path / "site",
                          load_features=stand_in_features, load_tuning=embedded_tuning, load_circuits=embedded_circuits)  # fmt: skip

    with pytest.raises(InputError, match="does not hold"):
        build()
    path.write_text(path.read_text().replace("\ntitle:", "\nclaims: report\ntitle:", 1))
    (warning,) = build().warnings
    assert warning.severity == "warning" and warning.line and f'the claim "{FALSE}" does not hold' in warning.message
    html = (tmp_path / "site/early-vision-tiny/index.html").read_text()
    assert "Does not hold here: measured conv2d2:17 orientation_selectivity = " in html
    assert re.search(r'<details class="claims failing" open>', html)
