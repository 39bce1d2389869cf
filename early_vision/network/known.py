"""The networks that the project knows by name."""

from pathlib import Path

from early_vision.errors import InputError, nearest
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.own import load_own_network
from early_vision.network.weights import Network, load_network

EMBEDDED = "inceptionv1-tiny"


def find_network(name: str, assets: Path) -> Network:
    """A network by name: its weights are `networks/<name>.npz` under `assets`.

    Its architecture is InceptionV1's, unless `<name>.yaml` beside the weights describes another one.

    Raises:
        InputError: for a name without weights, with the nearest known one, or weights that cannot be used.
        InputErrors: everything that is wrong in the description of the architecture.
    """
    folder = assets / "networks"
    known = sorted(path.stem for path in folder.glob("*.npz"))
    if name not in known:
        mend = nearest(name, known) or f"Known networks: {', '.join(known) or 'none'}; weights belong in {folder}/{name}.npz"
        raise InputError(f"there is no network {name!r}", mend=mend)
    description = folder / f"{name}.yaml"
    if description.is_file():
        return load_own_network(name, folder / f"{name}.npz", description)
    try:
        return load_network(name, folder / f"{name}.npz", INCEPTIONV1)
    except InputError as error:
        other = f"An architecture other than InceptionV1's belongs in {description.name} (docs/bring-your-own-network.md)"
        mend = f"{error.mend}{'' if error.mend.endswith('?') else '.'} {other}" if error.mend else other
        raise InputError(error.message, file=error.file, line=error.line, mend=mend) from error
