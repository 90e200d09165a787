"""A linear recursion of first order: a filter of one pole, and a Gaussian process that forgets exponentially."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["first_order", "ornstein_uhlenbeck"]

Reals = NDArray[np.float64]


@njit(cache=True)
def first_order(inputs: Reals, kept: float, value: float) -> Reals:
    """``y[n] = kept y[n - 1] + inputs[n]``, from ``y[-1] = value``; shape of ``inputs``, (samples,)."""
    outputs = np.empty_like(inputs)
    for n in range(len(inputs)):
        value = kept * value + inputs[n]
        outputs[n] = value
    return outputs


def ornstein_uhlenbeck(count: int, kept: float, generator: np.random.Generator) -> Reals:
    """Stationary Gaussian samples, shape (count,), of variance 1 and correlation ``kept`` between successive ones."""
    start = generator.standard_normal()
    return first_order(math.sqrt(1 - kept**2) * generator.standard_normal(count), kept, start)
