"""The files of the site: every page rendered from its template and nothing but what its template is given."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from posixpath import basename
from types import MappingProxyType

from early_vision.cache import Cache
from early_vision.circuits.circuit import Circuit, Neuron
from early_vision.circuits.neighbours import Wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.comparison.report import Comparison
from early_vision.comparison.tables import as_csv, as_json
from early_vision.drawing.tuning_plots import USUAL
from early_vision.features.result import FeatureVisualization
from early_vision.memory import Memory
from early_vision.site.data.connections import connections_csv
from early_vision.site.data.details import details_js
from early_vision.site.data.kit import PATH as KIT
from early_vision.site.data.kit import in_kit, kit
from early_vision.site.data.network import groups_json, network_json
from early_vision.site.data.neurons import example_columns, neuron_columns
from early_vision.site.data.schemas import schema_files
from early_vision.site.data.search import search_js
from early_vision.site.material import Material
from early_vision.site.metadata import IMAGE, Place, article_metadata
from early_vision.site.pictures import Picture, portrait
from early_vision.site.preview import preview_image
from early_vision.site.rendering import Template, Templates
from early_vision.site.sprites import Tile
from early_vision.site.views.article import ArticleView
from early_vision.site.views.browser import browser_data, browser_views
from early_vision.site.views.citing import Citing, view_citing
from early_vision.site.views.comparison import MatchedView
from early_vision.site.views.examples import ExamplesView, example_pictures, view_examples
from early_vision.site.views.layers import LayerView
from early_vision.site.views.live import PAGE as LIVE_PAGE
from early_vision.site.views.live import live_data, live_view
from early_vision.site.views.map import view_map
from early_vision.site.views.neuron import AllFacts, NeuronPage, neuron_pages, neuron_pictures
from early_vision.site.views.reading import Explained
from early_vision.site.views.routes import RoutesView, strengths_json, view_routes
from early_vision.site.views.stimuli import LayerStimuli
from early_vision.site.views.tuning import view_glossary
from early_vision.store import to_json
from early_vision.tuning import LayerTuning
from early_vision.tuning.likeness import likeness_map

NO_IMAGES: Mapping[str, list] = MappingProxyType({})
NO_TUNING: Mapping[str, LayerTuning] = MappingProxyType({})
Title = tuple[str, str]
"""An article's address and title."""


def front_page(
    views: Sequence[ArticleView],
    engine: Templates,
    memory: Memory,
    base_url: str = "",
    waiting: Sequence[Title] = (),
) -> bytes:
    """The page that presents the articles.

    Args:
        views: the articles.
        engine, memory: as for `article_files`.
        base_url: the site's address, where that is known.
        waiting: articles that are not built since nothing of their networks is here.
    """
    shown = {"articles": views, "waiting": tuple(waiting)}
    return _page(Place("index.html", base_url), engine.template("front.html"), shown, memory)


def feeds(
    views: Sequence[ArticleView], pages: Iterable[str], engine: Templates, memory: Memory, base_url: str
) -> dict[str, bytes]:
    """The site's map and its feed of articles, which need its address; nothing without.

    Args:
        views: the articles.
        pages: the addresses of all pages.
        engine, memory: as for `article_files`.
        base_url: the site's address.
    """
    if not base_url:
        return {}
    fronts = {f"{view.slug}/index.html": view.article.front for view in views}
    dates = {address: front.date for address, front in fronts.items()}
    listed = tuple((Place(address, base_url), dates.get(address)) for address in sorted(pages))
    map_page = _page(Place("sitemap.xml", base_url), engine.template("feeds/sitemap.xml"), {"pages": listed}, memory)
    dated = [(Place(address, base_url), front) for address, front in fronts.items() if front.date]
    if not dated:
        return {"sitemap.xml": map_page}
    newest = sorted(dated, key=lambda one: one[1].date or date.min, reverse=True)
    feed = _page(Place("feed.xml", base_url), engine.template("feeds/atom.xml"), {"articles": newest}, memory)
    return {"sitemap.xml": map_page, "feed.xml": feed}


def article_files(
    material: Material,
    view: ArticleView,
    engine: Templates,
    memory: Memory,
    before: Title | None = None,
    after: Title | None = None,
    base_url: str = "",
) -> dict[str, bytes]:
    """Every file of an article by its path in the site, but for pictures.

    Args:
        material: the article, and what is known of its network.
        view: the article as its pages show it.
        engine: the templates.
        memory: keeps pages that show the same.
        before, after: the articles that it stands between.
        base_url: the site's address, where that is known.
    """
    if view.compared:
        return _comparison_files(view, view.compared, engine, memory, before, after, base_url)
    slug, network, circuits = view.slug, material.article.network, material.circuits
    tiles, facts = _tiles(view), _facts(material, view, memory)
    known_of = (network.name, network.sha256, view.state)
    columns = memory(_columns, view.layers, material.tuning, circuits, known_of, memory.cache, at=slug)
    examples = memory(view_examples, material.examples, at=slug)
    columns = memory(_with_examples, columns, view.layers, examples, at=slug) if examples else columns
    drawn = tuple(figure.figure.circuit for figure in view.circuits)
    figures = _figures(view, engine, memory)
    counts = {name: layer.neurons for name, layer in network.architecture.layers.items()}

    def page(address: str, template: str, **context) -> bytes:
        place = Place(f"{slug}/{address}", base_url)
        return _page(place, engine.template(template), {**context, "state": view.state}, memory)

    metadata = article_metadata(view.article.front, Place(f"{slug}/index.html", base_url))
    citing = view_citing(slug, view.article.front, network.name, base_url)
    shown = {"view": view, "figures": figures, "metadata": metadata, "before": before, "after": after, "citing": citing}
    files = {
        "index.html": page("index.html", "article.html", lang=view.article.front.lang, **shown),
        IMAGE: memory(_preview_image, view.article.front.title, view.layers, memory.cache, at=slug),
        "data/groups.json": groups_json(material.article.taxonomy, counts).encode(),
        "data/network.json": network_json(network).encode(),
        **memory(browser_data, columns, view.layers, material.tuning, at=slug),
        "data/search.js": memory(search_js, view, columns, material.tuning, at=slug),
        **{picture.path: picture.data for picture in material.article.pictures},
        **memory(_network_files, facts, known_of, memory.cache, at=slug),
    }
    files |= schema_files(list(circuits.wiring.connections))
    strengths = memory(_strengths, circuits.wiring, known_of, memory.cache, at=slug)
    files |= {path.removesuffix("on"): _as_script(text) for path, text in strengths.items()}
    data = {path: data for path, data in files.items() if in_kit(path)}
    data |= {path: text.encode() for path, text in strengths.items()}
    files[KIT] = memory(_kit, data, citing, memory.cache, at=slug)
    maps = _cells(view, material.tuning, known_of, memory)
    for address, browser in browser_views(view, columns).items():
        files[address] = page(address, f"browser/{basename(address)}", browser=browser, mapped=tuple(maps))
    if view.measured:
        glossary = view_glossary(material.tuning, bool(circuits.photographs))
        files["measures.html"] = page("measures.html", "measures.html", glossary=glossary, view=view)
    if network.shown:
        routes = memory(_view_routes, drawn, circuits.wiring, tiles, at=slug)
        files["routes.html"] = page("routes.html", "routes.html", view=view, routes=routes)
    if live := live_view(view):
        files |= memory(live_data, network, at=slug)
        files[LIVE_PAGE] = page(LIVE_PAGE, "live.html", live=live)
    for name, cells in maps.items():
        drawn_map = view_map(
            view.article.front.title, view.strip, view.layers[name], tuple(material.tuning), (cells[0], cells[1])
        )
        files[f"maps/{name}.html"] = page(f"maps/{name}.html", "map.html", map=drawn_map)
    if view.sprites:
        files["sprites.css"] = page("sprites.css", "sprites.css", layers=view.sprites)
    for neuron in neuron_pages(view, citing, examples):
        place, template = Place(f"{slug}/{neuron.neuron.address}", base_url), engine.template("neuron.html")
        given = template, neuron, place, view.state, facts, known_of, memory.cache
        files[neuron.neuron.address] = memory(_neuron_page, *given, at=place.address)
    return {f"{slug}/{path}": data for path, data in files.items()}


def _comparison_files(
    view: ArticleView,
    compared: Comparison,
    engine: Templates,
    memory: Memory,
    before: Title | None,
    after: Title | None,
    base_url: str,
) -> dict[str, bytes]:
    """Those of an article that compares networks: its page and its numbers. Neurons have their pages elsewhere."""
    slug, front = view.slug, view.article.front
    place = Place(f"{slug}/index.html", base_url)
    metadata, citing = article_metadata(front, place), view_citing(slug, front, view.article.network.name, base_url)
    shown = {"view": view, "figures": _figures(view, engine, memory), "metadata": metadata, "before": before,
             "after": after, "citing": citing, "state": view.state, "lang": front.lang}  # fmt: skip
    weights = {name: one.weights for name, one in compared.recordings.items()}
    kept = lambda form, make: memory.cache(("comparison", form, weights), make)
    nobody: dict[str, dict[str, list]] = {"columns": {"group": [], "facts": []}}
    files = {
        "index.html": _page(place, engine.template("article.html"), shown, memory),
        IMAGE: memory(preview_image, front.title, f"{len(compared.recordings)} networks compared", NO_IMAGES, at=slug),
        "data/comparison.json": kept("json", lambda: to_json(as_json(compared), compact=True)),
        "data/comparison.csv": kept("csv", lambda: as_csv(compared).encode()),
        "data/search.js": memory(search_js, view, nobody, NO_TUNING, at=slug),
        **{picture.path: picture.data for picture in view.article.pictures},
    }
    return {f"{slug}/{path}": data for path, data in files.items()}


def _figures(view: ArticleView, engine: Templates, memory: Memory) -> list:
    """The figures of an article's text as HTML, None in the place of text."""
    return [
        memory(
            Template.render_part,
            engine.template(piece.template),
            {"figure": piece.figure, "caption": piece.caption},
            at=(view.slug, index),
        )
        if piece.template
        else None
        for index, piece in enumerate(view.body)
    ]


def article_pictures(material: Material, view: ArticleView, memory: Memory) -> tuple[Picture, ...]:
    """Every picture that the pages of an article show."""
    opening = view.opening.pictures if view.opening else ()
    if view.compared:
        matched = [piece.figure for piece in view.body if isinstance(piece.figure, MatchedView)]
        return (*view.covers, *opening, *(picture for one in matched for picture in one.pictures))
    neurons = memory(neuron_pictures, material.features, at=view.slug)
    pictures = [picture for one in neurons.values() for picture in one.all]
    pictures += [picture for figure in view.circuits for picture in figure.pictures.values() if picture]
    pictures += opening
    explained = [piece.figure for piece in view.body if isinstance(piece.figure, Explained)]
    pictures += [picture for one in explained for picture in (one.scene, one.seen)]
    for name, tuning in material.tuning.items():
        cards, field = view.layers[name].cards, material.article.network.architecture.layers[name].receptive_field
        stimuli = memory(LayerStimuli, tuning, field, at=(view.slug, name))
        pictures += memory(LayerStimuli.pictures, stimuli, tuple(USUAL.values()), at=(view.slug, name))
        pictures += [card.axis for card in cards if card.axis]
    for one in view.pictures.values():
        pictures += [*dict.fromkeys(tile.sprite for tile in one.tiles if tile), *([one.mosaic] if one.mosaic else [])]
    return (*pictures, *memory(example_pictures, material.examples, at=view.slug))


def _tiles(view: ArticleView) -> dict[str, tuple[Tile | None, ...]]:
    return {name: pictures.tiles for name, pictures in view.pictures.items()}


def _cells(view: ArticleView, tuning: Mapping[str, LayerTuning], known_of: tuple, memory: Memory) -> dict[str, list]:
    """The columns and rows of the neurons of each layer that can have a map."""
    return {
        name: memory(_likeness, one, known_of, memory.cache, at=(view.slug, name))
        for name, one in tuning.items()
        if name in view.sprites
    }


def _likeness(tuning: LayerTuning, known_of: tuple, cache: Cache) -> list:
    made = "map", known_of, tuning.layer, tuning.artifact
    return cache.json(made, lambda: [cells.tolist() for cells in likeness_map(tuning.signatures)])


def _facts(material: Material, view: ArticleView, memory: Memory) -> AllFacts:
    known = material.article.network.architecture, material.features, material.tuning, material.circuits
    pictures = memory(neuron_pictures, material.features, at=view.slug)
    return memory(AllFacts, *known, _tiles(view), pictures, at=view.slug)


def _neuron_page(
    template: Template,
    page: NeuronPage,
    place: Place,
    state: str,
    facts: AllFacts,
    known_of: tuple,
    cache: Cache,
) -> bytes:
    """A neuron's page, from the cache where there is the same one; only else its facts are worked out.

    What is left out of its key the network alone settles, which `known_of` and the cache's own inputs stand for.
    """
    neuron = Neuron(page.neuron.layer, page.neuron.channel)
    own = cache.fingerprint(page, leave_out=(FeatureVisualization, Tile))
    parts = ("neuron page", template.sources, own, place, state, known_of, str(neuron))
    shown = {"page": page, "place": place, "state": state}
    return cache(parts, lambda: template.render({**shown, "facts": facts[neuron]}))


def _columns(
    layers: Mapping[str, LayerView],
    tuning: Mapping[str, LayerTuning],
    circuits: NetworkCircuits,
    known_of: tuple,
    cache: Cache,
) -> dict:
    """The columns of all neurons, which depend on the network and on the article's groups."""
    groups = [card.group for layer in layers.values() for card in layer.cards]
    own = [(one.layer, one.name, one.anchor, one.priority, list(one.neurons)) for one in groups]
    return cache.json(("columns", known_of, own), lambda: neuron_columns(layers, tuning, circuits))


def _with_examples(columns: Mapping, layers: Mapping[str, LayerView], examples: Mapping[Neuron, ExamplesView]) -> dict:
    return {**columns, "examples": example_columns(layers, examples)}


def _page(place: Place, template: Template, context: Mapping, memory: Memory) -> bytes:
    return memory(Template.render, template, {**context, "place": place}, at=place.address)


def _kit(data: Mapping[str, bytes], citing: Citing, cache: Cache) -> bytes:
    return cache(("kit", data, citing), lambda: kit(data, citing))


def _preview_image(title: str, layers: Mapping[str, LayerView], cache: Cache) -> bytes:
    """Of the largest groups of each layer the first neuron."""
    pictures = {
        name: [image for card in layer.cards if (image := card.neurons[0].feature.image) is not None]
        for name, layer in layers.items()
    }
    neurons = sum(len(layer.neurons) for layer in layers.values())
    subtitle = f"{neurons:,} neurons in {len(layers)} layers"
    shown = {name: [portrait(image, image.shape[0]).path for image in some] for name, some in pictures.items()}
    return cache(("preview", title, subtitle, shown), lambda: preview_image(title, subtitle, pictures))


def _view_routes(drawn: Iterable[Circuit], wiring: Wiring, tiles: Mapping[str, Sequence[Tile]]) -> RoutesView:
    return view_routes(drawn, wiring, lambda neuron: tiles[neuron.layer][neuron.channel])


def _network_files(facts: AllFacts, known_of: tuple, cache: Cache) -> dict[str, bytes]:
    """The data that the network alone settles, by path in the article's folder."""
    made = {}
    wiring = facts.circuits.wiring
    for layer in wiring.connections:
        whole = ("connections", known_of, layer)
        made[f"data/connections-{layer}.csv"] = cache(whole, partial(_connections, wiring, layer))
    if not facts.circuits.network.shown:
        return made
    for layer, features in facts.features.items():
        made[f"data/neurons-{layer}.js"] = cache(("details", known_of, layer), partial(_details, facts, layer))
        for channel in range(len(features)):
            for kind in ("js", "json", "png"):
                key = ("neuron", known_of, layer, channel, kind)
                path = f"neurons/{layer}/{channel}.{kind}"
                made[path] = cache(key, partial(_neuron_file, facts, Neuron(layer, channel), kind))
    return made


def _strengths(wiring: Wiring, known_of: tuple, cache: Cache) -> dict[str, str]:
    return cache.json(("strengths", known_of), lambda: strengths_json(wiring))


def _as_script(strengths: str) -> bytes:
    """The strengths of a layer for its pages, whose scripts can read no other file where they were opened from the disk."""
    return f"(globalThis.earlyVisionStrengths ??= []).push({strengths.strip()});\n".encode()


def _connections(wiring: Wiring, layer: str) -> bytes:
    return connections_csv(wiring, layer).encode()


def _details(facts: AllFacts, layer: str) -> bytes:
    return details_js(layer, list(facts.layer(layer).values()), facts.circuits.wiring).encode()


def _neuron_file(facts: AllFacts, neuron: Neuron, kind: str) -> bytes:
    return facts[neuron].files[kind]
