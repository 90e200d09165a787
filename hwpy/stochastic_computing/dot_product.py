"""The strongest binary rival of a stochastic neuron: a dot product that takes a bit of all inputs in a clock.

The inputs' bits come highest first, one of each input a clock, and the unit adds the weights of those that are 1 to
twice its total. For constant weights the sums of each four are tables of four input bits, one look-up table a bit:
distributed arithmetic (A. Peled and B. Liu, *IEEE Trans. Acoust., Speech, Signal Process.* 22, 456, 1974; S. A. White,
*IEEE ASSP Mag.* 6 (3), 4, 1989). A neuron takes as many clocks as an input has bits, whatever its fan-in.
"""

from __future__ import annotations

import operator
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["DotProduct", "DotProductParameters"]


@dataclass(frozen=True)
class DotProductParameters:
    """Widths of a unit.

    Parameters
    ----------
    inputs
        K.
    input_bits, weight_bits
        Of the unsigned x and w, 1 to 16.
    weights
        K constants, or None: they are loaded.
    """

    inputs: int
    input_bits: int = 8
    weight_bits: int = 8
    weights: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if operator.index(self.inputs) < 1:
            raise ValueError(f"dot product inputs must be positive, not {self.inputs!r}")
        for name in ("input_bits", "weight_bits"):
            if not 1 <= operator.index(getattr(self, name)) <= 16:
                raise ValueError(f"dot product {name} must be 1 to 16, not {getattr(self, name)!r}")
        if self.weights is None:
            return
        object.__setattr__(self, "weights", tuple(operator.index(w) for w in self.weights))
        if len(self.weights) != self.inputs:
            raise ValueError(f"dot product weights must be {self.inputs}, not {len(self.weights)}")
        for weight in self.weights:
            if not 0 <= weight < 1 << self.weight_bits:
                raise ValueError(f"dot product weights must be 0 to 2**{self.weight_bits} - 1, not {weight!r}")

    @property
    def terms(self) -> int:
        """Numbers that are added in a clock: one for each four constants, or one for each loaded weight."""
        return self.inputs if self.weights is None else -(-self.inputs // 4)

    @property
    def latency(self) -> int:
        """Enabled clocks from a bit of the inputs to the total before it, the adders being a tree of registers."""
        return 1 + (self.terms - 1).bit_length()

    @property
    def sum_bits(self) -> int:
        """Bits of the total."""
        return self.input_bits + self.weight_bits + (self.inputs - 1).bit_length()


class DotProduct:
    """Golden model. ``total`` is that of the present clock, modulo ``2**sum_bits``."""

    def __init__(self, parameters: DotProductParameters, weights: ArrayLike | None = None):
        self.parameters = parameters
        self.weights = np.asarray(parameters.weights if weights is None else weights, np.int64)
        self.total = 0
        self._pipeline = deque([(False, 0)] * parameters.latency)

    def step(self, x: ArrayLike, clear: bool) -> None:
        """One enabled clock: a bit of each input, (K,), and whether it is the highest of a new sum."""
        self._pipeline.append((clear, int(self.weights @ np.asarray(x, np.int64))))
        is_first, plane = self._pipeline.popleft()
        self.total = ((0 if is_first else 2 * self.total) + plane) % (1 << self.parameters.sum_bits)
