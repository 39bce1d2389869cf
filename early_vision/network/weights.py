"""Weights as numbers: read from an .npz, checked against the architecture, never executed or unpickled."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from early_vision.errors import InputError, did_you_mean
from early_vision.network.architecture import INCEPTIONV1, Architecture
from early_vision.network.npz import read_npz

State = Literal["here", "computed", "absent"]
"""What there is of a network: its weights; no weights, but all results that pages show; or only its architecture."""


@dataclass(frozen=True, eq=False)
class Network:
    """An architecture with its weights.

    Attributes:
        name: what the network is called in artifacts, articles and addresses.
        architecture: its nodes and layers.
        weights: tensor name to float32 array: `<conv>_w` [height, width, in of a group, out] and `<conv>_b` [out], of a
            scale both [channels]; empty where the state is not "here".
        sha256: hash of all that determines its activations, whatever file it came in (`hash_network`).
        stand_in: whether the weights are random numbers in the place of the network's own.
        state: what there is of it; `known.find_network_or_outline` decides.
    """

    name: str
    architecture: Architecture
    weights: Mapping[str, np.ndarray]
    sha256: str
    stand_in: bool = False
    state: State = "here"

    @property
    def shown(self) -> bool:
        """Whether pages show what it does: from its weights, or from what was computed from them."""
        return self.state != "absent"

    def kernel(self, conv: str) -> np.ndarray:
        """The weights [height, width, in of a group, out] of a convolution, or the factors [channels] of a scale."""
        return self.weights[f"{conv}_w"]

    def bias(self, conv: str) -> np.ndarray:
        """The bias [out] of a convolution or a scale."""
        return self.weights[f"{conv}_b"]


def in_one_group(kernel: np.ndarray, groups: int) -> np.ndarray:
    """The kernel of a convolution in groups, [k, k, in of a group, out], with zeros for the weights that it lacks.

    Returns:
        [k, k, in, out].
    """
    if groups == 1:
        return kernel
    size, _, channels, out = kernel.shape
    dense = np.zeros((size, size, channels * groups, out), kernel.dtype)
    for group in range(groups):
        part = slice(group * out // groups, (group + 1) * out // groups)
        dense[:, :, group * channels : (group + 1) * channels, part] = kernel[..., part]
    return dense


def expected_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor that the architecture needs."""
    shapes: dict[str, tuple[int, ...]] = {}
    for node in architecture.weighted:
        shapes[f"{node.name}_w"] = architecture.weight_shape(node)
        shapes[f"{node.name}_b"] = (node.channels,)
    return shapes


def load_network(name: str, path: Path, architecture: Architecture) -> Network:
    """Read a network's weights from an .npz file.

    Raises:
        InputError: naming the file, the tensor and the reason, when a tensor is missing, superfluous, pickled, of
            another shape or type, or not finite, or when the file is absent or damaged.
    """
    tensors = read_npz(path)
    return network_from_tensors(name, tensors, architecture, source=path)


def network_from_tensors(
    name: str, tensors: Mapping[str, np.ndarray], architecture: Architecture, source: Path | str
) -> Network:
    """Check tensors against the architecture, in any float type, and make them a float32 network.

    Raises:
        InputError: as `load_network` does.
    """
    shapes = expected_shapes(architecture)
    for key in tensors:
        if key not in shapes:
            raise InputError(
                f"tensor {key} does not belong to this architecture", file=source, hint=did_you_mean(key, shapes)
            )
    weights = {}
    for key, shape in shapes.items():
        if key not in tensors:
            raise InputError(f"tensor {key} is missing", file=source, hint=f"It should have the shape {shape}")
        value = tensors[key]
        if value.dtype not in (np.float16, np.float32, np.float64):
            raise InputError(f"tensor {key} holds {value.dtype}, not floating-point numbers", file=source)
        if value.shape != shape:
            raise InputError(
                f"tensor {key} has the shape {value.shape}, but the architecture needs {shape}", file=source
            )
        if not np.isfinite(value).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
            raise InputError(f"tensor {key} has a value that is not finite, at index {where}", file=source)
        weights[key] = np.ascontiguousarray(value, np.float32)
        weights[key].setflags(write=False)
    return Network(name, architecture, weights, hash_network(weights, architecture))


def to_float16(
    tensors: Mapping[str, np.ndarray], architecture: Architecture, source: Path | str
) -> dict[str, np.ndarray]:
    """The tensors rounded to float16, in the order of the architecture.

    Raises:
        InputError: naming the tensor, when one does not fit the architecture, or holds a value that is not finite or too
            large for float16.
    """
    checked = network_from_tensors("float16", tensors, architecture, source)
    rounded = {}
    for name, value in checked.weights.items():
        with np.errstate(over="ignore"):
            rounded[name] = value.astype(np.float16)
        if not np.isfinite(rounded[name]).all():
            raise InputError(f"tensor {name} has a value too large for float16, {np.abs(value).max():g}", file=source)
    return rounded


def hash_tensors(tensors: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of names, shapes and float32 values: the same for float16 and float32 files with the same numbers."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name], "<f4")
        digest.update(f"{name} {value.shape}\n".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def hash_network(tensors: Mapping[str, np.ndarray], architecture: Architecture) -> str:
    """SHA-256 of what determines the activations: the tensors and, unless it is InceptionV1's, the architecture.

    Two networks of other architectures may have the same tensors and differ in strides, padding or input mean.
    """
    digest = hash_tensors(tensors)
    if architecture.nodes == INCEPTIONV1.nodes and architecture.input_mean == INCEPTIONV1.input_mean:
        return digest
    # What is left at its default is left out, so that a new attribute changes no hash.
    nodes = [{f.name: value for f in fields(node) if (value := asdict(node)[f.name]) != _plain(f.default)}
             for node in architecture.nodes]  # fmt: skip
    whole = {"tensors": digest, "nodes": nodes, "input_mean": architecture.input_mean}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
