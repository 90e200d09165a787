"""Tests that count ones and runs: SP 800-22 sections 2.1 to 2.4."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["TooShortError", "block_frequency", "frequency", "longest_run", "runs", "upper_gamma"]

Bits = NDArray[np.uint8]

# Section 2.4.4 and 3.4: block length, the classes' longest runs (first and last are open), and their probabilities.
_LONGEST_RUNS = (
    (128, 8, 1, (55 / 256, 94 / 256, 59 / 256, 48 / 256)),
    (6272, 128, 4, (0.1174, 0.2430, 0.2493, 0.1752, 0.1027, 0.1124)),
    (750_000, 10_000, 10, (0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727)),
)


class TooShortError(ValueError):
    """A sequence that a test's definition does not reach."""


def upper_gamma(shape: float, x: float) -> float:
    """The regularised upper incomplete gamma function, the standard's igamc."""
    from scipy.special import gammaincc

    return float(gammaincc(shape, x))


def frequency(bits: Bits) -> float:
    """Section 2.1, monobit: is half of the bits 1?"""
    excess = 2 * int(np.count_nonzero(bits)) - len(bits)
    return math.erfc(abs(excess) / math.sqrt(2 * len(bits)))


def block_frequency(bits: Bits, length: int) -> float:
    """Section 2.2: is half of each block of ``length`` bits 1? What is left over is dropped."""
    blocks = len(bits) // length
    if blocks < 1:
        raise TooShortError(f"block frequency needs a block of {length!r} bits, not {len(bits)!r}")
    share = bits[: blocks * length].reshape(blocks, length).mean(axis=1)
    return upper_gamma(blocks / 2, 2 * length * float(((share - 0.5) ** 2).sum()))


def runs(bits: Bits) -> float:
    """Section 2.3: is the number of runs that of independent bits? 0 if `frequency` fails beyond any doubt."""
    ones = int(np.count_nonzero(bits)) / len(bits)
    if abs(ones - 0.5) >= 2 / math.sqrt(len(bits)):
        return 0.0
    found = 1 + int(np.count_nonzero(bits[1:] != bits[:-1]))
    spread = ones * (1 - ones)
    return math.erfc(abs(found - 2 * len(bits) * spread) / (2 * math.sqrt(2 * len(bits)) * spread))


def longest_run(bits: Bits) -> float:
    """Section 2.4: are the longest runs of ones in blocks as long as they should be? At least 128 bits."""
    rows = [row for row in _LONGEST_RUNS if len(bits) >= row[0]]
    if not rows:
        raise TooShortError(f"the longest run of ones needs 128 bits, not {len(bits)!r}")
    _, length, first, probabilities = rows[-1]
    longest = _longest_runs(bits, length)
    classes = np.clip(longest, first, first + len(probabilities) - 1) - first
    expected = len(longest) * np.array(probabilities)
    counts = np.bincount(classes, minlength=len(probabilities))
    return upper_gamma((len(probabilities) - 1) / 2, float(((counts - expected) ** 2 / expected).sum()) / 2)


@numba.njit(nogil=True, cache=True)
def _longest_runs(bits, length):
    longest = np.zeros(len(bits) // length, np.int64)
    for block in range(len(longest)):
        run = 0
        for i in range(block * length, (block + 1) * length):
            run = run + 1 if bits[i] else 0
            longest[block] = max(longest[block], run)
    return longest
