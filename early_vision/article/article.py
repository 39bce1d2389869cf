"""An article as its author wrote it: read, checked against the network it is about, ready to be put in a page."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup

from early_vision.article.allowed_html import check_html
from early_vision.article.anchors import Link, anchor_problems
from early_vision.article.author_files import author_file
from early_vision.article.author_pictures import AuthorPicture
from early_vision.article.bibliography import SHARED, Bibliography, read_bibliography, uncited
from early_vision.article.blocks import SLOT, Block, check_places, read_blocks, split_slots
from early_vision.article.common_forms import with_notes, without_comments
from early_vision.article.comparison_blocks import comparison_problems, no_groups
from early_vision.article.directives import Claim, ClaimsFigure, Directive, Html
from early_vision.article.figures import read_figures, table_problems
from early_vision.article.groups import Group, read_taxonomy
from early_vision.article.includes import expand_includes
from early_vision.article.layer_blocks import layer_problems
from early_vision.article.markdown_html import Heading, Rendered, render_markdown
from early_vision.article.nesting import nesting_problems
from early_vision.article.numbering import block_ids, id_problems, numbered
from early_vision.article.references import Answers, Reference
from early_vision.article.schema import FrontMatter, validate
from early_vision.article.source import Source, read_source
from early_vision.article.texts import Texts, answer_texts, group_sizes, targets
from early_vision.article.yaml_source import Located, read_yaml
from early_vision.errors import InputError, Problem
from early_vision.memory import Memory
from early_vision.network.weights import Network

SLUG = re.compile(r"[a-z0-9][a-z0-9-]*$")
FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)

Kind = TypeVar("Kind", bound=Directive)


@dataclass(frozen=True)
class Article:
    """An article.

    Attributes:
        slug: the folder it goes by, in content/ and in the site.
        folder: where it was read.
        network: the network it is about.
        front: its front matter.
        abstract, acknowledgements: HTML, or empty.
        body: its text in order: pieces of HTML, and blocks for the site to fill in.
        headings: its sections, nested.
        taxonomy: every layer's groups, in the order of their files.
        links: every address that its text links to, and where.
        text: its text with what it includes, for places in messages.
        references: the works that it cites, in their order.
        bibliography: all works that it could cite.
        pictures: of its folder, which its figures show.
        files: every file that it was read from, but for pictures.
        warnings: what its author should look at although nothing is wrong, in the order of files and lines.
    """

    slug: str
    folder: Path
    network: Network
    front: FrontMatter
    abstract: Markup
    acknowledgements: Markup
    body: tuple[Markup | Block, ...]
    headings: tuple[Heading, ...]
    taxonomy: Mapping[str, tuple[Group, ...]]
    links: tuple[Link, ...]
    text: Source
    references: tuple[Reference, ...] = ()
    bibliography: Bibliography = Bibliography()
    pictures: tuple[AuthorPicture, ...] = ()
    files: tuple[Path, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def blocks(self, kind: type[Directive] = Directive) -> tuple[Block, ...]:
        """The blocks of its text that are of one kind, in order."""
        return tuple(block for block, _ in self.directives(kind))

    def directives(self, kind: type[Kind]) -> tuple[tuple[Block, Kind], ...]:
        """The blocks of its text that are of one kind, in order, each with what it says."""
        blocks = (one for one in self.body if isinstance(one, Block))
        return tuple((one, one.directive) for one in blocks if isinstance(one.directive, kind))

    def claims(self) -> tuple[tuple[Block, str], ...]:
        """All claims of its text, in order, each with the block that it stands in."""
        return tuple(
            (block, claim) for block, directive in self.directives(Directive) for claim in _claims_of(directive)
        )


def _claims_of(directive: Directive) -> Sequence[str]:
    match directive:
        case Claim(claim=claim):
            return (claim,)
        case ClaimsFigure(claims=claims):
            return claims
    return ()


def read_article(folder: Path, find_network: Callable[[str], Network], memory: Memory | None = None) -> Article:
    """Read an article in which nothing is wrong; arguments as for `check_article`.

    Raises:
        InputError: everything that is wrong with the article, in the order of its files.
    """
    problems: list[Problem] = []
    article = check_article(folder, find_network, problems, memory)
    if article is None or any(problem.severity == "error" for problem in problems):
        raise InputError.of(problems)
    return article


def check_article(
    folder: Path, find_network: Callable[[str], Network], problems: list[Problem], memory: Memory | None = None
) -> Article | None:
    """Read `article.md` and `groups/<layer>.yaml` of a folder: the article, or None where too little of it can be read.

    Args:
        folder: the article's folder; its name becomes the article's address.
        find_network: gives a network by name, or raises InputError.
        problems: takes up everything that is wrong with the article, in the order of its files. Without a network that
            is only what is wrong with its front matter: nothing else can be checked.
        memory: keeps what it is worked out from files that stay the same.
    """
    found: list[Problem] = []
    try:
        article = _read(folder, find_network, found, Memory() if memory is None else memory)
    except InputError as error:
        article, found = None, [*found, *error.problems]
    first = folder / "article.md"
    # By file and line, the article's text before all others.
    found.sort(key=lambda one: (str(one.file) != str(first), str(one.file), one.line or 0))
    problems += found
    return article and replace(article, warnings=tuple(found))


def _read(
    folder: Path, find_network: Callable[[str], Network], problems: list[Problem], memory: Memory
) -> Article | None:
    """As `check_article`, with problems as they come.

    Raises:
        InputError: for what keeps the article from being read at all.
    """
    slug = article_slug(folder)
    head, body = split_front_matter(read_source(folder / "article.md"))
    located, wrong = read_yaml(head)
    problems += wrong
    front, wrong = (None, ()) if problems and located.data is None else validate(FrontMatter, located)
    problems += wrong
    network, unknown = _network(located, find_network)
    problems += unknown
    if network is None:
        return None
    compares = bool(isinstance(located.data, dict) and located.data.get("compares"))
    # Where neurons have no pages here, a name such as conv2d0:3 is no link, and layers have no sections.
    all_layers = {name: layer.neurons for name, layer in network.architecture.layers.items()}
    layers = {} if compares else all_layers

    abstract, wrong = _front_text(front, "abstract", located, layers)
    problems += wrong
    acknowledgements, wrong = _front_text(front, "acknowledgements", located, layers)
    problems += wrong
    body, files, wrong = expand_includes(body, folder)
    problems += wrong
    body, wrong = without_comments(body)
    problems += wrong
    body = with_notes(body)
    text, blocks, wrong = read_blocks(body, tuple(network.architecture.layer_names))
    problems += wrong
    if too_deep := nesting_problems(text):
        # Nothing else can be said of a text that is not read.
        problems += too_deep
        return None
    rendered, wrong_text = render_markdown(text.text, text, layers, article=True)
    problems += wrong_text
    misplaced = [] if wrong else check_places(body, rendered.html, blocks)
    problems += misplaced
    pieces: tuple[Markup | Block, ...] = ()
    if not misplaced and len(SLOT.findall(rendered.html)) == len(blocks):
        pieces = numbered(tuple(split_slots(rendered.html, blocks)))
    problems += id_problems(body, blocks)
    unsure = wrong or misplaced or body.unclosed_fence
    taxonomy: Mapping[str, tuple[Group, ...]]
    taxonomy, wrong_groups = (
        no_groups(folder / "groups") if compares else read_taxonomy(folder / "groups", layers, memory)
    )
    problems += wrong_groups
    problems += [] if unsure or compares else layer_problems(body, blocks, taxonomy, network.architecture)
    problems += comparison_problems(body, blocks, compares)
    bibliography, wrong = _bibliography(folder, located, memory)
    problems += wrong
    groups = tuple(chain.from_iterable(taxonomy.values()))
    anchors = {group.anchor for group in groups} if all(taxonomy.get(layer) for layer in layers) else None
    pictures, wrong = read_figures(body, blocks, folder, all_layers, anchors)
    problems += (*wrong, *table_problems(body, pieces))
    group_files = [group.file for group in groups]
    links = _links(head, (abstract, acknowledgements)) + _links(text, (rendered,)) + _group_links(groups)
    links += _html_links(body, blocks)
    formulas = {one.anchor for one in rendered.equations}
    # Labels given twice are told as such.
    ids = (*(one for one in rendered.found.ids if one not in formulas), *formulas, *block_ids(pieces))
    problems += anchor_problems(text, ids, groups, layers, links)

    read = Texts(abstract.html, pieces, taxonomy, acknowledgements.html)
    leads_to = targets(rendered, blocks, pieces, groups)
    unread = tuple(layer for layer in layers if not taxonomy.get(layer))
    answers = Answers(bibliography, leads_to, group_sizes(groups, layers), unread)
    answered, wrong = answer_texts(read, {"head": head, "body": text}, answers)
    problems += wrong
    problems += (problem for key in answers.cited for problem in bibliography.works[key].problems)
    if front and front.bibliography:
        problems += uncited(bibliography, answers.cited)
    faulty = any(problem.severity == "error" for problem in problems)
    if front is None or (faulty and (not pieces or wrong_groups or unread)):
        return None
    return Article(
        slug=slug,
        folder=folder,
        network=network,
        front=front,
        abstract=answered.abstract,
        acknowledgements=answered.acknowledgements,
        body=answered.body,
        headings=rendered.headings,
        taxonomy=answered.taxonomy,
        links=links,
        text=body,
        references=answers.references(),
        bibliography=bibliography,
        pictures=tuple(pictures.values()),
        files=tuple(dict.fromkeys(path for path in (head.file, *files, *group_files, bibliography.file) if path)),
    )


def folder_name(folder: Path) -> str:
    """The name that a folder goes by: its own, also where it is a link to another one."""
    return Path(os.path.abspath(folder)).name


def article_slug(folder: Path) -> str:
    """The address of an article, from its folder's name.

    Raises:
        InputError: when there is no such folder, or its name cannot be an address.
    """
    if not folder.is_dir():
        raise InputError("there is no such article folder", file=folder)
    slug = folder_name(folder)
    if not SLUG.match(slug) or slug == "assets":
        hint = "Name it with lower-case letters, digits and hyphens; `assets` is taken"
        raise InputError(f'the folder name "{slug}" cannot be an article\'s address', file=folder, hint=hint)
    return slug


def split_front_matter(source: Source) -> tuple[Source, Source]:
    """The front matter and the text after it.

    Raises:
        InputError: when the file does not begin with front matter.
    """
    match = FRONT_MATTER.match(source.text)
    if not match:
        begun = source.lines[0].rstrip() == "---"
        message = "the front matter is not closed" if begun else "the file does not begin with front matter"
        hint = (
            "End it with a line `---`"
            if begun
            else "Begin it with a line `---`, then `title:` and `network:`, then a line `---`"
        )
        raise InputError.of([source.problem(message, 1, hint)])
    body_line = source.first_line + source.text.count("\n", 0, match.end())
    return Source(source.file, match[1], source.first_line + 1), Source(
        source.file, source.text[match.end() :], body_line
    )


def _network(located: Located, find_network: Callable[[str], Network]) -> tuple[Network | None, list[Problem]]:
    """The network that front matter names, whatever else is wrong there."""
    name = located.data.get("network") if isinstance(located.data, dict) else None
    if not isinstance(name, str) or not name.strip():
        return None, []
    try:
        return find_network(name.strip()), []
    except InputError as error:
        if error.file:
            return None, list(error.problems)
        return None, [located.source.problem(error.message, located.line(("network",)), error.hint)]


def _front_text(
    front: FrontMatter | None, key: str, located: Located, layers: Mapping[str, int]
) -> tuple[Rendered, tuple[Problem, ...]]:
    """The markdown under a key of the front matter."""
    return render_markdown(getattr(front, key, None) or "", located.source.since(located.line((key,))), layers)


def _bibliography(folder: Path, located: Located, memory: Memory) -> tuple[Bibliography, tuple[Problem, ...]]:
    """The bibliography that front matter names, whatever else is wrong there, or the shared one, if there is any."""
    name = located.data.get("bibliography") if isinstance(located.data, dict) else None
    path = folder.parent / SHARED
    if isinstance(name, str) and name.strip():
        try:
            path = author_file(folder, name.strip())
        except InputError as error:
            problem = located.source.problem(error.message, located.line(("bibliography",)), error.hint)
            return Bibliography(damaged=True), (problem,)
    elif not path.is_file():
        return Bibliography(), ()
    try:
        return memory(read_bibliography, read_source(path), at=path)
    except InputError as error:
        return Bibliography(damaged=True), error.problems


def _links(source: Source, texts: tuple[Rendered, ...]) -> tuple[Link, ...]:
    return tuple(
        Link(link, *source.place(source.line_of(f"]({link}")))
        for text in texts
        for link in text.found.links
        # From a footnote back: what is wrong there is told as what is wrong with the footnote.
        if not link.startswith("#fnref")
    )


def _html_links(source: Source, blocks: tuple[Block, ...]) -> tuple[Link, ...]:
    html = [block for block in blocks if isinstance(block.directive, Html)]
    return tuple(Link(link, *source.place(block.line)) for block in html for link in check_html(block.text).links)


def _group_links(groups: tuple[Group, ...]) -> tuple[Link, ...]:
    return tuple(Link(link, group.file, group.line) for group in groups for link in group.links)


def networks_of(articles: Iterable[Path]) -> tuple[str, ...]:
    """The networks that articles name, each once; what is wrong with an article is for its reader to say."""
    named = (_front_data(folder).get("network") for folder in articles)
    return tuple(dict.fromkeys(name.strip() for name in named if isinstance(name, str) and name.strip()))


def title_of(folder: Path) -> str:
    """An article's title, or its folder's name where that cannot be read."""
    title = _front_data(folder).get("title")
    return title.strip() if isinstance(title, str) and title.strip() else folder.name


def _front_data(folder: Path) -> Mapping:
    """What the front matter of an article says, unchecked; nothing where it cannot be read."""
    try:
        head, _ = split_front_matter(read_source(folder / "article.md"))
    except InputError:
        return {}
    data = read_yaml(head)[0].data
    return data if isinstance(data, dict) else {}
