"""Forms that authors know from other tools, as Python-Markdown takes them.

Comments are taken out and `> [!NOTE]` becomes a directive before directives are looked for. Lists and tables follow the
rules of CommonMark and GitHub: they may follow a line of text, and what stands below an item's text belongs to it,
however many spaces that takes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from early_vision.article.source import FENCE, Source, put_together
from early_vision.errors import Problem

ALERT = re.compile(r">[ \t]*\[!([A-Za-z]+)\][ \t]*(.*)$")
ALERTS = {"NOTE": "Note", "TIP": "Tip", "IMPORTANT": "Important", "WARNING": "Warning", "CAUTION": "Caution"}
"""What GitHub knows, with the title that it shows."""
ITEM = re.compile(r"( *)([-*+]|\d{1,9}[.)])( +|$)(.*)$")
RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
QUOTED = re.compile(r" {0,3}> ?")
HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
DELIMITERS = re.compile(r" {0,3}\|? *:?-+:? *(\| *:?-+:? *)*\|? *$")
DIRECTIVE = re.compile(r" {0,3}/{3,}")
DEFINITION = re.compile(r" {0,3}(\[\^[^\]]*\]:|:[ \t])")


def without_comments(source: Source) -> tuple[Source, tuple[Problem, ...]]:
    """A text without its HTML comments, each line where it was, and an error for one that is not closed."""
    if "<!--" not in source.text:
        return source, ()
    lines, inside, problems = list(source.lines), None, []
    for number, prose in source.prose:
        text, kept, at = source.lines[number - source.first_line], "", 0
        while at < len(text):
            if inside is None:
                begins = prose.find("<!--", at)
                kept += text[at:] if begins < 0 else text[at:begins]
                at, inside = (len(text), None) if begins < 0 else (begins + 4, (number, begins))
            else:
                ends = text.find("-->", at)
                at, inside = (len(text), inside) if ends < 0 else (ends + 3, None)
                # What was code on the line of a comment's end may be none, now that the comment is gone.
                prose = text if inside is None and "`" not in text[at:] else prose
        lines[number - source.first_line] = kept
    if inside is not None:
        # What follows is read all the same, so that all mistakes are told at once.
        first, column = inside
        at = first - source.first_line
        lines[at:] = source.lines[at:]
        lines[at] = lines[at][:column] + lines[at][column + 4 :]
        hint = "End it with `-->`, or write `<!--` between backticks"
        problems.append(source.problem("the comment is not closed", first, hint))
    places = (source.place(number) for number in range(source.first_line, source.first_line + len(lines)))
    changed = put_together(source.file, ((line, *place) for line, place in zip(lines, places, strict=True)))
    return changed, tuple(problems)


def with_notes(source: Source) -> Source:
    """A text with a directive `note` for each quotation that begins with `[!NOTE]` or another kind that GitHub knows."""
    if "[!" not in source.text:
        return source
    lines, inside, directive = [], False, False
    for number, text in source.prose:
        place, written = source.place(number), source.lines[number - source.first_line]
        if DIRECTIVE.match(text):
            directive = bool(re.search(r"\w", text))
        found = ALERT.match(text)
        if inside and not text.startswith(">"):
            lines += [("///", *place), ("", *place)]
            inside = False
        if found and found[1].upper() in ALERTS and not directive:
            lines += [
                ("", *place),
                (f"/// note | {found[2].strip() or ALERTS[found[1].upper()]}", *place),
                ("", *place),
            ]
            inside = True
            continue
        lines.append((re.sub(r"^> ?", "", written) if inside else written, *place))
    if inside:
        lines.append(("///", *source.place(source.first_line + len(source.lines) - 1)))
    return put_together(source.file, lines)


@dataclass(frozen=True)
class _Open:
    """A list item that is open: the columns of its marker and of its text, and whether its list is numbered."""

    marker: int
    text: int
    numbered: bool


def in_one_form(text: str) -> str:
    """A text with lists and tables as Python-Markdown takes them: an empty line before each, items within items
    indented by four spaces."""
    return "\n".join(_in_one_form(text.split("\n")))


def _in_one_form(lines: Sequence[str]) -> Iterator[str]:
    items: list[_Open] = []
    quoted: list[str] = []
    fence, shift, before, comes_after_blank = "", 0, "", True
    for index, line in enumerate(lines):
        if quoted and (fence or not QUOTED.match(line)):
            yield from (f"> {one}".rstrip() for one in _in_one_form(quoted))
            quoted, before = [], ">"
        if fence:
            yield _moved(line, shift)
            closing = FENCE.match(line)
            if closing and closing[1].startswith(fence) and not closing[2].strip():
                fence = ""
            before, comes_after_blank = line, False
            continue
        if QUOTED.match(line) and not items:
            if not quoted and _is_text(before):
                yield ""
            quoted.append(QUOTED.sub("", line, count=1))
            comes_after_blank = False
            continue
        bare = line.expandtabs(4) if line[:1] in " \t" else line
        column = len(bare) - len(bare.lstrip(" "))
        if not bare.strip():
            yield line
            before, comes_after_blank = "", True
            continue
        ends = DIRECTIVE.match(bare) or HEADING.match(bare) or (RULE.match(bare) and column < 4)
        if ends and not (items and column >= items[-1].text):
            items = []
            yield line
            before, comes_after_blank = line, False
            continue
        item = ITEM.match(bare)
        if item and (items or column < 4) and _may_begin(item, before, items):
            if _is_text(before) and not items:
                yield ""
            while items and not _is_within(items[-1], column, item):
                items.pop()
            spaces = len(item[3]) if item[4] and len(item[3]) < 5 else 1
            numbered = item[2][0].isdigit()
            depth = len(items)
            items.append(_Open(column, column + len(item[2]) + spaces, numbered))
            marker = item[2].replace(")", ".")
            rest = item[4] if len(item[3]) < 5 else item[3][1:] + item[4]
            yield f"{' ' * 4 * depth}{marker} {rest}".rstrip()
            if opened := FENCE.match(rest):
                fence, shift = opened[1], 4 * (depth + 1) - items[-1].text
            before, comes_after_blank = line, False
            continue
        if items and (comes_after_blank or FENCE.match(bare)):
            while items and column < items[-1].text:
                items.pop()
        shift = 4 * len(items) - items[-1].text if items and (comes_after_blank or FENCE.match(bare)) else 0
        if _begins_table(lines, index, before) and not items:
            yield ""
        if (opened := FENCE.match(bare)) and "`" not in opened[2]:
            fence = opened[1]
        yield _moved(line, shift)
        before, comes_after_blank = line, False
    if quoted:
        yield from (f"> {one}".rstrip() for one in _in_one_form(quoted))


def _is_within(item: _Open, column: int, new: re.Match) -> bool:
    """Whether a new item belongs to an open one. Two spaces are enough below a number, where the lists differ."""
    if column >= item.text:
        return True
    return item.numbered and not new[2][0].isdigit() and column >= item.marker + 2


def _may_begin(item: re.Match, before: str, items: Sequence[_Open]) -> bool:
    """Whether a line that looks like an item is one, and not text that goes on."""
    if items or not _is_text(before):
        return True
    return bool(item[4]) and (not item[2][0].isdigit() or item[2][:-1] == "1")


def _is_text(line: str) -> bool:
    """Whether a line is text that a list or a table may follow without an empty line."""
    return bool(line.strip()) and not (DIRECTIVE.match(line) or HEADING.match(line) or DEFINITION.match(line))


def _moved(line: str, shift: int) -> str:
    if shift >= 0:
        return " " * shift + line if line.strip() else line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, -shift) :]


def _begins_table(lines: Sequence[str], index: int, before: str) -> bool:
    if not _is_text(before) or "|" not in lines[index] or index + 1 >= len(lines):
        return False
    delimiters = lines[index + 1]
    if "|" in before or not DELIMITERS.match(delimiters) or "-" not in delimiters:
        return False
    return len(cells_of(lines[index])) == len(cells_of(delimiters))


def cells_of(row: str) -> list[str]:
    """The cells of a table's row: `|` in code, or after a backslash, divides none."""
    row = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", lambda code: "x" * len(code[0]), row.strip())
    row = re.sub(r"\\.", "xx", row)
    return row.removeprefix("|").removesuffix("|").split("|")


def table_row_problems(source: Source, text: str, lines: Sequence[int]) -> list[Problem]:
    """An error for each row of a table that has more cells than the table has columns.

    Args:
        source: the text as it was written.
        text: the same with its formulas taken out.
        lines: for each line of `text`, that of `source`.
    """
    problems, columns = [], 0
    prose = Source(source.file, text).prose
    for (_, row), (_, following), line in zip(prose, [*prose[1:], (0, "")], lines, strict=False):
        bare = re.sub(r"^[ \t>]*(?:[-*+]|\d+\.)?[ \t]*(?=\|)", "", row)
        if not row.strip() or "|" not in row:
            columns = 0
        elif columns:
            if not DELIMITERS.match(bare) and len(cells_of(bare)) > columns:
                message = f"the row has {len(cells_of(bare))} cells, and its table {columns} columns"
                hint = "Write `\\|` for a bar within a cell, or add a column"
                problems.append(source.problem(message, line, hint))
        elif DELIMITERS.match(re.sub(r"^[ \t>]*", "", following)) and "|" in following:
            # Where they differ, it is no table.
            columns = len(cells_of(re.sub(r"^[ \t>]*", "", following)))
            columns = columns if columns == len(cells_of(bare)) else 0
    return problems
