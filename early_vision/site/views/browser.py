"""The neuron browser of an article: what its pages show, and the data that they and others use."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from early_vision.site.data.neuron_table import neurons_csv, table_metadata
from early_vision.site.data.neurons import neurons_js
from early_vision.site.views.article import ArticleView
from early_vision.site.views.layer_diagram import Strip
from early_vision.site.views.layers import LayerView, NeuronView
from early_vision.tuning import LayerTuning

MOST_COMPARED = 6


@dataclass(frozen=True)
class BrowserView:
    """What the page of all neurons is given.

    Attributes:
        title: of the article.
        strip: the layers of that, for the masthead.
        network: its name.
        layers: every neuron.
        words: what neurons can be searched by: headings, each with its words as in `neuron_columns`.
    """

    title: str
    strip: Strip
    network: str
    layers: Mapping[str, tuple[NeuronView, ...]]
    words: tuple[tuple[str, tuple[dict, ...]], ...]

    @property
    def count(self) -> int:
        return sum(map(len, self.layers.values()))


@dataclass(frozen=True)
class ComparisonView:
    """What the page that compares neurons is given.

    Attributes:
        title: of the article.
        strip: the layers of that, for the masthead.
        most: neurons that can be compared at once.
    """

    title: str
    strip: Strip
    most: int = MOST_COMPARED


def browser_views(view: ArticleView, columns: Mapping) -> dict[str, BrowserView | ComparisonView]:
    """The pages of the browser by their paths in the article's folder; none where there is nothing to see of neurons.

    Args:
        view: the article.
        columns: its neurons, as `neuron_columns` gives them.
    """
    if not view.article.network.shown:
        return {}
    title, words = view.article.front.title, groupby(columns["words"], key=lambda word: word["kind"])
    return {
        "neurons/index.html": BrowserView(
            title,
            view.strip,
            view.article.network.name,
            {name: layer.neurons for name, layer in view.layers.items()},
            tuple((kind, tuple(some)) for kind, some in words),
        ),
        "neurons/compare.html": ComparisonView(title, view.strip),
    }


def browser_data(
    columns: Mapping, layers: Mapping[str, LayerView], tuning: Mapping[str, LayerTuning]
) -> dict[str, bytes]:
    """The data of all neurons by their paths in the article's folder.

    Args:
        columns: as `neuron_columns` gives them.
        layers: of the article.
        tuning: of every layer, or empty.
    """
    return {
        "data/neurons.js": neurons_js(columns).encode(),
        "data/neurons.csv": neurons_csv(layers, tuning).encode(),
        "data/neurons.csv-metadata.json": table_metadata(tuning).encode(),
    }
