"""What a restricted Boltzmann machine has learned: free energy, classes, exact likelihood; and float64 in its place.

Weights are real, (rows, columns) as in `hwpy.ising.rbm`: the last row is the biases of the hidden units, the last
column those of the visible ones.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["classify", "free_energy", "labelled_digits", "learn_float", "log_likelihood", "log_partition"]

_LARGEST_ENUMERATED = 22
_BLOCK_BITS = 12


def labelled_digits(part: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """scikit-learn's digits as 64 pixels that are 0 or 1 and 10 label units, (images, 74); and their classes.

    A pixel is 1 from 8 of 16 on. Parts as `hwpy.stochastic_computing.data.digits`.
    """
    from hwpy.stochastic_computing.data import digits

    images = digits(part)
    pixels = images.pixels.reshape(len(images), -1) >= 128
    return np.concatenate([pixels, np.eye(10, dtype=bool)[images.labels]], axis=1).astype(np.uint8), images.labels


def free_energy(weights: NDArray[np.float64], visible: ArrayLike) -> NDArray[np.float64]:
    """F(v) = -log sum_h exp(-E(v, h)) of states (count, visible): b v + sum_j log(1 + exp(c_j + v W_j)), negative."""
    fields = np.asarray(visible, np.float64) @ weights[:-1] + weights[-1]
    return -(fields[:, -1] - weights[-1, -1]) - np.logaddexp(0, fields[:, :-1]).sum(1)


def classify(weights: NDArray[np.float64], pixels: ArrayLike, classes: int = 10) -> NDArray[np.int64]:
    """The class whose label unit gives the least free energy, the only one of the last ``classes`` units that is 1."""
    pixels = np.asarray(pixels, np.float64)
    labels = np.eye(classes)
    energies = [
        free_energy(weights, np.concatenate([pixels, np.tile(label, (len(pixels), 1))], axis=1)) for label in labels
    ]
    return np.argmin(energies, axis=0)


def log_partition(weights: NDArray[np.float64]) -> float:
    """Log Z, by enumeration of all states of the hidden units.

    Raises
    ------
    ValueError
        If there are more than 22 of these.
    """
    hidden = weights.shape[1] - 1
    if hidden > _LARGEST_ENUMERATED:
        raise ValueError(f"log Z is enumerated for at most {_LARGEST_ENUMERATED} hidden units, not {hidden!r}")
    # The layers change places: the sum over the visible units of one state is its free energy.
    swapped = np.ascontiguousarray(weights.T)
    total = -np.inf
    for start in range(0, 1 << hidden, 1 << _BLOCK_BITS):
        codes = np.arange(start, min(start + (1 << _BLOCK_BITS), 1 << hidden))
        states = codes[:, None] >> np.arange(hidden) & 1
        total = np.logaddexp(total, np.logaddexp.reduce(-free_energy(swapped, states)))
    return float(total)


def log_likelihood(weights: NDArray[np.float64], visible: ArrayLike) -> float:
    """The mean of log P(v) in nats, exactly."""
    return float(-free_energy(weights, visible).mean() - log_partition(weights))


def learn_float(
    weights: NDArray[np.float64], visible: ArrayLike, rate: float, generator: np.random.Generator, steps: int = 1
) -> None:
    """Contrastive divergence as the hardware's, image after image, in float64 and with float64 random numbers.

    ``weights`` change in place.
    """
    visible = np.asarray(visible)
    ones = np.ones((len(visible), 1))
    _learn(weights, np.concatenate([visible, ones], axis=1).astype(np.float64), rate, generator, steps)


@numba.njit(nogil=True, cache=True)
def _learn(weights, images, rate, generator, steps):
    rows, columns = weights.shape
    for k in range(len(images)):
        visible = images[k]
        positive = np.ones(columns)
        _draw(visible @ weights, positive, generator)
        chain, negative = visible.copy(), positive.copy()
        for _ in range(steps):
            _draw(weights @ negative, chain, generator)
            _draw(chain @ weights, negative, generator)
        for i in range(rows):
            for j in range(columns):
                weights[i, j] += rate * (visible[i] * positive[j] - chain[i] * negative[j])


@numba.njit(nogil=True, cache=True)
def _draw(fields, units, generator):
    """All but the last one, which is always 1."""
    for j in range(len(units) - 1):
        units[j] = generator.random() < 1 / (1 + np.exp(-fields[j]))
