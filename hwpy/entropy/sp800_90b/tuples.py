"""The estimators that count longer tuples: t-tuple and longest repeated substring, SP 800-90B sections 6.3.5 and 6.3.6.

Both ask, of every length W, how often tuples of W samples come. All answers are in the suffix array of the sequence:
a tuple of length W that comes s times is a stretch of s neighbouring suffixes that agree in W samples.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.sp800_90b.bounds import TooShortError, upper_bound

__all__ = ["longest_repeated_substring", "t_tuple", "tuple_counts"]


def t_tuple(sequence: NDArray[np.integer], cutoff: int = 35) -> float:
    """Section 6.3.5: from the most common tuple of each length that comes ``cutoff`` times or more."""
    most, _ = tuple_counts(sequence)
    longest = int(np.searchsorted(-most[1:], -cutoff, side="right"))
    if longest < 1:
        raise TooShortError(f"the t-tuple estimate needs a value that comes {cutoff!r} times")
    lengths = np.arange(1, longest + 1)
    share = most[1 : longest + 1] / (len(sequence) - lengths + 1)
    return -math.log2(upper_bound(float((share ** (1 / lengths)).max()), len(sequence))) + 0.0


def longest_repeated_substring(sequence: NDArray[np.integer], cutoff: int = 35) -> float:
    """Section 6.3.6: from how many pairs of equal tuples there are, of lengths too long for `t_tuple` and upwards."""
    most, pairs = tuple_counts(sequence)
    first = int(np.searchsorted(-most[1:], -cutoff, side="right")) + 1
    last = len(pairs) - 1
    if last < first:
        raise TooShortError("the estimate of the longest repeated substring needs a longer repeated one")
    lengths = np.arange(first, last + 1)
    possible = (len(sequence) - lengths + 1) * (len(sequence) - lengths) / 2.0
    share = (pairs[first:] / possible) ** (1 / lengths)
    return -math.log2(upper_bound(float(share.max()), len(sequence))) + 0.0


def tuple_counts(sequence: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each length W from 0 to the longest repeated: how often the most common W-tuple comes, and the pairs of equal
    W-tuples.
    """
    return _tuple_counts(np.ascontiguousarray(sequence, dtype=np.uint8).tobytes())


@lru_cache(maxsize=1)  # two estimators ask for the same
def _tuple_counts(samples: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    values = np.frombuffer(samples, np.uint8)
    return _count(_common_prefixes(values, *_suffix_array(values)))


def _suffix_array(values: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The suffixes in order, and the place of each, by doubling the sorted prefix (Manber and Myers 1990)."""
    size = len(values)
    bits = max(1, int(values.max()).bit_length())
    width = 62 // bits
    # The first `width` samples as one number; what is beyond the end counts as 0 and is told apart by the second key.
    code = np.zeros(size, np.int64)
    for place in range(width):
        code <<= bits
        code[: max(0, size - place)] |= values[place:]
    rank = _ranks(code)
    done = width
    # Two suffixes may have equal codes because one ends: the shorter one is the lesser.
    ended = np.minimum(size - np.arange(size), width)
    rank = _ranks(rank * (width + 1) + ended)
    while rank.max() < size - 1:
        second = np.zeros(size, np.int64)
        second[: max(0, size - done)] = rank[done:] + 1
        rank = _ranks(rank * (size + 1) + second)
        done *= 2
    order = np.empty(size, np.int64)
    order[rank] = np.arange(size)
    return order, rank


def _ranks(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank of each key among the distinct ones, from 0."""
    order = np.argsort(keys)
    ordered = keys[order]
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.concatenate(([0], np.cumsum(ordered[1:] != ordered[:-1])))
    return rank


@numba.njit(nogil=True, cache=True)
def _common_prefixes(values, order, rank):
    """How many samples each suffix shares with the one before it in order (Kasai et al. 2001); 0 for the first."""
    size = len(values)
    shared = np.zeros(size, np.int64)
    length = 0
    for i in range(size):
        if rank[i] == 0:
            length = 0
            continue
        j = order[rank[i] - 1]
        while i + length < size and j + length < size and values[i + length] == values[j + length]:
            length += 1
        shared[rank[i]] = length
        if length:
            length -= 1
    return shared


@numba.njit(nogil=True, cache=True)
def _count(shared):
    """Walk over the stretches of suffixes that agree, innermost first, with a stack of those still open."""
    size = len(shared)
    longest = shared.max()
    most = np.ones(longest + 1, np.int64)
    gained = np.zeros(longest + 2, np.int64)
    depth = np.zeros(size + 1, np.int64)
    start = np.zeros(size + 1, np.int64)
    top = 0
    for i in range(1, size + 1):
        here = shared[i] if i < size else 0
        left = i - 1
        while top and depth[top] > here:
            left = start[top]
            count = i - left
            parent = max(depth[top - 1], here)
            most[depth[top]] = max(most[depth[top]], count)
            gained[depth[top]] += count * (count - 1) // 2
            gained[parent] -= count * (count - 1) // 2
            top -= 1
        if here > depth[top]:
            top += 1
            depth[top] = here
            start[top] = left
    most[0] = size
    pairs = np.zeros(longest + 1, np.int64)
    total = 0
    for length in range(longest, 0, -1):
        total += gained[length]
        pairs[length] = total
        if length < longest:
            most[length] = max(most[length], most[length + 1])
    pairs[0] = size * (size - 1) // 2
    return most, pairs
