"""Math, footnotes and figures in a text: what becomes of them, in captions and footnotes as elsewhere."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from early_vision.article.allowed_html import MATH_ATTRIBUTES, MATH_TAGS
from early_vision.article.article import read_article
from early_vision.article.author_pictures import read_picture
from early_vision.article.mathml import math_element
from early_vision.article.raw_html import ATTRIBUTES, TAGS, read_html
from early_vision.article.source import Source
from early_vision.errors import InputError

ARTICLE = r"""---
title: Two layers
network: tiny
bibliography: works.bib
---
# First {#first}

/// figure | mine/dot.png
alt: A dot
id: dot

A dot of $x^2$, as in [@a], of second:5 and [@fig:dot].[^note]
///

/// table
caption: Of $y_1$ and [@a].
id: t

| a | b |
|---|--:|
| $z$ | [=count first] |
///

/// note | With a *title*
A text[^note] with a list:

- $w$
///

/// wall | second
neurons: [5, 0-2]
///

/// html
<details open><summary>More</summary>1 &lt; 2</details>
///

/// layer-groups | first
///

# Second {#second}

/// layer-groups | second
///

[^note]: A note with $\frac{1}{2}$ and [@a].
"""


def test_math_and_citations_in_captions_tables_notes_and_footnotes(write_article, find):
    folder = write_article({"article.md": ARTICLE, "works.bib": "@misc{a, title={A}}"})
    (folder / "mine").mkdir()
    Image.new("L", (30, 20)).save(folder / "mine" / "dot.png")
    article = read_article(folder, find)
    figure, table, note, wall, html = article.blocks()[:5]
    assert re.sub(r"<math.*?</math>", "MATH", figure.caption) == (
        'A dot of MATH, as in [<a class="citation" id="cite-a-1" href="#ref-a" role="doc-biblioref">1</a>], of '
        '<a class="neuron" href="neurons/second/5.html">second:5</a> and <a class="crossref" href="#fig-dot">'
        'Figure\u00a01</a>.<sup id="fnref:note"><a class="footnote-ref" href="#fn:note">1</a></sup>'
    )
    assert table.text.startswith("<p>Of <math") and '<td class="align-right">4</td>' in table.text
    assert table.text.count("<math") == 2 and note.directive.title == "With a *title*"
    assert 'id="fnref2:note"' in note.text and "<li>\n<math" in note.text
    assert (wall.anchor, wall.number, html.text.strip()) == (
        "figure-2", 2, "<details open=\"\"><summary>More</summary>1 &lt; 2</details>"
    )  # fmt: skip
    footnotes = article.body[-1]
    assert "<mfrac>" in footnotes and 'id="cite-a-3"' in footnotes and footnotes.count("footnote-backref") == 2
    (picture,) = article.pictures
    assert (picture.path, picture.width, picture.height) == ("mine/dot.png", 30, 20)


PIECES = st.sampled_from(
    [
        "x",
        "^",
        "_",
        "{",
        "}",
        "\\frac",
        "\\sqrt",
        "\\left(",
        "\\right)",
        "\\text",
        "<script>",
        "&",
        "\\\\",
        "\\href",
        "{javascript:a}",
        "\\style",
        "\\begin{matrix}",
        "\\end{matrix}",
        "\\mathrm",
        "1",
        " ",
        "'",
        '"',
        "\\",
        "\\color{red}",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join), st.booleans())
def test_any_tex_is_harmless_math_or_an_error(tex, display):
    try:
        math = math_element(tex, display)
    except InputError as error:
        assert "cannot be read" in error.message
        return
    for element in math.iter():
        assert element.tag in MATH_TAGS and set(element.attrib) <= MATH_ATTRIBUTES
    assert "<script" not in ElementTree.tostring(math, encoding="unicode")


HTML = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<script>",
        "</script>",
        "<img src=x onerror=y>",
        '<a href="javascript:x">',
        "</a>",
        '<a href="https://e.org/?a&b">',
        "<!--",
        "-->",
        "<style>",
        "<svg/onload=x>",
        "<br>",
        "&lt;script&gt;",
        "text",
        "<",
        "<math><mtext><style>",
        "<table>",
        "<noscript>",
        "<p/onclick=x>",
        "\x00",
        "<a\nhref='JaVaScript:x'>",
        "]]>",
        "<![CDATA[",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(HTML, max_size=8).map("".join))
def test_any_html_is_harmless_or_an_error(text):
    html, _ = read_html(Source(Path("a.md"), text))
    for tag, attributes in re.findall(r"<([a-zA-Z][\w-]*)((?:\s[^>]*)?)>", html):
        assert tag in TAGS and set(re.findall(r'\s([\w-]+)="', attributes)) <= ATTRIBUTES
        assert "javascript" not in attributes.lower()


UNSAFE = [
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>x</script></svg>', "holds <script>"),
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="x"/>', 'attribute onload="x"'),
    (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">'
        '<a x:href="javascript:x"/></svg>',
        'attribute href="javascript:x"',
    ),
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" fill="url(http://e.org)"/>', "from elsewhere"),
    ('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "document type"),
    ('<svg xmlns="http://www.w3.org/2000/svg"/>', "how large"),
    ("<svg>", "is no SVG"),
    ("<html/>", "is no SVG"),
]


@pytest.mark.parametrize("text, message", UNSAFE)
def test_an_svg_that_could_do_something_is_refused(tmp_path, text, message):
    (tmp_path / "a.svg").write_text(text)
    with pytest.raises(InputError, match=re.escape(message)):
        read_picture(tmp_path, "a.svg")
    harmless = '<svg xmlns="http://www.w3.org/2000/svg" width="30px" height="20"><rect fill="url(\'#a\')"/></svg>'
    (tmp_path / "b.svg").write_text(harmless)
    assert (read_picture(tmp_path, "b.svg").width, read_picture(tmp_path, "b.svg").height) == (30, 20)
