"""Weights that cannot be used are refused in a sentence that names the tensor and the reason."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.known import find_network
from early_vision.network.weights import load_network


@pytest.fixture
def tensors(assets):
    with np.load(assets / "networks" / "inceptionv1-tiny.npz") as arrays:
        return dict(arrays)


def refusal(path) -> str:
    with pytest.raises(InputError) as error:
        load_network("broken", path, INCEPTIONV1)
    assert str(error.value).startswith(str(path))
    return error.value.message


def test_the_embedded_network_is_the_frozen_one(tiny, assets):
    card = (assets / "networks" / "inceptionv1-tiny.md").read_text()
    assert tiny.sha256 in card
    assert set(tiny.weights) == {f"{c.name}_{kind}" for c in INCEPTIONV1.convolutions for kind in "wb"}
    with pytest.raises(ValueError, match="read-only"):
        tiny.weights["conv2d0_b"][0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("conv2d2_w"), "tensor conv2d2_w is missing"),
        (lambda t: t.update(conv2d9_w=t["conv2d0_w"]), "tensor conv2d9_w does not belong to this architecture"),
        (lambda t: t.update(conv2d0_w=t["conv2d0_w"].transpose(3, 2, 0, 1)),
         "tensor conv2d0_w has the shape (64, 3, 7, 7), but the architecture needs (7, 7, 3, 64)"),
        (lambda t: t.update(conv2d0_b=t["conv2d0_b"].astype(int)), "tensor conv2d0_b holds int64, not floating-point numbers"),
        (lambda t: t["mixed3a_1x1_b"].__setitem__(5, np.nan), "tensor mixed3a_1x1_b has a value that is not finite, at index (5,)"),
        (lambda t: t["mixed3a_1x1_w"].__setitem__((0, 0, 1, 2), np.inf),
         "tensor mixed3a_1x1_w has a value that is not finite, at index (0, 0, 1, 2)"),
    ],
)  # fmt: skip
def test_a_wrong_tensor_is_named(tensors, tmp_path, change, message):
    change(tensors)
    np.savez(tmp_path / "w.npz", **tensors)
    assert refusal(tmp_path / "w.npz") == message


def test_a_pickle_is_never_loaded(tensors, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "was-executed"), "w"))

    np.savez(tmp_path / "w.npz", **{**tensors, "conv2d0_b": np.array([Evil()], object)})
    assert refusal(tmp_path / "w.npz") == "tensor conv2d0_b holds a pickled object, which is never loaded"
    (tmp_path / "p.npz").write_bytes(pickle.dumps(Evil()))
    assert "damaged or no .npz" in refusal(tmp_path / "p.npz")
    assert not (tmp_path / "was-executed").exists()


def test_missing_truncated_and_foreign_files(assets, tmp_path):
    assert refusal(tmp_path / "none.npz") == "there is no such weights file"
    whole = (assets / "networks" / "inceptionv1-tiny.npz").read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 10):
        (tmp_path / "cut.npz").write_bytes(whole[:size])
        assert "damaged or no .npz" in refusal(tmp_path / "cut.npz")
    with zipfile.ZipFile(tmp_path / "z.npz", "w") as archive:
        archive.writestr("../evil.txt", "x")
    assert refusal(tmp_path / "z.npz") == "entry ../evil.txt of the .npz is not an array"


def test_a_bomb_is_not_unpacked(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 28,)})
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("conv2d0_w.npy", "w") as entry:
            entry.write(header.getvalue())
            for _ in range(300):
                entry.write(bytes(1 << 20))
    assert refusal(tmp_path / "bomb.npz") == "tensor conv2d0_w would be 300 MiB"


def test_an_unknown_network_gets_the_nearest_name(assets):
    with pytest.raises(InputError) as error:
        find_network("inceptionv1-tini", assets)
    assert error.value.hint == 'Did you mean "inceptionv1-tiny"?'


def test_the_hash_is_of_the_numbers_not_of_the_file(tensors, tmp_path, tiny):
    np.savez_compressed(tmp_path / "w.npz", **{k: v.astype(np.float32) for k, v in reversed(tensors.items())})
    assert load_network("copy", tmp_path / "w.npz", INCEPTIONV1).sha256 == tiny.sha256
