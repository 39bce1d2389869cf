"""What an article shows of its network's layers: each neuron exactly once, and branches where there are some."""

from collections.abc import Iterator, Mapping, Sequence

from early_vision.article.blocks import Block
from early_vision.article.directives import LayerBranches, LayerGroups
from early_vision.article.groups import Group, in_part
from early_vision.article.source import Source
from early_vision.errors import Problem
from early_vision.network.architecture import Architecture


def layer_problems(
    body: Source, blocks: Sequence[Block], taxonomy: Mapping[str, Sequence[Group]], architecture: Architecture
) -> list[Problem]:
    """Layers whose neurons are not shown exactly once, parts of a layer without a group, and tables of no branches.

    Args:
        body: the article's text.
        blocks: its directives, none of which is wrong by itself.
        taxonomy: the groups of each layer, as far as they could be read.
        architecture: of the article's network.
    """
    problems: list[Problem] = []
    for layer in architecture.layer_names:
        shown = [
            (block, block.directive.part)
            for block in blocks
            if isinstance(block.directive, LayerGroups) and block.directive.layer == layer
        ]
        problems += _shown_once(body, layer, shown)
        for block in blocks:
            if isinstance(block.directive, LayerGroups | LayerBranches) and block.directive.layer == layer:
                problems += _empty_part(body, block, block.directive, taxonomy.get(layer, ()))
    branched = [name for name, layer in architecture.layers.items() if len(layer.branches) > 1]
    for block in blocks:
        if isinstance(block.directive, LayerBranches) and block.directive.layer not in branched:
            hint = f"Layers of several branches: {', '.join(branched)}" if branched else "Remove the directive"
            problems.append(body.problem(f"{block.directive.layer} has a single branch", block.line, hint))
    return problems


def _shown_once(body: Source, layer: str, shown: Sequence[tuple[Block, str]]) -> Iterator[Problem]:
    """What keeps a layer from being shown once: as a whole, or in its two parts."""
    parts = [part for _, part in shown]
    if not shown:
        hint = f"Write `/// layer-groups | {layer}` and `///` in its section"
        yield body.problem(f"the neuron groups of {layer} are not shown anywhere", None, hint)
    for index, (block, _) in enumerate(shown):
        if {"all", parts[index]} & set(parts[:index]) or (parts[index] == "all" and index):
            message = f"the neuron groups of {layer} are shown twice"
            yield body.problem(message, block.line, "Remove one of the two directives")
            return
    if len(parts) == 1 and parts != ["all"]:
        other = "rest" if parts == ["priority"] else "priority"
        hint = f"Write another `/// layer-groups | {layer}`, with `part: {other}`"
        yield body.problem(f"only a part of the neuron groups of {layer} is shown", shown[0][0].line, hint)


def _empty_part(
    body: Source, block: Block, directive: LayerGroups | LayerBranches, groups: Sequence[Group]
) -> Iterator[Problem]:
    if groups and not in_part(groups, directive.part):
        layer, which = directive.layer, "above 0" if directive.part == "priority" else "of 0 or less"
        hint = f"Set `priority:` in groups/{layer}.yaml, or remove `part`"
        yield body.problem(f"no group of {layer} has a priority {which}", block.options.line(("part",)), hint)
