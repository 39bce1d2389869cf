"""Rendering against lucid as it comes, side by side in one run, and against the machine's matrix product.

    python benchmarks/render.py [--neurons N] [--lucid-steps N] [--sheet FILE.png] [--quick]

lucid and the engine run in a process each, since lucid switches TensorFlow to graph mode for good. They take turns: a
neuron by lucid, a batch by the engine. Prints the table of benchmarks/README.md.
"""

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from early_vision.features.recipe import Recipe
from early_vision.features.transformations import margin
from early_vision.network.architecture import INPUT, Architecture, Branch
from early_vision.network.crop import crops
from early_vision.network.known import EMBEDDED, find_network

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SAMPLE_SEED = 2020
LUCID_SIZE = 128
BATCH = 32


@dataclass(frozen=True)
class Pair:
    """One neuron of the sample, by both.

    Attributes:
        layer, channel: the neuron.
        activations: what it gives for lucid's image and for ours, no transformation, its receptive field in view.
        seconds: what lucid took for it, and the engine for a neuron of a batch from the same branch.
        images: lucid's and ours, uint8 [size, size, 3], the neuron's receptive field.
    """

    layer: str
    channel: int
    activations: tuple[float, float]
    seconds: tuple[float, float]
    images: tuple[np.ndarray, np.ndarray]

    @property
    def quality(self) -> float:
        """Our activation as a share of lucid's; where lucid's image does not excite the neuron, infinite."""
        lucid, ours = self.activations
        return ours / lucid if lucid > 0 else float("inf")


def sample(architecture: Architecture, count: int) -> dict[str, list[int]]:
    """The fixed random sample: so many channels of each layer."""
    rng = np.random.default_rng(SAMPLE_SEED)
    draws = {name: rng.choice(layer.neurons, 10, replace=False) for name, layer in architecture.layers.items()}
    return {name: sorted(drawn.tolist())[:count] for name, drawn in draws.items()}


def lucid_worker(connection) -> None:
    """Answers (layer, channel, steps) with (image float32 [128, 128, 3], seconds)."""
    from early_vision.features import lucid

    network = find_network(EMBEDDED, ASSETS)
    lucid.render_neuron(network, "conv2d1", 0, size=32, steps=2)
    connection.send("ready")
    for layer, channel, steps in iter(connection.recv, None):
        start = time.perf_counter()
        image = lucid.render_neuron(network, layer, channel, size=LUCID_SIZE, steps=steps)
        connection.send((image, time.perf_counter() - start))
    connection.send(peak_memory())


def engine_worker(connection) -> None:
    """Answers ("render", node, channels, recipe), ("activations", node, images, channels) and ("matmul",)."""
    import tensorflow as tf

    from early_vision.features.ascent import Renderer

    network, renderers = find_network(EMBEDDED, ASSETS), {}
    connection.send("ready")
    for task, *arguments in iter(connection.recv, None):
        start = time.perf_counter()
        if task == "matmul":
            connection.send(matrix_product_rate(tf))
            continue
        node, recipe = arguments[0], arguments[-1] if task == "render" else Recipe()
        if (node, recipe) not in renderers:
            renderers.clear()
            renderers[node, recipe] = Renderer(network, node, recipe)
        renderer = renderers[node, recipe]
        if task == "render":
            channels = np.asarray(arguments[1])
            done = [renderer.render(channels[i : i + BATCH]) for i in range(0, len(channels), BATCH)]
            images = np.concatenate([d.images[:, 0] for d in done])
            activations = np.concatenate([d.activations[:, 0] for d in done])
            connection.send((images, activations, time.perf_counter() - start))
        else:
            connection.send(renderer.activations(arguments[1], np.asarray(arguments[2])))
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


def operations(architecture: Architecture, node: str, recipe: Recipe) -> tuple[float, float]:
    """Floating-point operations of a neuron-step, forward and backward: of the convolutions, and of the parameterization."""
    needed = crops(architecture, node)
    convolutions = sum(
        2 * needed[n.name].size ** 2 * np.prod(architecture.weight_shape(n))
        for n in architecture.convolutions if n.name in needed
    )  # fmt: skip
    canvas = needed[INPUT].size + 2 * margin(recipe, needed[INPUT].size)
    width = canvas // 2 + 1
    synthesis = 3 * (2 * canvas * 2 * width * 2 * canvas + 2 * canvas * 2 * canvas * canvas)
    return 2.0 * convolutions, 2.0 * synthesis


def peak_memory() -> float:
    """GiB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class Worker:
    """A process that answers requests one at a time."""

    def __init__(self, target):
        start = time.perf_counter()
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=target, args=(theirs,), daemon=True)
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


def crop_of_centre(image: np.ndarray, architecture: Architecture, branch: Branch) -> np.ndarray:
    """What lucid's centre neuron sees of its image, uint8 [size, size, 3]."""
    field = architecture.receptive_fields[branch.node]
    start = field.start + -(-LUCID_SIZE // field.stride) // 2 * field.stride
    part = image[start : start + field.size, start : start + field.size]
    return np.round(np.clip(part, 0, 1) * 255).astype(np.uint8)


def compare(lucid: Worker, engine: Worker, architecture: Architecture, neurons: int, steps: int) -> list[Pair]:
    """Lucid and the engine by turns on the sample."""
    pairs, chosen = [], sample(architecture, neurons)
    for i in range(neurons):
        for layer in reversed(architecture.layer_names):
            channel = chosen[layer][i]
            branch = architecture.branch(layer, channel)
            own = channel - branch.start
            image, lucid_seconds = lucid.ask(layer, channel, steps)
            batch = [(own + k) % len(branch) for k in range(BATCH)]
            images, activations, seconds = engine.ask("render", branch.node, batch, Recipe())
            seen = crop_of_centre(image, architecture, branch)
            reached = float(engine.ask("activations", branch.node, seen[None], [own])[0])
            pairs.append(Pair(layer, channel, (reached, float(activations[0])), (lucid_seconds, seconds / BATCH), (seen, images[0])))
            print(f"{layer:8} {channel:3}  lucid {lucid_seconds:5.1f} s, ours {seconds / BATCH:.3f} s; "
                  f"activation {reached:6.2f} and {activations[0]:6.2f}", flush=True)  # fmt: skip
    return pairs


@dataclass(frozen=True)
class Run:
    """All neurons of a branch, and the rate of the matrix product measured right before and after."""

    node: str
    neurons: int
    seconds: float
    rate: float


def whole_network(engine: Worker, architecture: Architecture) -> dict[str, list[Run]]:
    """Every branch of every layer."""
    runs, before = {}, engine.ask("matmul")
    for name, layer in architecture.layers.items():
        runs[name] = []
        for branch in layer.branches:
            seconds = engine.ask("render", branch.node, list(range(len(branch))), Recipe())[2]
            after = engine.ask("matmul")
            runs[name].append(Run(branch.node, len(branch), seconds, (before + after) / 2))
            before = after
    return runs


def growth(engine: Worker, node: str, branch_size: int, counts: tuple[int, ...]) -> dict[int, float]:
    """Seconds a neuron for so many neurons of a branch (its channels again and again), with a short recipe.

    By turns, and the median of three, since the machine's speed drifts.
    """
    recipe, seconds = replace(Recipe(), steps=10), {n: [] for n in counts}
    engine.ask("render", node, list(range(BATCH)), recipe)
    for _ in range(3):
        for n in counts:
            seconds[n].append(engine.ask("render", node, [k % branch_size for k in range(n)], recipe)[2] / n)
    return {n: statistics.median(times) for n, times in seconds.items()}


def contact_sheet(pairs: list[Pair], path: Path, size: int = 112, columns: int = 10) -> None:
    """Pairs, lucid's above ours."""
    rows = -(-len(pairs) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (2 * size + 12)), "white")
    for i, pair in enumerate(sorted(pairs, key=lambda p: (p.layer, p.channel))):
        row, column = divmod(i, columns)
        for k, image in enumerate(pair.images):
            tile = Image.fromarray(image).resize((size - 4, size - 4), Image.Resampling.BICUBIC)
            sheet.paste(tile, (column * size, row * (2 * size + 12) + k * (size - 2)))
    sheet.save(path)


def report(pairs: list[Pair], architecture: Architecture, whole: dict[str, list[Run]], grown, memory, start_up: float) -> None:
    rates = [run.rate / 1e9 for runs in whole.values() for run in runs]
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores; float32 matrix product "
          f"{min(rates):.0f} to {max(rates):.0f} GFLOP/s during the run\n")  # fmt: skip
    print("| layer | lucid, s a neuron | ours, s a neuron | times faster | activation against lucid's: median, least but one |")
    print("|---|---|---|---|---|")
    for layer in architecture.layer_names:
        those = [pair for pair in pairs if pair.layer == layer]
        lucid, ours = (statistics.median(pair.seconds[k] for pair in those) for k in (0, 1))
        quality = sorted(pair.quality for pair in those)
        median, low = statistics.median(quality), quality[min(1, len(quality) - 1)]
        print(f"| {layer} | {lucid:.1f} | {ours:.3f} | {lucid / ours:.0f} | {median:.2f}, {low:.2f} |")
    print("\n| layer, whole | neurons | s | s a neuron | convolutions, share of the matrix product's rate | with the parameterization |")
    print("|---|---|---|---|---|---|")
    for layer, runs in whole.items():
        seconds, neurons = sum(run.seconds for run in runs), sum(run.neurons for run in runs)
        first = architecture.node(runs[0].node).inputs == (INPUT,)
        steps = Recipe().linear_steps if first else Recipe().steps
        possible = sum(run.seconds * run.rate for run in runs)
        counted = [[run.neurons * kind for kind in operations(architecture, run.node, Recipe())] for run in runs]
        shares = [steps * sum(kind) / possible for kind in zip(*counted, strict=True)]
        print(f"| {layer} | {neurons} | {seconds:.1f} | {seconds / neurons:.3f} | {shares[0]:.0%} | {sum(shares):.0%} |")
    total = sum(run.seconds for runs in whole.values() for run in runs)
    print(f"\nwhole network: {total:.0f} s = {total / 60:.1f} min")
    print("seconds a neuron as neurons grow: " + ", ".join(f"{n}: {s:.4f}" for n, s in grown.items())
          + f" (largest to smallest {max(grown.values()) / min(grown.values()):.2f})")  # fmt: skip
    print(f"peak memory: ours {memory[1]:.2f} GiB, lucid {memory[0]:.2f} GiB; start-up of ours (imports, network): {start_up:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=10, choices=range(1, 11), metavar="1-10", help="of each layer, by lucid too")
    parser.add_argument("--lucid-steps", type=int, default=512)
    parser.add_argument("--sheet", type=Path, help="write the pictures of the sample, lucid's above ours")
    arguments = parser.parse_args()
    architecture = find_network(EMBEDDED, ASSETS).architecture
    engine, lucid = Worker(engine_worker), Worker(lucid_worker)
    pairs = compare(lucid, engine, architecture, arguments.neurons, arguments.lucid_steps)
    whole = whole_network(engine, architecture)
    grown = growth(engine, "mixed3b_3x3", 192, (64, 256, 1056))
    memory = lucid.end(), engine.end()
    report(pairs, architecture, whole, grown, memory, engine.start_up)
    if arguments.sheet:
        contact_sheet(pairs, arguments.sheet)


if __name__ == "__main__":
    main()
