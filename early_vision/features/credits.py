"""Whose the pictures are that an author shows: what credits.yaml in their folder says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from early_vision.errors import InputError, did_you_mean

FILE = "credits.yaml"


@dataclass(frozen=True)
class Credit:
    """A picture by its path in the folder, and what is said of it."""

    name: str
    credit: str = ""
    licence: str = ""


def read_credits(folder: Path, names: Sequence[str]) -> list[Credit]:
    """What credits.yaml of a folder says of each picture: `credit:` and `licence:` for all, and by name in `pictures:`.

    Raises:
        InputError: when it cannot be read, has other keys, or names a picture that is not there.
    """
    path = folder / FILE
    if not path.is_file():
        return [Credit(name) for name in names]
    try:
        given = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"the credits cannot be read: {str(error).splitlines()[0]}", file=path) from error
    hint = "Write `credit:` and `licence:`, and below `pictures:` the same by the names of files"
    single = given.pop("pictures", {}) if isinstance(given, dict) else None
    if not isinstance(single, dict) or not all(isinstance(one, dict) for one in single.values()):
        raise InputError("the credits are no set of keys", file=path, hint=hint)
    for about in (given, *single.values()):
        if unknown := sorted(map(str, set(about) - {"credit", "licence"})):
            raise InputError(f'unknown key "{unknown[0]}"', file=path, hint=hint)
    for name in single:
        if name not in names:
            raise InputError(f'there is no picture "{name}" to credit', file=path, hint=did_you_mean(name, names))
    return [
        Credit(name, **{key: str(text) for key, text in {**given, **single.get(name, {})}.items()}) for name in names
    ]
