"""The artifact of the symmetries: each neuron's best matches, as JSON."""

from pathlib import Path

from early_vision.circuits.connections import connect_adjacent
from early_vision.circuits.symmetries import COLOURS, MARGIN, STEP, Change, Match, best_matches
from early_vision.network.weights import Network
from early_vision.store import Artifact

STAGE, VERSION = "symmetries", 1
FILE = "symmetries.json"
COUNT = 6
"""Matches kept for each neuron."""


def compute_symmetries(network: Network, folder: Path) -> None:
    """Find every neuron's best matches and write them down: each as [channel, turn, mirrored, colours, score].

    Raises:
        InputError: when the artifact cannot be written.
    """
    layers = {
        name: [
            [[m.channel, m.change.turn, m.change.mirrored, m.change.colours, m.score] for m in matches]
            for matches in neurons
        ]
        for name, neurons in best_matches(connect_adjacent(network), COUNT).items()
    }
    # On one line: spread out, it would be five times as long.
    _artifact(network, folder).write({"step": STEP, "margin": MARGIN, "layers": layers}, compact=True)


def read_symmetries(network: Network, folder: Path) -> dict[str, tuple[tuple[Match, ...], ...]]:
    """Layer to each neuron's best matches, best first; empty where none were computed.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return {}
    result = artifact.read()
    with artifact.parsing():
        found = {
            name: tuple(tuple(_match(layer.neurons, *match) for match in matches) for matches in result["layers"][name])
            for name, layer in network.architecture.layers.items()
        }
        if any(len(found[name]) != layer.neurons for name, layer in network.architecture.layers.items()):
            raise ValueError("not every neuron is in it once")
    return found


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these symmetries come from other weights or an older version"
    hint = f"Run: python build.py circuits --network {network.name}"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)


def _match(neurons: int, channel: int, turn: int, mirrored: bool, colours: str, score: float) -> Match:
    if channel not in range(neurons) or turn not in range(0, 360, STEP) or colours not in COLOURS:
        raise ValueError(f"there is no such match: {channel}, {turn}, {colours}")
    return Match(channel, Change(turn, bool(mirrored), colours), float(score))
