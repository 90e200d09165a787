"""Rounding of reals, that is of float64, exactly: to integer multiples of a power of two.

The bits of a float64 go below any that a fixed number of dropped bits could hold. Those below bit 62 matter only by
being there and are joined into one, the sticky bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.rounding import Rounding, shift_right

__all__ = ["REAL_BITS", "round_quotient"]

# At most so many random bits: two less than are dropped at most, so that the sticky bit is not the tie's.
REAL_BITS = 60
_LONGEST = 62
_SIGNIFICAND = 53


def round_quotient(
    values: ArrayLike, exponent: ArrayLike, rounding: Rounding, words: ArrayLike | None = None
) -> NDArray[np.int64]:
    """``values / 2**exponent``, rounded from all bits of the quotient; int64, of the values' shape.

    Parameters
    ----------
    values
        Finite float64, all quotients below ``2**53``.
    exponent
        Integers: one for all, or one for each.
    rounding
        How; at most 60 random bits.
    words
        As `shift_right`'s.

    Raises
    ------
    ValueError
        As `shift_right`, and if there are more random bits.
    """
    if rounding.random_bits > REAL_BITS:
        raise ValueError(f"rounding of reals takes at most {REAL_BITS} random bits, not {rounding.random_bits!r}")
    fraction, power = np.frexp(np.asarray(values, dtype=np.float64))
    raw = np.ldexp(fraction, _SIGNIFICAND).astype(np.int64)
    # Of zero any number of bits can be dropped.
    shift = np.where(raw == 0, 0, np.asarray(exponent, dtype=np.int64) - power + _SIGNIFICAND)
    far = np.clip(shift - _LONGEST, 0, _LONGEST)
    kept = raw >> far
    return shift_right(kept | (kept << far != raw), np.minimum(shift, _LONGEST), rounding, words)
