"""Bitstreams back to binary: parallel counters that add up, exact and approximate. Parameters and golden model.

An accumulative parallel counter (B. Parhami and C.-H. Yeh, *Asilomar* 1995) adds the number of ones among its inputs to
a register each clock; with one input it is the plain counter at the end of a stochastic circuit.

The approximate parallel counter (K. Kim, J. Lee and K. Choi, *Approximate de-randomizer for stochastic circuits*, ISOCC
2015) puts its inputs through one layer of gates, OR and AND by turns over pairs, and counts the outputs twice. As a + b
= (a OR b) + (a AND b), an OR pair counts ``a XOR b`` too much and an AND pair as much too little: with alike pairs the
errors cancel in the mean.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Counter", "CounterParameters", "approximate_count", "approximate_error", "moments"]

_ENCODINGS = ("unipolar", "bipolar", "two-rail")


@dataclass(frozen=True)
class CounterParameters:
    """What is counted.

    Parameters
    ----------
    inputs
        Bits counted in one transfer (on each rail).
    length
        Transfers N that make one total, 1 to ``2**24``.
    encoding
        'unipolar': the total is the number of ones. 'bipolar': an up/down counter, ones less zeros. 'two-rail': ones of
        the positive rail less those of the negative one.
    approximate
        Whether the ones of a transfer are counted approximately; then ``inputs`` must be even.
    """

    inputs: int = 1
    length: int = 256
    encoding: str = "unipolar"
    approximate: bool = False

    def __post_init__(self) -> None:
        if operator.index(self.inputs) < 1:
            raise ValueError(f"counter inputs must be positive, not {self.inputs!r}")
        if not 1 <= operator.index(self.length) <= 1 << 24:
            raise ValueError(f"counter length must be 1 to 2**24, not {self.length!r}")
        if self.encoding not in _ENCODINGS:
            raise ValueError(f"counter encoding must be one of {', '.join(_ENCODINGS)}, not {self.encoding!r}")
        if self.approximate and self.inputs % 2:
            raise ValueError(f"an approximate counter needs an even number of inputs, not {self.inputs!r}")

    @property
    def rails(self) -> int:
        """Groups of ``inputs`` bits in a payload: 2 for two-rail, positive rail lowest, else 1."""
        return 2 if self.encoding == "two-rail" else 1

    @property
    def signed(self) -> bool:
        """Whether the total is signed."""
        return self.encoding != "unipolar"

    @property
    def total_bits(self) -> int:
        """Bits of the total, with the sign bit of a signed one."""
        return (self.inputs * self.length).bit_length() + self.signed


class Counter:
    """Golden model. ``valid``, ``payload`` (the total) are those of the present clock."""

    def __init__(self, parameters: CounterParameters):
        self.parameters = parameters
        self.valid = False
        self.payload = 0
        self._sum = 0
        self._taken = 0

    def ready(self, sink_ready: bool) -> bool:
        """Whether a transfer is taken in this clock if one is offered: not if a total would be lost."""
        return self._taken < self.parameters.length - 1 or not self.valid or sink_ready

    def step(self, bits: int | None, sink_ready: bool) -> None:
        """One clock edge: the bits offered (None: none) and the sink's ready."""
        is_taken = bits is not None and self.ready(sink_ready)
        self.valid = self.valid and not sink_ready
        if not is_taken or bits is None:
            return
        self._sum += self.increment(bits)
        self._taken += 1
        if self._taken == self.parameters.length:
            self.payload, self.valid = self._sum, True
            self._sum = self._taken = 0

    def increment(self, bits: int) -> int:
        """What one payload adds."""
        inputs = self.parameters.inputs
        counts = []
        for rail in range(self.parameters.rails):
            own = np.array([bits >> (rail * inputs + k) & 1 for k in range(inputs)])
            counts.append(int(approximate_count(own) if self.parameters.approximate else own.sum()))
        if self.parameters.encoding == "two-rail":
            return counts[0] - counts[1]
        return 2 * counts[0] - inputs if self.parameters.encoding == "bipolar" else counts[0]

    def total(self, bits: ArrayLike) -> int:
        """The total of streams of shape (inputs, N), or (2, inputs, N) for two rails, positive first."""
        streams = np.asarray(bits, dtype=np.int64)
        counts = approximate_count(streams, axis=-2) if self.parameters.approximate else streams.sum(axis=-2)
        if self.parameters.encoding == "two-rail":
            return int(counts[0].sum() - counts[1].sum())
        total = int(counts.sum())
        return 2 * total - streams[..., 0].size * streams.shape[-1] if self.parameters.signed else total


def approximate_count(bits: ArrayLike, axis: int = -1) -> NDArray[np.int64]:
    """Twice the ones after the layer of gates: OR of inputs 0 and 1, AND of 2 and 3, OR of 4 and 5, ..."""
    values = np.moveaxis(np.asarray(bits, dtype=np.int64), axis, -1)
    if values.shape[-1] % 2:
        raise ValueError(f"an approximate count needs an even number of bits, not {values.shape[-1]!r}")
    first, second = values[..., ::2], values[..., 1::2]
    is_or = np.arange(first.shape[-1]) % 2 == 0
    return 2 * np.where(is_or, first | second, first & second).sum(axis=-1)


def approximate_error(probabilities: ArrayLike) -> tuple[float, float]:
    """Mean and variance, over one clock, of the approximate less the exact count of independent bits of P(1) given.

    Each pair errs by +- (a XOR b), with q = P(a XOR b) = p_a + p_b - 2 p_a p_b, mean +-q and variance q (1 - q).
    """
    p = np.asarray(probabilities, dtype=np.float64)
    first, second = p[::2], p[1::2]
    unequal = first + second - 2 * first * second
    sign = np.where(np.arange(len(first)) % 2 == 0, 1.0, -1.0)
    return float((sign * unequal).sum()), float((unequal * (1 - unequal)).sum())


def moments(parameters: CounterParameters, probabilities: ArrayLike) -> tuple[float, float]:
    """Expectation and variance of the total of independent bits of P(1) given, (inputs,) or (2, inputs)."""
    p = np.asarray(probabilities, dtype=np.float64)
    if parameters.approximate:
        first, second = p[..., ::2], p[..., 1::2]
        both = first * second
        p = np.where(np.arange(first.shape[-1]) % 2 == 0, first + second - both, both)
    weight = (1 + parameters.approximate) * parameters.length
    mean, variance = weight * p.sum(axis=-1), (1 + parameters.approximate) * weight * (p * (1 - p)).sum(axis=-1)
    if parameters.encoding == "two-rail":
        return float(mean[0] - mean[1]), float(variance.sum())
    if parameters.encoding == "bipolar":
        return float(2 * mean - parameters.inputs * parameters.length), float(4 * variance)
    return float(mean), float(variance)
