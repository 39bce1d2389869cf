"""The networks that the project knows by name."""

from pathlib import Path

from early_vision.errors import InputError, nearest
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.weights import Network, load_network

EMBEDDED = "inceptionv1-tiny"


def find_network(name: str, assets: Path) -> Network:
    """A network by name: its weights are `networks/<name>.npz` under `assets`.

    Raises:
        InputError: for a name without weights, with the nearest known one, or weights that cannot be used.
    """
    folder = assets / "networks"
    known = sorted(path.stem for path in folder.glob("*.npz"))
    if name not in known:
        mend = nearest(name, known) or f"Known networks: {', '.join(known) or 'none'}; weights belong in {folder}/{name}.npz"
        raise InputError(f"there is no network {name!r}", mend=mend)
    return load_network(name, folder / f"{name}.npz", INCEPTIONV1)
