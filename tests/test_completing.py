"""Whether weights are fetched, asked for, or done without; and computing what is missing of them."""

import numpy as np
import pytest

from early_vision.article.article import networks_of
from early_vision.cli.completing import COMMAND, compute_missing, settle_weights
from early_vision.errors import InputError
from early_vision.features import load_features
from early_vision.features.recipe import Recipe, Request
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.fetch import keep_found
from early_vision.network.known import find_network, home_of
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights_file import Found
from early_vision.store import user_cache
from early_vision.tuning import load_tuning


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return user_cache()


@pytest.fixture
def articles(tmp_path):
    for name, network in (("a", "inceptionv1"), ("b", "inceptionv1-tiny")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "article.md").write_text(f"---\ntitle: A\nnetwork: {network}\n---\nText\n")
    return tmp_path / "a", tmp_path / "b"


def stand_in():
    found = Found(stand_in_tensors(INCEPTIONV1), "random numbers")
    keep_found(found, "inceptionv1", INCEPTIONV1, user_cache() / "networks", "a test", stand_in=True)


def settle(articles, assets, wanted=None, asked_for=False, answer=None):
    """What is done without, whether weights were fetched, and what was said."""
    fetched, said = [], []
    ask = None if answer is None else lambda: answer
    without = settle_weights(articles, assets, wanted, asked_for, lambda: fetched.append(1), ask, said.append)
    return set(without), bool(fetched), " ".join(said)


def test_networks_are_read_from_the_front_matter(articles, tmp_path):
    assert networks_of([*articles, tmp_path / "nowhere"]) == ("inceptionv1", "inceptionv1-tiny")


def test_whether_weights_are_fetched(articles, assets, cache, monkeypatch):
    monkeypatch.setattr("early_vision.cli.completing.need_tensorflow", lambda: None)
    absent = {"inceptionv1"}
    assert settle(articles[1:], assets, asked_for=True) == (set(), False, ""), "the embedded network needs nothing"
    without, fetched, said = settle(articles, assets)
    assert (without, fetched) == (absent, False) and COMMAND in said
    assert settle(articles, assets, wanted=True) == (set(), True, "")
    assert settle(articles, assets, wanted=False) == (absent, False, "")
    assert settle(articles, assets, asked_for=True, answer=True) == (set(), True, "")
    assert settle(articles, assets, asked_for=True, answer=False)[:2] == (absent, False)
    assert settle(articles, assets, answer=True)[:2] == (absent, False), "nobody is asked who asked for no article"
    with pytest.raises(InputError, match="the weights of inceptionv1 are not here") as error:
        settle(articles, assets, asked_for=True)
    assert COMMAND in error.value.hint and "--without-weights" in error.value.hint
    stand_in()
    assert settle(articles, assets, asked_for=True) == (set(), False, "")
    assert settle(articles, assets, wanted=False)[0] == absent


def test_without_tensorflow_the_command_is_told(articles, assets, cache, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError) as error:
        settle(articles, assets, wanted=True)
    assert COMMAND in error.value.hint, "before anything is fetched"
    stand_in()
    with pytest.raises(InputError) as error:
        compute_missing(find_network("inceptionv1", assets), cache, cache / "scratch", lambda _: None)
    assert COMMAND in error.value.hint


@pytest.mark.tensorflow
@pytest.mark.slow
def test_what_is_missing_is_computed_once(assets, cache):
    pytest.importorskip("tensorflow")
    stand_in()
    network, said = find_network("inceptionv1", assets), []
    home = home_of("inceptionv1", assets)
    assert home == cache
    quick = Request(Recipe(steps=1, linear_steps=1), seeds=1, inhibiting=False, diverse=0)
    compute_missing(network, home, cache / "scratch", said.append, quick)
    assert len(said) == 2
    features, tuning = load_features(network, home), load_tuning(network, home)
    assert {name: len(neurons) for name, neurons in features.items()} == {
        name: layer.neurons for name, layer in INCEPTIONV1.layers.items()}  # fmt: skip
    assert np.isfinite(tuning["mixed3b"].measures["orientation_selectivity"]).all()
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    compute_missing(network, home, cache / "scratch", pytest.fail, quick)
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before
    assert not (assets / "precomputed" / "inceptionv1").exists(), "nothing in the repository"
