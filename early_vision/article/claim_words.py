"""Claims as sentences for readers: what the modules of claims understand, in plain words."""

import re
from collections.abc import Mapping

from early_vision.article.ablation_claims import CLAIM as ABLATION
from early_vision.article.chance_claims import CLAIM as CHANCE
from early_vision.article.photograph_claims import CLAIM as PHOTOGRAPHS
from early_vision.article.photograph_claims import PERIODS
from early_vision.article.tuning_claims import CLAIM as TUNING
from early_vision.article.weight_claims import CLAIM as WEIGHTS
from early_vision.tuning.measures import MEASURES


def claim_sentence(claim: str, group_names: Mapping[str, str]) -> str:
    """A claim as a sentence; as it is written where it cannot be read.

    Args:
        claim: as the author wrote it.
        group_names: anchor of each group to its name.
    """
    text = " ".join(claim.split())
    if match := WEIGHTS.match(text):
        said = _of_weights(match)
    elif match := ABLATION.match(text):
        said = _of_ablation(match)
    elif match := CHANCE.match(text):
        said = _of_chance(match)
    elif match := PHOTOGRAPHS.match(text):
        said = _of_photographs(match, group_names)
    elif match := TUNING.match(text):
        said = _of_tuning(match, group_names)
    else:
        return claim
    return said[0].upper() + said[1:] + "." if not re.match(r"\w+:\d", said) else said + "."


def _of_weights(match: re.Match) -> str:
    bound = _bound(match["relation"], match["bound"])
    if match["source"]:
        ends = f"from {match['source']} to {match['target']}"
        whole = {
            "sum": f"the weights {ends} add up to {bound}",
            "excitation": f"the positive weights {ends} add up to {bound}",
            "inhibition": f"the negative weights {ends} add up to {bound}",
            "norm": f"the weights {ends} have a norm of {bound}",
            "share": f"the norm of the weights {ends} is {bound} of that of the strongest input",
        }
        return whole.get(match["what"], f"the weight {ends} {place_words(match['what'])} is {bound}")
    if match["a"]:
        first = match["a"] + (", mirrored left to right," if match["alike"] == "mirrored" else "")
        return f"the weights of {first} and those of {match['b']} have a cosine of {bound}"
    rule = f"{match['rule']} inputs of {match['of']}"
    does = {"exciting": "excite it", "inhibiting": "inhibit it", "mixed": "do both, depending on place"}
    if match["measure"]:
        which = f"those of {rule} that {does[match['kind']]}" if match["kind"] else rule
        return f"{which} have a mean {_name(match['measure'])} of {bound}"
    return f"of {rule}, {bound} {does[match['kind']]}" if match["kind"] else f"there are {bound} of {rule}"


def place_words(written: str) -> str:
    """Where in a kernel: "upper" is its top, "upper left" a corner."""
    edges = {"upper": "at the top", "lower": "at the bottom", "middle": "in the middle"}
    return edges.get(written, f"at the {written}")


def _of_ablation(match: re.Match) -> str:
    rule = match["rule"].replace("the ", "its ", 1) + (" inputs" if match["rule"].startswith("the ") else "")
    kind = f"the {match['kind']} of " if match["kind"] else ""
    how = "without" if match["how"] == "without" else "with the mean in place of"
    said = f"{how} {kind}{rule}, the response of {match['target']} {match['verb']}"
    if match["beyond"]:
        return f"{said} more than without as much weight of other inputs, however these are drawn"
    against = (
        f", against {_bound('is', match['against'])} without as much weight of other inputs" if match["against"] else ""
    )
    return f"{said} by {_bound('is', match['by'])}{against}"


def _of_chance(match: re.Match) -> str:
    fit = "neuron fits" if match["here"] == "1" else "neurons fit"
    rule = f"the rule of “{match['family']}” in {match['layer']}, as strict as null networks make it"
    return f"{match['here']} {fit} {rule}, and at most {match['most']} in any of these"


def _of_photographs(match: re.Match, group_names: Mapping[str, str]) -> str:
    if match["group"]:
        name = group_names.get(match["group"], match["group"])
        if match["agrees"]:
            return (f"in the median of “{name}”, “{_name(match['of'])}” on photographs is within {match['agrees']}° of that "
                    f"to stimuli")  # fmt: skip
        return f"{match['passed']} of the {match['all']} neurons of “{name}” pass the test “{_name(match['of'])}” on photographs"
    what = f"on photographs, the value of {match['neuron']} in the test “{_name(match['test'])}” is"
    if match["beyond"]:
        return f"{what} larger than chance makes it"
    if match["near"]:
        unit = "°" if match["test"] in PERIODS else ""
        return f"{what} within {match['within']}{unit} of {match['near']}{unit}"
    return f"{what} {_bound(match['relation'], match['bound'])}"


def _of_tuning(match: re.Match, group_names: Mapping[str, str]) -> str:
    subject, many = match["subject"], bool(match["quantity"])
    of = f"“{group_names[subject]}”" if subject in group_names else subject
    if match["quantity"] == "separation":
        what = match["family"] or _name(match["measure"])
        pairs = _bound(match["relation"], f"{100 * float(match['bound']):g}%")
        return f"in {pairs} of pairs, a neuron of {of} has a larger value of “{what}” than one of the rest of its layer"
    who = {
        "every": f"every neuron of {of}",
        "most": f"most neurons of {of}",
        "median": f"the median neuron of {of}",
        "share": f"{match['total']} of the neurons of {of}",
        "count": f"{match['total']} neuron{'' if match['total'] == '1' else 's'} of {of}",
        None: subject,
    }[match["quantity"]]
    plural = many and match["quantity"] not in ("every", "median") and match["total"] != "1"
    if match["response"]:
        stimulus, *parameters = match["stimulus"].split(" ")
        at = f" ({', '.join(one.replace('=', ' ') for one in parameters)})" if parameters else ""
        return f"{who} {'are' if plural else 'is'} {match['response']} by {_name(stimulus)}{at}"
    has = "have" if plural else "has"
    what = f"score for “{match['family']}”" if match["family"] else _name(match["measure"])
    if match["extreme"]:
        return f"{who} {has} the {match['extreme']} {what} of its layer"
    unit = MEASURES[match["measure"]].unit if match["measure"] in MEASURES else ""
    unit = unit if unit in ("", "°") else f" {unit}"
    if match["near"]:
        return f"{who} {has} {_article(what)} within {match['within']}{unit} of {match['near']}{unit}"
    bound = _bound(match["relation"] or "is", match["bound"] or match["equal"])
    return f"{who} {has} {_article(what)} of {bound}{unit}"


def _bound(relation: str, number: str) -> str:
    number = number.replace("-", "−")
    return number if relation == "is" else f"{relation} {number}"


def _name(identifier: str) -> str:
    return identifier.replace("_", " ")


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
