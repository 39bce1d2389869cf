"""Rendering every neuron of a network: resumable, and with nothing lost but the batch in flight."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from early_vision.features.effort import image_effort
from early_vision.features.layer_artifact import index_path, write_layer
from early_vision.features.reading import Read
from early_vision.features.recipe import Request
from early_vision.features.units import Unit, plan
from early_vision.network.weights import Network
from early_vision.progress import progress
from early_vision.store import remove_abandoned, write_whole

Compute = Callable[[list[Unit]], Iterator[tuple[Unit, bytes]]]
"""Computes units, here or elsewhere, and yields each with its result as it comes, in any order."""


def precompute(
    network: Network,
    request: Request,
    folder: Path,
    scratch: Path,
    compute: Compute,
    read: Read,
    layers: Iterable[str] | None = None,
    fresh: bool = False,
    quality: int | None = None,
) -> tuple[str, ...]:
    """Render the layers of a network whose artifacts are missing.

    Finished units are kept in `scratch` until every wanted layer is complete, so a run that was killed goes on where it
    stopped, a fresh one too.

    Args:
        network: what to render.
        request: which images of every neuron.
        folder: where the artifacts belong.
        scratch: where the results of units wait; this network's own folder.
        compute: see `Compute`.
        read: reads pictures with the network's neurons, as `write_layer` takes it.
        layers: names; None for all.
        fresh: render again what is there already.
        quality: of the pictures, as `write_layer` takes it.

    Returns:
        the layers that were rendered.

    Raises:
        InputError: when something cannot be written. What was there stays.
        KeyboardInterrupt: finished units stay in `scratch`.
    """
    names = list(layers or network.architecture.layer_names)
    if not fresh:
        names = [name for name in names if not index_path(folder, network, request, name).is_file()]
    if not names:
        return ()
    for place in (folder, scratch):
        place.mkdir(parents=True, exist_ok=True)
        remove_abandoned(place)
    units = {name: plan(network, request, name) for name in names}
    every = [unit for name in names for unit in sorted(units[name], key=lambda unit: unit.branch.start)]
    paths = {unit: scratch / f"{unit.key(network)}.npz" for unit in every}
    waiting = [unit for unit in every if not paths[unit].is_file()]
    efforts = {unit: effort(network, unit) for unit in waiting}
    total = sum(map(images, every))
    done = total - sum(map(images, waiting))
    with progress(network.name, total, "images", done, sum(efforts.values())) as advance:
        for unit, data in compute(waiting):
            write_whole(paths[unit], data)
            advance(images(unit), f"{unit.branch.node} {unit.kind}", efforts[unit])
    for name in names:
        write_layer(folder, network, request, name, lambda unit: paths[unit].read_bytes(), read, quality)
    shutil.rmtree(scratch)
    return tuple(names)


def images(unit: Unit) -> int:
    """How many images a unit gives."""
    return len(unit.channels) * unit.recipe.images


def effort(network: Network, unit: Unit) -> float:
    """What a unit takes, in comparison with others."""
    return images(unit) * image_effort(network.architecture, unit.branch.node, unit.recipe)


def compute_here(render: Callable[[Unit], bytes]) -> Compute:
    """Computes units one after the other in this process."""
    return lambda units: ((unit, render(unit)) for unit in units)


def summary(features: Mapping[str, tuple]) -> list[str]:
    """A line a layer: how many neurons fire on held-out images, and how many visualizations beat all of those."""
    lines = []
    for layer, neurons in features.items():
        measured = [n for n in neurons if n.held_out is not None]
        live = [n for n in measured if not n.inactive]
        beaten = sum(n.activation > n.held_out for n in live)
        share = (
            f"{beaten} of {len(live)} live neurons exceed every held-out patch"
            if live
            else "held-out images not measured"
        )
        lines.append(f"{layer}: {len(neurons)} neurons, {share}")
    return lines
