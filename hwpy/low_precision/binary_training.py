"""Training of `hwpy.low_precision.binary_network`: signs in between, gradients straight through them.

Latent weights from -1 to 1 are drawn to binary or ternary ones in every step (`hwpy.low_precision.binary`), which make
the sums and their gradients, and which the latent ones take over as if they were they (BinaryConnect). A hidden sum
``a = (x w + b) / sqrt(inputs)`` gives its sign, and the gradient passes where |a| <= 1 (M. Courbariaux et al.,
arXiv:1602.02830 (2016)). Loss is the cross-entropy of the softmax of 2 a at the last layer, by Adam with a rate that
falls to 0; biases are real, and ten times as fast.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.binary import sign

__all__ = ["BinaryRecipe", "train_binary"]

Reals = NDArray[np.float32]
_GAIN = 2.0


@dataclass(frozen=True)
class BinaryRecipe:
    """Neurons of each hidden layer, passes over the images, images of a step, and the first rate."""

    hidden: tuple[int, ...] = (64,)
    epochs: int = 100
    batch: int = 50
    rate: float = 0.01


def train_binary(
    recipe: BinaryRecipe,
    x: NDArray[np.int8],
    labels: NDArray[np.integer],
    seed: int = 1,
    draws: Sequence[Callable[[Reals], NDArray[np.int8]]] | None = None,
) -> tuple[list[Reals], list[Reals]]:
    """Latent weights of each layer, (inputs, neurons), and biases.

    Parameters
    ----------
    x, labels
        Inputs of -1 and +1, (images, inputs), and classes (images,).
    seed
        Of the first weights and of the order of images.
    draws
        Give each layer's weights for its latent ones; by default their signs.

    Raises
    ------
    ValueError
        If there are fewer images than a batch has.
    """
    if len(x) < recipe.batch:
        raise ValueError(f"binary training must have at least a batch of {recipe.batch} images, not {len(x)}")
    generator = np.random.default_rng(seed)
    sizes = [x.shape[1], *recipe.hidden, int(labels.max()) + 1]
    latent = [generator.uniform(-1, 1, shape).astype(np.float32) for shape in itertools.pairwise(sizes)]
    biases = [np.zeros(size, np.float32) for size in sizes[1:]]
    draws = draws or [sign] * len(latent)
    numbers = [*latent, *biases]
    first, second = [np.zeros_like(a) for a in numbers], [np.zeros_like(a) for a in numbers]
    batches = len(x) // recipe.batch
    for step in range(recipe.epochs * batches):
        if step % batches == 0:
            order = generator.permutation(len(x))
        chosen = order[step % batches * recipe.batch :][: recipe.batch]
        drawn = [draw(w).astype(np.float32) for draw, w in zip(draws, latent, strict=True)]
        slopes = gradients(x[chosen].astype(np.float32), labels[chosen], drawn, biases)
        rate = recipe.rate * (1 - step / (recipe.epochs * batches))
        for k, slope in enumerate(slopes):
            first[k] += 0.1 * (slope - first[k])
            second[k] += 0.01 * (slope**2 - second[k])
            size = np.sqrt(second[k] / (1 - 0.99 ** (step + 1))) + 1e-8
            numbers[k] -= rate * (1 if k < len(latent) else 10) * first[k] / (1 - 0.9 ** (step + 1)) / size
        for w in latent:
            np.clip(w, -1, 1, out=w)
    return latent, biases


def gradients(x: Reals, labels: NDArray[np.integer], weights: list[Reals], biases: list[Reals]) -> list[Reals]:
    """Of the mean cross-entropy with respect to all weights, then all biases, straight through the signs."""
    values, sums = [x], []
    for w, b in zip(weights, biases, strict=True):
        sums.append((values[-1] @ w + b) / np.float32(len(w) ** 0.5))
        values.append(np.where(sums[-1] >= 0, 1, -1).astype(np.float32))
    logits = _GAIN * sums[-1]
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    error = (chances - np.eye(chances.shape[1], dtype=np.float32)[labels]) * np.float32(_GAIN / len(x))
    slopes: list[Reals] = []
    for place in range(len(weights) - 1, -1, -1):
        error = error / np.float32(len(weights[place]) ** 0.5)
        slopes = [values[place].T @ error, *slopes, error.sum(axis=0)]
        if place:
            error = (error @ weights[place].T) * (np.abs(sums[place - 1]) <= 1)
    layers = len(weights)
    return [*slopes[:layers], *slopes[layers:][::-1]]
