"""Broken articles, each a readable file in tests/content_errors/, with the complete list of messages for its author.

A case is written as sections: `=== path` begins a file that replaces one of the whole article's (`=== path (absent)`
leaves it out), `=== text` what stands in its first section, from line 7 on, `=== front matter` further lines of that, and
`=== messages` the messages, one a line.
"""

import re
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from early_vision.article.article import read_article
from early_vision.errors import InputError

CASES = sorted((Path(__file__).parents[1] / "content_errors").glob("*.txt"))
HEAD = "---\ntitle: Two layers\nnetwork: tiny\n"
SECTIONS = """
/// layer-groups | first
///

# Second {#second}

/// layer-groups | second
///
"""
SECONDS = 5.0


def parse_case(text: str) -> tuple[dict[str, str | None], list[str]]:
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=False))
    messages = sections.pop("messages").splitlines()
    front, inserted = sections.pop("front matter", ""), sections.pop("text", None)
    if inserted is not None:
        sections["article.md"] = f"{HEAD}{front}---\n# First {{#first}}\n\n{inserted}{SECTIONS}"
    files = {
        name.removesuffix(" (absent)"): None if name.endswith(" (absent)") else body for name, body in sections.items()
    }
    return files, messages


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_every_problem_is_reported_with_its_place(case, write_article, problems_of, tmp_path):
    files, messages = parse_case(case.read_text("utf-8"))
    folder = write_article(files)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    began = time.process_time()
    assert problems_of(folder) == messages
    assert time.process_time() - began < SECONDS, "an author waits for the message"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_there_are_many_ways_to_be_wrong():
    assert len(CASES) >= 40 and all(parse_case(case.read_text("utf-8"))[1] for case in CASES)


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
        ("groups/first.yaml", "- name: All".encode("utf-16"),
         "groups/first.yaml:1: the text is not UTF-8. Save the file as UTF-8"),
        ("article.md", HEAD.encode() + b"---\n" + b"word " * 1_000_000,
         "article.md: the file has 5.0 MB, and a text may have 1. Divide it, or leave out what is no text"),
        ("article.md", HEAD.encode() + b"---\n" + b"A line of text.\n" * 20_000,
         "article.md:18755: the article's text has more than 300,000 characters. "
         "Shorten it, or make several articles of it"),
        ("article.md", HEAD.encode() + b"---\n# First {#first}\n\n" + b"[" * 100_000 + b"\n",
         "article.md:7: too many brackets are open at once. Close each [ with a ]"),
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


def with_text(text: str, front: str = "") -> str:
    return parse_case(f"=== front matter\n{front}=== text\n{text}\n=== messages\n")[0]["article.md"]


INCLUDE = "/// include | part.md\n///\n"
FIGURE = "/// figure | a.png\nalt: A picture\n///\n"


@pytest.mark.parametrize(
    "data, message",
    [
        (b"caf\xe9", "part.md:1: the text is not UTF-8. Save the file as UTF-8"),
        (b"one\ntwo\0", "part.md:2: the text holds a NUL character"),
        (b"\xef\xbb\xbfWith a byte order mark\r\nand *Windows* line ends\r\n", None),
    ],
)
def test_bytes_of_an_included_file(data, message, write_article, problems_of):
    assert problems_of(write_article({"article.md": with_text(INCLUDE), "part.md": data})) == (
        [message] if message else []
    )


@pytest.mark.parametrize(
    "text, front, name",
    [(INCLUDE, "", "part.md"), (FIGURE, "", "a.png"), ("Text.\n", "bibliography: a.bib\n", "a.bib")],
)
def test_links_out_of_the_folder_are_not_followed(text, front, name, write_article, problems_of, tmp_path):
    folder = write_article({"article.md": with_text(text, front)})
    (tmp_path / "outside").write_text("secret")
    (folder / name).symlink_to(tmp_path / "outside")
    message = f'the file "{name}" is a link that leads out of the article\'s folder. Put the file itself there'
    assert problems_of(folder) == [f"article.md:{4 if front else 7}: {message}"]
    (folder / name).unlink()
    (folder / name).symlink_to(folder / name)
    assert "a link that leads" in problems_of(folder)[0]


def test_pictures_that_would_fill_the_memory(write_article, problems_of):
    """A few kilobytes that stand for a thousand million pixels, and a file of many megabytes."""
    folder = write_article({"article.md": with_text(FIGURE)})

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 32_000, 32_000, 8, 2, 0, 0, 0)
    rows = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + rows)
    assert problems_of(folder) == ["article.md:7: the picture a.png has too many pixels. Save it smaller"]
    (folder / "a.png").write_bytes(bytes(9_000_000))
    assert problems_of(folder) == [
        "article.md:7: the picture a.png has 9 MB, and at most 8 can be shown. Save it smaller"
    ]


def test_includes_that_grow_without_end(write_article, problems_of):
    """Each of twenty files includes the next one twice: a million copies of the last."""
    twice = "/// include | {0}.md\n///\n\n/// include | {0}.md\n///\n"
    files = {f"{number}.md": twice.format(number + 1) for number in range(20)}
    began = time.process_time()
    (problem,) = problems_of(write_article({"article.md": with_text(twice.format(0)), **files, "20.md": "Text. " * 50}))
    assert "more than 300,000 characters" in problem and time.process_time() - began < SECONDS


PIECES = st.sampled_from(
    [
        "/// figure | a.png\n",
        "/// wall | first\n",
        "/// html\n",
        "/// note\n",
        "/// table\n",
        "/// include | part.md\n",
        "/// claim | x\n",
        "/// circuit | rows\n",
        "/// neuron | first:1\n",
        "/// group | group_first_all\n",
        "///\n",
        "//// x\n",
        "id: a\n",
        "alt: b\n",
        "caption: c\n",
        "neurons: [0-2, 3]\n",
        "title: [\n",
        "\tx: y\n",
        "neurons: 7\n",
        "id: [1]\n",
        "\n",
        "\n\n",
        "# H {#first}\n",
        "## G\n",
        "[^1]",
        "\n[^1]: x\n",
        "[@a]",
        "[@fig:a]",
        "[=count first]",
        "[@;,]",
        "[@,]",
        "$x$",
        "$$\n\\frac{\n$$\n",
        "```\n",
        "~~~py\n",
        "|a|\n|-|\n|b|\n",
        "> ",
        "- ",
        "    ",
        "<b>",
        "{#x}",
        "{: .y}",
        "first:9",
        "---\n",
        "\\",
        "\x02",
        "\x03",
        "\ufeff",
        "é",
        "{{ 1 }}",
        "{% raw %}",
        "&amp;",
        "[a](b)",
        "![a](b)",
        "<http://a.b>",
    ]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES, max_size=12).map("".join), part=st.lists(PIECES, max_size=4).map("".join))
def test_whatever_an_author_writes_ends_in_a_page_or_in_messages(text, part, write_article, find):
    folder = write_article({"article.md": with_text(text), "part.md": part})
    try:
        article = read_article(folder, find)
    except InputError as errors:
        assert errors.problems and all(error.file and error.message for error in errors.problems)
        return
    shown = [article.abstract, *(getattr(piece, "text", piece) for piece in article.body)]
    assert not any(re.search(r"<(data|script)|\son\w+=|javascript:", html) for html in shown)
