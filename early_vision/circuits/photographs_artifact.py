"""The artifact of the tests on photographs: each neuron's numbers, as JSON. No picture is in it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.natural_places import Pictures
from early_vision.circuits.photographs import PhotographTests
from early_vision.network.weights import Network
from early_vision.store import Artifact

STAGE, VERSION = "photographs", 1
FILE = "photographs.json"
DIGITS = 4


def write_photographs(
    network: Network, folder: Path, pictures: Pictures, tests: Mapping[Neuron, PhotographTests]
) -> Path:
    """Write the artifact.

    Raises:
        InputError: when it cannot be written.
    """
    neurons = {str(neuron): {k: round(v, DIGITS) for k, v in asdict(one).items()} for neuron, one in tests.items()}
    artifact = _artifact(network, folder)
    result = {"pictures": len(pictures.squares), "pictures_sha256": pictures.sha256, "neurons": neurons}
    artifact.write(result, compact=True)
    return artifact.path


def read_photographs(network: Network, folder: Path) -> dict[Neuron, PhotographTests]:
    """The tests of each neuron that was tested; none where none was.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return {}
    result = artifact.read()
    with artifact.parsing():
        return {
            Neuron(layer, int(channel)): PhotographTests(**values)
            for name, values in result["neurons"].items()
            for layer, channel in [name.split(":")]
        }


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these tests were made with other weights or by an older version"
    hint = f"Run: python build.py photographs --network {network.name} --pictures PICTURES"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)
