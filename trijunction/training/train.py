"""Training that knows the OR neuron: the expectation forward, the noise of N beats, weights of the generator's levels.

If the random bits are independent in time and the first hidden layer is isolated, the counts of the last layer's rails
over N beats are binomial, whatever the layers before: a bit of expectation y has the variance y (1 - y). So the scores
are given a normal noise of variance (y+ (1 - y+) + y- (1 - y-)) / N and the cross-entropy of the scaled result is
minimised by Adam: the network learns to win by margins that N beats can tell.

With a `Recipe.entropy` the scores are instead those that the streams of that source really have, by the fast engine
with the rounded weights; gradients are still those of the expectation (straight-through). A generator that restarts
with each image has the same errors each time, and the weights may learn to live with them.
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
from hwpy.stochastic_computing.network_entropy import is_fresh, payloads
from trijunction.training.network import OrNetwork

__all__ = ["Recipe", "Streams", "Trained", "float_accuracy", "layers_from", "split", "train"]


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
        Fraction of the epochs after which weights are rounded; in the last they always are.
    entropy
        A source of `hwpy.stochastic_computing.network_entropy` whose streams are run, default none: normal noise.
    hidden_noise
        Whether the hidden layers have the noise of N beats too. Theory does not ask for it; it regularises.
    """

    epochs: int = 60
    batch: int = 100
    rate: float = 0.01
    length: int = 128
    quantise_from: float = 0.6
    entropy: str | None = None
    hidden_noise: bool = False

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.length < 1:
            raise ValueError(f"training epochs and length must be positive, not {self.epochs!r}, {self.length!r}")
        if not 1 <= self.batch <= 512:  # the images of a run of the fast engine
            raise ValueError(f"training batch must be 1 to 512, not {self.batch!r}")


@dataclass(frozen=True)
class Trained:
    """The model of the epoch that did best on the validation images, of the last if there are none."""

    model: Model
    epoch: int
    validation_accuracy: float | None


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


def split(images: Images, fraction: float, seed: int) -> tuple[Images, Images | None]:
    """Training images and, drawn at random, the fraction of them (below 1) held out for validation; None if it is 0."""
    if not 0 <= fraction < 1:
        raise ValueError(f"validation fraction must be 0 to below 1, not {fraction!r}")
    held_out = round(fraction * len(images))
    if not held_out:
        return images, None
    if held_out == len(images):
        raise ValueError(f"validation fraction must leave some of {len(images)} images, not be {fraction!r}")
    order = np.random.default_rng(seed).permutation(len(images))
    rest, chosen = np.sort(order[held_out:]), np.sort(order[:held_out])
    return Images(images.pixels[rest], images.labels[rest]), Images(images.pixels[chosen], images.labels[chosen])


def train(
    network: OrNetwork,
    images: Images,
    validation: Images | None,
    recipe: Recipe,
    input_bits: int,
    isolation: int | None = None,
    report: Callable[[int, float, float | None], None] | None = None,
) -> Trained:
    """Train a network on `images`.

    Random numbers are PyTorch's: `torch.manual_seed` before the network is made gives the same result again. `report`
    is called after each epoch with its number, mean loss, and accuracy on the validation images once weights are
    rounded.
    """
    torch.set_num_threads(1)  # two that wait for each other are slower on a busy machine
    log_scale = torch.nn.Parameter(torch.tensor(math.log(10.0)))
    optimiser = torch.optim.Adam([*network.parameters(), log_scale])
    numbers = images.pixels.reshape(len(images), -1) >> (8 - input_bits)
    x = torch.tensor(numbers, dtype=torch.float32) / 2**input_bits
    labels = torch.tensor(images.labels.astype(np.int64))
    streams = Streams(recipe, input_bits, isolation) if recipe.entropy else None
    network.noise_length = recipe.length if recipe.hidden_noise else 0
    steps = -(-len(x) // recipe.batch)
    warming = min(100, steps * recipe.epochs / 10)
    best: Trained | None = None
    for epoch in range(recipe.epochs):
        network.quantised = epoch >= min(recipe.quantise_from * recipe.epochs, recipe.epochs - 1)
        total = 0.0
        for step, chosen in enumerate(torch.randperm(len(x)).split(recipe.batch)):
            done = (epoch + step / steps) / recipe.epochs
            warm = min(1, (epoch * steps + step + 1) / warming)
            optimiser.param_groups[0]["lr"] = recipe.rate * warm * (0.5 + 0.5 * math.cos(math.pi * done))
            plus, minus = network(x[chosen])
            if streams:
                score = plus - minus
                score = score + (streams.score(network, numbers[chosen.numpy()]) - score).detach()
            else:
                variance = plus * (1 - plus) + minus * (1 - minus)
                noise = torch.randn_like(plus) * (variance.clamp(min=1e-4) / recipe.length).sqrt()
                score = plus - minus + noise
            loss = functional.cross_entropy(log_scale.exp() * score, labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            network.clamp()
            total += float(loss.detach())
        accuracy = None
        if network.quantised:
            model = Model(tuple(network.layers), network.kernels(), input_bits, isolation)
            accuracy = None if validation is None else float_accuracy(model, validation)
            if best is None or accuracy is None or accuracy >= (best.validation_accuracy or 0):
                best = Trained(model, epoch + 1, accuracy)
        if report:
            report(epoch + 1, total / steps, accuracy)
    assert best is not None  # the last epoch's weights are rounded
    return best


class Streams:
    """Scores of a beat from a source's streams: the same bits for all images, new for each step if they are fresh."""

    def __init__(self, recipe: Recipe, input_bits: int, isolation: int | None):
        self.recipe, self.input_bits, self.isolation = recipe, input_bits, isolation
        self.step = 0
        self.random: NDArray[np.uint8] | None = None

    def score(self, network: OrNetwork, numbers: NDArray[np.uint8]) -> torch.Tensor:
        from hwpy.stochastic_computing.fast import FastNetwork  # which brings in the compiler

        length, entropy = self.recipe.length, str(self.recipe.entropy)
        model = Model(tuple(network.layers), network.kernels(), self.input_bits, self.isolation)
        golden = model.network(((length, 0),))
        if self.random is None or is_fresh(entropy):
            beats = golden.parameters.latency + length
            self.random = payloads(entropy, golden.parameters, beats, block=self.step)
        self.step += 1
        counts = FastNetwork(golden).counts(numbers.astype(np.int64), self.random, [length])[0]
        return torch.tensor(counts / length, dtype=torch.float32)


@torch.no_grad()
def float_accuracy(model: Model, images: Images) -> float:
    """The accuracy of the exact expectation, of the model's weights."""
    network = OrNetwork.of(model)
    values = torch.tensor(model.numbers(images.pixels), dtype=torch.float32) / 2**model.input_bits
    winners = [(plus - minus).argmax(-1) for plus, minus in (network(part, exact=True) for part in values.split(500))]
    return float(np.mean(torch.cat(winners).numpy() == images.labels))
