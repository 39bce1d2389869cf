"""What null networks of a layer have, too, is no family there."""

from dataclasses import replace

import numpy as np
import pytest
from hand_built import hand_built

from early_vision.errors import InputError
from early_vision.network.nulls import null_network
from early_vision.site.views.tuning import view_glossary
from early_vision.tuning.drives import Drives
from early_vision.tuning.explain import by_rule
from early_vision.tuning.families import ENOUGH, FAMILIES, margins, scores, stretched
from early_vision.tuning.layer_tuning import LayerTuning
from early_vision.tuning.measures import MEASURES, tuning_of
from early_vision.tuning.null_scores import (
    RATE,
    NullScores,
    asked_for,
    kinds_for,
    nulls_path,
    read_nulls,
    score_nulls,
    write_nulls,
)
from early_vision.tuning.responses import Subject, layer_series, measure_subjects

NAMES = [family.name for family in FAMILIES]


def at_random(seed: int, neurons: int = 400) -> dict[str, np.ndarray]:
    """Measures drawn over their whole ranges: rules as they are defined name many such neurons."""
    random = np.random.default_rng(seed)
    ends = {name: (one.low or 0.0, 1.0 if one.high is None else one.high) for name, one in MEASURES.items()}
    found = {name: random.uniform(*ends[name], neurons) for name in MEASURES}
    return found | {
        f"to_{name}": random.uniform(0.8, 1, neurons) for name in ("stripes", "hatches", "noise", "circles")
    }


@pytest.fixture(scope="module")
def nulls() -> NullScores:
    return score_nulls([(kind, seed, at_random(10 * i + seed)) for i, kind in enumerate(("shuffled", "last"))
                        for seed in range(3)])  # fmt: skip


def test_no_more_than_the_stated_part_of_a_null_network_has_a_name(nulls):
    defined, asked = (np.array([getattr(one, name) for one in nulls.networks]) for name in ("defined", "members"))
    assert defined.sum(1).min() > 60
    for kind in ("shuffled", "last"):
        of_kind = asked[[one.kind == kind for one in nulls.networks]]
        assert (of_kind.sum(0) <= RATE * 3 * nulls.neurons).all()
    # Others of the same making, which had no part in it, have about as few.
    fresh = scores(at_random(77, 4000), asked_for(nulls))
    assert ((fresh >= ENOUGH).mean(0) < 2 * RATE).all()


def test_a_rule_that_names_few_stays_as_it_is_defined():
    quiet = {name: np.zeros(50) for name in MEASURES}
    assert asked_for(score_nulls([("shuffled", 0, quiet)])) == FAMILIES
    assert asked_for(None) == FAMILIES


def test_a_stretched_family_scores_a_factor_less():
    tuning = at_random(5)
    many = margins(tuning) > 0
    more = margins(tuning, [stretched(family, 2.0) for family in FAMILIES])
    np.testing.assert_allclose(more[many], margins(tuning)[many] / 2, rtol=0.01, atol=1e-3)


def test_a_family_that_a_null_network_has_as_often_is_not_assigned(nulls):
    tuning = LayerTuning("layer", Drives({}, {}), checks={"at half contrast": at_random(99)}, nulls=nulls)
    # As at half contrast, so at full.
    tuning.__dict__["measures"] = at_random(99)
    assert not tuning.supported.all()
    for index in np.flatnonzero(~tuning.supported):
        assert tuning.members[index] <= nulls.most[index] and not tuning.scores[:, index].any()


def test_how_many_fit_here_and_by_chance_is_said(nulls):
    tuning = LayerTuning("layer", Drives({}, {}), checks={"at half contrast": at_random(99)}, nulls=nulls)
    tuning.__dict__["measures"] = at_random(99)
    # 400 neurons of a layer: drives are not needed for counting.
    tuning.drives.__dict__["grey"] = np.zeros(400)
    for index in (int(tuning.supported.argmax()), int(tuning.supported.argmin())):
        told = by_rule(tuning, NAMES[index])
        counts = f"{tuning.members[index]} of 400 here, {nulls.mean[index]:.1f} in null networks (at most {nulls.most[index]})"
        assert told.endswith(f"{counts}.") and told.startswith("By the rule") == tuning.supported[index]
    assert by_rule(tuning, "Domes") == by_rule(replace(tuning, nulls=None), NAMES[0]) == ""
    glossary = view_glossary({"layer": tuning}, photographs=False)
    assert glossary.layers == (("layer", 400),) and glossary.networks == 6
    assert [one[0].here for one in glossary.chance] == list(tuning.members)
    assert view_glossary({"layer": replace(tuning, nulls=None)}, photographs=False).layers == ()


def test_null_scores_are_read_back_and_refused_for_other_weights(tmp_path, nulls):
    network, _ = hand_built()
    assert read_nulls(tmp_path, network, "simple") is None
    path = write_nulls(tmp_path, network, "simple", nulls)
    assert path == nulls_path(tmp_path, network, "simple")
    assert read_nulls(tmp_path, network, "simple") == nulls
    with pytest.raises(InputError, match="made of other weights, or held against older rules"):
        read_nulls(tmp_path, replace(network, sha256="f" * 64), "simple")
    path.write_bytes(path.read_bytes().replace(b'"reached"', b'"retched"'))
    with pytest.raises(InputError, match="damaged"):
        read_nulls(tmp_path, network, "simple")


def test_only_a_layer_that_reads_another_can_be_shuffled_alone():
    network, _ = hand_built()
    assert kinds_for(network.architecture, "simple") == ("shuffled", "untrained")
    assert kinds_for(network.architecture, "complex") == ("shuffled", "last", "untrained")


@pytest.mark.tensorflow
def test_what_was_built_by_hand_exceeds_its_null_networks_and_they_do_not_each_other():
    pytest.importorskip("tensorflow")
    network, kinds = hand_built()
    layer, series = "arranged", layer_series(network, "arranged")
    names = [(kind, seed) for seed in range(3) for kind in ("shuffled", "last")]
    subjects = [network, *(null_network(network, kind, seed, layer) for kind, seed in names)]
    drives = [Drives(responses, {one.kind: one for one in series})
              for responses in measure_subjects([Subject(one) for one in subjects], layer, series)]  # fmt: skip
    found = score_nulls([(kind, seed, tuning_of(of)) for (kind, seed), of in zip(names[:4], drives[1:5], strict=True)])
    tuning = LayerTuning(layer, drives[0], nulls=found)
    for kind, family in (("curves", "Curves"), ("high-low", "High-Low Frequency")):
        assert tuning.supported[NAMES.index(family)]
        assert (tuning.scores[kinds[layer][kind]].argmax(1) == NAMES.index(family)).all()
    for of in drives[5:]:
        assert (LayerTuning(layer, of, nulls=found).scores.max(1) >= ENOUGH).mean() < 0.25
