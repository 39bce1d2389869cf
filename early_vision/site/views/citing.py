"""How an article, and each of its neurons, is cited."""

import re
from dataclasses import dataclass

from early_vision.article.schema import FrontMatter

DATA_LICENSE = "Pictures and data: the early-vision project, Apache License 2.0."


@dataclass(frozen=True)
class Citing:
    """What a citation of an article or of a neuron of it needs.

    Attributes:
        slug: the article's address.
        title: of the article.
        authors: as BibTeX has them, with "and" between them.
        year: or empty.
        network: its name.
        license: of the text, as the author states it, or empty.
        url: of the article's folder, with a slash at its end; empty where that is not known.
    """

    slug: str
    title: str
    authors: str
    year: str
    network: str
    license: str
    url: str

    @property
    def data_license(self) -> str:
        return DATA_LICENSE

    @property
    def article(self) -> str:
        """The article as an entry of BibTeX."""
        return self._entry("", self.title, self.url)

    def neuron(self, layer: str, channel: int) -> str:
        """A neuron as an entry of BibTeX."""
        title = f"{layer}:{channel} of {self.network}, in {self.title}"
        return self._entry(f"-{layer}-{channel}", title, self.url and f"{self.url}neurons/{layer}/{channel}.html")

    def file_name(self, layer: str, channel: int) -> str:
        """What a neuron's picture is called when somebody saves it."""
        return f"{self.network}_{layer}_{channel}.webp"

    def _entry(self, part: str, title: str, url: str) -> str:
        fields = {"author": self.authors, "title": f"{{{title}}}", "year": self.year, "url": url}
        body = "".join(f",\n{name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@misc{{{re.sub(r'[^A-Za-z0-9-]', '', self.slug + self.year)}{part}{body}\n}}\n"


def view_citing(slug: str, front: FrontMatter, network: str, base_url: str) -> Citing:
    """How an article is cited; `base_url` as for `Place`."""
    return Citing(
        slug=slug,
        title=front.title,
        # A name in braces is not taken apart into first and last names.
        authors=" and ".join(f"{{{author.name}}}" for author in front.authors),
        year=str(front.date.year) if front.date else "",
        network=network,
        license=front.license or "",
        url=base_url and f"{base_url}{slug}/",
    )
