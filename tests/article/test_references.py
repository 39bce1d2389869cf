"""Citations, cross-references and computed numbers: numbered as the page shows them, wherever they stand."""

import re

import pytest

from early_vision.article.article import read_article
from early_vision.article.bibliography import read_bibliography
from early_vision.article.source import Source
from early_vision.errors import InputError

BIBLIOGRAPHY = r"""
@article{olah2020,
  author = {Olah, Chris and Cammarata, Nick},
  title = {An Overview of Early Vision in {InceptionV1}},
  journal = {Distill},
  year = 2020,
  doi = {https://doi.org/10.23915/distill.00024.002},
}
@inproceedings{szegedy2015,
  author = {Szegedy, Christian and M{\"u}ller, J{\o}rn},
  title = {Going Deeper & <b>},
  booktitle = {CVPR},
  pages = {1--9},
  year = 2015,
  url = {https://example.org/a?b&c},
}
@misc{unused, title = {Nobody Reads This}}
"""

ARTICLE = r"""---
title: Two layers
network: tiny
bibliography: works.bib
abstract: As was shown [@szegedy2015].
---
# First {#first}

See [@olah2020, pp. 3-5; @szegedy2015] and [@olah2020], but not `[@code]` or \[@escaped].[^note]

/// layer-diagram
id: network
///

In [@fig:network] and [@sec:second], [@group:group_first_curves] is [=share group_first_curves] of it, that is
[=count group_first_curves +
group_second_all] with those of [@fig:network; @table:shares].

/// layer-groups | first
///

# Second *Layer* {#second}

/// family-shares
id: shares
///

/// layer-groups | second
///

[^note]: With [@olah2020] and [=count second].
"""

GROUPS = """- name: Curves
  description: Like those of [@olah2020], [=count first] in all.
  neurons: [0, 1, 2]
- name: Rest
  neurons: [3]
"""


@pytest.fixture
def read(write_article, find):
    def read(**files):
        files = {"article.md": ARTICLE, "works.bib": BIBLIOGRAPHY, "groups/first.yaml": GROUPS, **files}
        return read_article(write_article(files), find)

    return read


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).replace("\u00a0", " ")


def test_works_are_numbered_in_the_order_of_the_page(read):
    article = read()
    assert [(one.work.key, one.number, one.cited) for one in article.references] == [
        ("szegedy2015", 1, ("cite-szegedy2015-1", "cite-szegedy2015-2")),
        ("olah2020", 2, ("cite-olah2020-1", "cite-olah2020-2", "cite-olah2020-3", "cite-olah2020-4")),
    ]
    body = "".join(getattr(piece, "text", piece) for piece in article.body)
    assert "See [2, pp. 3–5; 1] and [2], but not [@code] or [@escaped]." in text_of(body)
    assert '<a class="citation" id="cite-olah2020-1" href="#ref-olah2020" role="doc-biblioref">2</a>' in body
    assert text_of(article.abstract) == "As was shown [1]."
    assert text_of(article.taxonomy["first"][0].description) == "Like those of [2], 4 in all."
    assert "With [2] and 6." in text_of(body)


def test_cross_references_have_their_words_and_lead_there(read):
    body = "".join(getattr(piece, "text", piece) for piece in read().body)
    assert (
        "In Figure 1 and Second Layer, Curves is 75% of it, that is\n9 with those of Figure 1 and Table 1."
        in text_of(body)
    )
    assert '<a class="crossref" href="#fig-network">Figure\u00a01</a>' in body
    assert '<a class="crossref" href="#second">Second Layer</a>' in body
    assert '<a class="crossref" href="#group_first_curves">Curves</a>' in body


def test_an_entry_that_is_not_cited_is_a_warning(read):
    (warning,) = read().warnings
    assert (warning.severity, warning.message, warning.line) == ("warning", 'the entry "unused" is not cited', 17)


def test_entries_are_formatted_once_and_escaped(tmp_path):
    bibliography, problems = read_bibliography(Source(tmp_path / "a.bib", BIBLIOGRAPHY))
    assert problems == ()
    assert bibliography.works["olah2020"].html == (
        "Chris Olah and Nick Cammarata. An overview of early vision in InceptionV1. <em>Distill</em>, 2020. "
        '<a href="https://doi.org/10.23915/distill.00024.002">doi:10.23915/distill.00024.002</a>'
    )
    assert bibliography.works["szegedy2015"].html == (
        "Christian Szegedy and Jørn Müller. Going deeper &amp; &lt;b&gt;. In <em>CVPR</em>, 1–9. 2015. "
        '<a href="https://example.org/a?b&amp;c">https://example.org/a?b&amp;c</a>'
    )


def test_without_a_file_of_its_own_an_article_cites_from_the_shared_one(write_article, find):
    text = ARTICLE.replace("bibliography: works.bib\n", "")
    folder = write_article({"article.md": text, "groups/first.yaml": GROUPS})
    (folder.parent / "bibliography.bib").write_text(BIBLIOGRAPHY)
    article = read_article(folder, find)
    assert [one.work.key for one in article.references] == ["szegedy2015", "olah2020"]
    # Another article may cite what this one does not.
    assert article.warnings == () and folder.parent / "bibliography.bib" in article.files


def test_what_is_unknown_is_told_with_its_line_and_the_nearest(read):
    changes = {
        "[@olah2020], but": "[@ola2020] twice [@ola2020], but",
        "[@sec:second]": "[@sec:secnd]",
        "[@fig:network; @table:shares]": "[@fig:shares] [@figure:network] [@fig:network; @olah2020] [@olah2020]{.x}",
        "[=share group_first_curves]": "[=share group_first_curves + group_second_all] [=cuont first] [=count]",
        "[^note]: With": "[^note]: With [@table:none]",
    }
    text = ARTICLE
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(InputError) as caught:
        read(**{"article.md": text, "groups/first.yaml": GROUPS.replace("olah2020", "olah")})
    errors = [error for error in caught.value.problems if error.severity == "error"]
    assert [f"{error.file.name}:{error.line}: {error.message}. {error.hint}" for error in errors] == [
        'article.md:9: the bibliography has no entry "ola2020". Did you mean "olah2020"?',
        'article.md:9: the bibliography has no entry "ola2020". Did you mean "olah2020"?',
        'article.md:15: there is no section "secnd" to refer to. Did you mean "second"?',
        "article.md:15: a share is of one layer, and these groups are of several. Write a share for each layer",
        'article.md:15: "cuont" is no number to compute. Did you mean "count"?',
        "article.md:15: it is not said what to count. Write `[=count ANCHOR]` or `[=count ANCHOR + ANCHOR]`",
        'article.md:17: there is no figure "shares" to refer to. Did you mean "table:shares"?',
        'article.md:17: there is nothing called "figure:network" to refer to. Did you mean "fig"?',
        "article.md:17: citations and cross-references stand in one pair of brackets. Give each its own",
        "article.md:17: citations, cross-references and computed numbers take no attributes. Remove what stands between "
        "braces",
        'article.md:31: there is no table "none" to refer to. A table gets its name by a line `id: NAME`',
        'first.yaml:2: the bibliography has no entry "olah". Did you mean "olah2020"?',
    ]


def test_included_text_is_a_part_of_the_article_with_its_own_places(write_article, find, problems_of):
    text = ARTICLE.replace("bibliography: works.bib\n", "").replace("See [", "/// include | part.md\n///\n\nSee [")
    part = "An included [@olah2020] paragraph.\n\n/// layer-diagram\n///\n"
    files = {"article.md": text, "groups/first.yaml": GROUPS, "part.md": part}
    folder = write_article(files)
    (folder.parent / "bibliography.bib").write_text(BIBLIOGRAPHY)
    article = read_article(folder, find)
    assert [block.number for block in article.blocks() if block.number] == [1, 2, 1]
    assert folder / "part.md" in article.files
    write_article({**files, "part.md": part.replace("[@olah2020]", "[gone](#nowhere)") + "\n/// layer-digram\n///\n"})
    assert problems_of(folder) == [
        'part.md:1: there is no anchor "nowhere" to link to',
        'part.md:6: unknown directive "layer-digram". Did you mean "layer-diagram"?',
    ]
