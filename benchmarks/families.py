"""Families here and in null networks, before and after bounds: the tables of benchmarks/README.md.

python benchmarks/families.py [--network inceptionv1-tiny] [--network inceptionv1-2015]
"""

import argparse
from collections.abc import Iterable

import numpy as np

from early_vision.network.known import find_network_or_outline, home_of
from early_vision.network.nulls import NULLS
from early_vision.places import program_folder
from early_vision.tuning import LayerTuning, load_tuning
from early_vision.tuning.families import ENOUGH, FAMILIES, scores
from early_vision.tuning.null_scores import first_families
from early_vision.tuning.responses import FEWER_PLACES, HALF_CONTRAST

ASSETS = program_folder() / "assets"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", action="append")
    for name in parser.parse_args().network or ("inceptionv1-tiny", "inceptionv1-2015"):
        network = find_network_or_outline(name, ASSETS)
        tuning = load_tuning(network, home_of(name, ASSETS))
        print(f"## {name}\n")
        print(_table(["some family, percent", *tuning], _shares(tuning.values())))
        for layer in tuning.values():
            print(_table([f"{layer.layer}, {layer.neurons} neurons", "trained", *NULLS, "asked for", "trained", "mean", "most"],
                         _families(layer)))  # fmt: skip


def _shares(layers: Iterable[LayerTuning]) -> Iterable[list[str]]:
    layers = list(layers)
    percent = lambda count, layer: f"{100 * count / layer.neurons:.0f}"
    yield ["trained, rules as defined", *(percent(sum(_defined(layer)), layer) for layer in layers)]
    for kind in NULLS:
        counts = [[sum(one.defined) for one in layer.nulls.networks if one.kind == kind] for layer in layers]
        yield [f"{kind}, rules as defined", *(_range([percent(n, layer) for n in some]) for some, layer in zip(counts, layers, strict=True))]  # fmt: skip
    yield ["trained, as asked for", *(percent((layer.scores.max(1) >= ENOUGH).sum(), layer) for layer in layers)]
    for kind in NULLS:
        # A family that is not assigned in a layer is assigned to nobody there.
        counts = [[np.array(one.first)[layer.supported].sum() for one in layer.nulls.networks if one.kind == kind] for layer in layers]  # fmt: skip
        yield [f"{kind}, as asked for", *(_range([percent(n, layer) for n in some]) for some, layer in zip(counts, layers, strict=True))]  # fmt: skip
    changed = [100 * half_contrast_changes(layer) for layer in layers]
    yield ["first family another at half contrast, percent of the named", *(f"{one:.0f}" for one in changed)]
    changed = [100 * half_contrast_changes(layer, both=False) for layer in layers]
    yield ["the same for names at full contrast alone", *(f"{one:.0f}" for one in changed)]


def half_contrast_changes(layer: LayerTuning, both: bool = True) -> float:
    """The part of a layer's named neurons that have another first family, or none, by their measures at half contrast."""
    full = layer.scores if both else layer.check_scores[FEWER_PLACES] * layer.supported
    half = layer.check_scores[HALF_CONTRAST] * layer.supported
    named = full.max(1) >= ENOUGH
    same = (full.argmax(1) == half.argmax(1)) & (half.max(1) >= ENOUGH)
    return float((named & ~same).sum() / max(named.sum(), 1))


def _defined(layer: LayerTuning) -> tuple[int, ...]:
    return first_families(scores(layer.checks[FEWER_PLACES], FAMILIES))


def _families(layer: LayerTuning) -> Iterable[list[str]]:
    """First families by the rules as defined; then what is asked for and the members by that."""
    ours = _defined(layer)
    for index, family in enumerate(FAMILIES):
        nulls = [[str(one.defined[index]) for one in layer.nulls.networks if one.kind == kind] for kind in NULLS]
        assigned = "" if layer.supported[index] else " (not assigned)"
        row = [family.name_in(layer.layer), str(ours[index]), *map(_range, nulls), f"×{layer.nulls.factors[index]:.3g}",
               f"{layer.members[index]}{assigned}", f"{layer.nulls.mean[index]:.1f}", str(layer.nulls.most[index])]  # fmt: skip
        if ours[index] or layer.nulls.most[index]:
            yield row


def _range(values: list[str]) -> str:
    found = sorted(set(map(int, values)))
    return "" if not found else str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
