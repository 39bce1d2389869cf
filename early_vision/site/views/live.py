"""The page that runs the network on the reader's own picture: what its template is given, and the script with the network."""

from collections.abc import Mapping
from dataclasses import dataclass

from early_vision.network.weights import Network
from early_vision.site.data.live_network import live_js
from early_vision.site.views.article import ArticleView
from early_vision.site.views.layer_diagram import Strip

PAGE, DATA = "live.html", "data/live.js"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:;"
    " connect-src 'none'; form-action 'none'; base-uri 'none'"
)
"""The page's policy. WebAssembly and a worker that the page has the text of are what it may do beyond others: the first
makes it faster, and the second is under this policy, which one from a file is not. On a server that allows neither it works,
more slowly, and under the server's policy."""


@dataclass(frozen=True)
class LiveView:
    """What the page is given.

    Attributes:
        title: of the article.
        strip: the layers of that, for the masthead.
        network: its name.
        layers: their names.
        count: how many neurons there are.
        natural: what activations are relative to, in words.
    """

    title: str
    strip: Strip
    network: str
    layers: tuple[str, ...]
    count: int
    natural: str
    policy: str = POLICY


def live_view(view: ArticleView) -> LiveView | None:
    """What the page is given; None where the weights are not here, and so there is no such page."""
    if not view.live:
        return None
    held_out = any(neuron.feature.held_out is not None for neuron in view.neurons)
    natural = "the highest on held-out pictures" if held_out else "that in its own feature visualization"
    name = view.article.network.name
    return LiveView(view.article.front.title, view.strip, name, tuple(view.layers), len(view.neurons), natural)


def live_data(network: Network) -> Mapping[str, bytes]:
    """The script with the network, by its path in the article's folder."""
    return {DATA: live_js(network).encode()}
