"""Neurons named in prose become links, wherever prose is and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from early_vision.article.markdown_html import render_markdown
from early_vision.article.source import Source

LAYERS = {"conv2d2": 192, "mixed3a": 256}
LINK = '<a class="neuron" href="neurons/{0}/{1}.html">{0}:{1}</a>'


def render(text: str) -> str:
    rendered, problems = render_markdown(text, Source(Path("article.md"), text), LAYERS, article=True)
    assert problems == ()
    return rendered.html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("conv2d2:117.", "<p>{}.</p>"),
        ("(conv2d2:117)", "<p>({})</p>"),
        ("“conv2d2:117”, for conv2d2:117’s", "<p>“{0}”, for {0}’s</p>"),
        ("*conv2d2:117*", "<p><em>{}</em></p>"),
        ("**not `conv2d2:117` but conv2d2:117**", "<p><strong>not <code>conv2d2:117</code> but {}</strong></p>"),
        ("[see conv2d2:117](a.html), *[conv2d2:117](a.html)*",
         '<p><a href="a.html">see conv2d2:117</a>, <em><a href="a.html">conv2d2:117</a></em></p>'),
        ("    conv2d2:117", '<div><pre tabindex="0"><span></span><code>conv2d2:117\n</code></pre></div>'),
        ("<https://a.org/conv2d2:117> a.org/conv2d2:117",
         '<p><a href="https://a.org/conv2d2:117">https://a.org/conv2d2:117</a> a.org/conv2d2:117</p>'),
        ("at 10:30, localhost:80, x:1, conv:3, conv2d2:, conv2d2:a, conv2d2: 5, conv2d2:1:2",
         "<p>at 10:30, localhost:80, x:1, conv:3, conv2d2:, conv2d2:a, conv2d2: 5, conv2d2:1:2</p>"),
        ("# Of conv2d2:117", '<h2 id="of-conv2d2117">Of {}<a class="permalink" href="#of-conv2d2117" '
         'title="Link to this section">#</a></h2>'),
    ],
)  # fmt: skip
def test_a_mention_as_html(text, html):
    assert render(text).replace(' class="highlight"', "") == html.format(LINK.format("conv2d2", 117))


def test_mentions_in_tables_lists_and_footnotes():
    html = render("- mixed3a:1\n\n| a |\n|---|\n| mixed3a:2 |\n\nText.[^1]\n\n[^1]: mixed3a:255\n")
    assert all(LINK.format("mixed3a", channel) in html for channel in (1, 2, 255))


def test_headings_name_neurons_without_a_link_in_the_contents():
    text = "# Of conv2d2:117"
    rendered, _ = render_markdown(text, Source(Path("article.md"), text), LAYERS, article=True)
    assert rendered.headings[0].text == "Of conv2d2:117"


@given(st.sampled_from(sorted(LAYERS)), st.integers(0, 999))
def test_every_neuron_is_linked_or_is_reported(layer, channel):
    text = f"Before {layer}:{channel}, after."
    rendered, problems = render_markdown(text, Source(Path("article.md"), text, 7), LAYERS)
    assert (LINK.format(layer, channel) in rendered.html) == (channel < LAYERS[layer]) == (not problems)
    for problem in problems:
        assert problem.line == 7 and f"{layer}:0 to {layer}:{LAYERS[layer] - 1}" in problem.hint
