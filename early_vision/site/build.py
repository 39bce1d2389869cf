"""Building the site: gather what pages are made of, render them, then write what changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote, urlsplit

from early_vision.article.article import Article
from early_vision.errors import InputError, InputErrors, nearest
from early_vision.site.gather import Loaders, gather
from early_vision.memory import Memory, files_in, hash_files
from early_vision.site.page_assets import page_assets
from early_vision.site.pages import article_files, front_page, view_material
from early_vision.site.rendering import Templates
from early_vision.site.writing import Written, write_site


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
    load_features: Callable,
    load_tuning: Callable = Loaders.tuning,
    load_circuits: Callable = Loaders.circuits,
    memory: Memory | None = None,
) -> Built:
    """Build the pages of some articles, and the front page that presents them.

    Args:
        article_folders: one folder per article, as `find_articles` gives them.
        assets: holds css/, js/, favicon.svg and networks/.
        templates: holds the Jinja templates.
        out: the output folder. Nothing outside of it is written.
        load_features, load_tuning, load_circuits: as in `Loaders`.
        memory: what earlier builds worked out, if there were any. The site is the same with and without.

    Raises:
        InputErrors: everything that is wrong with the articles.
        InputError: for templates, assets or an output folder that cannot be used. The previous site is left as it was.
    """
    memory = Memory() if memory is None else memory
    material = gather(article_folders, assets, Loaders(load_features, load_tuning, load_circuits), memory)
    views = [view_material(one, memory) for one in material]
    engine = memory(Templates, templates, hash_files(templates, files_in(templates), memory))
    files: dict[str, bytes | None] = {**page_assets(assets), "index.html": front_page(views, engine, memory)}
    for one, view in zip(material, views):
        files |= article_files(one, view, engine, out / view.slug, memory)
    check_links([one.article for one in material], files)
    written = write_site(files, out, [view.slug for view in views], memory)
    return Built(out / "index.html", tuple(out / view.slug / "index.html" for view in views), written)


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
