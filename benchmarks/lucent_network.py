"""The network in PyTorch and a neuron of it by torch-lucent as it comes. Only benchmarks/render.py imports this."""

import numpy as np
import torch
import torch.nn.functional as F
from lucent.modelzoo.inceptionv1.helper_layers import RedirectedReLU
from lucent.optvis import objectives, param, render, transform

from early_vision.network.architecture import INPUT, Node
from early_vision.network.weights import Network


class Operation(torch.nn.Module):
    """One node, with SAME padding as TensorFlow does it."""

    def __init__(self, network: Network, node: Node):
        super().__init__()
        self.node = node
        if node.op == "conv":
            self.register_buffer(
                "kernel", torch.tensor(np.ascontiguousarray(network.kernel(node.name).transpose(3, 2, 0, 1)))
            )
            self.register_buffer("bias", torch.tensor(network.bias(node.name)))

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        node = self.node
        if node.op == "conv":
            return RedirectedReLU.apply(F.conv2d(self._padded(values[0], 0.0), self.kernel, self.bias, node.stride))
        if node.op == "max_pool":
            return F.max_pool2d(self._padded(values[0], -torch.inf), node.kernel, node.stride)
        if node.op == "lrn":
            size = 2 * node.lrn.depth_radius + 1
            # PyTorch divides alpha by the number of channels summed.
            return F.local_response_norm(values[0], size, node.lrn.alpha * size, node.lrn.beta, node.lrn.bias)
        return torch.cat(values, 1)

    def _padded(self, value: torch.Tensor, filler: float) -> torch.Tensor:
        if self.node.padding == "valid":
            return value
        sides = []
        for size in (value.shape[3], value.shape[2]):
            total = max((-(-size // self.node.stride) - 1) * self.node.stride + self.node.kernel - size, 0)
            sides += [total // 2, total - total // 2]
        return F.pad(value, sides, value=filler)


class Convolutions(torch.nn.Module):
    """The whole network: every node a module of its own name, as lucent's hooks want it."""

    def __init__(self, network: Network):
        super().__init__()
        self.nodes = network.architecture.nodes
        for node in self.nodes:
            self.add_module(node.name, Operation(network, node))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        values = {INPUT: images}
        for node in self.nodes:
            values[node.name] = getattr(self, node.name)(*(values[name] for name in node.inputs))
        return values[self.nodes[-1].name]


def model(network: Network) -> Convolutions:
    """The network, taking RGB from 0 to 1."""
    made = Convolutions(network).eval()
    made.input_mean = torch.tensor(np.broadcast_to(np.float32(network.architecture.input_mean), 3).copy())[
        :, None, None
    ]
    return made


def render_neuron(made: Convolutions, layer: str, channel: int, size: int, steps: int, seed: int = 0) -> np.ndarray:
    """One neuron by lucent's defaults, but that the network sees `size` pixels, not 224: float32 [size, size, 3]."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    # lucent compiles to a GPU where there is one; on a CPU its parameters stay there.
    transforms = [*transform.standard_transforms, lambda images: images * 255 - made.input_mean]
    images = render.render_vis(
        made, objectives.neuron(layer, channel), lambda: param.image(size), transforms=transforms, thresholds=(steps,),
        preprocess=False, progress=False, show_image=False, fixed_image_size=size,
    )  # fmt: skip
    return images[0][0]
