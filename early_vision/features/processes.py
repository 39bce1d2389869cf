"""Units of work in a pool of processes on one machine.

A unit's bytes do not depend on how many threads or processes there are where TensorFlow computes with oneDNN, its
default on x86-64 (measured with 1 to 16 threads). Without oneDNN sums are cut by the number of threads, and the last
bits of a result differ with it.
"""

import contextlib
import multiprocessing
import os
import signal
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from early_vision.errors import InputError
from early_vision.features.precompute import Compute
from early_vision.features.units import Unit, renderer
from early_vision.network.weights import Network

TRIES = 3
"""How many processes a unit may take down with it before it is given up."""

SECONDS_TO_END = 5.0
GIB_OF_A_PROCESS = 2.0
"""What one holds at most on the embedded network is less (benchmarks/README.md)."""


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


@dataclass(frozen=True)
class _Failure:
    """What a worker sends for a unit that raised: the traceback as text."""

    text: str


def compute_in_processes(network: Network, jobs: int) -> Compute:
    """Computes units in so many processes, each with its share of the machine's cores.

    A unit whose process dies is given to another one. Processes end when the iterator does, however it ends.

    Args:
        network: what to render.
        jobs: processes, at least 1.

    Raises:
        InputError: by the iterator, when one unit took down several processes.
        RuntimeError: by the iterator, when a unit raised.
    """

    def compute(units: list[Unit]) -> Iterator[tuple[Unit, bytes]]:
        count = min(jobs, len(units))
        waiting, deaths = list(units), Counter[Unit]()
        idle: list[_Worker] = []
        busy: dict[_Worker, Unit] = {}
        steps: dict[_Worker, tuple] = {}
        try:
            while waiting or busy:
                while waiting and len(busy) < count:
                    worker = idle.pop() if idle else _start(network, max(1, cores() // count))
                    busy[worker] = unit = take_next(waiting, steps.get(worker), {steps[other] for other in busy})
                    steps[worker] = unit.step
                    # The pipe of a process that died cannot be written to; reading from it, below, tells so.
                    with contextlib.suppress(OSError):
                        worker.pipe.send(unit)
                ready = wait([worker.pipe for worker in busy])
                for worker in [worker for worker in busy if worker.pipe in ready]:
                    unit = busy[worker]
                    try:
                        result = worker.pipe.recv()
                    except (EOFError, OSError):
                        del busy[worker]
                        _end(worker)
                        deaths[unit] += 1
                        if deaths[unit] == TRIES:
                            raise _given_up(unit, worker) from None
                        waiting.insert(0, unit)
                        continue
                    del busy[worker]
                    if isinstance(result, _Failure):
                        _end(worker)
                        raise RuntimeError(f"{describe(unit)} failed in a process of its own:\n{result.text}")
                    idle.append(worker)
                    yield unit, result
        finally:
            for worker in [*busy, *idle]:
                worker.process.terminate()
            for worker in [*busy, *idle]:
                _end(worker)

    return compute


def take_next(waiting: list[Unit], mine: tuple | None, others: set[tuple]) -> Unit:
    """Take a unit out of those that wait: one whose compiled step the process has, else one that no other process has.

    A step takes seconds to compile, as long as it then takes to render one neuron.
    """
    chosen = next((i for i, unit in enumerate(waiting) if unit.step == mine), None)
    if chosen is None:
        chosen = next((i for i, unit in enumerate(waiting) if unit.step not in others), 0)
    return waiting.pop(chosen)


def describe(unit: Unit) -> str:
    """A unit in words, for messages."""
    return f"{unit.branch.node} {unit.channels.start} to {unit.channels.stop - 1} ({unit.kind})"


def _given_up(unit: Unit, worker: _Worker) -> InputError:
    code = worker.process.exitcode
    how = f"by signal {-code}" if code is not None and code < 0 else f"with exit status {code}"
    message = f"{TRIES} processes ended while they rendered {describe(unit)}, the last one {how}"
    return InputError(
        message, hint="What was finished is kept. If memory ran out, run the same command with fewer --jobs"
    )


def _start(network: Network, threads: int) -> _Worker:
    # A forked copy of a process that runs TensorFlow hangs.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, threads), daemon=True)
    process.start()
    # With the only other end in the process itself, its death is the end of the pipe.
    theirs.close()
    # Not as an argument: `start` waits for ever when a process dies before it has read a large one.
    with contextlib.suppress(OSError):
        ours.send(network)
    return _Worker(process, ours)


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.join(SECONDS_TO_END)
    if worker.process.exitcode is None:
        worker.process.kill()
        worker.process.join()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_jobs() -> int:
    """How many processes suit this machine: one a core, as far as the memory goes. Imports TensorFlow.

    Two processes of one thread do half as much again as one of two (benchmarks/README.md). A GPU is for one.
    """
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return 1
    return max(1, min(cores(), int(memory / GIB_OF_A_PROCESS)))


def _serve(pipe: Connection, threads: int) -> None:
    """Renders what comes through the pipe, first a network and then its units, until the other end is closed."""
    # Ctrl-C reaches all processes of a terminal: the one that started these ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    with contextlib.suppress(EOFError, OSError):
        render = renderer(pipe.recv())
        while True:
            unit = pipe.recv()
            result: bytes | _Failure
            try:
                result = render(unit)
            except Exception:
                result = _Failure(traceback.format_exc())
            pipe.send(result)
