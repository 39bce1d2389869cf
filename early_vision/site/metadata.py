"""What pages say of themselves to machines: search engines, reference managers, previews of links."""

import json
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from markupsafe import Markup

from early_vision.article.schema import FrontMatter
from early_vision.errors import InputError

SITE = "Early Vision"
IMAGE = "preview.jpg"
"""An article's picture for previews of links, in its folder."""


@dataclass(frozen=True)
class Place:
    """Where a page is.

    Attributes:
        address: of the page, from the site's root.
        base_url: of the site, with a slash at its end; empty where that is not known.
    """

    address: str
    base_url: str = ""

    @property
    def url(self) -> str:
        """The page's one address, or nothing where the site's is not known."""
        return self.base_url and self.base_url + self.address.removesuffix("index.html")

    @property
    def folder(self) -> str:
        """The folder that the page is in, as far as it is known: absolute or empty."""
        return self.base_url and self.base_url + self.address.rpartition("/")[0] + "/"


@dataclass(frozen=True)
class Metadata:
    """An article's metadata.

    Attributes:
        citation: (name, content) of tags as Google Scholar reads them.
        graph: (property, content) of Open Graph tags.
        linked_data: a schema.org ScholarlyArticle as JSON, safe inside of a script element.
    """

    citation: tuple[tuple[str, str], ...]
    graph: tuple[tuple[str, str], ...]
    linked_data: Markup


def checked_base_url(given: str | None) -> str:
    """The address that a site will have, ending in a slash; empty for none.

    Raises:
        InputError: for anything but an absolute address without query and fragment.
    """
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError(f'"{given}" is no address of a site', hint="Write it as https://example.org/early-vision/")
    return given.rstrip("/") + "/"


def article_metadata(front: FrontMatter, place: Place) -> Metadata:
    """The metadata that an article's front matter gives."""
    date = front.date and front.date.isoformat()
    citation = [("citation_title", front.title)]
    for author in front.authors:
        citation.append(("citation_author", author.name))
        citation += [("citation_author_institution", author.affiliation)] if author.affiliation else []
        citation += [("citation_author_orcid", f"https://orcid.org/{author.orcid}")] if author.orcid else []
    citation += [("citation_publication_date", date.replace("-", "/"))] if date else []
    citation += [("citation_doi", front.doi)] if front.doi else []
    citation += [("citation_fulltext_html_url", place.url)] if place.url else []
    citation.append(("citation_language", "en"))
    description = _line(front.description or front.subtitle or "")
    graph = [("og:type", "article"), ("og:site_name", SITE), ("og:title", front.title)]
    graph += [("og:description", description)] if description else []
    graph += [("og:url", place.url)] if place.url else []
    graph += [
        ("og:image", place.folder + IMAGE),
        ("og:image:width", "1200"),
        ("og:image:height", "630"),
        ("og:image:alt", f"{front.title}: feature visualizations of its neurons"),
    ]
    graph += [("article:published_time", date)] if date else []
    return Metadata(tuple(citation), tuple(graph), _linked_data(front, place, description))


def _linked_data(front: FrontMatter, place: Place, description: str) -> Markup:
    authors = [
        {
            "@type": "Person",
            "name": author.name,
            "affiliation": author.affiliation and {"@type": "Organization", "name": author.affiliation},
            "sameAs": author.orcid and f"https://orcid.org/{author.orcid}",
            "url": author.url,
        }
        for author in front.authors
    ]
    data = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": front.title,
        "alternativeHeadline": front.subtitle,
        "description": description,
        "author": [{key: value for key, value in author.items() if value} for author in authors],
        "datePublished": front.date and front.date.isoformat(),
        "identifier": front.doi and f"https://doi.org/{front.doi}",
        "license": front.license,
        "inLanguage": "en",
        "image": place.folder + IMAGE,
        "url": place.url,
    }
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    # A script element ends at the first "</", whatever is in it.
    return Markup(text.replace("<", "\\u003c"))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(text)).strip()
