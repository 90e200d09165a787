"""A probability in 16 bits for events that may be rare: a small floating-point number, and the draw against it.

A code is ``exponent << 11 | fraction``, with an exponent of 5 bits, and stands for

    (2048 + fraction) 2^(exponent - 43),   or   fraction 2^-42   where the exponent is 0

(as IEEE 754 does it, without a sign): from 2^-42 to 4095/4096, and 0. Greater codes are greater probabilities. The
nearest code to a probability of 2^-31 and more is off by 2^-12 of it (0.024 %) at the most, where 16 bits of plain
fraction are off by more than 1 % below 2^-10.3.

The draw takes `RANDOM_BITS` random bits: the event happens if the low 12 of them, a number, are below the significand
and as many of the others as the exponent lacks from 31 are all 0.
"""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CODE_BITS", "EXPONENT_BITS", "FRACTION_BITS", "RANDOM_BITS", "decode", "draw", "draws", "encode", "waits"]

EXPONENT_BITS = 5
FRACTION_BITS = 11
CODE_BITS = EXPONENT_BITS + FRACTION_BITS
_LARGEST_EXPONENT = (1 << EXPONENT_BITS) - 1
#: The significand's comparison, and one for each power of two that the smallest normal number is below the largest.
RANDOM_BITS = FRACTION_BITS + 1 + _LARGEST_EXPONENT - 1
_UNIT = 2.0**-RANDOM_BITS


def encode(probability: float) -> int:
    """The nearest code; probabilities above 4095/4096 become that.

    Raises
    ------
    ValueError
        If the probability is not from 0 to 1, or is positive and rounds to 0, so that the event would never come.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability must be 0 to 1, not {probability!r}")
    units = probability / _UNIT
    # Where the significand needs its twelfth bit, the exponent says how far it is shifted.
    shift = max(int(units).bit_length() - (FRACTION_BITS + 1), 0)
    code = (shift << FRACTION_BITS) + round(units / (1 << shift))
    if probability > 0 and code == 0:
        raise ValueError(
            f"a probability of {probability!r} is below 2**-{RANDOM_BITS + 1}, the least that rounds to one"
        )
    return min(code, (1 << CODE_BITS) - 1)


def decode(code: int) -> float:
    """The probability that a code stands for, exactly.

    Raises
    ------
    ValueError
        If the code is not of 16 bits.
    """
    code = operator.index(code)
    if not 0 <= code < 1 << CODE_BITS:
        raise ValueError(f"an escape code must be 0 to {(1 << CODE_BITS) - 1}, not {code!r}")
    significand, shift = _split(code)
    return significand * 2.0 ** (shift - RANDOM_BITS)


def draw(code: int, random: int) -> bool:
    """Whether the event happens, with the `RANDOM_BITS` bits of ``random``."""
    significand, shift = _split(code)
    required_zero = RANDOM_BITS - FRACTION_BITS - 1 - shift
    low, high = random % (1 << FRACTION_BITS + 1), random >> FRACTION_BITS + 1
    return low < significand and high % (1 << required_zero) == 0


def draws(code: int, random: ArrayLike) -> NDArray[np.bool_]:
    """`draw` for an array of random numbers."""
    numbers = np.asarray(random, np.int64)
    significand, shift = _split(code)
    mask = (1 << RANDOM_BITS - FRACTION_BITS - 1 - shift) - 1
    return ((numbers & ((1 << FRACTION_BITS + 1) - 1)) < significand) & ((numbers >> FRACTION_BITS + 1) & mask == 0)


def waits(code: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Trials up to each of ``count`` events, the last of them the event; fast for rare events, with the law of `draw`.

    Trials whose random bits are not all 0 in most of the places where they must be cannot be events. How many of these
    come in a row is geometric and independent of all else, so they are jumped over, and only the rest is drawn.

    Raises
    ------
    ValueError
        If the code is 0: there would be no event.
    """
    if decode(code) == 0:
        raise ValueError(f"an event needs a code above 0, not {code!r}")
    required_zero = RANDOM_BITS - FRACTION_BITS - 1 - _split(code)[1]
    jumped = max(required_zero - 2, 0)
    events = np.zeros(0, np.int64)
    trial = 0
    while len(events) < count:
        trials = trial + np.cumsum(generator.geometric(2.0**-jumped, 1 << 18))
        random = generator.integers(0, 1 << RANDOM_BITS, len(trials), dtype=np.int64)
        random &= ~(((1 << jumped) - 1) << FRACTION_BITS + 1)
        events = np.append(events, trials[draws(code, random)])
        trial = int(trials[-1])
    return np.diff(events[:count], prepend=0)


def _split(code: int) -> tuple[int, int]:
    """Significand and its shift, in units of 2**-RANDOM_BITS."""
    exponent, fraction = code >> FRACTION_BITS, code % (1 << FRACTION_BITS)
    return (fraction, 0) if exponent == 0 else (fraction + (1 << FRACTION_BITS), exponent - 1)
