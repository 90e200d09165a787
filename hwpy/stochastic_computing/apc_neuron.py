"""The neuron of a CMOS stochastic network: XNOR, parallel counter, saturating counter. Parameters and golden model.

A. Ren et al., *SC-DCNN*, ASPLOS 2017, with the activation of K. Kim et al., *Dynamic energy-accuracy trade-off using
stochastic computing in deep neural networks*, DAC 2016. Bipolar streams: XNOR multiplies, the counter adds, and an
up/down counter of S states moves by ones less zeros; its upper half gives a 1. The output is nearly ``tanh(S s / (2
v))`` of the sum s of the products, v being the variance of a step: near S / (2 v) times s for a small sum, -1 or 1 for
a large one. Unlike the OR gate it is linear in the sum.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing.counter import approximate_count

__all__ = ["ApcNeuron", "ApcNeuronParameters", "chain"]


@dataclass(frozen=True)
class ApcNeuronParameters:
    """Inputs, states and kind of counter.

    Parameters
    ----------
    inputs
        K; even if approximate.
    states
        S, even, of the up/down counter; default the smallest power of two not below 2 K.
    approximate
        Whether the parallel counter is the approximate one.
    """

    inputs: int
    states: int | None = None
    approximate: bool = True

    def __post_init__(self) -> None:
        if operator.index(self.inputs) < 1 or (self.approximate and self.inputs % 2):
            even = " and even if approximate" if self.approximate else ""
            raise ValueError(f"APC neuron inputs must be positive{even}, not {self.inputs!r}")
        if self.states is None:
            object.__setattr__(self, "states", 1 << (2 * self.inputs - 1).bit_length())
        if self.levels < 2 or self.levels % 2:
            raise ValueError(f"APC neuron states must be even and positive, not {self.states!r}")

    @property
    def levels(self) -> int:
        """The states, never None."""
        assert self.states is not None
        return self.states


class ApcNeuron:
    """Golden model. ``state`` and ``y`` are those of the present clock."""

    def __init__(self, parameters: ApcNeuronParameters):
        self.parameters = parameters
        self.state = parameters.levels // 2

    @property
    def y(self) -> int:
        """The output bit."""
        return int(self.state >= self.parameters.levels // 2)

    def step(self, x: ArrayLike, w: ArrayLike) -> None:
        """One bit of each input and weight, (K,)."""
        products = (np.asarray(x) == np.asarray(w)).astype(np.int64)
        count = int(approximate_count(products)) if self.parameters.approximate else int(products.sum())
        self.state = min(max(self.state + 2 * count - self.parameters.inputs, 0), self.parameters.levels - 1)


def chain(parameters: ApcNeuronParameters, products: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transition matrix and output bit of the states, for products independent in a clock and in time, P(1) given (K,).

    For `hwpy.stochastic_computing.encoding.chain_variance`.
    """
    p = np.asarray(products, dtype=np.float64)
    if parameters.approximate:
        first, second = p[::2], p[1::2]
        p = np.where(np.arange(len(first)) % 2 == 0, first + second - first * second, first * second)
    law = np.ones(1)
    for one in p:
        law = np.convolve(law, [1 - one, one])
    steps = 2 * (1 + parameters.approximate) * np.arange(len(law)) - parameters.inputs
    levels = parameters.levels
    matrix = np.zeros((levels, levels))
    for state in range(levels):
        np.add.at(matrix[state], np.clip(state + steps, 0, levels - 1), law)
    return matrix, (np.arange(levels) >= levels // 2).astype(np.float64)
