"""YAML with places: plain data, and the line of every value in it."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from early_vision.article.source import Source
from early_vision.errors import Problem

Path = tuple[str | int, ...]
"""Keys and indices that lead from the document's root to a value."""

MAX_DEPTH = 20

Loader: TypeAlias = "yaml.SafeLoader | yaml.CSafeLoader"
FAST: type[Loader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it."""


@dataclass(frozen=True)
class Located:
    """A YAML document.

    Attributes:
        source: where it was written.
        data: its value, of plain Python types.
        places: the line of each value in it, by path. For the value of a key it is the line of the key.
    """

    source: Source
    data: Any
    places: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.source.first_line)


def read_yaml(source: Source) -> tuple[Located, tuple[Problem, ...]]:
    """The document and what is wrong in it: duplicate keys, and keys that are no text.

    A document that cannot be parsed has the value None and one error.
    """
    try:
        return _read(source, FAST)
    except yaml.YAMLError:
        # PyYAML's own parser, which is slower, says more clearly what is wrong.
        pass
    try:
        return _read(source, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        return Located(source, None), (_syntax_error(source, error),)
    except yaml.YAMLError as error:
        reason = str(error).split("\n")[0]
        return Located(source, None), (source.problem(f"the YAML cannot be read: {reason}", source.first_line),)


def _read(source: Source, parser: type[Loader]) -> tuple[Located, tuple[Problem, ...]]:
    if unwanted := _unwanted(source, parser):
        return Located(source, None), (unwanted,)
    loader = parser(source.text)
    try:
        root = loader.get_single_node()
        reader = _Reader(source, loader)
        data = None if root is None else reader.value(root, ())
    finally:
        loader.dispose()
    return Located(source, data, reader.places), tuple(reader.problems)


def _unwanted(source: Source, parser: type[Loader]) -> Problem | None:
    """Aliases, by which a few lines can stand for billions, and nesting deeper than any content needs."""
    depth = 0
    for event in yaml.parse(source.text, parser):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = source.first_line + (event.start_mark.line if event.start_mark else 0)
        if depth > MAX_DEPTH:
            return source.problem("the YAML is nested too deeply", line)
        if isinstance(event, yaml.AliasEvent):
            return source.problem(f"YAML alias *{event.anchor} is not used here", line, "Write the value out")
    return None


def _syntax_error(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = source.first_line + (mark.line if mark else 0)
    line = min(line, source.first_line + len(source.lines) - 1)
    tab = "\\t" in str(error.problem)
    hint = (
        "Indent with spaces, not tabs" if tab else "Check the indentation, colons and quotes here and on the line above"
    )
    return source.problem(f"the YAML cannot be read: {error.problem or error.context}", line, hint)


class _Reader:
    """Turns YAML nodes into plain data, noting places and problems on the way."""

    def __init__(self, source: Source, loader: Loader):
        self.source, self.loader = source, loader
        self.places: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.places.setdefault(path, self._line(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except (ValueError, yaml.YAMLError):
            # Such as the 30th of February: as text it fits where text belongs, and is reported where it does not.
            return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, self._line(key_node)
            if not isinstance(key, str):
                self.problems.append(self.source.problem("a key has to be plain text", line))
                continue
            if key in data:
                first = self.places[(*path, key)]
                self.problems.append(
                    self.source.problem(
                        f'key "{key}" is given twice, first on line {first}', line, "Keep one of the two"
                    )
                )
                continue
            self.places[(*path, key)] = line
            data[key] = self.value(value_node, (*path, key))
        return data

    def _line(self, node: yaml.Node) -> int:
        return self.source.first_line + node.start_mark.line
