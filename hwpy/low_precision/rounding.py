"""Rounding of raw fixed-point integers to fewer bits: what each mode means, bit for bit.

Of ``raw = kept * 2**shift + rest``, ``kept = floor(raw / 2**shift)``, the low ``shift`` bits are dropped and the result
is ``kept`` or ``kept + 1``. Stochastic rounding goes up with probability ``rest / 2**shift``, so that its mean is the
number itself. With a uniform random word of ``r`` bits it can go up with multiples of ``2**-r`` only; let
``d = rest * 2**(r - shift)``, the wanted multiple, which is whole if ``r >= shift``:

    up if and only if D + word >= 2**r,        so that P(up) = D / 2**r

stochastic-naive
    ``D = floor(d)``: the word is added to the top of the dropped bits and the sum cut off. P(up) is too small by
    0 to just under ``2**-r`` and on average over all ``rest`` by ``(2**-r - 2**-shift) / 2``: a drift downwards.
stochastic-fast
    ``D = floor(d + 1/2)``: a one is added below the word. The error of P(up) is at most ``2**-(r + 1)``. Its mean is
    ``2**-(shift + 1)`` upwards, since all ties go up; just above ``r = shift - 1`` that is as large as the naive one.
stochastic
    ``D = d`` rounded to nearest, ties to even. The error of P(up) is at most ``2**-(r + 1)``, and its mean over all
    ``rest`` is zero for every ``r``, since half of the ties go each way.

All three are exact, and the same, if ``r >= shift``. They are SRFF, SRF and SRC of A. Fitzgibbon and S. Felix, *On
Stochastic Rounding with Few Random Bits*, ARITH 2025, arXiv:2504.20634. In hardware all are one adder of ``r`` bits and
differ in its carry-in alone. The claims are proved by enumeration in ``tests/low_precision/test_rounding.py``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.fixed import FixedFormat

__all__ = ["MODES", "Rounding", "RoundingStream", "RoundingUnitParameters", "round_raw", "shift_right"]

MODES = ("nearest", "zero", "floor", "stochastic", "stochastic-fast", "stochastic-naive")
_LONGEST = 62


@dataclass(frozen=True)
class Rounding:
    """How to drop bits.

    Parameters
    ----------
    mode
        'nearest' (ties to even), 'zero' (towards it), 'floor', 'stochastic' (unbiased with few bits too),
        'stochastic-fast' or 'stochastic-naive'.
    random_bits
        Bits of the random word of one rounding: 1 to 62 if stochastic, else 0.
    """

    mode: str
    random_bits: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"rounding mode must be one of {', '.join(MODES)}, not {self.mode!r}")
        if isinstance(self.random_bits, bool) or not hasattr(self.random_bits, "__index__"):
            raise TypeError(f"random bits of a rounding must be an integer, not {self.random_bits!r}")
        object.__setattr__(self, "random_bits", operator.index(self.random_bits))
        if self.is_stochastic and not 1 <= self.random_bits <= _LONGEST:
            raise ValueError(f"{self.mode} rounding needs 1 to {_LONGEST} random bits, not {self.random_bits!r}")
        if not self.is_stochastic and self.random_bits:
            raise ValueError(f"rounding to {self.mode} takes no random bits, not {self.random_bits!r}")

    @property
    def is_stochastic(self) -> bool:
        """Whether each rounding takes a random word."""
        return self.mode.startswith("stochastic")


def shift_right(
    raw: ArrayLike, shift: ArrayLike, rounding: Rounding, words: ArrayLike | None = None
) -> NDArray[np.int64]:
    """``raw / 2**shift`` rounded; int64, of raw's shape. Nothing saturates here.

    Parameters
    ----------
    raw
        Integers of at most 64 bits.
    shift
        Bits to drop, 0 to 62: one number for all, or one for each.
    rounding
        How.
    words
        For a stochastic rounding, one random word for each number: integers 0 to ``2**random_bits - 1`` of raw's shape.

    Raises
    ------
    ValueError
        If a shift is out of range, or words are missing, not asked for, of another shape, or out of range.
    """
    raw = np.asarray(raw, dtype=np.int64)
    shift = _whole("bits to drop", shift, _LONGEST)
    kept, rest = _split(raw, shift)
    if rounding.is_stochastic:
        return kept + (_threshold(rest, shift, rounding) + _check(words, raw, rounding) >= 1 << rounding.random_bits)
    if words is not None:
        raise ValueError(f"rounding to {rounding.mode} takes no random words")
    if rounding.mode == "zero":
        return kept + ((raw < 0) & (rest != 0))
    if rounding.mode == "nearest":
        return kept + _nearest(kept, rest, shift)
    return kept


@dataclass(frozen=True)
class RoundingUnitParameters:
    """A unit that rounds one fixed-point format to a shorter one and saturates.

    Parameters
    ----------
    input, output
        Formats; the output has no more fraction bits than the input.
    rounding
        How the bits between are dropped, with no more random bits than are dropped.
    """

    input: FixedFormat
    output: FixedFormat
    rounding: Rounding

    def __post_init__(self) -> None:
        if self.shift < 0:
            raise ValueError(f"rounding unit must not add fraction bits, from {self.input} to {self.output}")
        if self.rounding.random_bits > self.shift:
            raise ValueError(
                f"rounding unit drops {self.shift} bits and must take no more random bits, "
                f"not {self.rounding.random_bits!r}"
            )

    @classmethod
    def parse(cls, input: str, output: str, rounding: str = "nearest", random_bits: int = 0) -> RoundingUnitParameters:
        """The same from the names of the formats and of the mode."""
        return cls(FixedFormat.parse(input), FixedFormat.parse(output), Rounding(rounding, random_bits))

    @property
    def shift(self) -> int:
        """Bits dropped."""
        return self.input.fraction_bits - self.output.fraction_bits


def round_raw(
    parameters: RoundingUnitParameters, raw: ArrayLike, words: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Golden model of the unit: raw input to raw output, and whether it saturated; both of raw's shape."""
    rounded = shift_right(raw, parameters.shift, parameters.rounding, words)
    result = parameters.output.saturate(rounded)
    return result, result != rounded


class RoundingStream:
    """Golden model of the unit between streams: a register, filled when it is empty or taken and all inputs are valid.

    ``valid`` and ``payload``, that is (result, saturated), are those of the present clock.
    """

    parameters: Any

    def __init__(self, parameters: RoundingUnitParameters):
        self.parameters = parameters
        self.valid = False
        self.payload: Any = (0, False)

    def takes(self, number: Any, word: int | None, ready: bool) -> bool:
        """Whether number and random word are taken; each None if it is not valid."""
        fed = number is not None and (word is not None or not self.parameters.rounding.is_stochastic)
        return fed and (ready or not self.valid)

    def step(self, number: Any, word: int | None, ready: bool) -> None:
        """One clock edge, with what was on the ports before it: a raw number, a word, and the sink's ready."""
        if self.takes(number, word, ready):
            self.valid, self.payload = True, self.rounded(number, word)
        else:
            self.valid = self.valid and not ready

    def rounded(self, number: Any, word: int | None) -> Any:
        """The payload that a number becomes."""
        result, saturated = round_raw(self.parameters, number, word)
        return int(result), bool(saturated)


def _threshold(rest: NDArray[np.int64], shift: NDArray[np.int64], rounding: Rounding) -> NDArray[np.int64]:
    """D: the number of words, of all ``2**random_bits``, for which the result goes up."""
    drop = np.maximum(shift - rounding.random_bits, 0)
    floor, below = _split(rest << np.maximum(rounding.random_bits - shift, 0), drop)
    if rounding.mode == "stochastic-naive":
        return floor
    if rounding.mode == "stochastic-fast":
        return floor + (below << 1 >> drop)
    return floor + _nearest(floor, below, drop)


def _split(raw: NDArray[np.int64], shift: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What is left without the low ``shift`` bits, and these."""
    kept = raw >> shift
    return kept, raw - (kept << shift)


def _nearest(kept: NDArray[np.int64], rest: NDArray[np.int64], shift: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether to nearest, ties to even, goes up."""
    return 2 * rest + (kept & 1) > np.int64(1) << shift


def _check(words: ArrayLike | None, raw: NDArray[np.int64], rounding: Rounding) -> NDArray[np.int64]:
    if words is None:
        raise ValueError(f"{rounding.mode} rounding needs random words")
    if np.shape(words) != raw.shape:
        raise ValueError(f"random words must be of the numbers' shape {raw.shape}, not {np.shape(words)}")
    return _whole("random words", words, (1 << rounding.random_bits) - 1)


def _whole(name: str, values: ArrayLike, highest: int) -> NDArray[np.int64]:
    """The values as int64, if all are 0 to ``highest``."""
    values = np.asarray(values)
    if values.size and not 0 <= int(values.min()) <= int(values.max()) <= highest:
        wrong = int(values.min()) if int(values.min()) < 0 else int(values.max())
        raise ValueError(f"{name} must be 0 to {highest}, not {wrong}")
    return values.astype(np.int64)
