"""What HTML made from an author's text may hold. Whatever let something else through, it ends here."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

from early_vision.errors import Problem

TAGS = frozenset(
    [
        "a",
        "abbr",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = frozenset(["class", "id", "lang", "dir", "title", "href", "start", "role"])
MATH_TAGS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "mspace",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mfrac",
        "msqrt",
        "mroot",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "mmultiscripts",
        "mprescripts",
    ]
)
MATH_ATTRIBUTES = frozenset(
    [
        "display",
        "alttext",
        "mathvariant",
        "mathcolor",
        "mathbackground",
        "mathsize",
        "displaystyle",
        "scriptlevel",
        "stretchy",
        "fence",
        "form",
        "separator",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
        "largeop",
        "movablelimits",
        "accent",
        "accentunder",
        "linethickness",
        "width",
        "height",
        "depth",
        "voffset",
        "linebreak",
        "columnalign",
        "rowspacing",
        "columnspacing",
        "columnlines",
        "rowlines",
        "columnspan",
        "notation",
        "symmetric",
    ]
)
SCHEMES = frozenset(("", "http", "https", "mailto"))


@dataclass(frozen=True)
class HtmlCheck:
    """What a piece of HTML holds.

    Attributes:
        ids: every id, in order.
        links: every address linked to, in order.
        problems: everything that it must not hold, each after what to look for in the author's text.
    """

    ids: tuple[str, ...]
    links: tuple[str, ...]
    problems: tuple[tuple[str, Problem], ...]


def check_html(html: str) -> HtmlCheck:
    """The ids and links of a piece of HTML, and every tag, attribute and address in it that a page must not hold."""
    checker = _Checker()
    checker.feed(html)
    checker.close()
    return HtmlCheck(tuple(checker.ids), tuple(checker.links), tuple(checker.problems))


def address_problem(address: str) -> Problem | None:
    """What is wrong with a link's address, or None."""
    # Browsers drop control characters and white space, so that "java\nscript:" is a script.
    bare = re.sub(r"[\x00-\x20\x7f]", "", address)
    shown = " ".join(address.split())
    try:
        parts = urlsplit(bare)
    except ValueError:
        return Problem(f'the link "{shown}" is no valid address')
    if parts.scheme.lower() not in SCHEMES:
        hint = "Links may start with https:, http: or mailto:, or lead to a page of the site"
        return Problem(f'the link "{shown}" is not allowed', hint=hint)
    if not parts.scheme and bare.startswith(("/", "\\")):
        message = f'the link "{shown}" breaks where the site is not at the root of its host'
        return Problem(message, hint="Make it relative to this page")
    return None


class _Checker(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.problems: list[tuple[str, Problem]] = []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            src = dict(attrs).get("src") or ""
            inside = src and not urlsplit(src).scheme
            hint = f"Show it by `/// figure | {src if inside else 'picture.png'}`, a line `alt: …` and `///`"
            hint = hint if inside else f"Save it in the article's folder. {hint}"
            self._tell(src, "a picture stands in a line of text", hint)
            return
        if tag not in TAGS and tag not in MATH_TAGS:
            self._tell(f"<{tag}", f"the element <{tag}> is not allowed")
        for name, value in attrs:
            value = value or ""
            if name not in ATTRIBUTES and not (tag in MATH_TAGS and name in MATH_ATTRIBUTES):
                hint = f"Allowed between braces are an #anchor, a .class and {', '.join(('lang', 'dir', 'title'))}"
                self._tell(name, f'the attribute "{name}" is not allowed', hint)
            elif name == "id":
                self.ids.append(value)
            elif name == "href":
                self.links.append(value)
                if wrong := address_problem(value):
                    self.problems.append((value, wrong))

    def handle_comment(self, data):
        self._tell("<!--", "HTML comments are not taken over into the page")

    def _tell(self, snippet: str, message: str, hint: str | None = None) -> None:
        self.problems.append((snippet, Problem(message, hint=hint)))
