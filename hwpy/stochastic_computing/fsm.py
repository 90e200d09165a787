"""Saturating counters as functions of a bitstream: tanh and ReLU, with the exact response of their Markov chain.

B. D. Brown and H. C. Card, *Stochastic neural computation I*, IEEE Trans. Comput. 50, 891 (2001). K states in a row; a
1 moves up, a 0 moves down, the ends hold. For independent bits of bipolar value x the stationary law is geometric with
ratio (1 + x) / (1 - x), hence

    tanh   1 in the upper half, else 0:                          y = tanh(K/2 artanh x), nearly tanh(K x / 2);
    relu   the input in the upper half, else 0 and 1 by turns:   y = x (1 + tanh(K/2 artanh x)) / 2.

The second is the exact form of what is called ReLU: zero for x well below 0, x well above, smooth within about 2 / K.
The zero of the lower half is a bit that toggles there, and only there, so that it is as even as can be.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Fsm", "FsmParameters", "chain", "response"]

_KINDS = ("tanh", "relu")


@dataclass(frozen=True)
class FsmParameters:
    """A saturating counter.

    Parameters
    ----------
    states
        K, even, 2 to 4096.
    kind
        'tanh' or 'relu'.
    """

    states: int = 8
    kind: str = "tanh"

    def __post_init__(self) -> None:
        if not 2 <= operator.index(self.states) <= 4096 or self.states % 2:
            raise ValueError(f"FSM states must be even, 2 to 4096, not {self.states!r}")
        if self.kind not in _KINDS:
            raise ValueError(f"FSM kind must be one of {', '.join(_KINDS)}, not {self.kind!r}")


class Fsm:
    """Golden model. ``state`` is that of the present clock: K/2 after reset."""

    def __init__(self, parameters: FsmParameters):
        self.parameters = parameters
        self.state = parameters.states // 2
        self._toggle = 0

    def output(self, bit: int) -> int:
        """The output bit of this clock."""
        is_upper = self.state >= self.parameters.states // 2
        if self.parameters.kind == "tanh":
            return int(is_upper)
        return bit if is_upper else self._toggle

    def step(self, bit: int) -> int:
        """A transfer; gives its output bit."""
        out = self.output(bit)
        if self.state < self.parameters.states // 2:
            self._toggle ^= 1
        self.state = min(max(self.state + (1 if bit else -1), 0), self.parameters.states - 1)
        return out

    def run(self, bits: ArrayLike) -> NDArray[np.uint8]:
        """A stream of shape (N,) to another."""
        return np.array([self.step(int(bit)) for bit in np.asarray(bits)], dtype=np.uint8)


def response(parameters: FsmParameters, x: ArrayLike) -> NDArray[np.float64]:
    """Bipolar mean of the output for independent input bits of bipolar value x, -1 to 1."""
    values = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore"):
        steep = np.tanh(parameters.states / 2 * np.arctanh(values))
    return steep if parameters.kind == "tanh" else values * (1 + steep) / 2


def chain(parameters: FsmParameters, x: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transition matrix, and output bit, over (state, toggle, input bit), numbered ``4 state + 2 toggle + input``.

    For `hwpy.stochastic_computing.encoding.chain_variance`.
    """
    p = (1 + x) / 2
    count = parameters.states
    matrix, output = np.zeros((4 * count, 4 * count)), np.zeros(4 * count)
    for state in range(count):
        for toggle in (0, 1):
            for bit in (0, 1):
                here = 4 * state + 2 * toggle + bit
                is_upper = state >= count // 2
                output[here] = (is_upper if parameters.kind == "tanh" else (bit if is_upper else toggle)) * 1.0
                after = min(max(state + 2 * bit - 1, 0), count - 1)
                there = 4 * after + 2 * (toggle if is_upper else 1 - toggle)
                matrix[here, there], matrix[here, there + 1] = 1 - p, p
    return matrix, output
