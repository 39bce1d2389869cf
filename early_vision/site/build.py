"""Building the site: read every article, gather every file, then write what changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote, urlsplit

from early_vision.article.article import Article, read_article
from early_vision.article.circuits import ReadCircuit, find_circuits, read_circuit
from early_vision.article.directives import find_claims
from early_vision.artifacts import read_json
from early_vision.circuits.circuit import Neuron
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.errors import InputError, InputErrors, nearest
from early_vision.features.result import FeatureVisualization
from early_vision.network.known import find_network
from early_vision.network.weights import Network
from early_vision.site.data_files import groups_json, network_json
from early_vision.site.neuron_data import neurons_js
from early_vision.site.neuron_table import neurons_csv, table_metadata
from early_vision.site.pictures import Picture, encode_missing
from early_vision.site.rendering import Templates
from early_vision.site.routes import sums_json, view_routes
from early_vision.site.views import ArticleView, check_any_claim, group_neurons, neuron_pages, view_article
from early_vision.site.writing import Written, write_site
from early_vision.tuning import LayerTuning

LoadFeatures = Callable[[Network], Mapping[str, Sequence[FeatureVisualization]]]
LoadTuning = Callable[[Network], Mapping[str, LayerTuning]]
LoadCircuits = Callable[[Network], NetworkCircuits]


@dataclass(frozen=True)
class Built:
    """What a build made.

    Attributes:
        front_page: the file to open.
        articles: the page of each article.
        written: how many files were written, left alone and removed.
    """

    front_page: Path
    articles: tuple[Path, ...]
    written: Written


def find_articles(content: Path) -> tuple[Path, ...]:
    """The article folders of a content folder: those that hold an article.md.

    Raises:
        InputError: when there is none.
    """
    folders = tuple(sorted(path.parent for path in content.glob("*/article.md")))
    if not folders:
        raise InputError(
            "there is no article here", file=content, mend="An article is a folder with an article.md in it"
        )
    return folders


def build_site(
    article_folders: Iterable[Path],
    *,
    assets: Path,
    templates: Path,
    out: Path,
    load_features: LoadFeatures,
    load_tuning: LoadTuning = lambda network: {},
    load_circuits: LoadCircuits = lambda network: NetworkCircuits(network, wiring(network), {}, None),
) -> Built:
    """Build the pages of some articles, and the front page that presents them.

    Args:
        article_folders: one folder per article, as `find_articles` gives them.
        assets: holds css/, js/, favicon.svg and networks/.
        templates: holds the Jinja templates.
        out: the output folder. Nothing outside of it is written.
        load_features: the feature visualizations of a network: for each layer, one per channel in order. It is called
            once per network, after all articles were read; it may raise InputError.
        load_tuning: the tuning of a network's layers, or none of them where it was not measured; called likewise.
        load_circuits: the circuits of a network, by default without what is computed beforehand; called likewise.

    Raises:
        InputErrors: everything that is wrong with the articles.
        InputError: for templates, assets or an output folder that cannot be used. The previous site is left as it was.
    """
    articles = read_articles(article_folders, assets)
    networks = {article.network.sha256: article.network for article in articles}
    features = {sha256: load_features(network) for sha256, network in networks.items()}
    tuning = {sha256: load_tuning(network) for sha256, network in networks.items()}
    circuits = {sha256: load_circuits(network) for sha256, network in networks.items()}
    figures = read_circuits(articles, circuits)
    check_claims(articles, tuning, circuits)
    published, views = read_published(assets), []
    for article in articles:
        key = article.network.sha256
        read = figures[article.slug]
        views.append(view_article(article, features[key], tuning[key], published, circuits[key], read))

    engine = Templates(templates)
    files: dict[str, bytes | None] = {**asset_files(assets), "index.html": _page(engine, "front.html", articles=views)}
    for view in views:
        key = view.article.network.sha256
        files |= article_files(view, tuning[key], circuits[key], engine, out / view.slug)
    check_links(articles, files)
    written = write_site(files, out, [view.slug for view in views])
    return Built(out / "index.html", tuple(out / view.slug / "index.html" for view in views), written)


def read_articles(folders: Iterable[Path], assets: Path) -> tuple[Article, ...]:
    """All articles.

    Raises:
        InputErrors: everything that is wrong with any of them, or two that have one address.
    """
    articles, problems, find = [], [], lru_cache(maxsize=None)(lambda name: find_network(name, assets))
    for folder in folders:
        try:
            article = read_article(folder, find)
        except InputErrors as errors:
            problems += errors.errors
            continue
        if article.slug in [other.slug for other in articles]:
            problems.append(
                InputError(
                    f"two articles have the address {article.slug}", file=folder, mend="Rename one of the folders"
                )
            )
        articles.append(article)
    if problems:
        raise InputErrors(problems)
    return tuple(articles)


def read_circuits(
    articles: Iterable[Article], circuits: Mapping[str, NetworkCircuits]
) -> dict[str, tuple[ReadCircuit, ...]]:
    """What the circuit figures of each article show, by its slug, in the order of its text.

    Raises:
        InputErrors: everything that is wrong with any of them.
    """
    figures, problems = {}, []
    for article in articles:
        known, read = circuits[article.network.sha256], []
        for block in find_circuits(article.text):
            figure, wrong = read_circuit(block, article.network.architecture, known.connect, known.typical)
            read.append(figure)
            problems += wrong
        figures[article.slug] = tuple(read)
    if problems:
        raise InputErrors(problems)
    return figures


def check_claims(
    articles: Iterable[Article],
    tuning: Mapping[str, Mapping[str, LayerTuning]],
    circuits: Mapping[str, NetworkCircuits],
) -> None:
    """Holds every claim of the articles against the measurements and the weights, both by the weights' hash.

    Raises:
        InputErrors: naming each claim that is not true, with what was measured, or that cannot be understood.
    """
    problems = []
    for article in articles:
        measured, groups = tuning[article.network.sha256], group_neurons(article.taxonomy)
        for claim, line in find_claims(article.text):
            if not measured:
                mend = f"Run: python build.py measure --network {article.network.name}"
                problems.append(article.text.error("a claim needs measurements of the network", line, mend))
                continue
            try:
                checked = check_any_claim(claim, measured, groups, circuits[article.network.sha256])
            except InputError as error:
                problems.append(article.text.error(error.message, line, error.mend))
                continue
            if not checked.holds:
                message = f'the claim "{claim}" does not hold: {checked.measured}'
                problems.append(article.text.error(message, line, "Mend the claim and the sentence that it stands by"))
    if problems:
        raise InputErrors(problems)


def read_published(assets: Path) -> dict:
    """The published taxonomy of InceptionV1, to compare with.

    Raises:
        InputError: when its file is absent or damaged.
    """
    return read_json(assets / "taxonomies" / "inceptionv1.json")


def article_files(
    view: ArticleView, tuning: Mapping[str, LayerTuning], circuits: NetworkCircuits, engine: Templates, there: Path
) -> dict[str, bytes | None]:
    """Every file of an article by its path in the site; None for a picture that is there already.

    Args:
        view: the article.
        tuning: of every layer, or empty.
        circuits: of the network.
        engine: the templates.
        there: the article's folder as an earlier build left it.
    """
    pages = neuron_pages(view, tuning, circuits)
    tiles = {Neuron(neuron.layer, neuron.channel): neuron.tile for neuron in view.neurons}
    routes = view_routes((figure.figure.circuit for figure in view.circuits), circuits.wiring, tiles.__getitem__)
    counts = {name: layer.layer.neurons for name, layer in view.layers.items()}
    files: dict[str, bytes | None] = {
        "index.html": _page(engine, "article.html", view=view),
        "data/groups.json": groups_json(view.article.taxonomy, counts).encode(),
        "data/network.json": network_json(view.article.network).encode(),
        "data/neurons.js": neurons_js(view, tuning, circuits).encode(),
        "data/neurons.csv": neurons_csv(view, tuning).encode(),
        "data/neurons.csv-metadata.json": table_metadata(tuning).encode(),
        "routes.html": _page(engine, "routes.html", view=view, routes=routes),
        **{f"data/{name}": text.encode() for name, text in sums_json(circuits.wiring).items()},
    }
    for page in pages:
        files[page.neuron.address] = _page(engine, "neuron.html", view=view, page=page)
        beside, connections = page.neuron.address.removesuffix(".html"), page.connections
        files[f"{beside}.png"] = connections.sheet
        files[f"{beside}.json"], files[f"{beside}.csv"] = connections.json.encode(), connections.csv.encode()
    portraits = [picture for page in pages for picture in (page.picture, page.inhibiting, page.diverse) if picture]
    portraits += [picture for figure in view.circuits for picture in figure.pictures.values()]
    files |= encode_missing(_pictures(view, portraits), there)
    return {f"{view.slug}/{path}": data for path, data in files.items()}


def asset_files(assets: Path) -> dict[str, bytes]:
    """What all articles share: one style sheet, joined from css/ in the order of file names, scripts, and the icon.

    Raises:
        InputError: when there is no style sheet, or a file cannot be read.
    """
    sheets = sorted((assets / "css").glob("*.css"))
    if not sheets:
        raise InputError("there is no style sheet", file=assets / "css")
    try:
        files = {"assets/style.css": b"\n".join(path.read_bytes() for path in sheets)}
        for path in [*sorted((assets / "js").glob("*.js")), *sorted(assets.glob("favicon.*"))]:
            files[f"assets/{path.name}"] = path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=error.filename) from error
    return files


def check_links(articles: Iterable[Article], files: Mapping[str, bytes | None]) -> None:
    """Sees to it that every link of an author to a page of the site leads to one.

    Raises:
        InputErrors: naming each link that does not.
    """
    problems = []
    for article in articles:
        for link in article.links:
            parts = urlsplit(link.address)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            target = normpath(join(article.slug, unquote(parts.path)))
            if target not in files and normpath(f"{target}/index.html") not in files:
                known = [path.removeprefix(f"{article.slug}/") for path in files if path.startswith(f"{article.slug}/")]
                message = f'the link "{link.address}" leads to no page of the site'
                problems.append(InputError(message, file=link.file, line=link.line, mend=nearest(parts.path, known)))
    if problems:
        raise InputErrors(problems)


def _page(engine: Templates, template: str, **context) -> bytes:
    return engine.render(template, **context).encode()


def _pictures(view: ArticleView, portraits: Iterable[Picture]) -> list[Picture]:
    sprites = {neuron.tile.sprite.path: neuron.tile.sprite for neuron in view.neurons}
    return [*sprites.values(), *(layer.mosaic for layer in view.layers.values()), *portraits]
