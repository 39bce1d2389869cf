"""What of the training needs no PyTorch: reading pictures, and the embedded network's model card."""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from early_vision.cli.train import train_command
from early_vision.errors import InputError
from early_vision.network.npz import read_npz
from early_vision.network.weights import hash_tensors
from tools.labelled_pictures import pictures_in_common, read_held_out, read_training

REPOSITORY = Path(__file__).parents[2]
CLASSES = ("n01443537", "n02124075", "n04067472")

Files = dict[str, bytes]


def jpeg(seed: int, side: int = 16, mode: str = "RGB") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, "JPEG")
    return data.getvalue()


def tiny_imagenet() -> Files:
    """Tiny ImageNet's own layout: three classes of two training pictures (one is grey), three held-out pictures."""
    files = {"wnids.txt": "\n".join(reversed(CLASSES)).encode(), "words.txt": b"n01443537\tgoldfish\n"}
    lines = []
    for index, name in enumerate(CLASSES):
        files[f"train/{name}/{name}_boxes.txt"] = b"0\t0\t1\t1\n"
        files[f"train/{name}/images/{name}_0.JPEG"] = jpeg(index)
        files[f"train/{name}/images/{name}_1.JPEG"] = jpeg(10 + index, mode="L")
        files[f"val/images/val_{index}.JPEG"] = jpeg(20 + index)
        lines.append(f"val_{index}.JPEG\t{name}\t0\t0\t1\t1\n")
    files["val/val_annotations.txt"] = "".join(lines).encode()
    files["test/images/test_0.JPEG"] = jpeg(30)
    files["train/.DS_Store"] = b"?"
    return files


def flat(files: Files, part: int | None = None) -> Files:
    """The training pictures of Tiny ImageNet as <class>/<name>: all of them, or the first or second of every class."""
    names = [name for name in files if name.startswith("train/") and name.endswith(".JPEG")]
    return {
        f"{name.split('/')[1]}/{name.split('/')[3]}": files[name]
        for name in names
        if part is None or name.endswith(f"_{part}.JPEG")
    }


def make_folder(path: Path, files: Files) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def make_zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_the_same_pictures_are_the_same_however_they_are_packed(tmp_path):
    files = tiny_imagenet()
    folder = make_folder(tmp_path / "tiny-imagenet-200", files)
    packings = [
        [folder],
        [folder / "train"],
        [make_zip(tmp_path / "whole.zip", {f"tiny-imagenet-200/{name}": data for name, data in files.items()})],
        [make_zip(tmp_path / "flat.zip", dict(reversed(flat(files).items())))],
        [make_zip(tmp_path / "b.zip", flat(files, 1)), make_zip(tmp_path / "a.zip", flat(files, 0))],
        [make_folder(tmp_path / "flat", flat(files))],
    ]
    first, *others = [read_training(paths) for paths in packings]
    assert first.classes == CLASSES and first.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert first.images.shape == (6, 16, 16, 3) and first.images.dtype == np.uint8
    expected = Image.open(folder / "train/n02124075/images/n02124075_0.JPEG").convert("RGB")
    np.testing.assert_array_equal(first.images[2], np.asarray(expected))
    for other in others:
        assert other.classes == first.classes and other.sha256 == first.sha256
        np.testing.assert_array_equal(other.images, first.images)
        np.testing.assert_array_equal(other.labels, first.labels)


def test_held_out_pictures_from_annotations_and_from_folders(tmp_path):
    files = tiny_imagenet()
    folder = make_folder(tmp_path / "tiny-imagenet-200", files)
    flat_files = {
        f"{name}/val_{index}.JPEG": files[f"val/images/val_{index}.JPEG"] for index, name in enumerate(CLASSES)
    }
    for path in (
        folder,
        folder / "val",
        make_zip(tmp_path / "val.zip", flat_files),
        make_folder(tmp_path / "val", flat_files),
    ):
        pictures = read_held_out(path, CLASSES)
        assert pictures.labels.tolist() == [0, 1, 2] and pictures.sources == (path.name,)
    assert read_held_out(folder, tuple(reversed(CLASSES))).labels.tolist() == [2, 1, 0]


def test_pictures_in_common(tmp_path):
    files = flat(tiny_imagenet())
    training = read_training([make_zip(tmp_path / "a.zip", files)])
    name = next(iter(files))
    held_out = {f"{CLASSES[0]}/renamed.JPEG": files[name], f"{CLASSES[1]}/new.JPEG": jpeg(99)}
    assert pictures_in_common(read_held_out(make_zip(tmp_path / "v.zip", held_out), CLASSES), training) == 1


def without(files: Files, word: str) -> Files:
    return {name: data for name, data in files.items() if word not in name}


BAD_TRAINING = {
    "no pictures": ({"notes.txt": b"none"}, "there are no pictures in it. Expected are <class>/<name>.JPEG"),
    "one class": ({"n1/a.JPEG": jpeg(0)}, "all training pictures are of one class, n1"),
    "no class": ({"a.JPEG": jpeg(0)}, "picture a.JPEG is in no class's folder"),
    "no train": (without(tiny_imagenet(), "train/"), "held-out pictures in it, but no folder train"),
    "class missing": (
        without(tiny_imagenet(), "train/n02124075"),
        "class n02124075 of wnids.txt has no pictures (1 of 3 classes)",
    ),
    "class not listed": (
        tiny_imagenet() | {"train/n01443538/images/x.JPEG": jpeg(5)},
        'class n01443538 has pictures but is not in wnids.txt. Did you mean "n01443537"?',
    ),
    "damaged": (
        flat(tiny_imagenet()) | {"n01443537/n01443537_0.JPEG": jpeg(0)[:200]},
        "picture n01443537/n01443537_0.JPEG is damaged",
    ),
    "no picture": (flat(tiny_imagenet()) | {"n01443537/zzz.JPEG": b"text"}, "picture n01443537/zzz.JPEG is damaged"),
    "another size": (
        flat(tiny_imagenet()) | {"n02124075/n02124075_1.JPEG": jpeg(0, side=20)},
        "picture n02124075/n02124075_1.JPEG has 20 x 20 pixels, those before it 16 x 16",
    ),
}


@pytest.mark.parametrize("case", BAD_TRAINING)
@pytest.mark.parametrize("make", [make_folder, make_zip])
def test_bad_training_pictures(tmp_path, case, make):
    files, message = BAD_TRAINING[case]
    path = make(tmp_path / "data.zip", files)
    with pytest.raises(InputError) as error:
        read_training([path])
    assert message in str(error.value) and str(error.value).startswith(f"{path}: ")


BAD_HELD_OUT = {
    "unknown class": (
        {"n01443538/a.JPEG": jpeg(0)},
        'picture n01443538/a.JPEG is of class n01443538, which no training picture is of. Did you mean "n01443537"?',
    ),
    "no pictures": ({"notes.txt": b""}, "there are no pictures in it"),
    "no class": (
        {"val_annotations.txt": b"a.JPEG\n", "images/a.JPEG": b""},
        "val_annotations.txt:1: the line has no class",
    ),
    "no such picture": (
        {"val_annotations.txt": b"\na.JPEG\tn01443537\t0\n"},
        "val_annotations.txt:2: there is no picture images/a.JPEG",
    ),
    "listed twice": (
        {"val_annotations.txt": b"a.JPEG\tn01443537\na.JPEG\tn02124075\n", "images/a.JPEG": jpeg(0)},
        "val_annotations.txt:2: picture a.JPEG is listed twice",
    ),
    "empty list": ({"val_annotations.txt": b"\n"}, "val_annotations.txt: no picture is listed"),
}


@pytest.mark.parametrize("case", BAD_HELD_OUT)
@pytest.mark.parametrize("make", [make_folder, make_zip])
def test_bad_held_out_pictures(tmp_path, case, make):
    files, message = BAD_HELD_OUT[case]
    path = make(tmp_path / "val.zip", files)
    with pytest.raises(InputError) as error:
        read_held_out(path, CLASSES)
    assert message in str(error.value) and str(error.value).startswith(str(path))


def test_paths_that_are_no_pictures(tmp_path):
    with pytest.raises(InputError, match="none: there is no such folder or zip of pictures"):
        read_training([tmp_path / "none"])
    (tmp_path / "text.zip").write_text("not a zip")
    with pytest.raises(InputError, match="text.zip: the file is no zip, or damaged"):
        read_training([tmp_path / "text.zip"])
    whole = make_zip(tmp_path / "a.zip", flat(tiny_imagenet()))
    with pytest.raises(
        InputError, match="n01443537_0.JPEG of class n01443537 is there twice, also in .*a.zip. Give each"
    ):
        read_training([whole, whole])


def test_a_zip_with_a_flipped_byte(tmp_path):
    path = make_zip(tmp_path / "a.zip", flat(tiny_imagenet()))
    data = bytearray(path.read_bytes())
    data[300] ^= 255
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"picture n01443537/n01443537_0.JPEG is damaged \(Bad CRC-32"):
        read_training([path])


def test_without_pytorch_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = CliRunner().invoke(train_command, ["--data", str(tmp_path), "--out", str(tmp_path / "net.npz")])
    assert isinstance(done.exception, InputError) and "training needs PyTorch. Install it" in str(done.exception)


def test_the_embedded_network_is_the_one_that_its_card_describes():
    path = REPOSITORY / "assets" / "networks" / "inceptionv1-tiny.npz"
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    tensors = read_npz(path)
    assert f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`" in card
    assert f"`{hash_tensors(tensors)}`" in card
    assert f"{path.stat().st_size:,} bytes" in card and f"{sum(value.size for value in tensors.values()):,}" in card
    assert {value.dtype for value in tensors.values()} == {np.dtype(np.float16)}
