"""The program as it is installed: a wheel in a fresh environment, from `new` to the page, in an empty folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from early_vision.network.architecture_file import read_architecture
from early_vision.network.weights import expected_shapes

pytestmark = [pytest.mark.slow, pytest.mark.tensorflow]

ROOT = Path(__file__).parents[1]


DESCRIPTION = """\
input: {mean: [117, 117, 117]}
layers: [first, second]
nodes:
  - {name: first, op: conv, inputs: [input], kernel: 3, stride: 2, channels: 4}
  - {name: second, op: conv, inputs: [first], kernel: 3, channels: 6}
"""
NEEDED = ("early_vision", "tools", "assets", "templates", "setup.py", "pyproject.toml", "README.md")
CLEAN = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "EARLY_VISION_PROJECT")}


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An environment with the wheel in it; the libraries that it needs are those of this one."""
    home = tmp_path_factory.mktemp("wheel")
    source = home / "source"
    source.mkdir()
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)

    def pip(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "pip", *words, "--quiet"], check=True, cwd=home, env=CLEAN)

    pip("wheel", str(source), "--no-deps", "--no-build-isolation", "--wheel-dir", str(home))
    (wheel,) = home.glob("early_vision-*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv"), "--without-pip"], check=True)
    (packages,) = (home / "venv" / "lib").glob("python*/site-packages")
    pip("--python", str(home / "venv" / "bin" / "python"), "install", "--no-deps", str(wheel))
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "venv" / "bin"


def test_from_new_to_the_page(environment, tmp_path):
    clean = {**CLEAN, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    where = run(str(environment / "python"), "-c", "import early_vision; print(early_vision.__file__)")
    assert Path(where.strip()).is_relative_to(environment.parent)
    networks = tmp_path / "networks"
    networks.mkdir()
    (networks / "small.yaml").write_text(DESCRIPTION)
    shapes = expected_shapes(read_architecture(networks / "small.yaml").architecture)
    draw = np.random.default_rng(0)
    np.savez(
        networks / "small.npz", **{name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    )
    command = str(environment / "early-vision")
    assert "Now run: early-vision serve content/my-article" in run(command, "new", "my-article", "--network", "small")
    run(str(environment / "python"), "-m", "early_vision", "build", "--allow-warnings")
    page = (tmp_path / "site" / "my-article" / "index.html").read_text("utf-8")
    assert "<h1" in page and (tmp_path / "site" / "assets" / "stix-two-math.woff2").is_file()
    assert "0 files written" in run(command, "build", "--allow-warnings")
    assert "inceptionv1-tiny" in run(command, "weights", "list")
    assert {path.name for path in tmp_path.iterdir()} - {"cache"} == {
        ".cache",
        "content",
        "networks",
        "precomputed",
        "site",
    }
