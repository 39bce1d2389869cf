"""Works are numbered in the order of the page, also where a layer is shown in two parts with text between them."""

from early_vision.article.article import read_article

ARTICLE = """---
title: Two layers
network: tiny
bibliography: works.bib
---
# First {#first}

/// layer-groups | first
part: priority
///

Between them [@between].

/// layer-groups | first
part: rest
///

# Second {#second}

/// layer-groups | second
///
"""
GROUPS = """
- name: Last
  description: Read last [@last].
  neurons: [0, 1]
- name: First
  description: Read first [@first].
  priority: 1
  neurons: [2, 3]
"""
WORKS = "".join(f"@misc{{{key}, title = {{A}}, year = 2000}}\n" for key in ("last", "between", "first"))


def test_works_are_numbered_as_the_page_shows_them(write_article, find):
    folder = write_article({"article.md": ARTICLE, "groups/first.yaml": GROUPS, "works.bib": WORKS})
    article = read_article(folder, find)
    assert [reference.work.key for reference in article.references] == ["first", "between", "last"]
    assert ">3<" in article.taxonomy["first"][0].description
