"""Tests that count overlapping patterns of m bits: serial and approximate entropy, SP 800-22 sections 2.11 and 2.12."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.sp800_22.counts import Bits, TooShortError, upper_gamma

__all__ = ["approximate_entropy", "serial"]


def serial(bits: Bits, length: int) -> tuple[float, float]:
    """Section 2.11: are all patterns of ``length`` bits as frequent? Two p-values, of first and second differences."""
    if length < 2:
        raise TooShortError(f"the serial test needs patterns of 2 bits, not {length!r}")
    whole, less, least = (_psi_squared(bits, length - k) for k in range(3))
    first, second = whole - less, whole - 2 * less + least
    # Rounding can leave a tiny negative difference of counts that are all equal.
    return (
        upper_gamma(2.0 ** (length - 2), max(first, 0.0) / 2),
        upper_gamma(2.0 ** (length - 3), max(second, 0.0) / 2),
    )


def approximate_entropy(bits: Bits, length: int) -> float:
    """Section 2.12: do patterns of ``length + 1`` bits add as much entropy to those of ``length`` as they should?"""
    if length < 1:
        raise TooShortError(f"approximate entropy needs patterns of 1 bit, not {length!r}")
    added = _phi(bits, length) - _phi(bits, length + 1)
    return upper_gamma(2.0 ** (length - 1), max(len(bits) * (math.log(2) - added), 0.0))


def _counts(bits: Bits, length: int) -> NDArray[np.int64]:
    """How often each pattern comes, the sequence being closed to a ring."""
    ring = np.concatenate([bits, bits[: length - 1]]).astype(np.int64)
    patterns = np.zeros(len(bits), np.int64)
    for place in range(length):
        patterns = 2 * patterns + ring[place : place + len(bits)]
    return np.bincount(patterns, minlength=1 << length)


def _psi_squared(bits: Bits, length: int) -> float:
    if length < 1:
        return 0.0
    counts = _counts(bits, length).astype(np.float64)
    return float(2.0**length / len(bits) * (counts @ counts) - len(bits))


def _phi(bits: Bits, length: int) -> float:
    share = _counts(bits, length) / len(bits)
    share = share[share > 0]
    return float(share @ np.log(share))
