"""Faults of a finished site: links, fragments and references that lead nowhere, ids given twice, pictures that do not
decode, and anything that a page would load from elsewhere.

`site_faults(files)` takes the files of a site by their paths, as `build.article_files` and its like make them, and
`read_folder(out)` gives those of a site on the disk, reading each when it is asked for:

    for fault in site_faults(read_folder(Path("site"))):
        print(fault)

`page_faults` and `picture_faults` are its two halves; either can be given only the pages or pictures that changed.
"""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from html import unescape
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from urllib.parse import unquote
from xml.etree import ElementTree

from PIL import Image

from early_vision.cache import Cache
from early_vision.errors import did_you_mean
from early_vision.memory import Memory

TAG = re.compile(r"<([A-Za-z][\w:-]*)((?:\s+[\w:-]+(?:=\"[^\"]*\")?)*)\s*/?>")
ID_LISTS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
ADDRESSES = ("href", "src", "xlink:href", "poster")
ATTRIBUTE = re.compile(rf"\s(id|rel|srcset|{'|'.join((*ID_LISTS, *ADDRESSES))})=\"([^\"]*)\"")
OPENING = re.compile(r"<(?=[A-Za-z])")
"""Of each of these a tag must be read, so that none is overlooked: a whole parser takes seven times as long."""
SCHEME = re.compile(r"[A-Za-z][\w+.-]*:")
IN_PAGE = re.compile(r"url\(#([^)]*)\)")
IN_STYLES = re.compile(r"url\(\s*[\"']?([^\"')]+)")
LOADS = frozenset(("stylesheet", "icon", "preload", "manifest", "modulepreload"))
"""Kinds of `<link>` whose target the browser fetches by itself."""
DECODED = frozenset((".png", ".webp", ".jpg", ".jpeg", ".gif", ".avif"))


@dataclass(frozen=True)
class Fault:
    """Something wrong with a file of the site, by the file's path in it.

    Attributes:
        address: the address in it that is wrong, or empty.
    """

    file: str
    message: str
    address: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


@dataclass(frozen=True)
class PageParts:
    """What a page holds, as far as it can be wrong.

    Attributes:
        ids: every id, in order.
        links: every address that it links to.
        loads: every address that the browser fetches for it.
        references: every id of its own that something in it needs.
        unread: the beginnings of tags that could not be read.
    """

    ids: tuple[str, ...]
    links: frozenset[str]
    loads: frozenset[str]
    references: frozenset[str]
    unread: tuple[str, ...]


Files = Mapping[str, bytes | None]


def site_faults(files: Files) -> tuple[Fault, ...]:
    """Everything that is wrong with a site: first its pages and style sheets, then its pictures, by path.

    Args:
        files: contents by path within the site, with forward slashes; None for a picture that an earlier build left
            there, which is not decoded.
    """
    return (*page_faults(files), *picture_faults(files))


def page_faults(files: Files, pages: Iterable[str] | None = None, memory: Memory | None = None) -> tuple[Fault, ...]:
    """What is wrong with links, fragments, ids and references of pages and style sheets.

    Args:
        files: as for `site_faults`; only pages, and what they link to by a fragment, are read.
        pages: which of them to look at; all by default.
        memory: keeps what pages hold that stay the same.
    """
    memory = Memory() if memory is None else memory
    look = cache(lambda path: memory(_look_at, path, files[path] or b"", memory.cache, at=path))
    chosen = sorted(files if pages is None else pages)
    faults: list[Fault] = []
    for path in chosen:
        if path.endswith(".html"):
            faults += look(path).faults
            faults += _lost(path, look(path).needs, files, look)
    for path in chosen:
        if path.endswith(".css"):
            for address in IN_STYLES.findall((files[path] or b"").decode()):
                found = _resolve(path, address, True)
                faults += [found] if isinstance(found, Fault) else _lost(path, [found] if found else [], files, look)
    return tuple(faults)


def lost_links(path: str, addresses: Iterable[str], files: Mapping[str, object]) -> Iterator[Fault]:
    """Of the addresses on a page those that lead to none of the files of its site, whatever anchors these have."""
    for address in addresses:
        found = _resolve(path, address, False)
        if isinstance(found, Fault):
            yield found
        elif found:
            yield from _lost(path, [(address, found[1], "")], files)


def picture_faults(files: Files, pictures: Iterable[str] | None = None) -> tuple[Fault, ...]:
    """Pictures that do not decode; of all files by default."""
    faults = []
    for path in sorted(files if pictures is None else pictures):
        try:
            if (data := files[path]) is None:
                continue
            if Path(path).suffix in DECODED:
                with Image.open(io.BytesIO(data)) as image:
                    image.load()
            elif path.endswith(".svg"):
                ElementTree.fromstring(data)
        except (OSError, SyntaxError, ValueError) as error:
            faults.append(Fault(path, f"the picture does not decode ({error})"))
    return tuple(faults)


def read_page(html: str) -> PageParts:
    """What a page holds, of HTML whose attributes are in double quotes, as the templates and Python-Markdown write it."""
    ids: list[str] = []
    links: set[str] = set()
    loads: set[str] = set()
    references, read = set(IN_PAGE.findall(html)), set()
    for tag in TAG.finditer(html):
        read.add(tag.start())
        if not (given := {name: unescape(value) for name, value in ATTRIBUTE.findall(tag[2])}):
            continue
        if "id" in given:
            ids.append(given["id"])
        references.update(one for name in ID_LISTS if name in given for one in given[name].split())
        fetched = tag[1] != "a" and (tag[1] != "link" or bool(LOADS & set(given.get("rel", "").split())))
        (loads if fetched else links).update(given[name] for name in ADDRESSES if name in given)
        if "srcset" in given:
            loads.update(part.split()[0] for part in given["srcset"].split(",") if part.strip())
    unread = tuple(html[one.start() : one.start() + 40] for one in OPENING.finditer(html) if one.start() not in read)
    return PageParts(tuple(ids), frozenset(links), frozenset(loads), frozenset(references), unread)


def read_folder(out: Path) -> Mapping[str, bytes]:
    """The files of a site on the disk; each is read when it is asked for. Hidden ones are the build's own records."""
    paths = (path for path in out.rglob("*") if path.is_file())
    names = (path.relative_to(out) for path in paths)
    return _Folder(out, {name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)})


@dataclass(frozen=True)
class _Folder(Mapping[str, bytes]):
    root: Path
    paths: set[str]

    def __getitem__(self, path: str) -> bytes:
        if path not in self.paths:
            raise KeyError(path)
        return (self.root / path).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.paths))

    def __len__(self) -> int:
        return len(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self.paths


Need = tuple[str, str, str]
"""An address on a page, the file that it leads to, and the anchor there, or empty."""


@dataclass(frozen=True)
class _Looked:
    """A page that was looked at: its ids, what is wrong with it in itself, and what it needs of others."""

    ids: tuple[str, ...]
    faults: tuple[Fault, ...]
    needs: tuple[Need, ...]

    @cached_property
    def anchors(self) -> frozenset[str]:
        return frozenset(self.ids)


def _look_at(path: str, html: bytes, cache: Cache) -> _Looked:
    def look() -> tuple:
        page = read_page(html.decode())
        faults, needs = _own_faults(path, page)
        return page.ids, [(fault.message, fault.address) for fault in faults], needs

    ids, faults, needs = cache.json(("links of a page", path, html), look)
    own = tuple(Fault(path, message, address) for message, address in faults)
    return _Looked(tuple(ids), own, tuple((address, target, anchor) for address, target, anchor in needs))


def _own_faults(path: str, page: PageParts) -> tuple[tuple[Fault, ...], tuple[Need, ...]]:
    """What is wrong with a page in itself, and what it needs of others."""
    faults, needs = [Fault(path, f"a tag cannot be read: {beginning!r}") for beginning in page.unread], []
    for one, times in Counter(page.ids).items():
        if times > 1:
            faults.append(Fault(path, f'the id "{one}" is given {times} times'))
    for one in sorted(page.references - set(page.ids)):
        faults.append(Fault(path, f'nothing has the id "{one}", which something on the page needs'))
    for addresses, loaded in ((page.links, False), (page.loads, True)):
        for address in sorted(addresses):
            found = _resolve(path, address, loaded)
            if isinstance(found, Fault):
                faults.append(found)
            elif found:
                needs.append(found)
    return tuple(faults), tuple(needs)


def _resolve(path: str, address: str, loaded: bool) -> Fault | Need | None:
    """Where an address on a page leads, or one that the browser fetches for it (`loaded`); None for elsewhere."""
    place, _, fragment = address.partition("#")
    if SCHEME.match(address) or address.startswith("//"):
        return Fault(path, f"the page would load {address}, which is not in the site", address) if loaded else None
    place = unquote(place.partition("?")[0])
    target = normpath(join(dirname(path), place)) if place else path
    if place.startswith("/") or target.startswith(".."):
        return Fault(path, f"the link {address} leads out of the site", address)
    # A fragment such as "q=vertical" is no place in the page, but what a script of it is to show.
    return address, target, "" if fragment == "top" or "=" in fragment else unquote(fragment)


def _lost(
    path: str,
    needs: Iterable[Need],
    files: Mapping[str, object],
    look: Callable[[str], _Looked] | None = None,
) -> Iterator[Fault]:
    """Addresses that lead to no file or, where pages can be looked at, to no anchor in it."""
    for address, target, fragment in needs:
        if target not in files:
            beside = {
                relpath(other, dirname(path) or "."): None for other in files if dirname(other) == dirname(target)
            }
            near = _nearest(relpath(target, dirname(path) or "."), beside)
            yield Fault(path, f"the link {address} leads to no file{near}", address)
        elif look and fragment and target.endswith(".html") and fragment not in look(target).anchors:
            near = _nearest(fragment, look(target).ids)
            yield Fault(path, f"the link {address} leads to no anchor{near}", address)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = did_you_mean(word, known)
    return f". {near}" if near else ""
