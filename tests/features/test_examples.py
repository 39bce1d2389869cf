"""Examples among an author's pictures: what is found, gone on with, and passed over. The network here is a plain sum."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from early_vision.errors import InputError
from early_vision.features import examples
from early_vision.features.credits import read_credits
from early_vision.features.examples import SIDE, STRONGEST, find_examples, read_examples
from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import Network
from early_vision.project import Project

ARCHITECTURE = Architecture(nodes=(Node("first", "conv", (INPUT,), 3, 2, 3),), layer_names=("first",))
NETWORK = Network("tiny", ARCHITECTURE, {"first_w": np.zeros((3, 3, 3, 3), np.float32)}, "0" * 64)


def answers(squares: np.ndarray) -> dict[str, np.ndarray]:
    """Each of the three neurons answers with a colour's brightness at its field's middle."""
    return {"first": squares[:, 1::2, 1::2].astype(np.float32)}


@pytest.fixture
def pictures(tmp_path):
    """Twenty grey pictures, each with a spot of another brightness in one colour; a tiny one; a damaged one."""
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for index in range(20):
        pixels = np.full((SIDE, SIDE + 60, 3), 40, np.uint8)
        pixels[100:120, 130:150, index % 3] = 60 + 9 * index
        Image.fromarray(pixels).save(folder / ("more" if index % 2 else ".") / f"{index:02}.png")
    Image.new("RGB", (2, 300)).save(folder / "tiny.png")
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8 no picture")
    (folder / "credits.yaml").write_text(
        "credit: Jane Roe\nlicence: CC BY 4.0\npictures:\n  00.png: {credit: John Doe}\n"
    )
    return folder


def test_the_strongest_and_the_spread(pictures, tmp_path):
    told = []
    found = find_examples(NETWORK, pictures, tmp_path / "out", tmp_path / "scratch", answers, told.append)
    assert found == 20 and [line.split(" is")[0] for line in told] == ["damaged.jpg", "tiny.png"]
    red, _, _ = read_examples(NETWORK, tmp_path / "out")["first"]
    assert [patch.value for patch in red.strongest] == [60 + 9 * index for index in (18, 15, 12, 9, 6, 3, 0)]
    first = red.strongest[0]
    assert (first.picture.name, first.picture.credit, first.picture.licence) == ("18.png", "Jane Roe", "CC BY 4.0")
    assert 98 <= first.top <= 120 and 98 <= first.left <= 120, "where the spot is, in the middle square"
    assert red.strongest[-1].picture.credit == "John Doe"
    values = [patch.value for patch in red.spread]
    assert values == sorted(values) and len(values) == 9 and red.images.shape == (STRONGEST + 9, 56, 56, 3)
    assert red.images[0, 28, 28, 0] > 190 > 60 > red.images[0, 28, 28, 1]
    assert not list((tmp_path / "scratch").iterdir())


def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(examples, "SAVED_EVERY", 8)
    calls = []

    def failing(squares):
        calls.append(len(squares))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return answers(squares)

    known = tmp_path / "scratch"
    with pytest.raises(KeyboardInterrupt):
        find_examples(NETWORK, pictures, tmp_path / "a", known, failing, lambda _: None)
    find_examples(NETWORK, pictures, tmp_path / "a", known, failing, lambda _: None)
    find_examples(NETWORK, pictures, tmp_path / "b", tmp_path / "fresh", answers, lambda _: None)
    assert len(calls) == 4, "what was looked at is not looked at again"
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab")
    assert one == other and len(one) == 2


@pytest.mark.parametrize("damaged", [b"", b"no archive", b"PK\x03\x04 and then nothing"])
def test_what_was_kept_and_is_damaged_is_done_again(pictures, tmp_path, monkeypatch, damaged):
    monkeypatch.setattr(examples, "SAVED_EVERY", 8)
    calls = []

    def failing(squares):
        calls.append(len(squares))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return answers(squares)

    with pytest.raises(KeyboardInterrupt):
        find_examples(NETWORK, pictures, tmp_path / "out", tmp_path / "scratch", failing, lambda _: None)
    (kept,) = (tmp_path / "scratch").iterdir()
    kept.write_bytes(damaged)
    assert find_examples(NETWORK, pictures, tmp_path / "out", tmp_path / "scratch", answers, lambda _: None) == 20


def test_no_warning_of_large_pictures(tmp_path, monkeypatch, recwarn):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)
    Image.new("RGB", (400, 300), "red").save(tmp_path / "large.png")
    assert examples.read_square(tmp_path / "large.png", 100).shape == (SIDE, SIDE, 3)
    Image.new("RGB", (600, 500), "red").save(tmp_path / "huge.png")
    with pytest.raises(InputError, match="cannot be read"):
        examples.read_square(tmp_path / "huge.png", 100)
    assert not recwarn


def test_what_cannot_be_used(pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures here"):
        find_examples(NETWORK, tmp_path / "empty", tmp_path / "out", tmp_path, answers, print)
    (pictures / "credits.yaml").write_text("pictures: {1.png: {credit: x}}")
    with pytest.raises(InputError, match='no picture "1.png" to credit'):
        read_credits(pictures, ["01.png"])
    (pictures / "credits.yaml").write_text("author: x")
    with pytest.raises(InputError, match='unknown key "author"'):
        read_credits(pictures, ["01.png"])
    (pictures / "credits.yaml").unlink()
    find_examples(NETWORK, pictures, tmp_path / "out", tmp_path / "scratch", answers, lambda _: None)
    with pytest.raises(InputError, match="other weights"):
        read_examples(replace(NETWORK, sha256="1" * 64), tmp_path / "out")


def test_the_examples_of_an_authors_pictures_belong_to_the_project(monkeypatch, tmp_path):
    project = Project(tmp_path)
    monkeypatch.setenv("EARLY_VISION_PROJECT", str(tmp_path))
    kept = project.examples_of(NETWORK)
    assert kept.is_relative_to(tmp_path) and any(kept.is_relative_to(folder) for folder in project.inputs)
    monkeypatch.delenv("EARLY_VISION_PROJECT")
    assert not project.examples_of(NETWORK).is_relative_to(tmp_path)
