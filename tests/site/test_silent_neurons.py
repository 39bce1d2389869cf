"""Neurons that never fire, from filters of zeros, from silent inputs, or behind a ReLU that never opens: nothing ends in
an error, and pages say so."""

import numpy as np
import pytest
from click.testing import CliRunner

tf = pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.slow, pytest.mark.tensorflow]

ARCHITECTURE = """input: {mean: 117.0}
layers: [b, c]
nodes:
  - {name: a, op: conv, inputs: [input], kernel: 3, channels: 4}
  - {name: b, op: conv, inputs: [a], kernel: 3, channels: 6}
  - {name: c, op: conv, inputs: [b], kernel: 3, channels: 3}
"""
SILENT, CONSTANT, SEES_SILENT = 0, 3, 1


def write_network(folder):
    random = np.random.default_rng(0)
    shapes = {"a": (3, 3, 3, 4), "b": (3, 3, 4, 6), "c": (3, 3, 6, 3)}
    tensors = {}
    for name, shape in shapes.items():
        tensors[f"{name}_w"], tensors[f"{name}_b"] = random.normal(0, 0.1, shape), np.zeros(shape[3])
    tensors["a_w"][..., 1] = 0
    tensors["b_w"][..., [SILENT, CONSTANT]] = 0
    tensors["b_b"][[SILENT, CONSTANT]] = -2, 1
    tensors["c_w"][..., SEES_SILENT] = 0
    tensors["c_w"][:, :, SILENT, SEES_SILENT] = 1
    folder.mkdir(parents=True)
    (folder / "silent.yaml").write_text(ARCHITECTURE)
    np.savez(folder / "silent.npz", **tensors)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    from early_vision.cli import main
    from early_vision.cli.completing import PREVIEW, compute_missing
    from early_vision.network.known import find_network

    root = tmp_path_factory.mktemp("silent")
    home = root / "cache" / "early-vision"
    write_network(home / "networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        # Eight steps are enough for pictures that show nothing; the build then asks for no more.
        patch.setattr("early_vision.cli.completing.ONE_PICTURE", PREVIEW)
        compute_missing(find_network("silent", root), home, root / "scratch", lambda _: None, PREVIEW)
        for words in (["explain", "b:0", "--network", "silent"],
                      ["propose-groups", "--network", "silent", "--article", str(root / "none")],
                      ["new", str(root / "article"), "--network", "silent"],
                      ["build", str(root / "article"), "--out", str(root / "site"), "--allow-warnings"]):  # fmt: skip
            done = CliRunner().invoke(main, words)
            assert done.exit_code == 0, done.output
    return root / "site" / "article" / "neurons"


def text(path):
    return " ".join(path.read_text("utf-8").split())


def test_a_silent_neuron_prefers_nothing(site):
    page = text(site / "b" / f"{SILENT}.html")
    assert "No picture was found that makes this neuron fire" in page
    assert "None of them excites it more than uniform grey does, to which it gives −2.00" in page
    assert "best at" not in page and 'class="plot"' not in page and 'class="stimuli"' not in page
    assert "Families that fit it best" not in page


def test_one_that_never_changes_too(site):
    page = text(site / "b" / f"{CONSTANT}.html")
    assert "makes this neuron fire most" in page and "None of them excites it more than uniform grey does" in page


def test_one_that_sees_only_a_silent_one(site):
    assert "None of them excites it more than uniform grey does" in text(site / "c" / f"{SEES_SILENT}.html")


def test_others_are_as_ever(site):
    page = text(site / "b" / "1.html")
    assert "Most of all it responds to" in page and 'class="plot"' in page
