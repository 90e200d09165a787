"""Linear complexity: the shortest shift register that makes a sequence.

J. L. Massey, *Shift-Register Synthesis and BCH Decoding*, IEEE Trans. Inf. Theory 15, 122 (1969).

Of n random bits, biased or correlated ones too, it is n / 2 within a few. Much less gives away a linear generator, or a
periodic source, whatever its other statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["linear_complexity", "looks_linear"]

#: Bits that `looks_linear` takes: it finds registers of up to a quarter of this.
WINDOW = 8192
#: Changes between successive bits without which a sequence says too little: a stuck one has complexity 0 as well.
FEWEST_CHANGES = 64


def linear_complexity(bits: ArrayLike) -> int:
    """Length of the shortest linear feedback shift register that gives these bits (Berlekamp-Massey)."""
    connection, former, length, since, seen = 1, 1, 0, -1, 0
    for n, bit in enumerate(np.asarray(bits).tolist()):
        seen = seen << 1 | bit  # bit i of `seen` is the bit i steps ago, as bit i of `connection` is its coefficient
        if (connection & seen).bit_count() & 1:
            kept = connection
            connection ^= former << (n - since)
            if 2 * length <= n:
                length, since, former = n + 1 - length, n, kept
    return length


def looks_linear(bits: ArrayLike) -> int | None:
    """The linear complexity of the first `WINDOW` bits if it is at most a quarter of them, else None."""
    window = np.asarray(bits)[:WINDOW]
    if np.count_nonzero(window[1:] != window[:-1]) < FEWEST_CHANGES:
        return None
    length = linear_complexity(window)
    return length if length <= len(window) // 4 else None
