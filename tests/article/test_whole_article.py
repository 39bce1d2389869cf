"""An article as papers are: thousands of words, formulas, a library as Zotero exports it, tables. No surprise in it."""

import re
from pathlib import Path

from early_vision.article.article import check_article
from early_vision.article.math import take_out

WHOLE = Path(__file__).parent / "whole_article"


def test_a_real_article_has_no_problem(write_article, find):
    text = (WHOLE / "article.md").read_text("utf-8")
    folder = write_article({path.name: path.read_bytes() for path in WHOLE.iterdir()})
    problems = []
    article = check_article(folder, find, problems)
    assert [str(problem) for problem in problems] == []
    assert len(text.split()) > 3000 and len(take_out(text)[1]) > 200
    html = "".join(getattr(piece, "text", piece) for piece in article.body)
    assert html.count("<math") >= 150 and html.count("<table>") == 5 and len(article.references) == 32
    assert len(re.findall('class="equation-number"', html)) == 7
    left = re.sub(r"<math.*?</math>|<code.*?</code>", "", html, flags=re.DOTALL)
    assert not re.search(r"\\[a-z]|(?<!\w)@[a-z]|\{#|<!--", left)
