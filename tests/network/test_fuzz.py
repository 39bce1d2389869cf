"""Every reader of a foreign file, on damaged files from fixed seeds: a few here, all with `pytest --fuzz 1000`."""

import subprocess
import sys

import pytest

from tools.fuzz_readers import READERS, damaged

pytestmark = [pytest.mark.slow, pytest.mark.tensorflow]
FEWER = {"hdf5": 10, "keras": 40}
"""Each file takes a process of its own, or a model's loading."""


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_give_an_error_or_numbers(name, root, pytestconfig):
    pytest.importorskip("tensorflow")
    count = pytestconfig.getoption("--fuzz") or FEWER.get(name, 100)
    command = [sys.executable, "-m", "tools.fuzz_readers", "--reader", name, "--count", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_seed_gives_the_same_damage():
    import numpy as np

    data = bytes(range(256)) * 4
    made = [damaged(data, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
