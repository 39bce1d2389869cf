"""What a run worked out, kept on the disk for the next one: bytes by a hash of all that they were made from.

Safe to delete at any time. Nothing is ever looked up by a name or a date: other inputs have another hash.
"""

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

MOST_BYTES = 400_000_000
"""When more than this is kept, what the last run did not use is dropped."""
DAY_S = 86_400
KEPT_DAYS = 30
"""What no run used for so long is dropped."""


class Cache:
    """Bytes by key, in one database file; without one, nothing is kept.

    A file that is damaged or cannot be used is passed over: then everything is worked out anew.

    Args:
        file: the database; made if need be.
        inputs: a hash of what everything depends on that is not among the parts of a key: the program itself, the
            libraries, and what was computed of networks. May be changed, and then holds for what is asked for next.
    """

    def __init__(self, file: Path | None = None, inputs: str = ""):
        self.inputs = inputs
        self.folder = file.parent if file else None
        self._new: dict[str, bytes] = {}
        self._used: set[str] = set()
        self._taken: dict[int, tuple[Any, bytes]] = {}
        self._database = None
        if file is not None:
            self._database = _open(file) or _open(file, anew=True)

    def __call__(self, parts: Any, make: Callable[[], bytes]) -> bytes:
        """What `make` gives, or gave when the parts, and `inputs`, were the same.

        Args:
            parts: all else that the bytes depend on, as `fingerprint` takes it; its beginning says what they are.
            make: depends on nothing but these.
        """
        if self._database is None:
            return make()
        key = fingerprint((self.inputs, parts))
        found = self._find(key)
        if found is None:
            found = self._new[key] = make()
        self._used.add(key)
        return found

    def json(self, parts: Any, make: Callable[[], Any]) -> Any:
        """The same for a value that JSON can hold; tuples come back as lists, whether kept or new."""
        return json.loads(self(parts, lambda: json.dumps(make()).encode()))

    def fingerprint(self, value: Any, leave_out: tuple[type, ...] = ()) -> str:
        """As `fingerprint`, for values that share parts: those of a dataclass are gone through once until `save`.

        Args:
            value: none of its parts is changed meanwhile.
            leave_out: the same each time.
        """
        return fingerprint(value, leave_out, self._taken)

    def save(self) -> None:
        """Write what is new, and drop what has not been used for long."""
        self._taken.clear()
        if self._database is None:
            return
        today = int(time.time() // DAY_S)
        with contextlib.suppress(sqlite3.Error), self._database as kept:
            kept.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)",
                             ((key, data, today) for key, data in self._new.items()))  # fmt: skip
            kept.execute("CREATE TEMP TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY)")
            kept.executemany("INSERT OR IGNORE INTO used VALUES (?)", ((key,) for key in self._used))
            kept.execute("UPDATE kept SET day = ? WHERE day != ? AND key IN used", (today, today))
            kept.execute("DELETE FROM kept WHERE day < ?", (today - KEPT_DAYS,))
            if kept.execute("SELECT total(length(data)) FROM kept").fetchone()[0] > MOST_BYTES:
                kept.execute("DELETE FROM kept WHERE key NOT IN used")
            self._new.clear()

    def _find(self, key: str) -> bytes | None:
        if key in self._new:
            return self._new[key]
        try:
            assert self._database is not None
            row = self._database.execute("SELECT data FROM kept WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row else None


def fingerprint(value: Any, leave_out: tuple[type, ...] = (), taken: dict[int, tuple[Any, bytes]] | None = None) -> str:
    """The SHA-256 of a value made of dataclasses, mappings, sequences, text and numbers.

    Args:
        value: in which the order of a mapping's entries counts.
        leave_out: classes whose instances in it do not count.
        taken: dataclasses that were gone through, by their identity, with their hashes; those in the value are added.

    Raises:
        TypeError: for anything else in it, such as an array or a function.
    """
    parts: list[bytes] = []
    _add(parts, value, leave_out, {} if taken is None else taken)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _add(parts: list[bytes], value: Any, leave_out: tuple[type, ...], taken: dict[int, tuple[Any, bytes]]) -> None:
    kind = type(value)
    # Most are of these two.
    if kind is str:
        data = value.encode()
        parts.append(b"s%d:%s" % (len(data), data))
    elif kind is float or kind is int:
        parts.append(f"({kind.__name__} {value})".encode())
    elif isinstance(value, leave_out):
        parts.append(b"-")
    elif isinstance(value, bytes | str):
        data = value.encode() if isinstance(value, str) else value
        parts.append(b"%s%d:%s" % (kind.__name__[:1].encode(), len(data), data))
    elif value is None or isinstance(value, bool | int | float | date | datetime | Enum | Path):
        parts.append(f"({kind.__name__} {value})".encode())
    elif isinstance(value, Mapping):
        parts.append(b"{")
        for key, inner in value.items():
            _add(parts, key, leave_out, taken)
            _add(parts, inner, leave_out, taken)
        parts.append(b"}")
    elif isinstance(value, list | tuple):
        parts.append(b"[")
        for inner in value:
            _add(parts, inner, leave_out, taken)
        parts.append(b"]")
    elif is_dataclass(value) and not isinstance(value, type):
        # Kept with its hash, the value cannot give its identity to another one.
        if id(value) not in taken:
            own = [f"<{kind.__name__}".encode()]
            for field in fields(value):
                own.append(f" {field.name}=".encode())
                _add(own, getattr(value, field.name), leave_out, taken)
            taken[id(value)] = value, hashlib.sha256(b"".join(own)).digest()
        parts.append(b"<" + taken[id(value)][1])
    else:
        raise TypeError(f"a {type(value).__name__} has no fingerprint")


def _open(file: Path, anew: bool = False) -> sqlite3.Connection | None:
    database = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if anew:
            file.unlink(missing_ok=True)
        database = sqlite3.connect(file, timeout=5, check_same_thread=False)
        database.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, data BLOB NOT NULL, day INTEGER)")
        database.execute("SELECT count(day) FROM kept WHERE key = ''")
        return database
    except (OSError, sqlite3.Error):
        if database is not None:
            database.close()
        return None
