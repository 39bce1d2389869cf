"""Tensors of a file by our names and in our layout: PyTorch ports of a network call and store them differently."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import Architecture
from early_vision.network.weights import expected_shapes

SUFFIXES = {"_w": (".weight", "_pre_relu_conv.weight"), "_b": (".bias", "_pre_relu_conv.bias")}
"""What PyTorch modules of the convolutions' names write for `_w` and `_b`."""
LAYOUTS = {"HWIO": (0, 1, 2, 3), "OIHW": (2, 3, 1, 0)}
"""Where height, width, channels in and channels out are in a kernel: TensorFlow's layout, which is ours, and PyTorch's."""


def our_tensors(
    tensors: Mapping[str, np.ndarray], architecture: Architecture, source: Path | str
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The tensors that an architecture needs, by our names and as [height, width, in, out], and notes for the user.

    Raises:
        InputError: when one is missing or there twice, or kernels have different layouts.
    """
    shapes = expected_shapes(architecture)
    found, used = {}, set()
    for name in shapes:
        known = [name, *(name[:-2] + suffix for suffix in SUFFIXES[name[-2:]])]
        there = [key for key in known if key in tensors]
        if len(there) != 1:
            what = f"is there twice, as {' and '.join(there)}" if there else "is missing"
            raise InputError(
                f"tensor {name} {what}",
                file=source,
                hint=None if there else did_you_mean(name, [key for key in tensors if key not in shapes]),
            )
        found[name] = tensors[there[0]]
        used.add(there[0])
    layout = common_layout({name: found[name].shape for name in shapes if name.endswith("_w")}, shapes, source)
    if layout != "HWIO":
        order = LAYOUTS[layout]
        found = {name: value.transpose(order) if value.ndim == 4 else value for name, value in found.items()}
    notes = [f"kernels were stored as {layout}, PyTorch's layout"] if layout != "HWIO" else []
    notes += (
        [f"{len(tensors) - len(used)} other tensors of the file are not needed"] if len(tensors) > len(used) else []
    )
    return found, tuple(notes)


def common_layout(
    kernels: Mapping[str, tuple[int, ...]], shapes: Mapping[str, tuple[int, ...]], source: Path | str
) -> str:
    """The layout that every kernel of a file has; HWIO where the shapes leave the choice.

    A file has one layout: a kernel whose shape would fit either has that of the others. Shapes that fit none say nothing
    here and are refused where tensors are checked.

    Raises:
        InputError: when two kernels cannot have the same layout, naming both.
    """
    possible, decided_by = set(LAYOUTS), ""
    for name, given in kernels.items():
        fits = {layout for layout, order in LAYOUTS.items() if _reordered(given, order) == shapes[name]}
        if fits and not possible & fits:
            (one,), (other,) = possible, fits
            raise InputError(f"tensor {decided_by} is laid out {one}, tensor {name} {other}", file=source)
        if fits and possible - fits:
            possible, decided_by = possible & fits, name
    return "HWIO" if "HWIO" in possible else "OIHW"


def _reordered(shape: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(shape[axis] for axis in order) if len(shape) == len(order) else ()
