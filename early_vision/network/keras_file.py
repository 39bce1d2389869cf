"""What a .keras file names, looked at before Keras loads it: it may hold Keras's own layers only."""

import contextlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from early_vision.errors import InputError
from early_vision.network.npz import DAMAGED_ZIP

HDF5 = b"\x89HDF\r\n\x1a\n"
MAX_CONFIG_BYTES = 1 << 26
MODULES = ("keras", "keras.layers", "keras.initializers", "keras.regularizers", "keras.constraints", "keras.models",
           "keras.src.models.functional", "keras.src.models.sequential")  # fmt: skip
MARKS = ("__keras_tensor__", "__tuple__", "__numpy__", "__tensor__")
"""What stands in a configuration for plain values."""
RUNNING_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
"""Layers of Keras that run code, or load files, of whoever made the model."""


def refuse_foreign_code(path: Path) -> None:
    """See to it that a .keras file names nothing but Keras's own layers, none of which runs code out of the file.

    Raises:
        InputError: for what is no such file, or holds anything else.
    """
    refuse_hdf5(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > MAX_CONFIG_BYTES:
                raise InputError("the model's configuration is unreasonably large", file=path)
            config = json.loads(archive.read("config.json"))
        found = list(_classes(config))
    except (*DAMAGED_ZIP, KeyError) as error:
        hint = "Save the model with Keras 3: model.save('model.keras')"
        raise InputError(f"this is no .keras file ({first_line(error)})", file=path, hint=hint) from error
    for module, name, registered in found:
        own = module in MODULES and (registered is None or registered == name)
        if name in RUNNING_CODE or not (own or (module is None and name in MARKS)):
            what = f"{name} of {module}" if module and module not in MODULES else name
            raise InputError(f"the model holds {what}, which could run code of whoever made it", file=path,
                             hint="Save a model of Keras's own layers, up to the layers wanted")  # fmt: skip


def refuse_hdf5(path: Path) -> None:
    """Raises:
    InputError: for a Keras model in HDF5, with what makes a .keras file of it.
    """
    with contextlib.suppress(OSError), path.open("rb") as file:
        if file.read(len(HDF5)) == HDF5:
            hint = f"Where it was made: keras.models.load_model('{path.name}').save('{path.stem}.keras')"
            raise InputError("this is a model in Keras's older format, HDF5, which is not read", file=path, hint=hint)


def _classes(config: Any) -> Iterator[tuple[str | None, str, str | None]]:
    """Module, name and registered name of every object in a configuration. How it was compiled is not loaded."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config.get("module"), str(config["class_name"]), config.get("registered_name")
        for key, value in config.items():
            if key != "compile_config":
                yield from _classes(value)
    elif isinstance(config, list):
        for value in config:
            yield from _classes(value)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its name."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
