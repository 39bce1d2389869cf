"""Tensors of a file by our names and in our layout: frameworks call and store them differently."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import Architecture
from early_vision.network.weights import expected_shapes

ENDINGS = {".weight": "_w", "_pre_relu_conv.weight": "_w", ".bias": "_b", "_pre_relu_conv.bias": "_b", "_w": "_w",
           "_b": "_b"}  # fmt: skip
"""How names of weights and biases end, and what we write: the longest that fits counts."""
STATISTICS = (".running_mean", ".running_var")
EPSILON = 1e-5
"""PyTorch's, where a batch norm's is not in the file."""
LAYOUTS = {"HWIO": (0, 1, 2, 3), "OIHW": (2, 3, 1, 0)}
"""Where height, width, channels in and channels out are in a kernel: TensorFlow's layout, which is ours, and PyTorch's."""


@dataclass(frozen=True)
class Convention:
    """How a file stores the tensors of a network.

    Attributes:
        layout: of kernels, a key of LAYOUTS; None to see it in their shapes.
        without_biases: whether convolutions may lack a bias, which then is 0.
    """

    layout: str | None = None
    without_biases: bool = False


AS_IS = Convention()


def our_tensors(
    tensors: Mapping[str, np.ndarray],
    architecture: Architecture,
    source: Path | str,
    convention: Convention = AS_IS,
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The tensors that an architecture needs, by our names and as [height, width, in, out], and notes for the user.

    A name may have a prefix that all of them have, such as `module.`, and any other sign where ours has `_`: PyTorch's
    `module.layer1.0.conv1.weight` is our `layer1_0_conv1_w`. A scale with a mean and a variance is a batch norm.

    Raises:
        InputError: when one is missing or there twice, or kernels have different layouts.
    """
    shapes = expected_shapes(architecture)
    prefix = _common_prefix(tensors, shapes)
    keys: dict[str, list[str]] = {}
    for key in tensors:
        if key.startswith(prefix):
            keys.setdefault(_ours(key[len(prefix) :]), []).append(key)
    found, used, bare = {}, set(), []
    for name in shapes:
        there = sorted(keys.get(name, []), key=lambda key: (key != name, key))
        if not there and convention.without_biases and name.endswith("_b") and keys.get(f"{name[:-2]}_w"):
            bare.append(name)
            continue
        if len(there) != 1:
            what = f"is there twice, as {' and '.join(there)}" if there else "is missing"
            near = [key for key in tensors if key not in shapes]
            raise InputError(f"tensor {name} {what}", file=source, hint=None if there else did_you_mean(name, near))
        found[name] = tensors[there[0]]
        used.add(there[0])
    norms = _norms(found, tensors, keys, used, architecture)
    kernels = {name: found[name].shape for name in shapes if name.endswith("_w") and len(shapes[name]) == 4}
    layout = convention.layout or common_layout(kernels, shapes, source)
    if layout != "HWIO":
        order = LAYOUTS[layout]
        found = {name: value.transpose(order) if value.ndim == 4 else value for name, value in found.items()}
    found |= {name: np.zeros(shapes[name], np.float32) for name in bare}
    notes = [f"kernels were stored as {layout}, PyTorch's layout"] if layout != "HWIO" else []
    notes += [f"{len(bare)} convolutions have no bias: it counts as 0"] if bare else []
    notes += [f"{norms} batch norms are factors and shifts now, with an epsilon of {EPSILON:g}"] if norms else []
    rest = len(tensors) - len(used)
    notes += [f"{rest} other tensors of the file are not needed"] if rest else []
    return {name: found[name] for name in shapes}, tuple(notes)


def _ours(key: str) -> str:
    """What we call a tensor of a file."""
    for ending in sorted((*ENDINGS, *STATISTICS), key=len, reverse=True):
        if key.endswith(ending) and len(key) > len(ending):
            return re.sub(r"\W", "_", key[: -len(ending)], flags=re.ASCII) + ENDINGS.get(ending, ending)
    return key


def _common_prefix(keys: Iterable[str], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """What most of the wanted tensors' names begin with; of several, the shortest."""
    whole = {key: _ours(key) for key in keys}
    first = next(iter(shapes), "")
    candidates = {""} | {
        key[: len(key) - length]
        for key, ours in whole.items()
        if ours.endswith(f"_{first}")
        for length in [len(key) - (len(ours) - len(first))]
        if not key[len(key) - length - 1].isalnum()
    }

    def matched(prefix: str) -> int:
        return len({_ours(key[len(prefix) :]) for key in whole if key.startswith(prefix)} & shapes.keys())

    return min(candidates, key=lambda prefix: (-matched(prefix), len(prefix), prefix))


def _norms(
    found: dict[str, np.ndarray], tensors: Mapping[str, np.ndarray], keys: Mapping[str, list[str]], used: set[str],
    architecture: Architecture,
) -> int:  # fmt: skip
    """Turn gamma and beta of every batch norm into factor and shift, float64; say how many there were."""
    count = 0
    for node in architecture.nodes:
        names = [keys.get(f"{node.name}{statistic}", []) for statistic in STATISTICS]
        if node.op != "scale" or any(len(name) != 1 for name in names):
            continue
        mean, variance = (tensors[name[0]].astype(np.float64) for name in names)
        gamma, beta = found[f"{node.name}_w"], found[f"{node.name}_b"]
        if not mean.shape == variance.shape == gamma.shape == beta.shape:
            continue
        with np.errstate(all="ignore"):
            factor = gamma / np.sqrt(variance + EPSILON)
            found[f"{node.name}_w"], found[f"{node.name}_b"] = factor, beta - mean * factor
        used |= {name[0] for name in names}
        count += 1
    return count


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
