"""Training with 8-bit integers throughout, after WAGE: S. Wu et al. (ICLR 2018), *Training and Inference with Integers
in Deep Neural Networks*.

With ``sigma(k) = 2**(1 - k)`` the distance of numbers of k bits, ``shift(x) = 2**round(log2 x)``,
``L = (6 / inputs)**(1/2)`` and ``M = 1.5 sigma(k_W)``, 1.5 being the paper's beta:

    weights W       held in k_G bits, read in k_W bits; at first uniform within ``max(L, M)``
    activations A   ``Q(x W / max(shift(M / L), 1), k_A)``, then ReLU
    errors E        ``Q(e / shift(max |e|), k_E)``, from ``e = y - target`` at the last layer (a sum of squares)
    gradients G     ``W <- clip(W - sigma(k_G) SR(eta g / shift(max |g|)))``, g = x^T e

Q rounds to nearest and saturates within -1 + sigma to 1 - sigma. The only random bits are those of G, whose roundings
mostly choose between no change and one unit of the last place. There are neither biases nor normalisation.

Raw integers have 8 bits, and sums of up to 1,040 of their products are exact in float32.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.entropy import WordSource
from hwpy.low_precision.fast import exact_matmul, round_whole
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding
from hwpy.stochastic_computing.data import Images

__all__ = ["Wage", "train_wage"]

_BITS = 8
_FORM = FixedFormat(0, _BITS - 1)
_HIGHEST = float(_FORM.highest)
_NEAREST = Rounding("nearest")
_EXTRA_BITS = 16


@dataclass(frozen=True)
class Wage:
    """k_A = k_G = k_E = 8.

    Parameters
    ----------
    weight_bits
        k_W, 2 (ternary: -1/2, 0 and 1/2) to 8.
    rate
        eta, in units of the last place: a power of two, 1/16 to 16.
    rounding, source
        Of the updates.
    hidden, epochs, batch
        Neurons of each hidden layer, passes over the images, images of a step.
    """

    weight_bits: int = 8
    rate: float = 1.0
    rounding: Rounding = _NEAREST
    source: WordSource | None = None
    hidden: tuple[int, ...] = (128,)
    epochs: int = 10
    batch: int = 100

    def __post_init__(self) -> None:
        if not 2 <= self.weight_bits <= _BITS:
            raise ValueError(f"WAGE weights must have 2 to {_BITS} bits, not {self.weight_bits!r}")
        if self.rate not in {2.0**k for k in range(-4, 5)}:
            raise ValueError(f"WAGE learning rate must be a power of two from 1/16 to 16, not {self.rate!r}")

    @property
    def least(self) -> float:
        """M, the narrowest range of initial weights."""
        return 1.5 * 2.0 ** (1 - self.weight_bits)


def train_wage(
    wage: Wage, images: Images, test: Images, seed: int = 1, report: Callable[[int, float], None] | None = None
) -> tuple[list[NDArray[np.float32]], list[float]]:
    """As `hwpy.low_precision.training.train`; weights raw, (inputs, outputs)."""
    generator = np.random.default_rng(seed)
    classes = int(images.labels.max()) + 1
    x, x_test = _inputs(images), _inputs(test)
    targets = np.minimum(np.eye(classes, dtype=np.float32) * (_HIGHEST + 1), _HIGHEST)[images.labels]
    widths = [x.shape[1], *wage.hidden, classes]
    weights, alphas = [], []
    for inputs, outputs in itertools.pairwise(widths):
        natural = (6 / inputs) ** 0.5
        limit = max(natural, wage.least)
        weights.append(_FORM.to_raw(generator.uniform(-limit, limit, (inputs, outputs))).astype(np.float32))
        weights[-1] = np.maximum(weights[-1], -_HIGHEST)
        alphas.append(max(_exponent(wage.least / natural), 0))
    accuracies = []
    for epoch in range(1, wage.epochs + 1):
        order = generator.permutation(len(x))
        for start in range(0, len(x), wage.batch):
            chosen = order[start : start + wage.batch]
            _step(wage, weights, alphas, x[chosen], targets[chosen])
        right = 0
        for start in range(0, len(x_test), 1000):
            output = _forward(wage, weights, alphas, x_test[start : start + 1000])[-1]
            right += int((output.argmax(axis=1) == test.labels[start : start + 1000]).sum())
        accuracies.append(right / len(x_test))
        if report:
            report(epoch, accuracies[-1])
    return weights, accuracies


def _step(
    wage: Wage, weights: list[NDArray[np.float32]], alphas: list[int], x: NDArray[np.float32], y: NDArray[np.float32]
) -> None:
    activations = _forward(wage, weights, alphas, x)
    error = activations.pop() - y
    for place in range(len(weights) - 1, -1, -1):
        error = _normalised(error)
        gradient = exact_matmul(activations[place].T, error)
        if place:
            error = exact_matmul(error, _read(wage, weights[place]).T) * (activations[place] > 0)
        shift = _EXTRA_BITS + _exponent(float(np.abs(gradient).max()))
        scaled = gradient.astype(np.float64) * (wage.rate * 2.0**_EXTRA_BITS)
        change = round_whole(scaled, shift, wage.rounding, _FORM, wage.source)
        weights[place] = np.clip(weights[place] - change, -_HIGHEST, _HIGHEST).astype(np.float32)


def _forward(
    wage: Wage, weights: list[NDArray[np.float32]], alphas: list[int], x: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """What each layer reads, and the last one's output."""
    activations = [x]
    for place, (weight, alpha) in enumerate(zip(weights, alphas, strict=True)):
        sums = exact_matmul(activations[-1], _read(wage, weight))
        y = _nearest(sums, _BITS - 1 + alpha)
        activations.append(np.maximum(y, 0) if place + 1 < len(weights) else y)
    return activations


def _read(wage: Wage, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Q(W, k_W), still in units of sigma(8)."""
    unit = np.float32(2 ** (_BITS - wage.weight_bits))
    limit = 2 ** (wage.weight_bits - 1) - 1
    return np.clip(np.rint(weight / unit), -limit, limit) * unit


def _normalised(error: NDArray[np.float32]) -> NDArray[np.float32]:
    """Q(e / shift(max |e|), 8)."""
    largest = float(np.abs(error).max())
    return _nearest(error, _exponent(largest) - (_BITS - 1)) if largest else error


def _nearest(raw: NDArray[np.float32], shift: int) -> NDArray[np.float32]:
    return np.clip(np.rint(raw * np.float32(2.0**-shift)), -_HIGHEST, _HIGHEST)


def _exponent(value: float) -> int:
    """round(log2 value); 0 of 0."""
    return round(float(np.log2(value))) if value else 0


def _inputs(images: Images) -> NDArray[np.float32]:
    """Pixels as 7-bit fractions."""
    return (images.pixels.reshape(len(images), -1) >> 1).astype(np.float32)
