"""Training with PyTorch: that it learns, stopping and going on, and what can go wrong."""

import math
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra `train`)")
pytestmark = pytest.mark.torch

from early_vision.cli.train import train_command
from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.weights import load_network
from early_vision.store import write_whole
from tools.labelled_pictures import Pictures
from tools.train_tiny import (
    CROPS,
    ORDER,
    Files,
    Options,
    Stopped,
    batch_of,
    derive_seed,
    generator,
    load_checkpoint,
    random_crops,
    read_log,
    train,
)

QUICK = Options(steps=6, batch=8, size=32, early_size=24)


@pytest.fixture(autouse=True)
def one_thread():
    """Results are the same bits only for the same number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def gratings(count: int, seed: int, side: int = 32) -> Pictures:
    """Noisy pictures of four classes that no single pixel tells apart: two orientations, each of two colour contrasts.

    Phase and frequency are random, so that the mean of every class is the same grey.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 4
    y, x = np.mgrid[:side, :side]
    images = np.empty((count, side, side, 3), np.uint8)
    for index, label in enumerate(labels):
        along = (x, y)[label % 2] * random.uniform(0.5, 0.9) + random.uniform(0, 2 * np.pi)
        contrast = np.array([(1.0, 1.0, 1.0), (1.0, -1.0, 0.0)][label // 2])
        picture = 117 + 60 * np.sin(along)[..., None] * contrast + random.normal(0, 30, (side, side, 3))
        images[index] = picture.clip(0, 255)
    return Pictures(
        images,
        labels,
        ("grey_across", "grey_down", "red_green_across", "red_green_down"),
        f"gratings {seed}",
        ("gratings",),
    )


def test_stopping_by_ctrl_c_and_resuming_is_one_run(tmp_path):
    data, held_out = gratings(40, seed=1), gratings(12, seed=2)
    whole, half = Files(tmp_path / "whole" / "net.npz"), Files(tmp_path / "halves" / "net.npz")
    accuracy = train(QUICK, data, held_out, whole.weights, log_every=2)

    def press_ctrl_c(step, total, record):
        if step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        train(QUICK, data, held_out, half.weights, log_every=2, report=press_ctrl_c)
    assert stop.value.step == 3 and not half.weights.exists()
    assert train(QUICK, data, held_out, half.weights, log_every=2, resume=True) == accuracy

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_same_tensors(load_checkpoint(whole.checkpoint)["tensors"], load_checkpoint(half.checkpoint)["tensors"])
    assert whole.weights.read_bytes() == half.weights.read_bytes()
    assert whole.card.read_bytes() == half.card.read_bytes()
    assert without_seconds(whole.log) == without_seconds(half.log)
    assert [record["step"] for record in read_log(whole.log)] == [2, 4, 5, 6, 6]


def test_a_kill_between_checkpoints_loses_only_the_steps_since(tmp_path):
    data, held_out = gratings(40, seed=1), gratings(12, seed=2)
    whole = Files(tmp_path / "whole.npz")
    train(QUICK, data, held_out, whole.weights, log_every=1)

    def die(step, total, record):
        if step == 5:
            raise SystemError("killed")

    out = tmp_path / "halves.npz"
    with pytest.raises(SystemError):
        train(QUICK, data, held_out, out, log_every=1, checkpoint_every=4, report=die)
    with Files(out).log.open("a") as log:
        log.write('{"step": 6, "lo')
    assert load_checkpoint(Files(out).checkpoint)["step"] == 4
    train(QUICK, data, held_out, out, log_every=1, resume=True)
    assert out.read_bytes() == whole.weights.read_bytes()
    assert without_seconds(Files(out).log) == without_seconds(whole.log)


def test_every_epoch_goes_through_all_pictures_in_an_order_of_its_own():
    options = Options(batch=5)
    epochs = [torch.cat([batch_of(options, step, 20) for step in range(4 * e, 4 * e + 4)]).tolist() for e in range(3)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) == 3


def test_random_numbers_are_of_their_own_for_every_seed_purpose_and_step():
    seeds = {derive_seed(seed, purpose, step) for seed in (0, 1) for purpose in (ORDER, CROPS) for step in range(100)}
    assert len(seeds) == 400


def test_random_crops_show_parts_of_their_pictures_upright_or_mirrored():
    across = torch.arange(32, dtype=torch.uint8).expand(1, 3, 32, 32)
    images = torch.cat([across, across.transpose(2, 3)]).repeat_interleave(200, 0)
    whole = random_crops(images, 32, 1.0, generator(0, CROPS))
    mirrored = (whole[:200, 0, 0, 0] > whole[:200, 0, 0, -1]).sum()
    assert 60 < mirrored < 140
    crops = random_crops(images, 16, 0.5, generator(0, CROPS))
    assert crops.shape == (400, 3, 16, 16) and crops.min() >= 0 and crops.max() <= 31
    widths = (crops[:200, 0, 0, -1] - crops[:200, 0, 0, 0]).abs() * 16 / 15
    heights = (crops[200:, 0, -1, 0] - crops[200:, 0, 0, 0]) * 16 / 15
    for sides in (widths, heights):
        assert 14 < sides.min() < 18 and 28 < sides.max() < 34, "from about half of the side to all of it"


def test_another_seed_gives_other_weights(tmp_path):
    data, options = gratings(40, seed=1), replace(QUICK, steps=1)
    for seed in (0, 1):
        train(replace(options, seed=seed), data, data, tmp_path / f"{seed}.npz")
    assert (tmp_path / "0.npz").read_bytes() != (tmp_path / "1.npz").read_bytes()


def test_resuming_what_does_not_fit_is_refused(tmp_path):
    data, out = gratings(40, seed=1), tmp_path / "net.npz"
    with pytest.raises(InputError, match="there is no checkpoint to go on from"):
        train(QUICK, data, data, out, resume=True)
    one_step = replace(QUICK, steps=1)
    train(one_step, data, data, out)
    with pytest.raises(InputError, match="made with seed 0, not 7. Give the same options"):
        train(replace(one_step, seed=7), data, data, out, resume=True)
    with pytest.raises(InputError, match="made with other training pictures"):
        train(one_step, gratings(40, seed=9), data, out, resume=True)
    Files(out).checkpoint.write_bytes(Files(out).checkpoint.read_bytes()[:5000])
    with pytest.raises(InputError, match="the checkpoint is damaged. Delete it"):
        train(one_step, data, data, out, resume=True)


def test_an_unfinished_training_is_not_overwritten(tmp_path):
    data, out = gratings(40, seed=1), tmp_path / "net.npz"

    def press_ctrl_c(step, total, record):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped):
        train(QUICK, data, data, out, report=press_ctrl_c)
    with pytest.raises(InputError, match=r"unfinished training \(1 of 6 steps\). Go on from it with --resume"):
        train(QUICK, data, data, out)


def test_a_pickled_checkpoint_is_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"version": 1, "options": Bomb()}, tmp_path / "net.checkpoint.pt")
    with pytest.raises(InputError, match="the checkpoint is damaged"):
        load_checkpoint(tmp_path / "net.checkpoint.pt")
    assert not (tmp_path / "ran").exists()


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    data, out = gratings(40, seed=1), tmp_path / "net.npz"
    train(replace(QUICK, steps=1), data, data, out)
    before = Files(out).checkpoint.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)"):
        write_whole(Files(out).checkpoint, lambda file: file.write(b"half"))
    with pytest.raises(InputError, match="No space left"):
        train(replace(QUICK, steps=1), data, data, out)
    assert Files(out).checkpoint.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "net.checkpoint.pt",
        "net.log.jsonl",
        "net.md",
        "net.npz",
    ]


def test_a_training_that_diverges_says_so(tmp_path):
    options = replace(QUICK, steps=20, peak_learning_rate=1e30)
    with pytest.raises(InputError, match="the training diverged.*lower --peak-learning-rate"):
        train(options, gratings(40, seed=1), gratings(4, seed=2), tmp_path / "net.npz", log_every=1)


def test_too_few_pictures_for_a_batch(tmp_path):
    with pytest.raises(InputError, match="7 training pictures do not fill a batch of 8"):
        train(QUICK, gratings(7, seed=1), gratings(7, seed=1), tmp_path / "net.npz")


def test_the_command_trains_from_a_folder_and_resumes_from_its_checkpoint(tmp_path):
    folder = tmp_path / "pictures"
    for part, count, seed in (("train", 16, 1), ("val", 8, 2)):
        pictures = gratings(count, seed)
        for index, (image, label) in enumerate(zip(pictures.images, pictures.labels, strict=False)):
            path = folder / part / pictures.classes[label] / f"{part}_{index}.JPEG"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path, "JPEG")
    out = tmp_path / "new" / "net.npz"
    arguments = ["--data", str(folder), "--out", str(out), "--steps", "2", "--batch", "8", "--seed", "5"]
    done = CliRunner().invoke(train_command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    for expected in (
        "16 training pictures of 4 classes",
        "8 held-out pictures of 4 classes",
        "step 2 of 2 (epoch 1.00): loss",
    ):
        assert expected in done.output
    assert load_checkpoint(Files(out).checkpoint)["options"] == Options(steps=2, batch=8, seed=5)
    first = out.read_bytes()
    out.unlink()
    arguments = ["--data", str(folder), "--out", str(out), "--resume"]
    assert CliRunner().invoke(train_command, arguments, catch_exceptions=False).exit_code == 0
    assert out.read_bytes() == first
    refused = CliRunner().invoke(train_command, [*arguments, "--seed", "6"])
    assert isinstance(refused.exception, InputError) and "made with seed 5, not 6" in str(refused.exception)


def test_the_help_tells_the_defaults():
    """They are written there, since the help needs no PyTorch and the options do."""
    shown = CliRunner().invoke(train_command, ["--help"]).output
    for name in ("epochs", "batch", "peak_learning_rate", "seed"):
        assert f"({getattr(Options, name)})." in shown, name


def test_ctrl_c_ends_the_command_with_130(tmp_path, monkeypatch):
    def stopped(*args, **kwargs):
        raise Stopped(3)

    monkeypatch.setattr("tools.train_tiny.train", stopped)
    for reader in ("read_training", "read_held_out"):
        monkeypatch.setattr(f"tools.labelled_pictures.{reader}", lambda *_: gratings(4, seed=1))
    done = CliRunner().invoke(
        train_command, ["--data", str(tmp_path), "--out", str(tmp_path / "net.npz"), "--batch", "4"]
    )
    assert done.exit_code == 130 and "Stopped after step 3. Go on with --resume." in done.output


def test_the_learning_rate_climbs_to_its_peak_and_falls_to_nothing():
    options = Options(peak_learning_rate=0.5, warm_up=0.1)
    rates = [options.learning_rate(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.05) and max(rates) == rates[9] == rates[10] == 0.5
    assert rates[:10] == sorted(rates[:10]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[55] == pytest.approx(0.25) and 0 < rates[99] < 0.001
    for warm_up in (0, 1):
        assert all(0 < Options(warm_up=warm_up).learning_rate(step, 7) < math.inf for step in range(7))


def test_steps_and_sizes():
    options = Options(epochs=3, batch=32, early_size=48, size=64, early_share=0.45)
    assert options.total_steps(100) == 9 and Options(steps=5).total_steps(100) == 5
    assert [options.size_at(step, 100) for step in (0, 44, 45, 99)] == [48, 48, 64, 64]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch is 0, but should be at least 1"),
        ({"steps": 0}, "steps is 0, but should be at least 1"),
        ({"seed": -1}, "seed is -1, but should be 0 or more"),
        ({"peak_learning_rate": float("nan")}, "peak learning rate is nan, but should be more than 0"),
        ({"least_side": 1.5}, "least side is 1.5, but should be more than 0 and at most 1"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(InputError, match=message):
        Options(**options)


@pytest.mark.slow
def test_a_few_hundred_steps_learn_what_there_is_to_learn(tmp_path):
    data, held_out = gratings(800, seed=1), gratings(200, seed=2)
    options = Options(steps=200, batch=32, size=32, early_size=24, peak_learning_rate=0.05)
    files = Files(tmp_path / "gratings.npz")
    accuracy = train(options, data, held_out, files.weights)
    lines = read_log(files.log)
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < 0.75 * losses[0]
    assert accuracy > 0.9, "chance is 0.25"
    card = files.card.read_text()
    weights = load_network("gratings", files.weights, INCEPTIONV1)
    for fact in (weights.sha256, f"**{accuracy:.2%}**", "| seed | 0 |", f"| torch | {torch.__version__} |"):
        assert fact in card


def assert_same_tensors(one, other) -> None:
    """Nested dicts and lists of tensors and plain values, bit for bit."""
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same_tensors(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=False):
            assert_same_tensors(a, b)
    else:
        assert one == other


def without_seconds(log: Path) -> list[dict]:
    return [{key: value for key, value in record.items() if key != "seconds"} for record in read_log(log)]
