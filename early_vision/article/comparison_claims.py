"""Claims across networks, written so that they read as sentences.

All begin with `compare`. A layer is one of the article's network, or of another: `squeezenet/conv1`.

    compare conv2d0 with googlenet matches is 0.83
    compare conv2d0 with googlenet found by pictures at least 60%
    compare mixed3a with googlenet cka exceeds shuffled
    compare mixed3a with googlenet matches of shuffled is 0.57
    compare resnet18-binary/conv0 with squeezenet aligned at most 3
    compare conv2d1:27 with googlenet best is conv2d1:45
    compare conv2d1:27 with googlenet similarity at least 0.9
    compare conv2d1:27 with googlenet found
    compare share "Curves" of googlenet/mixed3a is 8%
    compare share "Curves" of mixed3a exceeds shuffled
    compare kind "Curves" with googlenet found at least 70%
    compare dead of resnet18-binary/conv0 is 19

`matches` is the median over neurons of the best match among equally many candidates, `found` the share of neurons matched
better than in 95% of the shuffled control, `found` or `not found` whether one neuron is, `similarity` that of it with its best
match of all; they are by responses to stimuli unless `by pictures` is written. `aligned` counts neurons whose best match has their own number,
which is chance unless the networks began alike. `exceeds` holds a median or share against a control: of shares, and of medians,
the interval has to lie beyond the control's value.
"""

import re
from collections.abc import Callable

import numpy as np

from early_vision.comparison.family_shares import Estimate
from early_vision.comparison.report import CANDIDATES, Comparison, LayerComparison, known_kinds
from early_vision.errors import InputError, did_you_mean

NUMBER = r"-?\d+(?:\.\d+)?%?"
BOUND = rf"(?:(?P<relation>is|at least|at most) (?P<bound>{NUMBER})|exceeds (?P<beyond>shuffled|untrained))"
LAYER = r"(?:(?P<network>[\w.-]+)/)?(?P<layer>\w+)"
PAIR = re.compile(
    rf"compare {LAYER} with (?P<other>[\w.-]+) (?P<what>matches|found|aligned|cka|predictivity)"
    rf"(?: by (?P<to>stimuli|pictures))?(?: of (?P<control>shuffled|untrained))? {BOUND}$"
)
NEURON = re.compile(
    rf"compare {LAYER}:(?P<channel>\d+) with (?P<other>[\w.-]+) (?P<what>best|similarity|found|not found)"
    rf"(?: by (?P<to>stimuli|pictures))?"
    rf"(?: is (?P<match>\w+:\d+)| (?P<relation>is|at least|at most) (?P<bound>{NUMBER}))?$"
)
SHARE = re.compile(rf'compare share "(?P<kind>[^"]+)" of {LAYER}(?: of (?P<control>shuffled|untrained))? {BOUND}$')
KIND = re.compile(
    rf'compare kind "(?P<kind>[^"]+)"(?: of (?P<network>[\w.-]+))? with (?P<other>[\w.-]+) found'
    rf"(?: by (?P<to>stimuli|pictures))? (?P<relation>is|at least|at most) (?P<bound>{NUMBER})$"
)
COUNT = re.compile(rf"compare (?P<what>dead|noise) of {LAYER} is (?P<bound>\d+)$")
EXAMPLE = "Write for example `compare conv2d0 with googlenet matches is 0.83`"

Verdict = tuple[bool, str]


def is_about_comparison(claim: str) -> bool:
    return claim.strip().startswith("compare ")


def check_comparison(claim: str, comparison: Comparison | None, network: str) -> Verdict:
    """Whether a claim holds, and what was measured, in words.

    Args:
        claim: as the author wrote it.
        comparison: of the article's networks; None for an article that compares none.
        network: the article's own.

    Raises:
        InputError: without a file, when it cannot be understood or names what there is not.
    """
    if comparison is None:
        hint = "Name the others in the front matter: `compares: [googlenet]`"
        raise InputError(f'the claim "{claim}" compares networks, and the article names no others', hint=hint)
    text = " ".join(claim.split())
    for pattern, check in _CHECKS:
        if match := pattern.match(text):
            own = match["network"] or network
            _among(own, comparison.recordings, "network")
            if "layer" in match.groupdict():
                _among(match["layer"], comparison.recordings[own].layers, f"layer of {own}")
            return check(match, comparison, own)
    raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)


def comparison_sentence(claim: str) -> str:
    """A claim as a sentence for readers; as it is written where it cannot be read."""
    text = " ".join(claim.split())
    if match := PAIR.match(text):
        of = _layer_words(match)
        by = f", by responses to {match['to'] or 'stimuli'}" if match["what"] in ("matches", "found") else ""
        where = f"the {match['control']} {match['other']}" if match["control"] else match["other"]
        said = {
            "matches": f"the median best match of the neurons of {of} in {where}{by},",
            "found": f"the share of the neurons of {of} that are found again in {where}{by},",
            "aligned": f"the number of neurons of {of} whose best match in {where} has their own number",
            "cka": f"the linear CKA of {of} and {where}",
            "predictivity": f"the R² with which {where} predicts the neurons of {of}",
        }[match["what"]]
        return f"{said[0].upper()}{said[1:]} {_bound_words(match)}."
    if match := NEURON.match(text):
        by = f", by responses to {match['to'] or 'stimuli'}"
        who = f"{_layer_words(match)}:{match['channel']}"
        if match["what"] == "best":
            return f"The neuron of {match['other']} that is most like {who}{by}, is {match['match']}."
        if match["what"] != "similarity":
            return f"{who} is {match['what']} in {match['other']}{by}."
        return f"The similarity of {who} and its best match in {match['other']}{by}, {_bound_words(match)}."
    if match := SHARE.match(text):
        control = f"the {match['control']} " if match["control"] else ""
        return f"The share of “{match['kind']}” in {control}{_layer_words(match)} {_bound_words(match)}."
    if match := KIND.match(text):
        by, of = f", by responses to {match['to'] or 'stimuli'}", f" of {match['network']}" if match["network"] else ""
        found = f"The share of the neurons of “{match['kind']}”{of} that are found again in {match['other']}{by},"
        return f"{found} {_bound_words(match)}."
    if match := COUNT.match(text):
        what = "Dead neurons" if match["what"] == "dead" else "Filters of noise"
        return f"{what} in {_layer_words(match)}: {match['bound']}."
    return claim


def _layer_words(match: re.Match) -> str:
    return f"{match['network']}’s {match['layer']}" if match["network"] else match["layer"]


def _bound_words(match: re.Match) -> str:
    groups = match.groupdict()
    if groups.get("beyond"):
        return f"exceeds that of the {groups['beyond']} control"
    relation = "is" if groups["relation"] == "is" else f"is {groups['relation']}"
    return f"{relation} {groups['bound']}"


def _check_pair(match: re.Match, comparison: Comparison, own: str) -> Verdict:
    found = _pair(match, comparison, own)
    to, control, what = match["to"] or "stimuli", match["control"], match["what"]
    if what in ("cka", "predictivity"):
        of_cka = what == "cka"
        nulls = found.cka_controls if of_cka else found.predictivity_controls
        value = nulls[control] if control else found.cka if of_cka else found.predictivity
        return _judged(match, Estimate(value, value, value), nulls.get(match["beyond"] or "", 0.0))
    matches = found.matches(to)
    if what == "aligned":
        if control or match["beyond"]:
            raise InputError("`aligned` is a number of neurons, without a control", hint=EXAMPLE)
        count = int((matches.best == matches.channels).sum())
        holds, _ = _judged(match, Estimate(count, count, count), 0.0)
        return holds, f"{count} of {len(matches.channels)}"
    medians = {kind: float(np.median(values)) for kind, values in matches.controls.items()}
    if what == "found":
        if control or match["beyond"]:
            raise InputError("`found` is held against the shuffled control already", hint=EXAMPLE)
        return _judged(match, matches.found, 0.0, percent=True)
    shown = Estimate(medians[control], medians[control], medians[control]) if control else matches.median
    return _judged(match, shown, medians.get(match["beyond"] or "", 0.0))


def _check_neuron(match: re.Match, comparison: Comparison, own: str) -> Verdict:
    found = _pair(match, comparison, own)
    matches, channel = found.matches(match["to"] or "stimuli"), int(match["channel"])
    if channel not in matches.channels:
        known = len(found.here.dead)
        what = "is dead" if channel < known else f"is none: the layer has {known} neurons"
        raise InputError(f"neuron {channel} of {match['layer']} {what}")
    at = int(np.searchsorted(matches.channels, channel))
    name, value = f"{found.other_layer}:{matches.best[at]}", float(matches.similarity[at])
    wanted = {"best": match["match"], "similarity": match["relation"]}.get(
        match["what"], not (match["match"] or match["relation"])
    )
    if not wanted:
        raise InputError(f'the claim "{match[0]}" cannot be read', hint=EXAMPLE)
    if match["what"] == "best":
        return name == match["match"], f"{name}, with a correlation of {value:.2f}"
    if match["what"] == "similarity":
        return _judged(match, Estimate(value, value, value), 0.0)
    shown = f"{matches.expected[at]:.2f} among {CANDIDATES}, the bound is {matches.bound:.2f}"
    return bool(matches.beyond[at]) == (match["what"] == "found"), shown


def _check_share(match: re.Match, comparison: Comparison, own: str) -> Verdict:
    kind, layer, control = match["kind"], match["layer"], match["control"] or ""
    _among(kind, known_kinds(), "kind of neuron")
    found = comparison.shares(own, layer, control)
    if found is None:
        raise InputError(f"families of {own}, {control or 'itself'}, were not measured")
    if beyond := match["beyond"]:
        apart, null = comparison.apart(own, layer, own, layer, beyond), comparison.shares(own, layer, beyond)
        if apart is None or null is None:
            raise InputError(f"families of the {beyond} control of {own} were not measured")
        return apart[kind].low > 0, f"{found[kind].value:.1%}, in the control {null[kind].value:.1%}"
    return _judged(match, found[kind], 0.0, percent=True)


def _check_kind(match: re.Match, comparison: Comparison, own: str) -> Verdict:
    _among(match["kind"], known_kinds(), "kind of neuron")
    _among(match["other"], [name for name in comparison.recordings if name != own], "network")
    found = comparison.found_by_kind(own, match["other"], match["to"] or "stimuli")[match["kind"]]
    if found is None:
        raise InputError(f'{own} has too few neurons of "{match["kind"]}"')
    return _judged(match, found, 0.0, percent=True)


def _check_count(match: re.Match, comparison: Comparison, own: str) -> Verdict:
    counted = comparison.counts(own, match["layer"])
    value = counted.dead if match["what"] == "dead" else counted.noise
    if value is None:
        raise InputError(f"filters of noise are not told in {match['layer']} of {own}")
    return value == int(match["bound"]), f"{value} of {counted.neurons}"


_CHECKS: tuple[tuple[re.Pattern, Callable[[re.Match, Comparison, str], Verdict]], ...] = (
    (PAIR, _check_pair), (NEURON, _check_neuron), (SHARE, _check_share), (KIND, _check_kind),
    (COUNT, _check_count),
)  # fmt: skip


def _pair(match: re.Match, comparison: Comparison, own: str) -> LayerComparison:
    _among(match["other"], [name for name in comparison.recordings if name != own], "network")
    return comparison.pairs[own, match["other"]][match["layer"]]


def _judged(match: re.Match, value: Estimate, control: float, percent: bool = False) -> Verdict:
    groups = match.groupdict()
    shown = f"{value.value:.1%}" if percent else f"{value.value:.2f}"
    if value.low != value.high:
        ends = (f"{end:.0%}" if percent else f"{end:.2f}" for end in (value.low, value.high))
        shown += f" (95%: {' to '.join(ends)})"
    if groups.get("beyond"):
        return value.low > control, f"{shown}, of the control {control:.2f}"
    written = groups["bound"]
    if written.endswith("%") != percent:
        raise InputError(f"{written} is {'no ' if percent else 'a '}percentage", hint=EXAMPLE)
    number = float(written.rstrip("%")) / (100 if percent else 1)
    if groups["relation"] == "is":
        digits = len(written.rstrip("%").partition(".")[2]) + (2 if percent else 0)
        return abs(value.value - number) <= 0.5 * 10.0**-digits + 1e-9, shown
    return (value.value >= number if groups["relation"] == "at least" else value.value <= number), shown


def _among(name: str, known, what: str) -> None:
    if name not in known:
        raise InputError(f'there is no {what} "{name}"', hint=did_you_mean(name, known) or f"Known: {', '.join(known)}")
