"""Units of work on an existing Dask cluster. Dask is imported when this is used.

Workers get the weights once, return bytes and write nothing; whatever is lost, results that have come are kept by the
caller. Dask's messages hold pickled objects: connect only to a scheduler that you trust.
"""

import contextlib
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from early_vision import __version__
from early_vision.errors import InputError, Problem
from early_vision.features.precompute import Compute
from early_vision.features.processes import describe
from early_vision.features.units import VERSION, Unit, renderer
from early_vision.network.weights import Network, hash_network

SECONDS_TO_CONNECT = 8.0
SECONDS_FOR_WORKERS = 30.0
"""How long to wait for a first worker, or for another one when all are gone."""
SECONDS_BETWEEN_LOOKS = 2.0
RETRIES = 2
"""How often a unit that raised is tried again. A unit whose worker died Dask tries again by itself, 3 times."""

Environment = Mapping[str, str | None]
"""What the bytes of a result depend on besides its unit: package to version, None where it cannot be imported."""


@dataclass(frozen=True, eq=False)
class _Shipped:
    """What every worker gets, once: the network, and what the caller's results were made with."""

    network: Network
    environment: Environment


def compute_on_dask(network: Network, address: str) -> Compute:
    """Computes units on the workers of a Dask cluster.

    Before any work, every worker's versions are compared with this process's, and the weights that reached it with
    these; a worker that joins later is checked before its first unit.

    Args:
        network: what to render.
        address: of the scheduler, such as tcp://127.0.0.1:8786.

    Raises:
        InputError: by the iterator, when Dask is not installed, nothing answers at the address, there are no workers,
            the scheduler is gone, or a unit took down several workers.
        InputError: by the iterator, naming every worker that differs.
    """

    def compute(units: list[Unit]) -> Iterator[tuple[Unit, bytes]]:
        if not units:
            return
        with _connected(address) as client, _noticing_loss(client, address):
            here = environment()
            check_environments(here, _environments(client, address))
            shipped = client.scatter(_Shipped(network, here), broadcast=True, hash=False)
            _check_weights(client, network, shipped)
            yield from _results(client, address, network, shipped, units)

    return compute


def environment() -> Environment:
    """The versions in this process."""
    import numpy

    try:
        import tensorflow
    except ImportError:
        tensorflow = None
    versions = {"early_vision": __version__, "rendering": str(VERSION), "numpy": numpy.__version__}
    return versions | {"tensorflow": tensorflow and tensorflow.__version__}


def check_environments(here: Environment, workers: Mapping[str, Environment | BaseException]) -> None:
    """See to it that all workers have the same version of this package, and of the others but for the patch level.

    Args:
        here: this process's versions.
        workers: address to versions, or to what went wrong when asking.

    Raises:
        InputError: naming every worker that differs, and in what.
    """
    errors = []
    for address, there in workers.items():
        if isinstance(there, BaseException):
            errors.append(
                Problem(f"worker {address} cannot run early_vision ({there!r})", hint="Install this package there")
            )
            continue
        for package, ours in here.items():
            theirs = there.get(package)
            if _compared(package, theirs) != _compared(package, ours):
                hint = "Install the same version there" if theirs else "Install it there"
                errors.append(
                    Problem(f"worker {address} has {package} {theirs or '(none)'}, but here it is {ours}", hint=hint)
                )
    if errors:
        raise InputError.of(errors)


def _compared(package: str, version: str | None) -> str | None:
    """The part of a version that has to be the same: major and minor of what others release."""
    return ".".join(version.split(".")[:2]) if version and package in ("numpy", "tensorflow") else version


@contextlib.contextmanager
def _connected(address: str) -> Iterator:
    try:
        import distributed
    except ImportError as error:
        raise InputError("a cluster needs Dask", hint='Install it with: pip install -e ".[dask]"') from error
    if not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", address):
        raise InputError(f"{address!r} is no address of a scheduler", hint="It looks like tcp://host:8786")
    logger = logging.getLogger("distributed")
    level, client = logger.level, None
    # What Dask logs about lost connections is told by the errors here.
    logger.setLevel(logging.CRITICAL)
    try:
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            hint = "Start one with: dask scheduler"
            raise InputError(f"no Dask scheduler answers at {address}", hint=hint) from error
        yield client
    finally:
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
        logger.setLevel(level)


@contextlib.contextmanager
def _noticing_loss(client, address: str) -> Iterator[None]:
    """Turns what Dask raises after its scheduler is gone into the error that says so."""
    from concurrent.futures import CancelledError

    try:
        yield
    except (CancelledError, TimeoutError, OSError) as error:
        raise _gone(address) from error
    except RuntimeError as error:
        if client.status == "running":
            raise
        raise _gone(address) from error


def _gone(address: str) -> InputError:
    return InputError(f"the scheduler {address} is gone", hint="What was finished is kept; run the same command again")


def _environments(client, address: str) -> dict[str, Environment | BaseException]:
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError as error:
        raise _no_workers(address) from error
    return client.run(environment, on_error="return")


def _no_workers(address: str) -> InputError:
    return InputError(f"the scheduler {address} has no workers", hint=f"Start some with: dask worker {address}")


def _check_weights(client, network: Network, shipped) -> None:
    """Compares the hash of the weights as they reached each worker."""
    asked = {
        address: client.submit(_hash, shipped, workers=[address], allow_other_workers=False, pure=False)
        for address in client.nthreads()
    }
    errors = []
    for address, answer in asked.items():
        if (found := answer.result()) != network.sha256:
            message = f"worker {address} has other weights: their hash is {found}, not {network.sha256}"
            errors.append(Problem(message, hint="Look at its network and memory, or stop it"))
    if errors:
        raise InputError.of(errors)


def _hash(shipped: _Shipped) -> str:
    return hash_network(shipped.network.weights, shipped.network.architecture)


def _results(client, address: str, network: Network, shipped, units: list[Unit]) -> Iterator[tuple[Unit, bytes]]:
    import distributed

    pending = {
        client.submit(_render, shipped, unit, key=f"early-vision-{unit.key(network)}", retries=RETRIES): unit
        for unit in units
    }
    seconds_without_workers = 0.0
    while pending:
        try:
            with client.as_current():
                done = distributed.wait(list(pending), SECONDS_BETWEEN_LOOKS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if client.status != "running":
                raise
            seconds_without_workers = 0.0 if client.nthreads() else seconds_without_workers + SECONDS_BETWEEN_LOOKS
            if seconds_without_workers >= SECONDS_FOR_WORKERS:
                raise _no_workers(address) from None
            continue
        for future in done:
            unit = pending.pop(future)
            try:
                data = future.result()
            except distributed.KilledWorker as error:
                message = f"every worker that rendered {describe(unit)} died"
                raise InputError(message, hint="What was finished is kept. See to the workers' memory") from error
            future.release()
            yield unit, data


def _render(shipped: _Shipped, unit: Unit) -> bytes:
    """Runs on a worker."""
    turn, render = _rendering(shipped)
    with turn:
        return render(unit)


@lru_cache(maxsize=1)
def _rendering(shipped: _Shipped) -> tuple[threading.Lock, Callable[[Unit], bytes]]:
    """The function that renders, one unit at a time, on a worker whose versions and weights are the caller's.

    A worker holds one object of what was shipped, so its units share their compiled steps.
    """
    import distributed

    check_environments(shipped.environment, {distributed.get_worker().address: environment()})
    if _hash(shipped) != shipped.network.sha256:
        raise InputError(f"worker {distributed.get_worker().address} has other weights")
    return threading.Lock(), renderer(shipped.network)
