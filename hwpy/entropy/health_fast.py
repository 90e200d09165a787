"""The tests of `hwpy.entropy.health` on long recordings of one lane, in Numba: the same failures at the same bits."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.health import HealthParameters

__all__ = ["FastBitTests"]


class FastBitTests:
    """All testers of one lane, which go on after they have failed; bits may come in parts.

    Attributes
    ----------
    repetition, proportion
        Failures so far of each test at each lag, 0 first; int64 of shape (lags + 1,).
    first_repetition, first_proportion
        Number of the bit, from 0, at which each failed first, or -1; of the same shape.

    Raises
    ------
    ValueError
        If there are more than 63 lags.
    """

    def __init__(self, parameters: HealthParameters):
        if parameters.lags > 63:
            raise ValueError(f"the fast testers have 63 lags at most, not {parameters.lags!r}")
        self.parameters = parameters
        testers = parameters.lags + 1
        self.repetition, self.proportion = np.zeros((2, testers), np.int64)
        self.first_repetition, self.first_proportion = np.full((2, testers), -1, np.int64)
        self._counters = np.zeros((testers, 4), np.int64)
        self._history = np.uint64(0)
        self._bits = 0

    def feed(self, bits: ArrayLike) -> None:
        """Test more bits, 0 or 1, of shape (count,)."""
        sequence = np.ascontiguousarray(bits, np.uint8)
        p = self.parameters
        _test(
            sequence,
            self._history,
            self._bits,
            self._counters,
            np.array([p.repetition_cutoff, p.proportion_cutoff, p.window]),
            self.repetition,
            self.proportion,
            self.first_repetition,
            self.first_proportion,
        )
        for bit in sequence[-64:].tolist():
            self._history = np.uint64((int(self._history) << 1 | bit) % (1 << 64))
        self._bits += len(sequence)


@numba.njit(cache=True)
def _test(
    bits: NDArray[np.uint8],
    history: np.uint64,
    start: int,
    counters: NDArray[np.int64],
    limits: NDArray[np.int64],
    repetition: NDArray[np.int64],
    proportion: NDArray[np.int64],
    first_repetition: NDArray[np.int64],
    first_proportion: NDArray[np.int64],
) -> None:
    repetition_cutoff, proportion_cutoff, window = limits
    for lag in range(len(counters)):
        last, run, first, count = counters[lag]
        if start == 0:
            last = 2
        past = history
        place = start % window
        for i in range(len(bits)):
            bit = np.int64(bits[i])
            if lag:
                bit ^= np.int64(past >> np.uint64(lag - 1) & np.uint64(1))
            past = past << np.uint64(1) | np.uint64(bits[i])
            run = run * (bit == last) + 1
            last = bit
            if run == repetition_cutoff:
                repetition[lag] += 1
                if first_repetition[lag] < 0:
                    first_repetition[lag] = start + i
            if place == 0:
                first, count = bit, 0
            equal = bit == first
            count += equal
            if equal and count == proportion_cutoff:
                proportion[lag] += 1
                if first_proportion[lag] < 0:
                    first_proportion[lag] = start + i
            place += 1
            if place == window:
                place = 0
        counters[lag] = last, run, first, count
