"""The command as a user meets it: exit status, one clear message, and nothing lost that was there before."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def copy(root, tmp_path):
    """A copy of the project that may be broken, with the embedded network's article alone, and its built site's place."""
    place = tmp_path / "project"
    ignored = shutil.ignore_patterns("__pycache__", "early-vision", "early-vision-2020", "universality")
    for name in ("build.py", "early_vision", "content", "templates", "assets"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=ignored)
        else:
            place.mkdir()
            shutil.copy(source, place / name)
    article = place / "content" / "early-vision-tiny" / "article.md"
    # Links to the other articles, which are not copied.
    article.write_text(re.sub(r"\]\(\.\./[^)]+\)", "](#introduction)", article.read_text("utf-8")), "utf-8")
    return place


def run(place, *arguments, **options):
    done = subprocess.run(
        [sys.executable, "build.py", *arguments], cwd=place, capture_output=True, text=True, timeout=300, **options
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def snapshot(folder):
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_help_names_the_commands(root):
    done = run(root, "--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("build", "precompute", "train"))


def test_an_unknown_command_is_told(root):
    done = run(root, "biuld")
    assert done.returncode == 2 and "biuld" in done.stderr


BREAKAGES = {
    "no weights": (
        lambda place: (place / "assets/networks/inceptionv1-tiny.npz").unlink(),
        "there is no network 'inceptionv1-tiny'",
    ),
    "truncated weights": (
        lambda place: os.truncate(place / "assets/networks/inceptionv1-tiny.npz", 700_000),
        "assets/networks/inceptionv1-tiny.npz: the file is damaged or no .npz",
    ),
    "a channel twice": (
        lambda place: edit(place / "content/early-vision-tiny/groups/conv2d0.yaml", "neurons: [", "neurons: [19, 19, "),
        "content/early-vision-tiny/groups/conv2d0.yaml:",
    ),
    "a misspelled key": (
        lambda place: edit(place / "content/early-vision-tiny/groups/conv2d0.yaml", "neurons:", "nuerons:"),
        'Did you mean "neurons"?',
    ),
    "no title": (
        lambda place: edit(place / "content/early-vision-tiny/article.md", "title: ", "subject: "),
        "content/early-vision-tiny/article.md:",
    ),
    "a template error": (
        lambda place: edit(
            place / "templates/article.html", "{% block title %}", "{% block title %}{{ view.nothing }}"
        ),
        "templates/article.html:",
    ),
    "no such article": (None, "content/nowhere"),
    "a missing artifact": (
        lambda place: [path.unlink() for path in (place / "assets/precomputed").rglob("conv2d1-*.json")],
        "Run: python build.py precompute --network inceptionv1-tiny",
    ),
    "a damaged artifact": (
        lambda place: [
            path.write_bytes(b"RIFF") for path in (place / "assets/precomputed").rglob("conv2d1-exciting-*.webp")
        ],
        "the sheet of pictures is damaged",
    ),
}


@pytest.mark.slow
def test_bad_input_leaves_the_site_as_it_was(copy):
    assert run(copy).returncode == 0
    site, pristine = copy / "site", copy.parent / "pristine"
    shutil.copytree(copy, pristine, ignore=shutil.ignore_patterns("site"), symlinks=True)
    before = snapshot(site)
    for what, (breakage, message) in BREAKAGES.items():
        if breakage:
            breakage(copy)
        done = run(copy, "build", *(["content/nowhere"] if what == "no such article" else []))
        assert done.returncode == 2, f"{what}: {done.stderr}"
        assert message in done.stderr, f"{what}: {done.stderr}"
        assert snapshot(site) == before, what
        for name in ("content", "templates", "assets"):
            shutil.rmtree(copy / name)
            shutil.copytree(pristine / name, copy / name)
    done = run(copy)
    assert done.returncode == 0 and done.stdout.startswith("0 files written")


@pytest.mark.slow
def test_a_place_that_cannot_be_written(copy):
    (copy / "site").write_text("in the way")
    done = run(copy)
    assert done.returncode == 2 and "site" in done.stderr
    assert (copy / "site").read_text() == "in the way"


@pytest.mark.slow
def test_precompute_of_what_is_not_there(root):
    done = run(root, "precompute", "--layer", "mixed3")
    assert done.returncode == 2 and "there is no layer 'mixed3'. Did you mean \"mixed3" in done.stderr
    done = run(root, "precompute", "--network", "inceptionv1-tini")
    assert done.returncode == 2 and 'Did you mean "inceptionv1-tiny"?' in done.stderr


@pytest.mark.tensorflow
@pytest.mark.slow
def test_precompute_finds_everything_there(root):
    pytest.importorskip("tensorflow")
    done = run(root, "precompute")
    assert done.returncode == 0 and done.stdout.startswith("nothing is missing")
    assert "mixed3b: 480 neurons" in done.stdout


@pytest.mark.tensorflow
@pytest.mark.slow
def test_ctrl_c_exits_130_and_keeps_what_is_finished(copy):
    pytest.importorskip("tensorflow")
    process = subprocess.Popen(
        [sys.executable, "build.py", "precompute", "--fresh", "--layer", "conv2d2"],
        cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    scratch = copy / ".cache/features/inceptionv1-tiny"
    deadline = time.monotonic() + 120
    while not (scratch.is_dir() and list(scratch.glob("*.npz"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors and errors.rstrip().endswith("interrupted")
    assert list(scratch.glob("*.npz")) and not list(scratch.glob(".*"))
    assert list((copy / "assets/precomputed/inceptionv1-tiny/features").glob("conv2d2-*.json")), (
        "the old artifact stays"
    )
