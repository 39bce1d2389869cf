"""What the pages of an article are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from early_vision.article.article import Article
from early_vision.circuits.circuit import Circuit
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.comparison.report import Comparison
from early_vision.features.examples import NeuronExamples
from early_vision.features.result import FeatureVisualization
from early_vision.site.views.related import Related
from early_vision.tuning import LayerTuning
from early_vision.tuning.shares import Taxonomy

Features = Mapping[str, Sequence[FeatureVisualization]]
"""The feature visualizations of every layer, one per channel in order."""
Examples = Mapping[str, Sequence[NeuronExamples]]
"""What the neurons of every layer answer to among an author's pictures, one per channel in order; or nothing."""


@dataclass(frozen=True, eq=False)
class Material:
    """An article, and all that its pages are made of.

    Attributes:
        article: what its author wrote, for which nothing is wrong: circuits can be drawn, and claims hold.
        features, tuning, circuits: of its network, as `gather.Loaders` gives them; no tuning where it was not measured.
        figures: what its circuit figures show, in the order of its text.
        published: the published taxonomy of InceptionV1, to compare with.
        related: each group's family in the networks of the other articles, by the group's anchor.
        examples: what its neurons answer to among an author's pictures.
        comparison: of its network with the others that it compares; None where it compares none.
        others: the feature visualizations of those, by network.
        homes: for each network the address of the article that is about it, where there is one.
    """

    article: Article
    features: Features
    tuning: Mapping[str, LayerTuning]
    circuits: NetworkCircuits
    figures: tuple[Circuit, ...]
    published: Taxonomy
    related: Mapping[str, tuple[Related, ...]]
    examples: Examples = field(default_factory=dict)
    comparison: Comparison | None = None
    others: Mapping[str, Features] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
