"""Anchors that a page gives by itself, and those that headings get from their words."""

from markdown.extensions.toc import slugify_unicode

PAGE_ANCHORS = frozenset(("top", "contents", "abstract", "acknowledgements", "references"))
"""Anchors that the page itself gives."""


def heading_anchor(text: str, separator: str) -> str:
    """The anchor that a heading gets of itself, in any script; another one where the page has that already."""
    anchor = slugify_unicode(text, separator)
    return f"{anchor}{separator}section" if anchor in PAGE_ANCHORS else anchor
