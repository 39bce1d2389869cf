"""Reading a YAML file into plain data and the line of every value in it."""

from pathlib import Path
from typing import Any

import yaml

from early_vision.errors import InputError

Place = tuple[str | int, ...]
"""Keys and indices that lead from the root to a value."""

MAX_BYTES, MAX_DEPTH = 1 << 20, 10
FASTEST: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""LibYAML's, ten times as fast, where PyYAML was built with it."""


def read_located(path: Path) -> tuple[Any, dict[Place, int]]:
    """A YAML file's value, and the 1-based line of each value in it; for the value of a key, the line of the key.

    Raises:
        InputError: when it is absent or no YAML, or has what such a file never needs: aliases, by which a few lines can
            stand for billions, deep nesting, a key given twice.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from error
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8", file=path, line=data[: error.start].count(b"\n") + 1) from error
    if len(data) > MAX_BYTES:
        raise InputError(f"the file has {len(data) / 2**20:.0f} MiB, too much for an architecture", file=path)
    places: dict[Place, int] = {}
    try:
        root = _root(text, path)
        return (None if root is None else _value(root, (), yaml.SafeLoader(""), places, path)), places
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "Check the indentation, colons and quotes here and on the line above"
        raise InputError(
            f"the YAML cannot be read: {error.problem}", file=path, line=mark.line + 1 if mark else None, hint=hint
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"the YAML cannot be read: {str(error).splitlines()[0]}", file=path) from error


def _root(text: str, path: Path) -> yaml.Node | None:
    try:
        _refuse_unwanted(text, path, FASTEST)
        return yaml.compose(text, FASTEST)
    except yaml.YAMLError:
        # What LibYAML says of a mistake differs from machine to machine.
        _refuse_unwanted(text, path, yaml.SafeLoader)
        return yaml.compose(text, yaml.SafeLoader)


def _refuse_unwanted(text: str, path: Path, loader: type) -> None:
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else None
        if depth > MAX_DEPTH:
            raise InputError("the YAML is nested too deeply", file=path, line=line)
        if isinstance(event, yaml.AliasEvent):
            raise InputError(
                f"YAML alias *{event.anchor} is not used here", file=path, line=line, hint="Write the value out"
            )


def _value(node: yaml.Node, place: Place, loader: yaml.SafeLoader, places: dict[Place, int], path: Path) -> Any:
    places.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, i), loader, places, path) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    data = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in data:
            hint = f"It is there on line {places[(*place, key)]} already"
            raise InputError(f'key "{key}" is given twice', file=path, line=line, hint=hint)
        places[(*place, key)] = line
        data[key] = _value(value_node, (*place, key), loader, places, path)
    return data
