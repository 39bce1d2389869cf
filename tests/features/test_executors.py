"""Units computed in other processes, here or on a Dask cluster: the same bytes, and whatever dies costs its unit."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from early_vision.errors import InputError
from early_vision.features.cluster import check_environments, compute_on_dask
from early_vision.features.precompute import precompute
from early_vision.features.processes import TRIES, compute_in_processes, take_next
from early_vision.features.reading import reader
from early_vision.features.recipe import Recipe, Request
from early_vision.features.units import plan, renderer

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

REQUEST = Request(Recipe(steps=2), seeds=1, diverse=0)
LONGER = Request(Recipe(steps=100), seeds=4, diverse=0)
LAYER = "conv2d1"
ROOT = Path(__file__).parents[2]
HERE = {"early_vision": "0.1.0", "rendering": "1", "numpy": "2.4.6", "tensorflow": "2.21.0"}


@pytest.fixture(scope="module")
def expected(tiny):
    """What one process computes."""
    render = renderer(tiny)
    return {unit: render(unit) for unit in plan(tiny, REQUEST, LAYER)}


def children(pid: int) -> set[int]:
    """The processes that a process has started and that are still there."""
    tasks = Path(f"/proc/{pid}/task")
    return {int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()}


def own_workers() -> set[int]:
    """This process's rendering processes: not the one by which Python tracks resources."""
    return {pid for pid in children(os.getpid()) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()}


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


class TestProcesses:
    @pytest.mark.slow
    def test_two_processes_give_the_bytes_of_one(self, tiny, expected):
        assert dict(compute_in_processes(tiny, 2)(list(expected))) == expected
        assert own_workers() == set()

    @pytest.mark.slow
    def test_a_killed_process_costs_its_unit(self, tiny):
        units, found = list(plan(tiny, LONGER, LAYER)), []
        for unit, data in compute_in_processes(tiny, 2)(units):
            found.append((unit, data))
            if len(found) == 1:
                os.kill(max(own_workers()), signal.SIGKILL)
        render = renderer(tiny)
        assert dict(found) == {unit: render(unit) for unit in units} and len(found) == len(units)

    def test_a_unit_that_takes_down_every_process_is_given_up(self, tiny, tmp_path, monkeypatch):
        dying = "import os, sys\nif '--multiprocessing-fork' in sys.orig_argv: os._exit(3)\n"
        (tmp_path / "sitecustomize.py").write_text(dying)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        message = (
            f"{TRIES} processes ended while they rendered conv2d1 0 to 31 .exciting., the last one with exit status 3"
        )
        with pytest.raises(InputError, match=message):
            list(compute_in_processes(tiny, 1)(list(plan(tiny, REQUEST, LAYER))))

    @pytest.mark.slow
    def test_interrupted_it_leaves_no_process_behind(self, assets, tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, str(assets)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT,
        )  # fmt: skip
        assert [process.stdout.readline() for _ in range(2)] == ["rendered\n"] * 2
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode in (1, 130, -signal.SIGINT)
        assert said.count("Traceback") == 1 and "KeyboardInterrupt" in said, "only the caller tells of it"
        deadline = time.monotonic() + 10
        while any(map(is_running, workers)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(map(is_running, workers))


def test_a_process_goes_on_with_the_step_that_it_has_compiled(tiny):
    """Two processes by turns on a layer of four convolutions: neither compiles what the other one has, until the end."""
    waiting, compiled, last = list(plan(tiny, Request(), "mixed3a")), {0: [], 1: []}, {0: None, 1: None}
    every = set(waiting)
    for turn in range(len(waiting)):
        mine, other = turn % 2, 1 - turn % 2
        unit = take_next(waiting, last[mine], {last[other]} - {None})
        every.remove(unit)
        if unit.step != last[mine]:
            compiled[mine].append(unit.step)
        last[mine] = unit.step
    assert not every
    # Plain and diverse of four convolutions, and at the end one process helps with the other's.
    assert len(compiled[0]) + len(compiled[1]) <= 9


INTERRUPTED = """
import sys
from pathlib import Path
from early_vision.features.processes import compute_in_processes
from early_vision.features.recipe import Recipe, Request
from early_vision.features.units import plan
from early_vision.network.known import find_network

if __name__ == "__main__":
    network = find_network("inceptionv1-tiny", Path(sys.argv[1]))
    soon = plan(network, Request(Recipe(steps=2), seeds=1, diverse=0), "conv2d1")[:2]
    late = plan(network, Request(Recipe(steps=100_000), seeds=1, diverse=0), "conv2d2")
    for _ in compute_in_processes(network, 2)([*soon, *late]):
        print("rendered", flush=True)
"""


@dataclass(frozen=True)
class Cluster:
    """A scheduler and workers, each a process of its own on 127.0.0.1."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


def start(arguments: list[str], **environment: str) -> subprocess.Popen:
    variables = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"} | environment
    # In the root folder no package lies beside the process: the one on the path counts.
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], env=variables, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def start_worker(address: str, **environment: str) -> subprocess.Popen:
    place = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    return start(["distributed.cli.dask_worker", address, *place], **environment)


@contextlib.contextmanager
def cluster_of(folder: Path, workers: int):
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    started = [start(["distributed.cli.dask_scheduler", *options])]
    try:
        deadline = time.monotonic() + 60
        while not file.is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        started += [start_worker(address) for _ in range(workers)]
        yield Cluster(address, started[0], started[1:])
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def wait_for_workers(cluster: Cluster, count: int) -> None:
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


@pytest.mark.slow
class TestCluster:
    def test_two_workers_give_the_bytes_of_one_process(self, tiny, expected, tmp_path):
        with cluster_of(tmp_path, 2) as cluster:
            wait_for_workers(cluster, 2)
            assert dict(compute_on_dask(tiny, cluster.address)(list(expected))) == expected

    def test_a_worker_killed_mid_run_costs_its_unit(self, tiny, tmp_path):
        units, found = list(plan(tiny, LONGER, LAYER)), []
        with cluster_of(tmp_path, 2) as cluster:
            wait_for_workers(cluster, 2)
            for unit, data in compute_on_dask(tiny, cluster.address)(units):
                found.append((unit, data))
                if len(found) == 1:
                    cluster.workers[0].send_signal(signal.SIGKILL)
        render = renderer(tiny)
        assert dict(found) == {unit: render(unit) for unit in units} and len(found) == len(units)

    def test_a_lost_scheduler_is_told_and_what_was_finished_is_kept(self, tiny, tmp_path):
        folder, scratch = tmp_path / "f", tmp_path / "scratch"
        with cluster_of(tmp_path, 2) as cluster:

            def losing(units):
                for i, result in enumerate(compute_on_dask(tiny, cluster.address)(units)):
                    yield result
                    if i == 1:
                        cluster.scheduler.send_signal(signal.SIGKILL)

            with pytest.raises(InputError) as error:
                precompute(tiny, LONGER, folder, scratch, losing, reader(tiny), [LAYER])
        assert (
            str(error.value)
            == f"the scheduler {cluster.address} is gone. What was finished is kept; run the same command again"
        )
        kept = len(list(scratch.glob("*.npz")))
        assert 2 <= kept < len(plan(tiny, LONGER, LAYER))

    def test_a_worker_with_another_version_is_refused_by_name(self, tiny, tmp_path):
        shutil.copytree(ROOT / "early_vision", tmp_path / "early_vision")
        (tmp_path / "early_vision" / "__init__.py").write_text('__version__ = "0.0.9"\n')
        with cluster_of(tmp_path, 0) as cluster:
            worker = start_worker(cluster.address, PYTHONPATH=str(tmp_path))
            try:
                with pytest.raises(InputError, match=r"worker tcp://127.0.0.1:\d+ has early_vision 0.0.9, but here"):
                    next(compute_on_dask(tiny, cluster.address)(list(plan(tiny, REQUEST, LAYER))))
            finally:
                worker.kill()
                worker.wait()

    def test_a_worker_without_the_package_is_refused_by_name(self, tiny, tmp_path):
        (tmp_path / "early_vision.py").write_text("raise ImportError('not installed here')\n")
        with cluster_of(tmp_path, 0) as cluster:
            worker = start_worker(cluster.address, PYTHONPATH=str(tmp_path))
            try:
                with pytest.raises(InputError, match=r"worker tcp://127.0.0.1:\d+ cannot run early_vision"):
                    next(compute_on_dask(tiny, cluster.address)(list(plan(tiny, REQUEST, LAYER))))
            finally:
                worker.kill()
                worker.wait()

    def test_other_weights_on_a_worker_are_refused(self, tiny, tmp_path):
        """The caller's network says another hash than its weights have: as if they changed on their way."""
        import dataclasses

        other = dataclasses.replace(tiny, sha256="0" * 64)
        with cluster_of(tmp_path, 1) as cluster:
            with pytest.raises(InputError, match=rf"has other weights: their hash is {tiny.sha256}, not 000"):
                next(compute_on_dask(other, cluster.address)(list(plan(tiny, REQUEST, LAYER))))


def test_versions_that_differ_are_named():
    workers = {
        "tcp://a:1": HERE | {"tensorflow": "2.21.3"},
        "tcp://b:2": HERE | {"tensorflow": "2.20.0", "numpy": "1.26.4"},
        "tcp://c:3": HERE | {"tensorflow": None},
        "tcp://d:4": HERE | {"early_vision": "0.1.1"},
        "tcp://e:5": ModuleNotFoundError("No module named 'early_vision'"),
    }
    with pytest.raises(InputError) as error:
        check_environments(HERE, workers)
    assert list(map(str, error.value.problems)) == [
        "worker tcp://b:2 has numpy 1.26.4, but here it is 2.4.6. Install the same version there",
        "worker tcp://b:2 has tensorflow 2.20.0, but here it is 2.21.0. Install the same version there",
        "worker tcp://c:3 has tensorflow (none), but here it is 2.21.0. Install it there",
        "worker tcp://d:4 has early_vision 0.1.1, but here it is 0.1.0. Install the same version there",
        "worker tcp://e:5 cannot run early_vision (ModuleNotFoundError(\"No module named 'early_vision'\")). "
        "Install this package there",
    ]
    check_environments(HERE, {"tcp://a:1": HERE | {"tensorflow": "2.21.3", "numpy": "2.4.0"}})


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://127.0.0.1:1", "tcp://127.0.0.1", "tcp:// :1"])
def test_what_is_no_address_is_told(tiny, address):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="is no address of a scheduler"):
        next(compute_on_dask(tiny, address)(list(plan(tiny, REQUEST, LAYER))))


@pytest.mark.slow
def test_nothing_to_connect_to_is_told_soon(tiny):
    pytest.importorskip("distributed")
    before = time.monotonic()
    with pytest.raises(InputError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        next(compute_on_dask(tiny, "tcp://127.0.0.1:9")(list(plan(tiny, REQUEST, LAYER))))
    assert time.monotonic() - before < 15


def test_without_dask_the_extra_is_named(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as error:
        next(compute_on_dask(tiny, "tcp://127.0.0.1:9")(list(plan(tiny, REQUEST, LAYER))))
    assert '".[dask]"' in error.value.hint


def test_no_units_need_no_workers(tiny):
    assert list(compute_on_dask(tiny, "tcp://127.0.0.1:9")([])) == []
    assert list(compute_in_processes(tiny, 2)([])) == []
    assert np.all(own_workers() == set())
