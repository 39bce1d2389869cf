"""The artifact of the tests on photographs: each neuron's numbers, as JSON, a list for each test. No picture is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from early_vision.circuits.circuit import Neuron
from early_vision.circuits.photographs import PhotographTests
from early_vision.network.weights import Network
from early_vision.store import Artifact

STAGE, VERSION = "photographs", 1
FILE = "photographs.json"
DIGITS = 4


@dataclass(frozen=True, eq=False)
class Photographs:
    """What was tested on which pictures.

    Attributes:
        pictures: how many; 0 where nothing was tested.
        sha256: of their pixels.
        tests: of each neuron that was tested and responds to any.
    """

    pictures: int = 0
    sha256: str = ""
    tests: Mapping[Neuron, PhotographTests] = field(default_factory=dict)


def write_photographs(network: Network, folder: Path, found: Photographs) -> Path:
    """Write the artifact, neurons in the order of the network.

    Raises:
        InputError: when it cannot be written.
    """
    names = list(network.architecture.layer_names)
    neurons = sorted(found.tests, key=lambda one: (names.index(one.layer), one.channel))
    tests = {
        test.name: [round(getattr(found.tests[neuron], test.name), DIGITS) for neuron in neurons]
        for test in fields(PhotographTests)
    }
    artifact = _artifact(network, folder)
    about = {"pictures": found.pictures, "pictures_sha256": found.sha256}
    artifact.write({**about, "neurons": list(map(str, neurons)), "tests": tests}, compact=True)
    return artifact.path


def read_photographs(network: Network, folder: Path) -> Photographs:
    """What was tested; nothing where nothing was.

    Raises:
        InputError: when the artifact is damaged or comes from other weights.
    """
    artifact = _artifact(network, folder)
    if not artifact.path.is_file():
        return Photographs()
    result = artifact.read()
    with artifact.parsing():
        names = list(result["tests"])
        rows = zip(result["neurons"], *result["tests"].values(), strict=True)
        tests = {
            Neuron(layer, int(channel)): PhotographTests(**dict(zip(names, values, strict=True)))
            for name, *values in rows
            for layer, channel in [name.split(":")]
        }
        return Photographs(int(result["pictures"]), str(result["pictures_sha256"]), tests)


def _artifact(network: Network, folder: Path) -> Artifact:
    other = "these tests were made with other weights or by an older version"
    hint = f"Run: python build.py photographs --network {network.name} --pictures PICTURES"
    return Artifact(folder / FILE, STAGE, VERSION, network.sha256, other, hint)
