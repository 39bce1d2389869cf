"""The artifact of the symmetries: each neuron's best matches, as JSON."""

import json
from pathlib import Path

from early_vision.circuits.connections import connect_adjacent
from early_vision.circuits.symmetries import COLOURS, MARGIN, STEP, Change, Match, best_matches
from early_vision.errors import InputError
from early_vision.network.weights import Network
from early_vision.store import read_json, write_whole

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
    result = {
        "stage": STAGE,
        "version": VERSION,
        "weights": network.sha256,
        "step": STEP,
        "margin": MARGIN,
        "layers": layers,
    }
    # On one line: spread out, it would be five times as long.
    write_whole(folder / FILE, (json.dumps(result, sort_keys=True, separators=(",", ":")) + "\n").encode())


def read_symmetries(network: Network, folder: Path) -> dict[str, tuple[tuple[Match, ...], ...]]:
    """Layer to each neuron's best matches, best first; empty where none were computed.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    result = read_json(path)
    hint = f"Run: python build.py circuits --network {network.name}"
    if result.get("weights") != network.sha256 or result.get("version") != VERSION:
        raise InputError("these symmetries come from other weights or an older version", file=path, hint=hint)
    try:
        found = {
            name: tuple(tuple(_match(layer.neurons, *match) for match in matches) for matches in result["layers"][name])
            for name, layer in network.architecture.layers.items()
        }
        if any(len(found[name]) != layer.neurons for name, layer in network.architecture.layers.items()):
            raise ValueError("not every neuron is in it once")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the artifact is damaged ({error!r})", file=path, hint=f"Remove it. {hint}") from error
    return found


def _match(neurons: int, channel: int, turn: int, mirrored: bool, colours: str, score: float) -> Match:
    if channel not in range(neurons) or turn not in range(0, 360, STEP) or colours not in COLOURS:
        raise ValueError(f"there is no such match: {channel}, {turn}, {colours}")
    return Match(channel, Change(turn, bool(mirrored), colours), float(score))
