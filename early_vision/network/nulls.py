"""Null networks: what a measure or a comparison finds where nothing was learned, or only the last layer is lost.

- `shuffled`: the weights of every neuron in another order, in all layers. Their values, and the biases, are the network's.
- `last`: the same in the convolutions of one layer only: all that it reads is as it was learned.
- `untrained`: weights drawn from a normal distribution, scaled and shifted until every neuron's pre-activation has the mean
  and deviation over `reference_pictures` that the trained one's has: what the architecture and this statistic give.

The same network, kind and seed give the same null network. TensorFlow is imported for `untrained` only.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from early_vision.network.architecture import Node, before_activation
from early_vision.network.weights import Network, hash_network

Null = Literal["shuffled", "last", "untrained"]
NULLS: tuple[Null, ...] = get_args(Null)

PICTURES, SIDE = 8, 96
"""Reference pictures, and the pixels along a side of each."""
MARGIN = 2
"""Positions at every border of a node that do not count: padding reaches them first."""


def null_network(network: Network, kind: Null, seed: int, layer: str = "") -> Network:
    """A null network.

    Args:
        network: the trained one, with its weights.
        kind: see the module.
        seed: 0 or more.
        layer: whose convolutions `last` shuffles; nothing to the others.

    Raises:
        ValueError: for `last` without a layer.
    """
    if kind == "last" and layer not in network.architecture.layers:
        raise ValueError(f"a null network whose last layer is shuffled needs a layer, not {layer!r}")
    if kind == "untrained":
        weights = _untrained(network, seed)
    else:
        convolutions = [node.name for node in network.architecture.convolutions]
        if kind == "last":
            convolutions = [branch.node for branch in network.architecture.layers[layer].branches]
        weights = {**network.weights, **_shuffled(network, seed, convolutions)}
    name = f"{network.name}-{kind}{f'-{layer}' if kind == 'last' else ''}-{seed}"
    return replace(network, name=name, weights=weights, sha256=hash_network(weights, network.architecture))


def reference_pictures() -> np.ndarray:
    """Noise with the amplitudes of natural pictures, in inverse proportion to frequency, and less colour than brightness.

    Source: Field, Relations between the statistics of natural images and the response properties of cortical cells,
    J. Opt. Soc. Am. A 1987.

    Returns:
        float32 [pictures, side, side, 3], pixel values 0 to 255.
    """
    random = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None])
    amplitude = np.divide(1.0, frequency, out=np.zeros_like(frequency), where=frequency > 0)[..., None]
    spectrum = np.fft.fft2(random.standard_normal((PICTURES, SIDE, SIDE, 3)), axes=(1, 2)) * amplitude
    noise = np.fft.ifft2(spectrum, axes=(1, 2)).real
    noise = noise.mean(3, keepdims=True) * 1.5 + noise * 0.5
    noise /= noise.std(axis=(1, 2, 3), keepdims=True)
    return np.clip(117.0 + 60.0 * noise, 0, 255).astype(np.float32)


def _shuffled(network: Network, seed: int, convolutions: Iterable[str]) -> dict[str, np.ndarray]:
    kernels = {}
    for name in convolutions:
        kernel = network.kernel(name)
        columns = kernel.reshape(-1, kernel.shape[-1])
        kernels[f"{name}_w"] = _generator(seed, name).permuted(columns, axis=0).reshape(kernel.shape)
    return kernels


def _untrained(network: Network, seed: int) -> Mapping[str, np.ndarray]:
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    pictures = tf.constant(reference_pictures())
    architecture, weights = network.architecture, dict(network.weights)
    wanted = {node.name: before_activation(node.name) for node in architecture.convolutions}
    learned = forward(network, pictures, wanted.values())
    # In order: what a node reads has been replaced before it.
    for node in architecture.convolutions:
        kernel = network.kernel(node.name)
        drawn = _generator(seed, node.name).standard_normal(kernel.shape) / np.sqrt(np.prod(kernel.shape[:3]))
        weights[f"{node.name}_w"] = drawn.astype(np.float32)
        weights[f"{node.name}_b"] = np.zeros_like(network.bias(node.name))
        values = forward(_through(network, weights, node), pictures, [wanted[node.name]])[wanted[node.name]]
        mean, deviation = _statistics(values.numpy())
        goal_mean, goal_deviation = _statistics(learned[wanted[node.name]].numpy())
        # A neuron without deviation, here or there, keeps its weights as they were drawn.
        scale = np.where((deviation > 1e-9) & (goal_deviation > 1e-9), goal_deviation / np.maximum(deviation, 1e-9), 1)
        weights[f"{node.name}_w"] = (drawn * scale).astype(np.float32)
        weights[f"{node.name}_b"] = (goal_mean - mean * scale).astype(np.float32)
    return weights


def _through(network: Network, weights: Mapping[str, np.ndarray], last: Node) -> Network:
    """The network up to one node, with other weights."""
    nodes = network.architecture.nodes
    end = next(i for i, node in enumerate(nodes) if node.name == last.name) + 1
    return replace(network, architecture=replace(network.architecture, nodes=nodes[:end]), weights=weights)


def _statistics(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each channel, [channels], from [n, height, width, channels]."""
    margin = MARGIN if min(values.shape[1:3]) > 2 * MARGIN else 0
    inner = values[:, margin : values.shape[1] - margin, margin : values.shape[2] - margin].astype(np.float64)
    return inner.mean((0, 1, 2)), inner.std((0, 1, 2))


def _generator(seed: int, convolution: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(convolution.encode())])
