"""Division and square root by feedback: an up/down counter that makes two streams equal. Golden model and exact chain.

The adaptive element of B. R. Gaines (*Stochastic computing systems*, 1969): a counter of w bits is compared with a
random word r, which gives the output bit ``y = r < code``; it moves by ``x - (y AND z)``, so that in the mean p_x = p_y
p_z. With z a divisor the output is x / z; with z the output of the clock before (an isolator), sqrt(x) (S. L. Toral, J.
M. Quero and L. G. Franquelo, *Stochastic pulse coded arithmetic*, ISCAS 2000).

The code wanders about its equilibrium with a variance that falls, and a settling time that grows, with 2^w. As the
output bit feeds back into the code the bits are not independent, and the mean is off by a term of order 2^-w:
`chain` has all of that exactly. Off its ends the code's mean moves by x - z code / 2^w in a clock, dividing, and by x -
(code / 2^w)^2 nearly, taking the root: it settles with the time constant 2^w / z, or 2^w / (2 sqrt(x)), in clocks.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Feedback", "FeedbackParameters", "chain", "time_constant"]

_KINDS = ("divide", "square root")


@dataclass(frozen=True)
class FeedbackParameters:
    """A feedback element.

    Parameters
    ----------
    width
        Bits of the counter and of a random word, 2 to 16.
    kind
        'divide' or 'square root'.
    """

    width: int = 8
    kind: str = "divide"

    def __post_init__(self) -> None:
        if not 2 <= operator.index(self.width) <= 16:
            raise ValueError(f"feedback width must be 2 to 16 bits, not {self.width!r}")
        if self.kind not in _KINDS:
            raise ValueError(f"feedback kind must be one of {', '.join(_KINDS)}, not {self.kind!r}")

    @property
    def inputs(self) -> int:
        """Input bits: dividend and divisor, or the radicand."""
        return 2 if self.kind == "divide" else 1


class Feedback:
    """Golden model. ``code`` is that of the present clock, half of the range after reset."""

    def __init__(self, parameters: FeedbackParameters):
        self.parameters = parameters
        self.code = 1 << (parameters.width - 1)
        self._last = 0

    def output(self, word: int) -> int:
        """The output bit of this clock for a random word."""
        return int(word < self.code)

    def step(self, bits: int, word: int) -> int:
        """A transfer: input bits (dividend or radicand lowest) and a random word. Gives the output bit."""
        y = self.output(word)
        z = bits >> 1 & 1 if self.parameters.kind == "divide" else self._last
        moved = self.code + (bits & 1) - (y & z)
        self.code = min(max(moved, 0), (1 << self.parameters.width) - 1)
        self._last = y
        return y


def chain(parameters: FeedbackParameters, x: float, z: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transition matrix and P(output is 1) of the states, for independent inputs of P(1) = x and, dividing, z.

    State ``2 code + last output`` (the last output matters to the square root only). For
    `hwpy.stochastic_computing.encoding.chain_variance`, which takes the output of a state: here that of the clock
    before, the lowest bit of its number.
    """
    top = (1 << parameters.width) - 1
    matrix = np.zeros((2 * (top + 1), 2 * (top + 1)))
    for code in range(top + 1):
        ones = code / (top + 1)
        for last in (0, 1):
            minus = z if parameters.kind == "divide" else float(last)
            for y, p_y in ((0, 1 - ones), (1, ones)):
                for up, p_up in ((0, 1 - x), (1, x)):
                    for down, p_down in ((0, 1 - y * minus), (1, y * minus)):
                        after = min(max(code + up - down, 0), top)
                        matrix[2 * code + last, 2 * after + y] += p_y * p_up * p_down
    return matrix, np.tile([0.0, 1.0], top + 1)


def time_constant(parameters: FeedbackParameters, x: float, z: float = 1.0) -> float:
    """Clocks in which what is slowest to settle falls to 1/e, by the second eigenvalue of the `chain`."""
    matrix, _ = chain(parameters, x, z)
    second = np.sort(np.abs(np.linalg.eigvals(matrix)))[-2]
    return float(-1 / np.log(second))
