"""Looking a made site over before it is written: what is wrong with its pages, told where its author can mend it.

Or, where an error keeps pages from being made, what can be told of them from the text.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import html5lib
from html5lib.constants import E as SENTENCES

from early_vision.article.anchors import anchor_line
from early_vision.article.article import Article
from early_vision.article.blocks import Block
from early_vision.article.mentions import neuron_page
from early_vision.cache import Cache
from early_vision.errors import Problem
from early_vision.memory import Memory
from early_vision.site.faults import Fault, Files, lost_links, page_faults

TAG = re.compile(rb"</?[a-zA-Z][\w-]*")
HEADING = re.compile(rb"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
ID = re.compile(rb'\sid="([^"]*)"')
PERMALINK = re.compile(rb'<a class="permalink".*?</a>', re.DOTALL)
PICTURE = re.compile(rb"<img\b[^>]*>")
ALT = re.compile(rb'\salt(?:="|[\s>])')
PICTURES = frozenset((".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"))


def check_site(
    articles: Sequence[Article], files: Files, memory: Memory, thorough: bool = True, beside: Collection[str] = ()
) -> list[Problem]:
    """Everything that is wrong with a made site: links and anchors, ids, headings, alt texts, and the HTML itself.

    Args:
        articles: whose site it is.
        files: contents by path within the site; None for pictures.
        memory: keeps what was found in pages that stay the same.
        thorough: whether to parse pages strictly, too, which takes as long as all else together.
        beside: the addresses of articles that are not built this time, into which any link may lead.
    """
    faults = page_faults(files, memory=memory)
    problems = [_told(fault, articles) for fault in faults if not _leads_into(fault, beside)]
    for path, html in files.items():
        if path.endswith(".html"):
            faults, _ = memory(_looked_over, path, html, memory.cache, at=path)
            problems += (_told(fault, articles) for fault in faults)
    problems += check_html(files, memory) if thorough else []
    for article in articles:
        problems += unused_pictures(article, files)
    # A link on an article's page may be there twice, as in the text and in the margin.
    return list({str(problem): problem for problem in problems}.values())


def check_html(files: Files, memory: Memory) -> list[Problem]:
    """Where pages are no valid HTML."""
    return [_told(fault, ()) for fault in invalid_html(files, memory)]


def look_at_page(path: str, html: bytes) -> tuple[Fault, ...]:
    """What is wrong with the order of a page's headings and with the alt texts of its pictures."""
    faults = list(_heading_faults(path, html))
    if (firsts := sum(level == b"1" for level, _, _ in HEADING.findall(html))) != 1:
        faults.insert(0, Fault(path, f"the page has {firsts} headings of the first level, and should have one"))
    for picture in PICTURE.findall(html):
        if not ALT.search(picture):
            faults.append(Fault(path, f"a picture has no alt text: {picture.decode()[:80]}"))
    return tuple(faults)


def look_at_texts(articles: Sequence[Article], slugs: Collection[str]) -> list[Problem]:
    """What is wrong with the headings, links and pictures of articles whose pages are not made, for an error in some text.

    Args:
        articles: all that can be read.
        slugs: the addresses of these and of others, into which any link may lead.
    """
    pages = {f"{one.slug}/{path}": None for one in articles for path in pages_of(one)} | {"index.html": None}
    unread = set(slugs) - {article.slug for article in articles}
    problems: list[Problem] = []
    for article in articles:
        own = f"{article.slug}/index.html"
        html = "".join(piece for piece in article.body if not isinstance(piece, Block)).encode()
        faults = [*_heading_faults(own, html)]
        for fault in lost_links(own, (link.address for link in article.links), pages):
            if not _leads_into(fault, unread):
                faults.append(fault)
        problems += (_told(fault, [article]) for fault in faults)
        named = [path for path in _pictures_in(article.folder) if path in article.text.text]
        problems += unused_pictures(article, [f"{article.slug}/{path}" for path in named])
    return list({str(problem): problem for problem in problems}.values())


def _leads_into(fault: Fault, slugs: Collection[str]) -> bool:
    return any(fault.address.startswith(f"../{slug}/") for slug in slugs)


def pages_of(article: Article) -> list[str]:
    """What an article's text can lead to in its folder, whether or not all of it is made: pages, data, and pictures."""
    if article.front.compares:
        own = ["index.html", "data/comparison.json", "data/comparison.csv"]
        return [*own, *(picture.path for picture in article.pictures)]
    layers = article.network.architecture.layers.items()
    neurons = [neuron_page(name, channel) for name, layer in layers for channel in range(layer.neurons)]
    data = ["groups.json", "network.json", "neurons.csv", "neurons.csv-metadata.json"]
    data += ["kit.zip", *(f"connections-{name}.csv" for name, _ in layers)]
    others = ["index.html", "measures.html", "routes.html", "neurons/index.html", "neurons/compare.html"]
    others += ["live.html"] if article.network.state == "here" else []
    return [*others, *neurons, *(f"data/{name}" for name in data), *(picture.path for picture in article.pictures)]


def _heading_faults(path: str, html: bytes) -> Iterator[Fault]:
    last = 0
    for level, attributes, inner in HEADING.findall(html):
        if int(level) > last + 1 and last:
            text = re.sub(rb"<[^>]*>", b"", PERMALINK.sub(b"", inner)).decode().strip()
            anchor = ID.search(attributes)
            message = f'the heading "{text}" is {int(level) - last} levels below the one before it'
            yield Fault(path, message, f"#{anchor[1].decode()}" if anchor else "")
        last = int(level)


def invalid_html(files: Files, memory: Memory) -> Iterator[Fault]:
    """Where pages are no valid HTML. Of pages made of the same tags in the same order, one stands for all."""
    looked_at = set()
    for path, html in files.items():
        if path.endswith(".html"):
            _, shape = memory(_looked_over, path, html, memory.cache, at=path)
            if shape not in looked_at:
                looked_at.add(shape)
                yield from memory(_strict_faults, path, html, shape, memory.cache, at=path)


def unused_pictures(article: Article, files: Iterable[str]) -> Iterator[Problem]:
    """Pictures in an article's folder that are not among the files of its site."""
    shown = {path.removeprefix(f"{article.slug}/") for path in files}
    for inside in _pictures_in(article.folder):
        if inside not in shown:
            hint = "Show it, or move it out of the article's folder"
            yield Problem("no page shows this picture", file=article.folder / inside, hint=hint, severity="warning")


def _pictures_in(folder: Path) -> list[str]:
    pictures = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES and path.is_file())
    return [path.relative_to(folder).as_posix() for path in pictures]


def _looked_over(path: str, html: bytes, cache: Cache) -> tuple[tuple[Fault, ...], str]:
    """What is wrong with the order of a page's headings and its alt texts, and a hash of which tag follows which."""

    def look() -> tuple:
        pairs = sorted(set(pairwise(TAG.findall(html))))
        faults = [(fault.message, fault.address) for fault in look_at_page(path, html)]
        return faults, hashlib.sha256(repr(pairs).encode()).hexdigest()

    faults, shape = cache.json(("headings of a page", path, html), look)
    return tuple(Fault(path, message, address) for message, address in faults), shape


def _strict_faults(path: str, html: bytes, shape: str, cache: Cache) -> tuple[Fault, ...]:
    """What is wrong with a page's HTML. That nothing is, is kept for all pages of its shape."""
    if cache.json(("HTML of this shape is valid", shape), lambda: not _parse_strictly(path, html)):
        return ()
    return _parse_strictly(path, html)


def _parse_strictly(path: str, html: bytes) -> tuple[Fault, ...]:
    parser, faults = html5lib.HTMLParser(), []
    parser.parse(html, override_encoding="utf-8")
    for (line, _), code, values in parser.errors:
        text = html.split(b"\n")[line - 1].decode().strip()
        faults.append(Fault(path, f"the HTML is not valid: {SENTENCES.get(code, code) % values} Near: {text[:100]}"))
    return tuple(faults)


def _told(fault: Fault, articles: Iterable[Article]) -> Problem:
    """A fault at its place in an author's file, if it is of an author's making."""
    message, _, word = fault.message.partition(". Did you mean ")
    hint = f"Did you mean {word}" if word else None
    for article in articles:
        if not fault.address or not fault.file.startswith(f"{article.slug}/"):
            continue
        if fault.message.startswith("the heading"):
            return article.text.problem(message, anchor_line(article.text, fault.address[1:], 0), "Leave no level out")
        for link in article.links:
            if link.address == fault.address:
                return Problem(message, file=link.file, line=link.line, hint=hint)
    return Problem(message, file=Path(fault.file), hint=hint)
