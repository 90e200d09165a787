"""Training that knows the OR neuron: the expectation forward, the noise of N beats, weights of the generator's levels.

If the random bits are independent in time and the first hidden layer is isolated, the counts of the last layer's rails
over N beats are binomial. So the scores are given a normal noise of variance (y+ (1 - y+) + y- (1 - y-)) / N and the
cross-entropy of the scaled result is minimised by Adam: the network learns to win by margins that N beats can tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from hwpy.stochastic_computing.convolution import ConvolutionParameters
from hwpy.stochastic_computing.data import Images
from hwpy.stochastic_computing.model import Model
from trijunction.training.network import OrNetwork

__all__ = ["Recipe", "float_accuracy", "layers_from", "train"]


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Parameters
    ----------
    epochs, batch, rate
        Passes over the images, images of a step, and Adam's greatest step, which falls to 0 as a cosine.
    length
        N of the noise in beats.
    quantise_from
        Fraction of the epochs after which weights are rounded.
    """

    epochs: int = 60
    batch: int = 100
    rate: float = 0.01
    length: int = 128
    quantise_from: float = 0.6


def layers_from(
    input_shape: tuple[int, int, int], hidden: list[tuple[int, int, int]], classes: int, weight_bits: int = 8
) -> list[ConvolutionParameters]:
    """A convolution for each (neurons, kernel, stride), dense if the kernel is 0; then a dense layer of the classes."""
    layers = []
    for neurons, kernel, stride in [*hidden, (classes, 0, 1)]:
        size = (kernel, kernel) if kernel else input_shape[:2]
        layers.append(ConvolutionParameters(input_shape, size, neurons, stride, weight_bits))
        input_shape = layers[-1].output_shape
    return layers


def train(
    layers: list[ConvolutionParameters],
    images: Images,
    recipe: Recipe,
    input_bits: int,
    isolation: int | None = None,
    seed: int = 1,
    report: Callable[[int, float], None] | None = None,
) -> Model:
    """Train on `images`. `report` is called after each epoch with its number and mean loss."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # two that wait for each other are slower on a busy machine
    network = OrNetwork(layers)
    log_scale = torch.nn.Parameter(torch.tensor(math.log(10.0)))
    optimiser = torch.optim.Adam([*network.parameters(), log_scale])
    x = _values(images.pixels, input_bits)
    labels = torch.tensor(images.labels.astype(np.int64))
    steps = -(-len(x) // recipe.batch)
    for epoch in range(recipe.epochs):
        network.quantised = epoch >= recipe.quantise_from * recipe.epochs
        total = 0.0
        for step, chosen in enumerate(torch.randperm(len(x)).split(recipe.batch)):
            done = (epoch + step / steps) / recipe.epochs
            warm = min(1, (epoch * steps + step + 1) / 100)
            optimiser.param_groups[0]["lr"] = recipe.rate * warm * (0.5 + 0.5 * math.cos(math.pi * done))
            plus, minus = network(x[chosen])
            variance = plus * (1 - plus) + minus * (1 - minus)
            noise = torch.randn_like(plus) * (variance.clamp(min=1e-4) / recipe.length).sqrt()
            loss = functional.cross_entropy(log_scale.exp() * (plus - minus + noise), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            network.clamp()
            total += float(loss.detach())
        if report:
            report(epoch + 1, total / steps)
    network.quantised = True
    kernels = []
    for place, layer in enumerate(layers):
        whole = (network.weight(place).detach() * 2**layer.weight_bits).round().numpy().astype(np.int16)
        kernels.append(whole.reshape(layer.neurons, *layer.kernel, layer.input_shape[2]))
    return Model(tuple(layers), tuple(kernels), input_bits, isolation)


@torch.no_grad()
def float_accuracy(model: Model, images: Images) -> float:
    """The accuracy of the exact expectation, of the model's weights."""
    network = OrNetwork(model.layers)
    for place, (layer, kernel) in enumerate(zip(model.layers, model.kernels, strict=True)):
        network.weights[place].copy_(torch.tensor(kernel.reshape(layer.neurons, -1) / 2**layer.weight_bits))
    values = _values(images.pixels, model.input_bits)
    winners = [(plus - minus).argmax(-1) for plus, minus in (network(part, exact=True) for part in values.split(500))]
    return float(np.mean(torch.cat(winners).numpy() == images.labels))


def _values(pixels: NDArray[np.uint8], input_bits: int) -> torch.Tensor:
    numbers = (pixels >> (8 - input_bits)).reshape(len(pixels), -1)
    return torch.tensor(numbers, dtype=torch.float32) / 2**input_bits
