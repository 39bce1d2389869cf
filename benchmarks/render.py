"""Rendering against lucid as it comes, side by side in one run, and against the machine's matrix product.

    python benchmarks/render.py [--network NAME] [--neurons N] [--pairs-only] [--lucent-neurons N] [--lucid-steps N]
        [--sheet FILE.png]

lucid has a process of its own, since it switches TensorFlow to graph mode for good; the engine has one a core, as in
`build.py precompute`. They take turns: a neuron by lucid on all cores, then a batch for each process by the engine.
torch-lucent takes part where it is installed. Prints the tables of benchmarks/README.md.
"""

import argparse
import importlib.util
import multiprocessing
import multiprocessing.connection
import os
import platform
import resource
import statistics
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from early_vision.features.effort import step_operations, steps_of
from early_vision.features.processes import cores
from early_vision.features.recipe import Recipe
from early_vision.network.architecture import Architecture, Branch
from early_vision.network.known import EMBEDDED, find_network

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SAMPLE_SEED = 2020
LUCID_SIZE = 128
BATCH = 32


@dataclass(frozen=True)
class Pair:
    """One neuron of the sample, by another library and by the engine.

    Attributes:
        by: the other library.
        layer, channel: the neuron.
        activations: what it gives for their image and for ours, no transformation, its receptive field in view.
        seconds: what they took for it, and the engine for a neuron of its batches from the same branch.
        images: theirs and ours, uint8 [size, size, 3], the neuron's receptive field.
    """

    by: str
    layer: str
    channel: int
    activations: tuple[float, float]
    seconds: tuple[float, float]
    images: tuple[np.ndarray, np.ndarray]

    @property
    def quality(self) -> float:
        """Our activation as a share of theirs; where their image does not excite the neuron, infinite."""
        theirs, ours = self.activations
        return ours / theirs if theirs > 0 else float("inf")


def sample(architecture: Architecture, count: int) -> dict[str, list[int]]:
    """The fixed random sample: so many channels of each layer."""
    rng = np.random.default_rng(SAMPLE_SEED)
    draws = {name: rng.choice(layer.neurons, 10, replace=False) for name, layer in architecture.layers.items()}
    return {name: sorted(drawn.tolist())[:count] for name, drawn in draws.items()}


def lucid_worker(connection, name) -> None:
    """Answers (layer, channel, steps) with (image float32 [128, 128, 3], seconds)."""
    from tools import lucid_reference as lucid

    network = find_network(name, ASSETS)
    lucid.render_neuron(network, "conv2d1", 0, size=32, steps=2)
    connection.send("ready")
    for layer, channel, steps in iter(connection.recv, None):
        start = time.perf_counter()
        image = lucid.render_neuron(network, layer, channel, size=LUCID_SIZE, steps=steps)
        connection.send((image, time.perf_counter() - start))
    connection.send(peak_memory())


def lucent_worker(connection, name) -> None:
    """As `lucid_worker`, by torch-lucent."""
    import lucent_network

    model = lucent_network.model(find_network(name, ASSETS))
    connection.send("ready")
    for layer, channel, steps in iter(connection.recv, None):
        start = time.perf_counter()
        image = lucent_network.render_neuron(model, layer, channel, LUCID_SIZE, steps)
        connection.send((image, time.perf_counter() - start))
    connection.send(peak_memory())


def engine_worker(connection, name) -> None:
    """Renders in one thread.

    Answers ("compile", node, channels), ("render", node, channels, recipe) and ("activations", node, images, channels).
    """
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from early_vision.features.ascent import REDIRECTED_STEPS, Renderer

    network, renderer, rendering = find_network(name, ASSETS), None, None
    connection.send("ready")
    for task, node, *arguments in iter(connection.recv, None):
        if task == "compile":
            rendering = node, replace(Recipe(), steps=REDIRECTED_STEPS + 1)
            renderer = Renderer(network, *rendering)
            renderer.render(np.asarray(arguments[0]))
            connection.send(None)
        elif task == "render":
            channels, recipe = np.asarray(arguments[0]), arguments[1]
            if (node, recipe) != rendering:
                like = renderer if rendering and node == rendering[0] else None
                rendering, renderer = (node, recipe), Renderer(network, node, recipe, like)
            done = renderer.render(channels)
            connection.send((done.images[:, 0], done.activations[:, 0]))
        else:
            connection.send(renderer.activations(arguments[0], np.asarray(arguments[1])))
    connection.send(peak_memory())


def matmul_worker(connection, _) -> None:
    """Answers anything with the rate of the matrix product on all cores."""
    import tensorflow as tf

    connection.send("ready")
    for _ in iter(connection.recv, None):
        connection.send(matrix_product_rate(tf))
    connection.send(peak_memory())


def matrix_product_rate(tf, size: int = 4096, repeats: int = 3) -> float:
    """Floating-point operations per second of a large float32 matrix product: the best of a few."""
    a = tf.random.stateless_normal((size, size), (0, 1))
    best = float("inf")
    for _ in range(repeats + 1):
        start = time.perf_counter()
        tf.matmul(a, a).numpy()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def peak_memory() -> float:
    """GiB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class Worker:
    """A process that answers requests one at a time."""

    def __init__(self, target, name: str):
        start = time.perf_counter()
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=target, args=(theirs, name), daemon=True)
        self.process.start()
        self.connection.recv()
        self.start_up = time.perf_counter() - start

    def ask(self, *request):
        self.connection.send(request)
        return self.connection.recv()

    def end(self) -> float:
        """End the process; its peak memory in GiB."""
        self.connection.send(None)
        memory = self.connection.recv()
        self.process.join()
        return memory


class Engine:
    """Processes of one thread that share batches, as those of `build.py precompute` do."""

    def __init__(self, count: int, name: str):
        self.workers = [Worker(engine_worker, name) for _ in range(count)]

    def compile(self, node: str) -> float:
        """Have every process compile the step of a convolution; the seconds that it took."""
        start = time.perf_counter()
        for worker in self.workers:
            worker.connection.send(("compile", node, list(range(BATCH))))
        for worker in self.workers:
            worker.connection.recv()
        return time.perf_counter() - start

    def render(self, node: str, channels: list[int], recipe: Recipe) -> tuple[np.ndarray, np.ndarray, float]:
        """Images, activations, and the seconds that they took together."""
        start = time.perf_counter()
        waiting = [(i, channels[i : i + BATCH]) for i in range(0, len(channels), BATCH)]
        idle, busy, done = list(self.workers), {}, {}
        while waiting or busy:
            while waiting and idle:
                worker, (i, batch) = idle.pop(), waiting.pop(0)
                worker.connection.send(("render", node, batch, recipe))
                busy[worker.connection] = worker, i
            for connection in multiprocessing.connection.wait(list(busy)):
                worker, i = busy.pop(connection)
                done[i] = connection.recv()
                idle.append(worker)
        images, activations = (np.concatenate(part) for part in zip(*(done[i] for i in sorted(done)), strict=True))
        return images, activations, time.perf_counter() - start

    def activations(self, node: str, images: np.ndarray, channels: list[int]) -> np.ndarray:
        return self.workers[0].ask("activations", node, images, channels)

    def end(self) -> float:
        """Memory of all processes together at their peaks, GiB."""
        return sum(worker.end() for worker in self.workers)


def crop_of_centre(image: np.ndarray, architecture: Architecture, branch: Branch) -> np.ndarray:
    """What lucid's centre neuron sees of its image, uint8 [size, size, 3]."""
    field = architecture.receptive_fields[branch.node]
    start = field.start + -(-LUCID_SIZE // field.stride) // 2 * field.stride
    part = image[start : start + field.size, start : start + field.size]
    return np.round(np.clip(part, 0, 1) * 255).astype(np.uint8)


def compare(
    others: dict[str, tuple[Worker, int]], engine: Engine, architecture: Architecture, steps: int
) -> list[Pair]:
    """The other libraries, each for so many neurons of a layer, and the engine by turns on the sample."""
    neurons = max(count for _, count in others.values())
    pairs, chosen = [], sample(architecture, neurons)
    for i in range(neurons):
        for layer in reversed(architecture.layer_names):
            channel = chosen[layer][i]
            branch = architecture.branch(layer, channel)
            own = channel - branch.start
            made = {name: worker.ask(layer, channel, steps) for name, (worker, count) in others.items() if i < count}
            engine.compile(branch.node)
            batches = [(own + k) % len(branch) for k in range(BATCH * len(engine.workers))]
            images, activations, seconds = engine.render(branch.node, batches, Recipe())
            seconds /= len(batches)
            said = f"ours {seconds:.3f} s, {activations[0]:6.2f}"
            for name, (image, their_seconds) in made.items():
                seen = crop_of_centre(image, architecture, branch)
                reached = float(engine.activations(branch.node, seen[None], [own])[0])
                activation, both = (reached, float(activations[0])), (their_seconds, seconds)
                pairs.append(Pair(name, layer, channel, activation, both, (seen, images[0])))
                said += f"; {name} {their_seconds:.1f} s, {reached:6.2f}"
            print(f"{layer:8} {channel:3}  {said}", flush=True)
    return pairs


@dataclass(frozen=True)
class Run:
    """All neurons of a branch, and the rate of the matrix product measured right before and after."""

    node: str
    neurons: int
    seconds: float
    rate: float


def whole_network(engine: Engine, matmul: Worker, architecture: Architecture) -> dict[str, list[Run]]:
    """Every branch of every layer, compilation counted in."""
    runs, before = {}, matmul.ask("rate")
    for name, layer in architecture.layers.items():
        runs[name] = []
        for branch in layer.branches:
            seconds = engine.render(branch.node, list(range(len(branch))), Recipe())[2]
            after = matmul.ask("rate")
            runs[name].append(Run(branch.node, len(branch), seconds, (before + after) / 2))
            before = after
    return runs


def growth(engine: Engine, node: str, branch_size: int, counts: tuple[int, ...]) -> dict[int, float]:
    """Seconds a neuron for so many neurons of a branch (its channels again and again), from few to many, with a short recipe.

    About as many neurons for each count, up and down again and again, since the machine's speed drifts.
    """
    recipe, spent, rendered = replace(Recipe(), steps=20), Counter(), Counter()
    engine.compile(node)
    engine.render(node, list(range(BATCH * len(engine.workers))), recipe)
    for n in 2 * (*counts, *counts[-2::-1]):
        for _ in range(max(1, counts[-1] // (2 * n))):
            spent[n] += engine.render(node, [k % branch_size for k in range(n)], recipe)[2]
            rendered[n] += n
    return {n: spent[n] / rendered[n] for n in counts}


def contact_sheet(pairs: list[Pair], path: Path, size: int = 112, columns: int = 10) -> None:
    """Pairs, theirs above ours."""
    rows = -(-len(pairs) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (2 * size + 12)), "white")
    for i, pair in enumerate(sorted(pairs, key=lambda p: (p.layer, p.channel))):
        row, column = divmod(i, columns)
        for k, image in enumerate(pair.images):
            tile = Image.fromarray(image).resize((size - 4, size - 4), Image.Resampling.BICUBIC)
            sheet.paste(tile, (column * size, row * (2 * size + 12) + k * (size - 2)))
    sheet.save(path)


def print_comparison(pairs: list[Pair], architecture: Architecture, by: str) -> None:
    print(
        f"\n| layer | {by}, s a neuron | ours, s a neuron | times faster | activation against theirs: median, least but one |"
    )
    print("|---|---|---|---|---|")
    for layer in architecture.layer_names:
        those = [pair for pair in pairs if pair.layer == layer and pair.by == by]
        theirs, ours = (statistics.median(pair.seconds[k] for pair in those) for k in (0, 1))
        quality = sorted(pair.quality for pair in those)
        median, low = statistics.median(quality), quality[min(1, len(quality) - 1)]
        print(f"| {layer} | {theirs:.1f} | {ours:.3f} | {theirs / ours:.0f} | {median:.2f}, {low:.2f} |")


def print_whole(whole: dict[str, list[Run]], architecture: Architecture) -> None:
    rates = [run.rate / 1e9 for runs in whole.values() for run in runs]
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores; float32 matrix product "
          f"{min(rates):.0f} to {max(rates):.0f} GFLOP/s during the run\n")  # fmt: skip
    print(
        "| layer, whole | neurons | s | s a neuron | convolutions, share of the matrix product's rate | with the parameterization |"
    )
    print("|---|---|---|---|---|---|")
    for layer, runs in whole.items():
        seconds, neurons = sum(run.seconds for run in runs), sum(run.neurons for run in runs)
        steps = steps_of(architecture, runs[0].node, Recipe())
        possible = sum(run.seconds * run.rate for run in runs)
        counted = [[run.neurons * kind for kind in step_operations(architecture, run.node, Recipe())] for run in runs]
        shares = [steps * sum(kind) / possible for kind in zip(*counted, strict=True)]
        print(
            f"| {layer} | {neurons} | {seconds:.1f} | {seconds / neurons:.3f} | {shares[0]:.0%} | {sum(shares):.0%} |"
        )
    total = sum(run.seconds for runs in whole.values() for run in runs)
    print(f"\nwhole network: {total:.0f} s = {total / 60:.1f} min")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--neurons", type=int, default=10, choices=range(1, 11), metavar="1-10", help="of each layer, by lucid too"
    )
    parser.add_argument(
        "--lucent-neurons",
        type=int,
        default=2,
        choices=range(1, 11),
        metavar="1-10",
        help="of each layer, by torch-lucent",
    )
    parser.add_argument("--lucid-steps", type=int, default=512)
    parser.add_argument("--sheet", type=Path, help="write the pictures of the sample, lucid's above ours")
    parser.add_argument("--network", default=EMBEDDED, help="the network, by name")
    parser.add_argument("--pairs-only", action="store_true", help="neither the whole network nor how time grows")
    arguments = parser.parse_args()
    name = arguments.network
    architecture = find_network(name, ASSETS).architecture
    last = architecture.layers[architecture.layer_names[-1]]
    engine, matmul, others = (
        Engine(cores(), name),
        Worker(matmul_worker, name),
        {"lucid": (Worker(lucid_worker, name), arguments.neurons)},
    )
    if importlib.util.find_spec("lucent"):
        others["torch-lucent"] = Worker(lucent_worker, name), arguments.lucent_neurons
    else:
        print("torch-lucent is not installed: it is not compared")
    compiling = max(engine.compile(branch.node) for branch in last.branches)
    pairs = compare(others, engine, architecture, arguments.lucid_steps)
    for other in others:
        print_comparison(pairs, architecture, other)
    if not arguments.pairs_only:
        widest = max(last.branches, key=len)
        print_whole(whole_network(engine, matmul, architecture), architecture)
        grown = growth(engine, widest.node, len(widest), (64, 256, 1056))
        print("seconds a neuron as neurons grow: " + ", ".join(f"{n}: {s:.4f}" for n, s in grown.items())
              + f" (largest to smallest {max(grown.values()) / min(grown.values()):.2f})")  # fmt: skip
    start_up = max(worker.start_up for worker in engine.workers)
    print(
        f"start-up of ours: imports and network {start_up:.1f} s; graph of a branch of {last.name}, with a first batch, {compiling:.1f} s"
    )
    memory = {name: worker.end() for name, (worker, _) in others.items()}
    print(f"peak memory: ours {engine.end():.2f} GiB in {len(engine.workers)} processes; "
          + ", ".join(f"{name} {used:.2f} GiB" for name, used in memory.items()))  # fmt: skip
    matmul.end()
    if arguments.sheet:
        contact_sheet([pair for pair in pairs if pair.by == "lucid"], arguments.sheet)


if __name__ == "__main__":
    main()
