"""Forms that authors know from other tools: what becomes of them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_vision.article.article import read_article
from early_vision.article.common_forms import in_one_form
from early_vision.article.markdown_html import render_markdown
from early_vision.article.math import as_written, take_out
from early_vision.article.mathml import math_element
from early_vision.article.source import Source

MATH = re.compile(r"<math.*?</math>", re.DOTALL)


def html_of(text: str) -> str:
    """HTML without spaces between elements, MATH for each formula."""
    rendered, problems = render_markdown(text, Source(Path("article.md"), text), {"first": 4}, article=True)
    assert problems == ()
    return re.sub(r">\s+|\s+(?=<)", lambda m: m[0].strip(), MATH.sub("MATH", rendered.html))


@pytest.mark.parametrize(
    "text, html",
    [
        ("a $x$ b", "<p>a MATH b</p>"),
        ("a $ x $, \\(y\\)", "<p>a MATH, MATH</p>"),
        ("$$x$$", '<div class="math">MATH</div>'),
        ("a\n$$\nx\n$$\nb", '<p>a<span class="math">MATH</span>b</p>'),
        ("\\begin{align}\nx &= y\n\\end{align}", '<div class="math">MATH</div>'),
        ("- a\n\n  \\[ x^2 \\]", '<ul><li><p>a</p><div class="math">MATH</div></li></ul>'),
        ("> $$\n> x\n> $$", '<blockquote><div class="math">MATH</div></blockquote>'),
        ("| $|x|$ | a<br>b |\n|--|--|\n| `x|y` | \\| |", "<table><thead><tr><th>MATH</th><th>a<br>b</th></tr></thead>"
         "<tbody><tr><td><code>x|y</code></td><td>|</td></tr></tbody></table>"),
        ("$5 in March and $10 in April", "<p>$5 in March and $10 in April</p>"),
        ("`$x$` \\$x\\$", "<p><code>$x$</code>$x$</p>"),
        ("    $x$", '<div class="highlight"><pre tabindex="0"><span></span><code>$x$</code></pre></div>'),
        ("a\n- b\n  - c\n- d", "<p>a</p><ul><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
        ("- a\n\n  b\n\n  ```\n  c\n    d\n  ```",
         '<ul><li><p>a</p><p>b</p><div class="highlight"><pre tabindex="0"><span></span><code>c\n  d</code></pre></div></li></ul>'),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("In\n1999. It was", "<p>In\n1999. It was</p>"),
        ("~~a~~ b\\\nc", "<p><del>a</del>b<br>c</p>"),
        ("- [ ] a\n- [x] b", '<ul><li class="task">☐ a</li><li class="task">☑ b</li></ul>'),
        ("a\n| b | c |\n|---|---|\n| d | e |", "<p>a</p><table><thead><tr><th>b</th><th>c</th></tr></thead>"
         "<tbody><tr><td>d</td><td>e</td></tr></tbody></table>"),
        ("x\\^2, \\@a, 2 \\* 3", "<p>x^2, @a, 2 * 3</p>"),
    ],
)  # fmt: skip
def test_what_becomes_of(text, html):
    assert html_of(text) == html


ARTICLE = r"""---
title: Two layers
network: tiny
bibliography: works.bib
---
# First {#first}

> [!TIP] Read on
> Some *text*.

<!-- /// nothing -->

As @olah2020 and [see @b, p. 3-4; -@olah2020] say; @eq:sum follows @sec:second.

$$ a = b $$ {#eq:sum}

$$ c = d \tag{*} $$

/// layer-groups | first
///

# Second {#second}

## References

/// layer-groups | second
///
"""
WORKS = "@misc{olah2020, title={A}, author={Olah, Chris and Cammarata, Nick}}\n@misc{b, title={B}}"


def test_an_article_of_another_tools_words(write_article, find):
    article = read_article(write_article({"article.md": ARTICLE, "works.bib": WORKS}), find)
    assert article.warnings == () and article.blocks()[0].directive.title == "Read on"
    text = re.sub(r"<a class=\"(\w+)\"[^>]*>(.*?)</a>", r"{\1 \2}", article.body[2 if article.body[0] else 1])
    assert (
        "As Olah and Cammarata\u00a0[{citation 1}] and [see {citation 2}, p. 3–4; {citation 1}] say; "
        "{crossref Equation\u00a0(1)} follows {crossref Second" in text
    )
    assert 'id="eq-sum"' in text and '<span class="equation-number">(*)</span>' in text
    assert "references-section" in article.body[-2]


PIECES = st.sampled_from(
    [
        "- a\n",
        "  - b\n",
        "1. c\n",
        "   d\n",
        "\n",
        "```\n",
        "  ```\n",
        "> ",
        "| e |\n",
        "|---|\n",
        "$x$",
        "$$\n",
        "text\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_nothing_is_lost(text):
    assert re.sub(r"[\s>]", "", in_one_form(text)) == re.sub(r"[\s>]", "", text)
    taken, formulas = take_out(text)
    assert as_written(taken, formulas) == text
    assert in_one_form(in_one_form(text)).split() == in_one_form(text).split()


FORMULAS = (Path(__file__).parent / "formulas.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("tex", FORMULAS)
def test_formulas_of_papers_are_typeset(tex):
    """What each looks like was looked at in Chromium."""
    math = math_element(tex, True)
    assert "".join(math.itertext()).strip()
