"""Training of fully connected networks in fixed point: the experiment of S. Gupta et al. (ICML 2015).

Weights, activations, errors and updates are raw integers of at most 16 bits; every product of two of them is added up
exactly and each sum is rounded once, at its end, as by Gupta's wide accumulators:

    forward    y = round(x W),           y then through ReLU, which is exact
    backward   e = round(e' W^T)         where ReLU was not 0
    update     W <- round(W + 2**rate_log2 x^T e)

with saturation to the format. The last layer's error is ``target - softmax(y)``, its softmax in float64, rounded to the
format. Errors are not divided by the minibatch, which would push them below the last bit: the learning rate over the
batch is a power of two, and so the update is one sum of the MAC whose products come in shifted. A bias is the weight of
an input of 1.

Raw integers live in float64, whose matrix products are exact here (`hwpy.low_precision.fast.exact_matmul`). So NumPy
trains bit for bit as the MAC, and PyTorch is not needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.entropy import WordSource
from hwpy.low_precision.fast import exact_matmul, round_whole
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding
from hwpy.stochastic_computing.data import Images

__all__ = ["Arithmetic", "FixedArithmetic", "FloatArithmetic", "Recipe", "accuracy", "step", "train"]

_EXTRA_BITS = 20

Weights = list[NDArray[np.floating]]


@dataclass(frozen=True)
class Recipe:
    """Stochastic gradient descent on the cross-entropy.

    Parameters
    ----------
    hidden
        Neurons of each hidden layer.
    epochs, batch
        Passes over the images, and images of a step.
    rate_log2
        Learning rate over batch, as log2.
    """

    hidden: tuple[int, ...] = (128,)
    epochs: int = 15
    batch: int = 100
    rate_log2: int = -10

    def __post_init__(self) -> None:
        for name, values in (("hidden layers", self.hidden), ("epochs", [self.epochs]), ("batch", [self.batch])):
            if any(value < 1 for value in values):
                raise ValueError(f"{name} must be positive, not {getattr(self, name.split()[0])!r}")


class Arithmetic(Protocol):
    """How numbers are held, multiplied and added."""

    def weight(self, values: NDArray[np.float64]) -> NDArray[np.floating]:
        """Real initial weights as they are held."""

    def signal(self, values: NDArray[np.float64]) -> NDArray[np.floating]:
        """Real activations or errors as they are held."""

    def real(self, signal: NDArray[np.floating]) -> NDArray[np.float64]:
        """The reverse."""

    def product(self, signal: NDArray[np.floating], weight: NDArray[np.floating]) -> NDArray[np.floating]:
        """Signals (M, K) times weights (K, N), as signals."""

    def update(
        self, weight: NDArray[np.floating], x: NDArray[np.floating], error: NDArray[np.floating], rate_log2: int
    ) -> NDArray[np.floating]:
        """``weight + 2**rate_log2 x^T error``."""


class FloatArithmetic:
    """float32: what low precision is measured against."""

    def weight(self, values: NDArray[np.float64]) -> NDArray[np.floating]:
        """As `Arithmetic`."""
        return values.astype(np.float32)

    signal = weight

    def real(self, signal: NDArray[np.floating]) -> NDArray[np.float64]:
        """As `Arithmetic`."""
        return signal.astype(np.float64)

    def product(self, signal: NDArray[np.floating], weight: NDArray[np.floating]) -> NDArray[np.floating]:
        """As `Arithmetic`."""
        return signal @ weight

    def update(
        self, weight: NDArray[np.floating], x: NDArray[np.floating], error: NDArray[np.floating], rate_log2: int
    ) -> NDArray[np.floating]:
        """As `Arithmetic`."""
        return weight + np.float32(2.0**rate_log2) * (x.T @ error)


@dataclass(frozen=True)
class FixedArithmetic:
    """The MAC that rounds each sum at its end; raw integers in float64.

    Parameters
    ----------
    weights, signals
        Formats: of weights and their updates, and of activations and errors.
    rounding
        Everywhere; if it has more random bits than a sum drops, the lowest of them go unused.
    source
        Of random words, if it is stochastic.
    """

    weights: FixedFormat
    signals: FixedFormat
    rounding: Rounding
    source: WordSource | None = None

    def weight(self, values: NDArray[np.float64]) -> NDArray[np.floating]:
        """As `Arithmetic`, to nearest: there is nothing to be gained from noise in a random start."""
        return self.weights.to_raw(values).astype(np.float64)

    def signal(self, values: NDArray[np.float64]) -> NDArray[np.floating]:
        """As `Arithmetic`, by way of 20 more fraction bits."""
        wide = np.rint(values * 2.0 ** (self.signals.fraction_bits + _EXTRA_BITS))
        return round_whole(wide, _EXTRA_BITS, self.rounding, self.signals, self.source)

    def real(self, signal: NDArray[np.floating]) -> NDArray[np.float64]:
        """As `Arithmetic`."""
        return signal.astype(np.float64, copy=False) * self.signals.lsb

    def product(self, signal: NDArray[np.floating], weight: NDArray[np.floating]) -> NDArray[np.floating]:
        """As `Arithmetic`."""
        sums = exact_matmul(signal, weight)
        return round_whole(sums, self.weights.fraction_bits, self.rounding, self.signals, self.source)

    def update(
        self, weight: NDArray[np.floating], x: NDArray[np.floating], error: NDArray[np.floating], rate_log2: int
    ) -> NDArray[np.floating]:
        """As `Arithmetic`."""
        shift = 2 * self.signals.fraction_bits - rate_log2 - self.weights.fraction_bits
        total = weight * 2.0**shift + exact_matmul(x.T, error)
        return round_whole(total, shift, self.rounding, self.weights, self.source)


def train(
    arithmetic: Arithmetic,
    recipe: Recipe,
    images: Images,
    test: Images,
    seed: int = 1,
    report: Callable[[int, float], None] | None = None,
) -> tuple[Weights, list[float]]:
    """Train from ``seed``, which gives the initial weights and the order of the images, the same for any arithmetic.

    Parameters
    ----------
    images, test
        To learn, and to measure; pixels are taken as fractions of 256.
    report
        Called after each epoch with its number, from 1, and the accuracy.

    Returns
    -------
    weights
        Of each layer as held, (inputs + 1, outputs); the last row is of the bias.
    accuracies
        On ``test`` after each epoch, 0 to 1.
    """
    generator = np.random.default_rng(seed)
    classes = int(images.labels.max()) + 1
    x, x_test = _inputs(arithmetic, images), _inputs(arithmetic, test)
    targets = np.eye(classes)[images.labels]
    widths = [x.shape[1] - 1, *recipe.hidden, classes]
    weights = [arithmetic.weight(w) for w in _initial(widths, generator)]
    accuracies = []
    for epoch in range(1, recipe.epochs + 1):
        for chosen in _batches(len(x), recipe.batch, generator):
            weights = step(arithmetic, weights, x[chosen], targets[chosen], recipe.rate_log2)
        accuracies.append(_accuracy(arithmetic, weights, x_test, test.labels))
        if report:
            report(epoch, accuracies[-1])
    return weights, accuracies


def step(
    arithmetic: Arithmetic, weights: Weights, x: NDArray[np.floating], targets: NDArray[np.float64], rate_log2: int
) -> Weights:
    """The weights after one minibatch of signals (batch, inputs + 1) and target probabilities (batch, classes)."""
    activations, output = _forward(arithmetic, weights, x)
    error = arithmetic.signal(targets - _softmax(arithmetic.real(output)))
    updated = list(weights)
    for place in range(len(weights) - 1, -1, -1):
        # The error goes back through the weights with which it came about.
        updated[place] = arithmetic.update(weights[place], activations[place], error, rate_log2)
        if place:
            error = arithmetic.product(error, weights[place][:-1].T) * (activations[place][:, :-1] > 0)
    return updated


def accuracy(arithmetic: Arithmetic, weights: Weights, images: Images) -> float:
    """The part of the images whose highest output is their label's, 0 to 1."""
    return _accuracy(arithmetic, weights, _inputs(arithmetic, images), images.labels)


def _accuracy(arithmetic: Arithmetic, weights: Weights, x: NDArray[np.floating], labels: NDArray[np.uint8]) -> float:
    right = 0
    for start in range(0, len(x), 1000):
        _, output = _forward(arithmetic, weights, x[start : start + 1000])
        right += int((output.argmax(axis=1) == labels[start : start + 1000]).sum())
    return right / len(x)


def _forward(
    arithmetic: Arithmetic, weights: Weights, x: NDArray[np.floating]
) -> tuple[list[NDArray[np.floating]], NDArray[np.floating]]:
    """What each layer reads, and the last one's output."""
    activations = [x]
    for weight in weights[:-1]:
        y = np.maximum(arithmetic.product(activations[-1], weight), 0)
        # All inputs of 1 are in the last column of x.
        activations.append(np.concatenate([y, x[:, -1:]], axis=1))
    return activations, arithmetic.product(activations[-1], weights[-1])


def _softmax(y: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials = np.exp(y - y.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _inputs(arithmetic: Arithmetic, images: Images) -> NDArray[np.floating]:
    pixels = images.pixels.reshape(len(images), -1)
    return arithmetic.signal(np.concatenate([pixels / 256, np.ones((len(images), 1))], axis=1))


def _initial(widths: list[int], generator: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """He et al. (2015): normal with variance 2 / inputs; biases 0."""
    for inputs, outputs in itertools.pairwise(widths):
        weight = generator.normal(0, np.sqrt(2 / inputs), (inputs, outputs))
        yield np.concatenate([weight, np.zeros((1, outputs))])


def _batches(count: int, batch: int, generator: np.random.Generator) -> list[NDArray[np.int64]]:
    order = generator.permutation(count)
    return [order[start : start + batch] for start in range(0, count, batch)]
