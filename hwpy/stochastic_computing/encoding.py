"""Numbers as bitstreams: encodings, estimators, and their standard errors in closed form (paper, section 4.1, Fig. 4).

Of a stream of N bits with P(1) = p the estimator is the mean, and its variance

    p (1 - p) / N                                                           independent bits,
    p (1 - p) / N ((1 + r) / (1 - r) - 2 r (1 - r^N) / (N (1 - r)^2))       a two-state chain of correlation r,
    f (1 - f) / N^2,   f = p N - floor(p N)                                 one bit in each of N strata.

The second is a junction sampled in its steady state. The third is a low-discrepancy generator whose first N words lie
one in each interval of 1/N, with what is below 1/N at random.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "capacity",
    "chain_variance",
    "correlated_error",
    "decode",
    "encode",
    "independent_error",
    "levels",
    "stratified_error",
]

_ENCODINGS = ("unipolar", "bipolar", "two-rail")


def encode(values: ArrayLike, encoding: str = "unipolar") -> NDArray[np.float64]:
    """P(1) of the streams that carry values: same shape, or (2, ...) for two rails, the positive one first.

    Raises
    ------
    ValueError
        For a value outside of 0 to 1 (unipolar) or -1 to 1 (bipolar, two-rail).
    """
    numbers = np.asarray(values, dtype=np.float64)
    _check(encoding)
    low = 0.0 if encoding == "unipolar" else -1.0
    bad = ~((numbers >= low) & (numbers <= 1))
    if bad.any():
        raise ValueError(f"a {encoding} value must be {low:g} to 1, not {float(numbers[bad].flat[0])!r}")
    if encoding == "bipolar":
        return (numbers + 1) / 2
    if encoding == "two-rail":
        return np.stack([np.maximum(numbers, 0), np.maximum(-numbers, 0)])
    return numbers


def decode(bits: ArrayLike, encoding: str = "unipolar") -> NDArray[np.float64]:
    """Values estimated from streams (..., N), or (2, ..., N) for two rails."""
    means = np.asarray(bits, dtype=np.float64).mean(axis=-1)
    _check(encoding)
    if encoding == "bipolar":
        return 2 * means - 1
    return means[0] - means[1] if encoding == "two-rail" else means


def independent_error(values: ArrayLike, length: int, encoding: str = "unipolar") -> NDArray[np.float64]:
    """Standard error of a value from ``length`` independent bits (a rail)."""
    p = encode(values, encoding)
    variance = p * (1 - p) / length
    if encoding == "two-rail":
        return np.sqrt(variance.sum(axis=0))
    return np.sqrt(variance) * (2 if encoding == "bipolar" else 1)


def correlated_error(p: ArrayLike, length: int, correlation: float) -> NDArray[np.float64]:
    """Standard error of the mean of a stationary two-state chain whose successive bits have ``correlation`` r < 1."""
    if not -1 < correlation < 1:
        raise ValueError(f"correlation must be above -1 and below 1, not {correlation!r}")
    mean, r = np.asarray(p, dtype=np.float64), correlation
    inflation = (1 + r) / (1 - r) - 2 * r * (1 - r**length) / (length * (1 - r) ** 2)
    return np.sqrt(mean * (1 - mean) / length * inflation)


def stratified_error(p: ArrayLike, length: int) -> NDArray[np.float64]:
    """Standard error of a low-discrepancy stream, one word in each interval of 1/N; at most 1 / (2 N)."""
    fraction = np.asarray(p, dtype=np.float64) * length % 1
    return np.sqrt(fraction * (1 - fraction)) / length


def levels(length: int, sigmas: float = 1.0, spacing: str = "even") -> float:
    """How many values from 0 to 1, ``sigmas`` standard errors apart, N independent bits tell apart.

    'even' spacing must use the largest standard error, 1 / (2 sqrt(N)), everywhere: 2 sqrt(N) / sigmas. That is the
    count of the paper (16 levels for N = 64) at ``sigmas=1``; nearest-level decisions half a standard error off
    are wrong more often than not, and a level that is right within one standard error to each side takes ``sigmas=2``.
    'arcsine' spacing puts levels closer where the error is small: pi sqrt(N) / sigmas.
    """
    if spacing not in ("even", "arcsine"):
        raise ValueError(f"spacing must be even or arcsine, not {spacing!r}")
    return (2 if spacing == "even" else math.pi) * math.sqrt(length) / sigmas


def capacity(length: int) -> float:
    """Information in bits that the mean of N independent bits can carry about p: ``log2(pi N / (2 e)) / 2``.

    The asymptotic capacity of the binomial channel, for p drawn from the arcsine law (Jeffreys' prior; B. S. Clarke and
    A. R. Barron, 1994). The exact one is 0.42 bits larger for N = 16, 0.22 for 64, 0.11 for 256.
    """
    return 0.5 * math.log2(math.pi * length / (2 * math.e))


def chain_variance(
    transition: ArrayLike, output: ArrayLike, length: int, initial: ArrayLike | None = None
) -> tuple[float, float]:
    """Expectation and variance of the mean of a chain's output over ``length`` clocks. Exact.

    Parameters
    ----------
    transition
        Probabilities from row to column, shape (states, states); of one recurrent class if it starts stationary.
    output
        What each state gives, shape (states,).
    initial
        Probabilities of the states in the first clock, shape (states,); default the stationary ones.
    """
    matrix, f = np.asarray(transition, dtype=np.float64), np.asarray(output, dtype=np.float64)
    if initial is None:
        count = len(matrix)
        initial = np.linalg.lstsq(
            np.vstack([matrix.T - np.eye(count), np.ones(count)]), np.r_[np.zeros(count), 1.0], rcond=None
        )[0]
    start = np.asarray(initial, dtype=np.float64)
    # Moments of the sum over the clocks that are left, from each state, one clock more at a time.
    centre = float(start @ f)
    g = f - centre
    first, second = np.zeros_like(g), np.zeros_like(g)
    for _ in range(length):
        ahead = matrix @ first
        first, second = g + ahead, g * (g + 2 * ahead) + matrix @ second
    total = float(start @ first)
    return centre + total / length, (float(start @ second) - total**2) / length**2


def _check(encoding: str) -> None:
    if encoding not in _ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join(_ENCODINGS)}, not {encoding!r}")
