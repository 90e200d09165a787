"""Random words for stochastic rounding, one for each lane of a machine in each clock: from which source, how shared.

A machine rounds ``lanes`` numbers at a time, and number e of a long row is rounded by lane ``e % lanes`` in clock
``e // lanes``. Each lane has a word of ``bits`` fresh bits a clock, from

`XoshiroWords`
    a xoshiro128++ of its own: the reference;
`LfsrWords`
    a shift register of its own, or one for all lanes, which then round with the same word;
`JunctionWords`
    ``bits`` superparamagnetic junctions of its own, each sampled once a clock: clocked fast against its dwell time a
    junction repeats itself, so that the words of successive clocks are alike.

``words`` is the golden model. `hwpy.low_precision.fast` draws the same words in its kernels from the same ``state``.
"""

from __future__ import annotations

import operator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import Lfsr, LfsrParameters, check_seed, spaced_seeds
from hwpy.entropy.planes import seed_words
from hwpy.entropy.smtj import FRACTION_BITS, Smtj, SmtjChain

__all__ = ["JunctionWords", "LfsrWords", "WordSource", "XoshiroWords"]


class WordSource(Protocol):
    """``state`` is uint32, (rows, lanes), or (1, 1) where all lanes share; ``settings`` are int64 for the kernel."""

    kind: int
    lanes: int
    bits: int
    state: NDArray[np.uint32]
    settings: NDArray[np.int64]

    def words(self, clocks: int) -> NDArray[np.int64]:
        """The words of the next clocks, which are thereby taken; (clocks, lanes)."""


class XoshiroWords:
    """The upper ``bits`` of a xoshiro128++ a lane, their states from SplitMix64.

    Parameters
    ----------
    lanes
        At least 1.
    bits
        Of a word, 1 to 30.
    seed
        Any integer.
    """

    kind = 0

    def __init__(self, lanes: int, bits: int, seed: int = 1):
        self.lanes, self.bits = _check(lanes, bits)
        self.state = _xoshiro_states(self.lanes, seed)
        self.settings = np.array([32 - self.bits], np.int64)

    def words(self, clocks: int) -> NDArray[np.int64]:
        """As `WordSource`."""
        return _xoshiro(self.state, clocks) >> (32 - self.bits)


class LfsrWords:
    """Shift registers of `hwpy.entropy.lfsr`, Fibonacci form, that leap by ``bits``.

    Parameters
    ----------
    lanes, bits
        As `XoshiroWords`; a word may not have more bits than the register.
    width
        Of the register, 3 to 32.
    seed
        Any integer: gives the state of the first register, from which the others lie evenly spaced on the one cycle.
    shared
        One register for all lanes.
    """

    kind = 1

    def __init__(self, lanes: int, bits: int, width: int, seed: int = 1, *, shared: bool = False):
        self.lanes, self.bits = _check(lanes, bits)
        if not 3 <= width <= 32:
            raise ValueError(f"LFSR of rounding words must be 3 to 32 bits wide, not {width!r}")
        self.parameters = LfsrParameters(width, leap=self.bits)
        period = (1 << width) - 1
        first = 1 + int(seed_words(seed, 4, 1)[0]) % period
        count = 1 if shared else self.lanes
        seeds = spaced_seeds(self.parameters, check_seed(self.parameters, first), count, period // count)
        self.state = np.array([seeds], np.uint32)
        taps = sum(1 << exponent for exponent in self.parameters.exponents)
        self.settings = np.array([width, self.bits, self._among_new(), taps], np.int64)

    def _among_new(self) -> int:
        """1 / (1 + f(z)) to the leap's length: the new bits over what the old ones give, modulo 2 in the delay z."""
        series = [1]
        while len(series) < self.bits:
            series.append(sum(series[-delay] for delay in self.parameters.delays if delay <= len(series)) & 1)
        return sum(bit << place for place, bit in enumerate(series))

    def words(self, clocks: int) -> NDArray[np.int64]:
        """As `WordSource`."""
        registers = [Lfsr(self.parameters, int(state)) for state in self.state[0]]
        words = np.array([register.words(clocks) for register in registers], np.int64).reshape(-1, clocks).T
        self.state[0] = [register.state for register in registers]
        return np.ascontiguousarray(np.broadcast_to(words, (clocks, self.lanes)))


class JunctionWords:
    """``bits`` emulated junctions a lane, each a two-state Markov chain sampled once a clock.

    Bit j of a lane's next 16 xoshiro words, the first lowest, is the number that junction j draws.

    Parameters
    ----------
    lanes, bits, seed
        As `XoshiroWords`. The seed also gives the states before the first clock, fair coins.
    chain
        Escape probabilities between two samples.
    """

    kind = 2

    def __init__(self, lanes: int, bits: int, chain: SmtjChain, seed: int = 1):
        self.lanes, self.bits = _check(lanes, bits)
        self.chain = chain
        first = seed_words(seed, 5, self.lanes).astype(np.uint32) >> np.uint32(32 - self.bits)
        self.state = np.concatenate([first[None], _xoshiro_states(self.lanes, seed)])
        self.settings = np.array([self.bits, chain.escape_from_0, chain.escape_from_1], np.int64)

    def words(self, clocks: int) -> NDArray[np.int64]:
        """As `WordSource`."""
        places = np.arange(self.bits)
        drawn = _xoshiro(self.state[1:], FRACTION_BITS * clocks).reshape(clocks, FRACTION_BITS, self.lanes, 1)
        numbers = ((drawn >> places & 1) << np.arange(FRACTION_BITS)[:, None, None]).sum(axis=1)
        first = (self.state[0][:, None] >> places.astype(np.uint32) & 1).ravel()
        junctions = Smtj(self.lanes * self.bits, sum(int(bit) << j for j, bit in enumerate(first)))
        states = junctions.run(numbers.reshape(clocks, -1), self.chain).reshape(clocks, self.lanes, self.bits)
        words = (states.astype(np.int64) << places).sum(axis=2)
        if clocks:
            self.state[0] = words[-1]
        return words


def _check(lanes: int, bits: int) -> tuple[int, int]:
    lanes, bits = operator.index(lanes), operator.index(bits)
    if lanes < 1:
        raise ValueError(f"lanes of random words must be at least 1, not {lanes!r}")
    if not 1 <= bits <= 30:
        raise ValueError(f"a lane's random word must have 1 to 30 bits, not {bits!r}")
    return lanes, bits


def _xoshiro_states(lanes: int, seed: int) -> NDArray[np.uint32]:
    """(4, lanes)."""
    return np.ascontiguousarray(seed_words(seed, 6, 2 * lanes).astype("<u8").view("<u4").reshape(lanes, 4).T, np.uint32)


def _xoshiro(state: NDArray[np.uint32], clocks: int) -> NDArray[np.int64]:
    """The next 32-bit outputs (clocks, lanes) of xoshiro128++; the state (4, lanes) moves on."""
    out = np.empty((clocks, state.shape[1]), np.int64)
    s0, s1, s2, s3 = (row.copy() for row in state)
    for clock in range(clocks):
        out[clock] = _rotate(s0 + s3, 7) + s0
        shifted = s1 << np.uint32(9)
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = _rotate(s3, 11)
    state[:] = s0, s1, s2, s3
    return out


def _rotate(words: NDArray[np.uint32], left: int) -> NDArray[np.uint32]:
    return words << np.uint32(left) | words >> np.uint32(32 - left)
