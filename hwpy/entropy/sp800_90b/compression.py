"""The compression estimator, from Maurer's universal statistic: SP 800-90B section 6.3.4."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.sp800_90b.bounds import TooShortError, Z

__all__ = ["compression"]

_BITS = 6
_BLOCKS = 1 << _BITS
#: Ratio of the standard deviation of the mean to what independent terms would have (Coron and Naccache).
_CORRECTION = 0.5907


def compression(bits: NDArray[np.integer], dictionary: int = 1000) -> float:
    """From the mean logarithm of how far back each block of 6 bits was last seen.

    The bound on the mean is met by a source with one block of probability p and the others alike; p is found by
    bisection and gives ``-log2(p) / 6``.

    Parameters
    ----------
    bits
        The sequence.
    dictionary
        Blocks that only fill the dictionary, the standard's d.
    """
    blocks = len(bits) // _BITS
    count = blocks - dictionary
    if count < 2:
        raise TooShortError(f"the compression estimate needs {_BITS * (dictionary + 2)} bits, not {len(bits)!r}")
    weights = 1 << np.arange(_BITS - 1, -1, -1)
    words = np.asarray(bits[: blocks * _BITS]).reshape(blocks, _BITS) @ weights
    logs = np.log2(_distances(words, dictionary))
    mean = logs.mean()
    deviation = _CORRECTION * math.sqrt(max(0.0, (logs @ logs) / (count - 1) - mean**2))
    bound = mean - Z * deviation / math.sqrt(count)
    low, high = 1 / _BLOCKS, 1.0
    terms = _Terms(blocks, dictionary)
    if bound >= terms.mean(low):
        return 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if terms.mean(middle) > bound:
            low = middle
        else:
            high = middle
    return -math.log2(low) / _BITS + 0.0


@numba.njit(nogil=True, cache=True)
def _distances(words, dictionary):
    seen = np.zeros(_BLOCKS, np.int64)
    distances = np.empty(len(words) - dictionary, np.float64)
    for i in range(len(words)):
        if i >= dictionary:
            distances[i - dictionary] = i + 1 - seen[words[i]]
        seen[words[i]] = i + 1
    return distances


class _Terms:
    """The expected mean as a function of p: the standard's G(p) + 63 G(q), its double sum put in order of u.

    Distance u < t has probability z^2 (1 - z)^(u - 1) in each block t, and u = t, not seen before, z (1 - z)^(t - 1).
    """

    def __init__(self, blocks: int, dictionary: int):
        self.count = blocks - dictionary
        distance = np.arange(1, blocks + 1)
        log = np.log2(distance)
        self.power = distance - 1.0
        self.seen = log * (blocks - np.maximum(distance, dictionary))
        self.new = np.where(distance > dictionary, log, 0.0)

    def mean(self, p: float) -> float:
        """The expected mean logarithm; it falls as p grows."""
        q = (1 - p) / (_BLOCKS - 1)
        return self._term(p) + (_BLOCKS - 1) * self._term(q)

    def _term(self, z: float) -> float:
        if z <= 0 or z >= 1:
            return 0.0
        # Beyond this the powers are below 1e-20.
        stop = min(len(self.power), 2 + int(46 / z))
        powers = np.exp(self.power[:stop] * math.log1p(-z))
        return float(z * z * (self.seen[:stop] @ powers) + z * (self.new[:stop] @ powers)) / self.count
