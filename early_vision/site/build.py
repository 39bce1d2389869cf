"""Building the site: gather what pages are made of, render them, look them over, then write what changed."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from early_vision.article.article import Article
from early_vision.errors import InputError, Problem
from early_vision.memory import Memory, files_in, hash_files
from early_vision.site.checking import check_site
from early_vision.site.gather import Loaders, gather
from early_vision.site.page_assets import page_assets
from early_vision.site.pages import article_files, article_pictures, feeds, front_page
from early_vision.site.pictures import Encoding, Picture, encode_missing
from early_vision.site.rendering import Templates
from early_vision.site.views.article import view_article
from early_vision.site.writing import Written, check_out, write_site


@dataclass(frozen=True)
class Site:
    """A site that is made but not written.

    Attributes:
        files: contents by path, without pictures.
        pictures: of each article's folder.
        articles: whose site it is.
        warnings: what authors should look at, although nothing is wrong.
        notes: what is told but stops nothing, whatever else does, such as claims that an article only reports.
    """

    files: Mapping[str, bytes]
    pictures: Mapping[str, tuple[Picture, ...]]
    articles: tuple[Article, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Built:
    """What a build made.

    Attributes:
        front_page: the file to open.
        articles: the page of each article.
        written: which files were written, left alone and removed.
        warnings: what authors should look at, although nothing is wrong.
    """

    front_page: Path
    articles: tuple[Path, ...]
    written: Written
    warnings: tuple[Problem, ...]


def find_articles(content: Path) -> tuple[Path, ...]:
    """The article folders of a content folder: those that hold an article.md.

    Raises:
        InputError: when there is none.
    """
    folders = tuple(sorted(path.parent for path in content.glob("*/article.md")))
    if not folders:
        raise InputError(
            "there is no article here", file=content, hint="An article is a folder with an article.md in it"
        )
    return folders


def build_site(
    article_folders: Iterable[Path],
    *,
    assets: Path,
    templates: Path,
    out: Path,
    load_features: Callable,
    load_tuning: Callable = Loaders.tuning,
    load_circuits: Callable = Loaders.circuits,
    load_examples: Callable = Loaders.examples,
    memory: Memory | None = None,
    strict: bool = False,
    without: frozenset[str] = frozenset(),
    base_url: str = "",
    whole: bool = False,
    waiting: Mapping[Path, str] = MappingProxyType({}),
) -> Built:
    """Build the pages of some articles, and the front page that presents them.

    Args:
        article_folders: one folder per article, as `find_articles` gives them.
        assets: holds css/, js/, favicon.svg and networks/.
        templates: holds the Jinja templates.
        out: the output folder. Nothing outside of it is written.
        load_features, load_tuning, load_circuits, load_examples: as in `Loaders`.
        memory: what earlier builds worked out, if there were any. The site is the same with and without.
        strict: whether warnings, too, keep the site from being written.
        without: names of networks to be shown as if their weights were not here.
        base_url: the address that the site will have, as `checked_base_url` gives it; empty where that is not known.
        whole: whether these are all articles, so that what earlier builds made of others is removed.
        waiting: articles that are left out, with their titles, as `Project.waiting` gives them; those given are not.

    Raises:
        InputError: everything that is wrong with the articles.
        InputError: for templates, assets or an output folder that cannot be used. The previous site is left as it was.
    """
    memory = Memory() if memory is None else memory
    article_folders = tuple(article_folders)
    check_out(out, article_folders)
    loaders = Loaders(load_features, load_tuning, load_circuits, load_examples)
    # Pictures are encoded on the other cores while pages are rendered.
    pool, begun = ThreadPoolExecutor(os.cpu_count()), {}

    def begin(slug: str, pictures: Iterable[Picture]) -> None:
        begun[slug] = encode_missing(pictures, out / slug, memory, pool)

    try:
        site = make_site(
            article_folders,
            assets,
            templates,
            loaders,
            memory,
            without=without,
            base_url=base_url,
            begin=begin,
            waiting=waiting,
        )
        if strict and site.warnings:
            raise InputError.of(site.warnings)
        return write(site, out, memory, begun, whole)
    finally:
        pool.shutdown(cancel_futures=True)


def make_site(
    folders: Iterable[Path],
    assets: Path,
    templates: Path,
    loaders: Loaders,
    memory: Memory,
    thorough: bool = True,
    without: frozenset[str] = frozenset(),
    base_url: str = "",
    begin: Callable[[str, tuple[Picture, ...]], None] = lambda slug, pictures: None,
    read: Callable[[tuple[Article, ...]], None] = lambda articles: None,
    waiting: Mapping[Path, str] = MappingProxyType({}),
) -> Site:
    """The pages and data files of some articles, all in order.

    Args:
        folders, assets, templates, memory: as for `build_site`.
        loaders: how to come by what was computed beforehand.
        thorough: as for `check_site`.
        without, base_url, waiting: as for `build_site`.
        begin: called with each article's address and pictures before its pages are rendered.
        read: called with the articles that are in order, before their pages are made.

    Raises:
        InputError: everything that is wrong with the articles, and their warnings.
        InputError: for templates or assets that cannot be used.
    """
    material, problems, notes = gather(folders, assets, loaders, memory, without)
    articles = tuple(one.article for one in material)
    read(articles)
    if any(problem.severity == "error" for problem in problems):
        raise InputError.of(problems)
    views = [view_article(one, memory) for one in material]
    engine = memory(Templates, templates, hash_files(templates, files_in(templates), memory), memory.cache)
    here = {article.folder.resolve() for article in articles}
    left_out = [(one.name, title) for one, title in waiting.items() if one.resolve() not in here]
    files: dict[str, bytes] = {
        **page_assets(assets),
        "index.html": front_page(views, engine, memory, base_url, left_out),
    }
    titles = [(view.slug, view.article.front.title) for view in views]
    pictures = {view.slug: article_pictures(one, view, memory) for one, view in zip(material, views, strict=False)}
    for slug, some in pictures.items():
        begin(slug, some)
    for one, view, before, after in zip(material, views, [None, *titles], [*titles[1:], None], strict=False):
        files |= article_files(one, view, engine, memory, before, after, base_url)
    pages = [path for path in files if path.endswith(".html")]
    files |= feeds(views, pages, engine, memory, base_url)
    everything = files | {f"{slug}/{picture.path}": None for slug, some in pictures.items() for picture in some}
    beside = {one.parent.name for folder in folders for one in folder.parent.glob("*/article.md")} - set(pictures)
    problems += check_site(articles, everything, memory, thorough, beside)
    if any(problem.severity == "error" for problem in problems):
        raise InputError.of(problems)
    return Site(files, pictures, articles, tuple(problems), tuple(notes))


def write(
    site: Site, out: Path, memory: Memory, begun: Mapping[str, Encoding] | None = None, whole: bool = False
) -> Built:
    """Write what changed of a site, encoding the pictures that are not there yet.

    Args:
        site, out, memory: what to write and where, and what earlier builds worked out.
        begun: what `encode_missing` has begun with for articles, by their addresses.
        whole: as for `build_site`.

    Raises:
        InputError: for an output folder that cannot be used, with the previous site as it was.
    """
    files: dict[str, bytes | None] = dict(site.files)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for slug, pictures in site.pictures.items():
            encoding = (begun or {}).get(slug) or encode_missing(pictures, out / slug, memory, pool)
            files |= {f"{slug}/{path}": one.result() if one else None for path, one in encoding.items()}
    written = write_site(files, out, site.pictures, memory, whole)
    articles = tuple(out / slug / "index.html" for slug in site.pictures)
    return Built(out / "index.html", articles, written, (*site.warnings, *site.notes))
