"""Broken articles, each a readable file in broken/, with the complete list of messages that its author must get.

A case is written as sections: `=== path` begins a file that replaces one of the whole article's (`=== path (absent)`
leaves it out), and `=== messages` the messages, one a line.
"""

import re
from pathlib import Path

import pytest

CASES = sorted((Path(__file__).parent / "broken").glob("*.txt"))


def parse_case(text: str) -> tuple[dict[str, str | None], list[str]]:
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2]))
    messages = sections.pop("messages").splitlines()
    files = {
        name.removesuffix(" (absent)"): None if name.endswith(" (absent)") else body for name, body in sections.items()
    }
    return files, messages


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_every_problem_is_reported_with_its_place(case, write_article, problems_of):
    files, messages = parse_case(case.read_text("utf-8"))
    assert problems_of(write_article(files)) == messages


def test_the_whole_article_has_no_problem(write_article, problems_of):
    assert problems_of(write_article()) == []


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("article.md", b"---\ntitle: Caf\xe9\n", "article.md:2: the text is not UTF-8. Save the file as UTF-8"),
        ("article.md", b"---\ntitle: a\0b\n", "article.md:2: the text holds a NUL character"),
        ("article.md", b"", "article.md:1: the file does not begin with front matter. "
         "Begin it with a line `---`, then `title:` and `network:`, then a line `---`"),
        ("groups/first.yaml", b"\xff", "groups/first.yaml:1: the text is not UTF-8. Save the file as UTF-8"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_text(name, data, message, write_article, problems_of):
    assert problems_of(write_article({name: data})) == [message]


def test_byte_order_mark_and_windows_line_ends_are_fine(write_article, problems_of):
    folder = write_article()
    for path in folder.rglob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert problems_of(folder) == []


def test_folder_names_that_cannot_be_addresses(tmp_path, problems_of):
    (tmp_path / "Two Words").mkdir()
    assert "cannot be an article's address" in problems_of(tmp_path / "Two Words")[0]
    assert "there is no such article folder" in problems_of(tmp_path / "absent")[0]


def test_deeply_nested_yaml_ends_in_a_message(write_article, problems_of):
    assert "nested too deeply" in problems_of(write_article({"groups/first.yaml": "[" * 5000 + "]" * 5000}))[0]
