"""Claims as the page shows them: held against the weights and measurements, or why they could not be."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from early_vision.article.ablation_claims import CLAIM as ABLATION_CLAIM
from early_vision.article.ablation_claims import EXAMPLE as ABLATION_EXAMPLE
from early_vision.article.ablation_claims import CheckedAblation, check_ablation, is_about_ablation, removal_in
from early_vision.article.chance_claims import CLAIM as CHANCE_CLAIM
from early_vision.article.chance_claims import EXAMPLE as CHANCE_EXAMPLE
from early_vision.article.chance_claims import check_chance, is_about_chance
from early_vision.article.claim_words import claim_sentence
from early_vision.article.comparison_claims import check_comparison, comparison_sentence, is_about_comparison
from early_vision.article.groups import Group
from early_vision.article.photograph_claims import CLAIM as PHOTOGRAPH_CLAIM
from early_vision.article.photograph_claims import EXAMPLE as PHOTOGRAPH_EXAMPLE
from early_vision.article.photograph_claims import check_photographs, is_about_photographs
from early_vision.article.tuning_claims import CLAIM, EXAMPLE, Checked, Groups, check_claim
from early_vision.article.weight_claims import CLAIM as WEIGHTS_CLAIM
from early_vision.article.weight_claims import EXAMPLE as WEIGHTS_EXAMPLE
from early_vision.article.weight_claims import CheckedWeights, check_weights, is_about_weights
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.comparison.report import Comparison
from early_vision.drawing.claim_strips import Strip
from early_vision.errors import InputError
from early_vision.site.views.claim_strips import view_strip
from early_vision.tuning import LayerTuning

ABSENT = "not checked: weights absent"
STAND_IN = "not checked: stand-in weights"
UNMEASURED = "not checked: the network was not measured"


@dataclass(frozen=True)
class Grammar:
    """How claims of a kind are told from others, what they look like, and one of them."""

    is_about: Callable[[str], bool]
    pattern: re.Pattern
    example: str


GRAMMARS = (
    Grammar(is_about_weights, WEIGHTS_CLAIM, WEIGHTS_EXAMPLE),
    Grammar(is_about_ablation, ABLATION_CLAIM, ABLATION_EXAMPLE),
    Grammar(is_about_photographs, PHOTOGRAPH_CLAIM, PHOTOGRAPH_EXAMPLE),
    Grammar(is_about_chance, CHANCE_CLAIM, CHANCE_EXAMPLE),
)
TUNING = Grammar(lambda claim: True, CLAIM, EXAMPLE)
"""Of claims that begin with no word of their own."""


@dataclass(frozen=True)
class ClaimView:
    """A claim and what came of it.

    Attributes:
        claim: as the author wrote it.
        sentence: the same for readers.
        state: whether it holds, fails, or was not checked.
        words: what was measured, or why it was not checked.
        strip: the layer that it is about, with its bounds; None where it is about no value of every neuron, or unchecked.
    """

    claim: str
    sentence: str
    state: Literal["holds", "fails", "unchecked"]
    words: str
    strip: Strip | None = None


def view_claim(
    claim: str,
    tuning: Mapping[str, LayerTuning],
    groups: Groups,
    circuits: NetworkCircuits,
    group_names: Mapping[str, str] = MappingProxyType({}),
    comparison: Comparison | None = None,
) -> ClaimView:
    """Hold a claim against the weights or the measurements, as far as they are here.

    Random numbers in the place of weights show whether a claim can be understood, and nothing else.

    Raises:
        InputError: without a file, when it cannot be understood.
    """
    if is_about_comparison(claim):
        holds, words = check_comparison(claim, comparison, circuits.network.name)
        return ClaimView(claim, comparison_sentence(claim), "holds" if holds else "fails", words)
    sentence = claim_sentence(claim, group_names)
    if not circuits.network.shown:
        grammar = next((one for one in GRAMMARS if one.is_about(claim)), TUNING)
        if not grammar.pattern.match(" ".join(claim.split())):
            raise InputError(f'the claim "{claim}" cannot be read', hint=grammar.example)
        return ClaimView(claim, sentence, "unchecked", ABSENT)
    about_weights = WEIGHTS_CLAIM.match(" ".join(claim.split()))
    tuned = not any(about(claim) for about in (is_about_ablation, is_about_weights, is_about_photographs))
    if not tuning and (about_weights["measure"] if about_weights else tuned):
        return ClaimView(claim, sentence, "unchecked", STAND_IN if circuits.network.stand_in else UNMEASURED)
    if circuits.network.stand_in and is_about_ablation(claim):
        removal_in(claim, circuits.network.architecture, circuits.connect)
        return ClaimView(claim, sentence, "unchecked", STAND_IN)
    checked = check_any_claim(claim, tuning, groups, circuits)
    if circuits.network.stand_in:
        return ClaimView(claim, sentence, "unchecked", STAND_IN)
    strip = view_strip(claim, tuning, groups, circuits)
    return ClaimView(claim, sentence, "holds" if checked.holds else "fails", checked.measured, strip)


def check_any_claim(
    claim: str, tuning: Mapping[str, LayerTuning], groups: Groups, circuits: NetworkCircuits
) -> Checked | CheckedWeights | CheckedAblation:
    """Hold a claim against the weights, the interventions or the measurements, whichever it is about.

    Raises:
        InputError: without a file, when it cannot be understood.
    """
    architecture = circuits.network.architecture
    if is_about_chance(claim):
        return Checked(claim, *check_chance(claim, tuning, circuits.network.name))
    if is_about_photographs(claim):
        tests = circuits.photographs, circuits.network.name
        holds, shown = check_photographs(claim, architecture, *tests, groups, tuning)
        return Checked(claim, holds, shown)
    if is_about_ablation(claim):
        effects = circuits.interventions.effects
        return check_ablation(claim, architecture, circuits.connect, effects, circuits.network.name)
    if not is_about_weights(claim):
        return check_claim(claim, tuning, groups)
    return check_weights(claim, architecture, circuits.connect, lambda layer, name: tuning[layer].measure(name))


def group_neurons(taxonomy: Mapping[str, Sequence[Group]]) -> Groups:
    """Anchor of each group to its layer and neurons."""
    return {group.anchor: (layer, group.neurons) for layer, groups in taxonomy.items() for group in groups}


def group_names(taxonomy: Mapping[str, Sequence[Group]]) -> dict[str, str]:
    """Anchor of each group to its name."""
    return {group.anchor: group.name for groups in taxonomy.values() for group in groups}
