"""What is kept on the disk between runs."""

from dataclasses import dataclass

import numpy as np
import pytest

from early_vision.cache import DAY_S, KEPT_DAYS, Cache, fingerprint


def never() -> bytes:
    raise AssertionError("this is kept")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache" / "kept.sqlite"


def kept(file, parts, data: bytes, inputs: str = "") -> None:
    cache = Cache(file, inputs)
    assert cache(parts, lambda: data) == data
    cache.save()


def test_another_process_finds_what_was_saved(file):
    kept(file, ("page", "a"), b"text")
    assert Cache(file)(("page", "a"), never) == b"text"


def test_other_parts_and_other_inputs_are_made_anew(file):
    kept(file, ("page", "a"), b"text", inputs="one program")
    assert Cache(file, "one program")(("page", "b"), lambda: b"other") == b"other"
    assert Cache(file, "another program")(("page", "a"), lambda: b"other") == b"other"


def test_without_a_file_nothing_is_kept():
    cache = Cache()
    assert cache("page", lambda: b"first") == b"first"
    cache.save()
    assert cache("page", lambda: b"second") == b"second"


def test_json_is_the_same_kept_or_new(file):
    cache = Cache(file)
    assert cache.json("columns", lambda: {"names": ("a", "b")}) == {"names": ["a", "b"]}
    cache.save()
    assert Cache(file).json("columns", never) == {"names": ["a", "b"]}


def test_a_damaged_file_is_replaced(file):
    kept(file, "page", b"text")
    file.write_bytes(b"no database at all" * 1000)
    kept(file, "page", b"text")
    assert Cache(file)("page", never) == b"text"


def test_a_place_that_cannot_hold_it_is_passed_over(tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    cache = Cache(tmp_path / "cache" / "kept.sqlite")
    assert cache("page", lambda: b"text") == b"text"
    cache.save()


def test_what_no_run_used_for_long_is_dropped(file, monkeypatch):
    kept(file, "old", b"text")
    kept(file, "used again", b"text")
    now = 1_900_000_000.0
    monkeypatch.setattr("early_vision.cache.time.time", lambda: now)
    kept(file, "used again", b"text")
    monkeypatch.setattr("early_vision.cache.time.time", lambda: now + KEPT_DAYS * DAY_S)
    kept(file, "new", b"text")
    assert Cache(file)("used again", never) == b"text"
    assert Cache(file)("old", lambda: b"made") == b"made"


def test_too_much_drops_what_the_last_run_did_not_use(file, monkeypatch):
    kept(file, "earlier", b"text")
    monkeypatch.setattr("early_vision.cache.MOST_BYTES", 6)
    kept(file, "now", b"text")
    assert Cache(file)("now", never) == b"text"
    assert Cache(file)("earlier", lambda: b"made") == b"made"


@dataclass(frozen=True)
class Shown:
    name: str
    image: np.ndarray


def test_fingerprints_tell_values_apart():
    values = ["a", b"a", 1, 1.0, True, None, ("a",), ("a", ""), (("a",), ""), {"a": 1}, {"a": "1"}, {}, ()]
    assert len({fingerprint(value) for value in values}) == len(values)
    assert fingerprint(("ab", "c")) != fingerprint(("a", "bc"))


def test_a_fingerprint_leaves_out_only_what_it_is_told_to():
    some, other = Shown("a", np.zeros(2)), Shown("a", np.ones(2))
    assert fingerprint(some, (np.ndarray,)) == fingerprint(other, (np.ndarray,))
    with pytest.raises(TypeError, match="ndarray"):
        fingerprint(some)


def test_there_may_be_nothing_to_keep(file):
    Cache(file).save()
    assert Cache(file)("page", lambda: b"first") == b"first"
