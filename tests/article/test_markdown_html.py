"""Markdown as authors write it, and what must never come out of it."""

import signal
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from early_vision.article.allowed_html import ATTRIBUTES, MATH_ATTRIBUTES, MATH_TAGS, TAGS, address_problem, check_html
from early_vision.article.blocks import Block, read_blocks, split_slots
from early_vision.article.directives import LayerDiagram, LayerGroups
from early_vision.article.markdown_html import OURS, _convert, render_markdown
from early_vision.article.source import Source

LAYERS = {"conv2d2": 192, "mixed3a": 256}
ARTICLE = """# First {#first}

"Quoted" -- and *excited*{.excitation}, see [second](#second).[^1]

/// layer-diagram
///

| layer | neurons |
|-------|--------:|
| first |       4 |

```python
x = "<b>"
```

## Part

[^1]: A note.
"""

EXPECTED = """<h2 id="first">First<a class="permalink" href="#first" title="Link to this section">#</a></h2>
<p>&ldquo;Quoted&rdquo; &ndash; and <em class="excitation">excited</em>, see <a href="#second">second</a>.\
<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup></p>
<div class="slot"><data class="begin"></data><data class="end"></data></div>
<table>
<thead>
<tr>
<th>layer</th>
<th class="align-right">neurons</th>
</tr>
</thead>
<tbody>
<tr>
<td>first</td>
<td class="align-right">4</td>
</tr>
</tbody>
</table>
<div class="highlight"><pre tabindex="0"><span></span><code><span class="n">x</span> <span class="o">=</span> \
<span class="s2">"&lt;b&gt;"</span>
</code></pre></div>
<h3 id="part">Part<a class="permalink" href="#part" title="Link to this section">#</a></h3>
<div class="footnote">
<hr>
<ol>
<li id="fn:1">
<p>A note.&#160;<a class="footnote-backref" href="#fnref:1" title="Back to footnote 1 in the text">↩</a></p>
</li>
</ol>
</div>"""


def render(text: str, article: bool = True):
    return render_markdown(text, Source(Path("article.md"), text), LAYERS, article)


def test_an_article_as_html():
    rendered, problems = render(ARTICLE)
    assert (rendered.html, problems) == (EXPECTED, ())
    assert [(heading.anchor, [below.anchor for below in heading.below]) for heading in rendered.headings] == [
        ("first", ["part"])
    ]


def test_directives_cut_the_text():
    text = "before\n\n/// layer-groups | conv2d0\n///\n\nbetween\n\n/// layer-diagram\nid: here\n///\n"
    document, blocks, problems = read_blocks(Source(Path("article.md"), text), ("conv2d0",))
    rendered, _ = render(document.text)
    before, groups, between, diagram = split_slots(rendered.html, blocks)
    assert problems == () and (before, between) == ("<p>before</p>\n", "\n<p>between</p>\n")
    assert (groups.directive, groups.line) == (LayerGroups(layer="conv2d0"), 3)
    assert (diagram.directive, diagram.line) == (LayerDiagram(id="here"), 8)


def test_a_slot_cannot_be_forged():
    forged = '<div class="slot"><data class="begin"></data>x<data class="end"></data></div>'
    for text in (forged, f"*{forged}*", '<data class="mark" value="@x"></data>', "[@a]{.mark}"):
        rendered, problems = render(text)
        assert not any(isinstance(piece, Block) for piece in split_slots(rendered.html, ()))
        assert problems or "[@a]" in text


def test_addresses():
    for fine in ("https://a.org/b?c=d#e", "mailto:a@b.org", "#here", "neurons/conv2d0/1.html", "../index.html"):
        assert address_problem(fine) is None
    for bad in (
        "javascript:x",
        "JAVASCRIPT:x",
        "java\nscript:x",
        " javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc",
        "//a.org",
        "/a",
        "\\a",
    ):
        assert address_problem(bad) is not None, bad


class Collector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.links = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


FRAGMENTS = st.sampled_from(
    [
        "<script>",
        "</script>",
        "<img src=x onerror=y>",
        "[a](javascript:b)",
        "<svg/onload=x>",
        "{onclick=x}",
        "{: style=x}",
        "`",
        "```\n",
        "\n\n",
        "    ",
        "> ",
        "- ",
        "*a*",
        "[b]",
        "[b]: javascript:c\n",
        "<a href='javascript:d'>",
        "# h ",
        "&lt;script&gt;",
        "<!--",
        "-->",
        "&#106;avascript:",
        "/// layer-diagram\n///\n",
        "<java\nscript:e>",
        "text ",
        "|a|b|\n|-|-|\n",
        "\\",
        '![c](d "e")',
        "<![CDATA[",
        "<?php",
        "[^1]",
        "[^1]: f\n",
        "$",
        "$x^2$",
        "$$y$$",
        "$\\text{<script>}$",
        "$\\href{javascript:x}{y}$",
        "\\",
        "{",
        "}",
        "[@a]",
        "[=count b]",
        "/// note\n",
        "/// html\n",
        "///\n",
        "/// figure | x\nalt: y\n",
        "```js\n",
        "conv2d0:1",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS, max_size=12).map("".join))
def test_whatever_gets_through_without_a_problem_is_allowed(text):
    rendered, problems = render(text)
    # That code takes the keyboard is ours, and nobody else may say it.
    html = OURS.sub("", rendered.html).replace('<pre tabindex="0">', "<pre>")
    if not problems:
        collector = Collector()
        collector.feed(html)
        assert collector.tags <= TAGS | MATH_TAGS and collector.attributes <= ATTRIBUTES | MATH_ATTRIBUTES
        assert not any(address_problem(link) for link in collector.links)
    assert check_html(html).problems == () or problems
    assert "<script" not in rendered.html.lower()


NESTED = [
    "/// layer-diagram\n///\n",
    "/// note\n",
    "///\n",
    "- ",
    "1. ",
    "> ",
    ": ",
    "[^1]: ",
    "    ",
    "```\n",
    "a\n",
    "\n\n",
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(NESTED), max_size=10).map("".join))
def test_no_nesting_of_directives_is_gone_through_for_ever(text):
    def stop(*_):
        raise TimeoutError(text)

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with suppress(RecursionError):
            _convert(f"- {text}/// layer-diagram\n///\n", (("conv2d2", 192),), True)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
