"""Claims about how many neurons fulfil a family's rule, and how many in networks that learned nothing.

    chance mixed3a "Eyes / Small Circles" is 15 against 8

The first number is that of the layer's neurons which fulfil the rule, as strict as null networks make it there and measured
as these are; the second the most that fulfil it in any null network.
"""

import re
from collections.abc import Mapping

from early_vision.errors import InputError, did_you_mean
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.layer_tuning import LayerTuning

CLAIM = re.compile(r"chance (?P<layer>\S+) \"(?P<family>[^\"]+)\" is (?P<here>\d+) against (?P<most>\d+)$")
EXAMPLE = 'Write for example `chance mixed3a "Curves" is 7 against 6`'


def is_about_chance(claim: str) -> bool:
    return claim.startswith("chance ")


def check_chance(claim: str, tuning: Mapping[str, LayerTuning], network: str) -> tuple[bool, str]:
    """Whether a claim holds, and what was measured, in words.

    Raises:
        InputError: without a file, when it cannot be understood, or no null networks were measured.
    """
    match = CLAIM.match(" ".join(claim.split()))
    if not match:
        raise InputError(f'the claim "{claim}" cannot be read', hint=EXAMPLE)
    if (layer := match["layer"]) not in tuning:
        raise InputError(f'there is no layer "{layer}"', hint=did_you_mean(layer, tuning))
    names = [family.name_in(layer) for family in FAMILIES]
    if (name := match["family"]) not in names:
        raise InputError(f'there is no family "{name}" in {layer}', hint=did_you_mean(name, names))
    of, index = tuning[layer], names.index(name)
    if of.nulls is None:
        hint = f"Run: python build.py measure --network {network}"
        raise InputError(f"no null networks were measured for {layer}", hint=hint)
    here, most = int(of.members[index]), int(of.nulls.most[index])
    return (here, most) == (int(match["here"]), int(match["most"])), f"{here} here, at most {most} in null networks"
