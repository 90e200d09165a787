"""Streams made less correlated: isolators and shuffle buffers. Parameters and golden models.

isolator
    a delay of D clocks (B. R. Gaines, 1969). It removes the correlation of streams whose bits of different clocks are
    independent, and none of streams whose words recur, or of the slow drift of a junction.
shuffle buffer
    D bits; in each clock a random place gives the output and takes the input (V. T. Lee, A. Alaghi and L. Ceze,
    *Correlation manipulating circuits for stochastic computing*, DATE 2018). The delays are geometric with mean D, and
    the value is kept but for the D bits that are in the buffer at the end for the D that were there at reset.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Decorrelator", "DecorrelatorParameters", "moments"]

_KINDS = ("isolator", "shuffle")


@dataclass(frozen=True)
class DecorrelatorParameters:
    """A decorrelator of one stream.

    Parameters
    ----------
    depth
        Bits kept, D: 1 to 256; a power of two from 2 for 'shuffle'.
    kind
        'isolator' or 'shuffle'.
    """

    depth: int = 1
    kind: str = "isolator"

    def __post_init__(self) -> None:
        if not 1 <= operator.index(self.depth) <= 256:
            raise ValueError(f"decorrelator depth must be 1 to 256, not {self.depth!r}")
        if self.kind not in _KINDS:
            raise ValueError(f"decorrelator kind must be one of {', '.join(_KINDS)}, not {self.kind!r}")
        if self.kind == "shuffle" and (self.depth < 2 or self.depth & (self.depth - 1)):
            raise ValueError(f"a shuffle buffer's depth must be a power of two from 2, not {self.depth!r}")

    @property
    def random_width(self) -> int:
        """Random bits a transfer; 0 for the isolator."""
        return self.depth.bit_length() - 1 if self.kind == "shuffle" else 0

    @property
    def initial(self) -> int:
        """The bits at reset: 1 and 0 by turns, bit 0 set, so that they stand for a half."""
        return sum(1 << k for k in range(0, self.depth, 2))


class Decorrelator:
    """Golden model: the bit of a clock in, the bit of the same clock out."""

    def __init__(self, parameters: DecorrelatorParameters):
        self.parameters = parameters
        self._bits = [parameters.initial >> k & 1 for k in range(parameters.depth)]

    def output(self, word: int = 0) -> int:
        """The output bit for a random word; of the isolator the oldest bit, the highest of ``initial`` first."""
        return self._bits[word if self.parameters.kind == "shuffle" else -1]

    def step(self, bit: int, word: int = 0) -> int:
        """A transfer; gives its output bit."""
        out = self.output(word)
        if self.parameters.kind == "shuffle":
            self._bits[word] = bit
        else:
            self._bits = [bit, *self._bits[:-1]]
        return out

    def run(self, bits: ArrayLike, words: ArrayLike | None = None) -> NDArray[np.uint8]:
        """A stream of shape (N,), and as many random words if the kind takes them, to a stream of shape (N,)."""
        stream = np.asarray(bits)
        random = np.zeros(len(stream), dtype=np.int64) if words is None else np.asarray(words)
        return np.array([self.step(int(b), int(w)) for b, w in zip(stream, random, strict=True)], dtype=np.uint8)


def moments(parameters: DecorrelatorParameters, p: float, length: int) -> tuple[float, float]:
    """Expectation and variance of the mean of the first ``length`` bits from reset, for independent input bits.

    What comes out are the bits of reset, b, and input bits (of P(1) = p), each once. After N clocks place j of a
    shuffle buffer has never been drawn with u = (1 - 1/D)^N and two places neither with v = (1 - 2/D)^N; the ones are

        sum_j b_j + B - sum over places j not drawn of (b_j - p),    B of the mean p (N - D).

    An isolator has u = v = 0 once N >= D.

    Raises
    ------
    ValueError
        For an isolator longer than the stream.
    """
    depth = parameters.depth
    u = v = 0.0
    if parameters.kind == "shuffle":
        u, v = (1 - 1 / depth) ** length, (1 - 2 / depth) ** length
    elif length < depth:
        raise ValueError(f"length must be at least the isolator's depth {depth}, not {length!r}")
    off = np.array([parameters.initial >> j & 1 for j in range(depth)]) - p
    squares, pairs = float((off**2).sum()), float(off.sum() ** 2 - (off**2).sum())
    variance = p * (1 - p) * (length - depth + depth * u) + squares * u * (1 - u) + pairs * (v - u**2)
    return p + float(off.sum()) * (1 - u) / length, variance / length**2
