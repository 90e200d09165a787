"""The OR-gate network as a PyTorch module: its expectation forward, gradients backward.

Of independent streams the rails of a neuron are ``y = 1 - exp(-sum_i l(w_i, x_i))`` with ``l(w, x) = -log(1 - w x)``, a
sum of a function of both and thus not a matrix product. In training l is replaced by the cubic in x

    l(w, x) ~ w x + (w^2 / 2) x^2 + (-log(1 - w) - w - w^2 / 2) x^3,

right at x = 1 and to second order at 0, whose sum is three matrix products in one. It is too large in between,
by at most 1 % for w = 1/2, 6 % for 3/4 and 18 % for 0.9. What a network is worth is judged by the exact expectation
(``exact=True``) and by streams.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hwpy.stochastic_computing.convolution import ConvolutionParameters
from hwpy.stochastic_computing.model import Model

__all__ = ["OrNetwork"]

#: A weight of 1 has an infinite l(w, 1).
_LARGEST = 1 - 2**-10


class OrNetwork(torch.nn.Module):
    """Hidden layers hand on y+ (1 - y-), the last gives both rails.

    Parameters
    ----------
    layers
        Their shapes. Weights are parameters of shape (neurons, inputs of a patch), -1 to 1, random at first.

    Attributes
    ----------
    quantised
        Whether weights are rounded to multiples of ``2**-weight_bits``, with the gradient of the identity.
    noise_length
        N of the noise that hidden layers have in a forward pass that is not exact; none if 0.
    """

    def __init__(self, layers: Sequence[ConvolutionParameters]):
        super().__init__()
        self.layers = list(layers)
        self.quantised = False
        self.noise_length = 0
        self.weights = torch.nn.ParameterList(
            # sum_i |w_i x_i| is about 1 on each rail for inputs of 1/2.
            (2 * torch.rand(layer.neurons, layer.patch.inputs) - 1) * min(1, 8 / layer.patch.inputs)
            for layer in self.layers
        )

    @classmethod
    def of(cls, model: Model) -> OrNetwork:
        """The network of a model's layers and weights."""
        network = cls(model.layers)
        with torch.no_grad():
            for weight, layer, kernel in zip(network.weights, model.layers, model.kernels, strict=True):
                weight.copy_(torch.tensor(kernel.reshape(layer.neurons, -1) / 2**layer.weight_bits))
        return network

    def weight(self, place: int) -> Tensor:
        """The weights of a layer, quantised if that is wanted."""
        weight = self.weights[place].clamp(-1, 1)
        if not self.quantised:
            return weight
        levels = 2 ** self.layers[place].weight_bits
        return weight + ((weight * levels).round() / levels - weight).detach()

    def kernels(self) -> tuple[NDArray[np.int16], ...]:
        """The whole weights nearest to these, as `Model` has them."""
        kernels = []
        for weight, layer in zip(self.weights, self.layers, strict=True):
            whole = (weight.detach().clamp(-1, 1) * 2**layer.weight_bits).round().numpy().astype(np.int16)
            kernels.append(whole.reshape(layer.neurons, *layer.kernel, layer.input_shape[2]))
        return tuple(kernels)

    def forward(self, x: Tensor, exact: bool = False) -> tuple[Tensor, Tensor]:
        """Values (images, K) to the rails' expectations (images, classes) of independent streams."""
        for place, layer in enumerate(self.layers):
            weight = self.weight(place)
            rails = torch.cat([weight.clamp(min=0), (-weight).clamp(min=0)])
            y = (_exact if exact else _cubic)(_patches(x, layer), rails)
            plus, minus = y.chunk(2, -1)
            x = (plus * (1 - minus)).flatten(1)
            if self.noise_length and not exact and place < len(self.layers) - 1:
                deviation = (x * (1 - x)).clamp(min=1e-4).sqrt() / math.sqrt(self.noise_length)
                x = (x + torch.randn_like(x) * deviation).clamp(0, 1)
        return plus.flatten(1), minus.flatten(1)

    @torch.no_grad()
    def clamp(self) -> None:
        """Keep the weights in -1 to 1."""
        for weight in self.weights:
            weight.clamp_(-1, 1)


def _patches(x: Tensor, layer: ConvolutionParameters) -> Tensor:
    """Values (images, K) as (images, places, inputs of a patch)."""
    image = x.reshape(len(x), *layer.input_shape)
    windows = image.unfold(1, layer.kernel[0], layer.stride).unfold(2, layer.kernel[1], layer.stride)
    return windows.permute(0, 1, 2, 4, 5, 3).reshape(len(x), -1, layer.patch.inputs)


def _cubic(x: Tensor, w: Tensor) -> Tensor:
    w = w.clamp(max=_LARGEST)
    second = w * w / 2
    terms = torch.cat([w, second, -torch.log1p(-w) - w - second], -1)
    return -torch.expm1(-(torch.cat([x, x * x, x * x * x], -1) @ terms.T))


def _exact(x: Tensor, w: Tensor) -> Tensor:
    # A neuron at a time: all together would not fit the memory.
    return torch.stack([1 - (1 - x * row).prod(-1) for row in w], -1)
