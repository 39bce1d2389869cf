"""The same family in the network of another article: where it is, and the shares of both side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from early_vision.article.article import Article
from early_vision.article.computed import share
from early_vision.article.groups import Group
from early_vision.tuning.shares import KINDS, kind_of

NO_FAMILY = "Other Units"


@dataclass(frozen=True)
class Related:
    """A group's family in another article's network.

    Attributes:
        family: its name (`early_vision.tuning.shares.KINDS`).
        network: the other network's name.
        here, there: its share of the layer in either network, such as "44%".
        address: of the group there, from the article's folder.
    """

    family: str
    network: str
    here: str
    there: str
    address: str


def related_groups(article: Article, others: Iterable[Article]) -> dict[str, tuple[Related, ...]]:
    """Anchor of each group to its family in the networks of other articles, where they have it in the same layer.

    Of several groups of one family in a layer only the largest leads there: what is compared is the family.
    """
    others = [other for other in others if other.network.name != article.network.name]
    return {
        group.anchor: tuple(one for other in others if (one := _related(layer, group, article, other)))
        for layer, groups in article.taxonomy.items()
        for group in groups
    }


def _related(layer: str, group: Group, article: Article, other: Article) -> Related | None:
    family = kind_of(group.name)
    ours, theirs = (_of_family(family, one.taxonomy.get(layer, ())) for one in (article, other))
    if family not in KINDS or family == NO_FAMILY or not theirs or group is not _largest(ours):
        return None
    here, there = _share(ours, article, layer), _share(theirs, other, layer)
    return Related(family, other.network.name, here, there, f"../{other.slug}/index.html#{_largest(theirs).anchor}")


def _of_family(family: str, groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if kind_of(group.name) == family]


def _largest(groups: Iterable[Group]) -> Group:
    return max(groups, key=lambda group: len(group.neurons))


def _share(groups: Iterable[Group], article: Article, layer: str) -> str:
    return share(sum(len(group.neurons) for group in groups), article.network.architecture.layers[layer].neurons)


def related_by_article(articles: Iterable[Article]) -> Mapping[str, Mapping[str, tuple[Related, ...]]]:
    """`related_groups` of each article among all, by its slug."""
    articles = tuple(articles)
    return {one.slug: related_groups(one, [other for other in articles if other is not one]) for one in articles}
