"""The estimators that count single samples and pairs: most common value, collision and Markov.

SP 800-90B sections 6.3.1 to 6.3.3.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.sp800_90b.bounds import TooShortError, Z, upper_bound

__all__ = ["collision", "markov", "most_common_value"]

_CHAIN = 128


def most_common_value(sequence: NDArray[np.integer]) -> float:
    """Section 6.3.1: from the share of the most common value."""
    return -math.log2(upper_bound(np.bincount(sequence).max() / len(sequence), len(sequence)))


def collision(bits: NDArray[np.integer]) -> float:
    """Section 6.3.2: from the mean number of bits until one value has come twice.

    That number is 2 with probability p^2 + q^2 and 3 with 2 p q, where p + q = 1, so its mean is 2 + 2 p q and

        p = 1/2 + sqrt(5/4 - mean / 2).

    The standard writes the mean with the incomplete gamma function, for any alphabet, and solves it by bisection;
    for bits the two are the same.
    """
    count, twos = _collisions(np.asarray(bits, dtype=np.uint8))
    if count < 2:
        raise TooShortError(f"the collision estimate needs 2 collisions, not {count!r}")
    mean = 3 - twos / count
    # The sample's standard deviation of a number that is 2 or 3.
    deviation = math.sqrt(twos * (count - twos) / (count * (count - 1)))
    bound = max(mean - Z * deviation / math.sqrt(count), 2.0)
    return -math.log2(0.5 + math.sqrt(1.25 - 0.5 * bound)) if bound < 2.5 else 1.0


@numba.njit(nogil=True, cache=True)
def _collisions(bits):
    """How many collisions there are, and how many of them took only two bits."""
    count, twos, i = 0, 0, 0
    while i + 1 < len(bits):
        if bits[i] == bits[i + 1]:
            twos += 1
            i += 2
        elif i + 2 < len(bits):
            i += 3
        else:
            break
        count += 1
    return count, twos


def markov(bits: NDArray[np.integer]) -> float:
    """Section 6.3.3: from the likeliest 128 bits of the two-state chain with the sequence's own statistics.

    The likeliest path of a two-state chain stays, alternates, or moves once at the start: six candidates.
    """
    if len(bits) < 2:
        raise TooShortError(f"the Markov estimate needs 2 bits, not {len(bits)!r}")
    ones = np.count_nonzero(bits)
    pairs = np.bincount(2 * bits[:-1].astype(np.intp) + bits[1:], minlength=4).reshape(2, 2)
    start = np.array([len(bits) - ones, ones]) / len(bits)
    leaving = pairs.sum(axis=1)
    with np.errstate(divide="ignore"):
        log_start = np.log2(start)
        # From a value that is followed by none, being the last, no path goes on.
        log_move = np.log2(pairs / np.maximum(leaving, 1)[:, None])
    steps = _CHAIN - 1
    paths = []
    for a in (0, 1):
        b = 1 - a
        if not np.isfinite(log_start[a]):
            continue
        alternating = (steps + 1) // 2 * log_move[a, b] + steps // 2 * log_move[b, a]
        paths += [
            log_start[a] + steps * log_move[a, a],
            log_start[a] + alternating,
            log_start[a] + log_move[a, b] + (steps - 1) * log_move[b, b],
        ]
    return min(-max(paths) / _CHAIN, 1.0) + 0.0
