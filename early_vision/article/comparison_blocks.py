"""Which directives an article that compares networks may have, and which only such an article."""

from collections.abc import Sequence
from pathlib import Path

from early_vision.article.blocks import Block
from early_vision.article.directives import Comparing
from early_vision.article.source import Source
from early_vision.errors import Problem


def comparison_problems(body: Source, blocks: Sequence[Block], compares: bool) -> list[Problem]:
    """Directives that do not belong into the article.

    Args:
        body: the article's text.
        blocks: its directives.
        compares: whether its front matter names networks to compare with.
    """
    problems = []
    for block in blocks:
        name = block.found.name
        if compares and block.directive and block.directive.ONE_NETWORK:
            message = f"the directive {name} shows one network's layers, and this article compares several"
            hint = "Show it in an article on that network, and link to it"
            problems.append(body.problem(message, block.line, hint))
        elif not compares and isinstance(block.directive, Comparing):
            hint = "Name the others in the front matter: `compares: [googlenet]`"
            problems.append(body.problem(f"the directive {name} compares networks", block.line, hint))
    return problems


def no_groups(folder: Path) -> tuple[dict, tuple[Problem, ...]]:
    """The groups of an article that compares networks: none, and what is wrong if there is a folder of them."""
    if not folder.exists():
        return {}, ()
    hint = "Remove it, or make it an article on one network, without `compares:`"
    return {}, (Problem("an article that compares networks has no groups", file=folder, hint=hint),)
