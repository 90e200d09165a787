"""Random words for the fast engine of the restricted Boltzmann machine: ideal, or of a bank of junctions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.escape import FRACTION_BITS, RANDOM_BITS, decode
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.smtj_bank import SmtjBankParameters

__all__ = ["GENERATOR", "BankWords", "GeneratorWords", "Words"]

#: In the place of real junctions' noise: the register that a bank of emulated ones draws from. No tap is nearer than
#: its leap, so a word is an exclusive or of earlier ones.
GENERATOR = LfsrParameters(107, leap=RANDOM_BITS)
_DELAYS = tuple(divmod(delay, RANDOM_BITS) for delay in GENERATOR.delays)


class Words(Protocol):
    """A stream of random words."""

    def words(self, count: int) -> NDArray[np.uint64]:
        """The next ``count``, which are thereby taken."""


class GeneratorWords:
    """Ideal random words of up to 64 bits, from NumPy's generator."""

    def __init__(self, width: int, seed: int):
        self._generator, self._width = np.random.default_rng(seed), width

    def words(self, count: int) -> NDArray[np.uint64]:
        """As `Words`."""
        return self._generator.integers(0, 1 << self._width, count, dtype=np.uint64, endpoint=False)


class BankWords:
    """What `rtl.entropy.smtj_bank.EmulatedSmtjBank` gives with the register `GENERATOR` from ``seed`` on.

    Parameters
    ----------
    bank
        Junctions, at most 64: the bits of a word.
    probabilities
        To leave state 0 and state 1 in a visit, of each junction: as `SmtjBankParameters.program` takes them.
    seed
        The register's state.
    """

    def __init__(self, bank: SmtjBankParameters, probabilities: Sequence[tuple[float, float]], seed: int = 1):
        if bank.count > 64:
            raise ValueError(f"a word has at most 64 junctions, not {bank.count!r}")
        codes = np.array([code for _, code in bank.program(probabilities)], np.int64).reshape(bank.count, 2)
        exponents = np.maximum(codes >> FRACTION_BITS, 1)
        # Of 42 random bits the low 12 must be below the significand, and the next 31 - exponent zero.
        significands = np.ldexp(np.vectorize(decode)(codes), RANDOM_BITS + 1 - exponents).astype(np.uint64)
        masks = ((1 << 31 - exponents) - 1 << FRACTION_BITS + 1).astype(np.uint64)
        self._comparisons = np.stack([significands, masks])
        self._states = np.zeros(bank.count, np.uint8)
        window = Lfsr(GENERATOR, seed).state << 3 * RANDOM_BITS >> GENERATOR.width
        mask = (1 << RANDOM_BITS) - 1
        self._history = np.array([window >> RANDOM_BITS * k & mask for k in (2, 1, 0)], np.uint64)

    def words(self, count: int) -> NDArray[np.uint64]:
        """As `Words`."""
        out = np.zeros(count, np.uint64)
        _visit(out, self._states, self._comparisons, self._history)
        return out


@numba.njit(nogil=True, cache=True)
def _visit(out, states, comparisons, history):
    """``history`` is the generator's last three words, of which the newest, the first, is the next to be used."""
    bits = np.uint64(RANDOM_BITS)
    taken, low = (np.uint64(1) << bits) - np.uint64(1), (np.uint64(1) << np.uint64(FRACTION_BITS + 1)) - np.uint64(1)
    last = (history[0], history[1], history[2], np.uint64(0))
    for k in range(out.shape[0]):
        word = np.uint64(0)
        for j in range(states.shape[0]):
            random, s = last[0], states[j]
            s ^= np.uint8(random & low < comparisons[0, j, s] and random & comparisons[1, j, s] == 0)
            states[j] = s
            word |= np.uint64(s) << np.uint64(j)
            new = np.uint64(0)
            for whole, rest in _DELAYS:
                new ^= last[whole - 1] << np.uint64(rest) | last[whole] >> bits - np.uint64(rest)
            last = (new & taken, last[0], last[1], last[3])
        out[k] = word
    history[0], history[1], history[2] = last[:3]
