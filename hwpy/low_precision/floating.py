"""Floating-point formats of few bits, by integer arithmetic on the significand.

A number is a sign, a biased exponent of e bits and a fraction of m bits, named ``eXmY``. Exponent zero holds zero and
the subnormals. With the highest exponent a format has infinity and NaN as in IEEE 754; the exception is ``e4m3``, which
after the Open Compute Project's *8-bit Floating Point Specification (OFP8)*, 2023, uses it for numbers and has only
the fraction of all ones as NaN and no infinity: its largest number is 448.

Known by use: bfloat16 (e8m7), e4m3 and e5m2 (OFP8), and e6m5, the 12-bit format in which S. Ben Ali, S.-I. Filip and
O. Sentieys (DATE 2024) accumulate FP8 products with stochastic rounding.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.reals import round_quotient
from hwpy.low_precision.rounding import Rounding

__all__ = ["FloatFormat"]

_NAME = re.compile(r"e(\d)m(\d{1,2})")
_NEAREST = Rounding("nearest")


@dataclass(frozen=True)
class FloatFormat:
    """One sign bit, ``exponent_bits`` and ``fraction_bits``, with subnormals.

    Parameters
    ----------
    exponent_bits
        2 to 8.
    fraction_bits
        Bits of the significand after its leading one: 1 to 23.
    """

    exponent_bits: int
    fraction_bits: int

    def __post_init__(self) -> None:
        for name, lowest, highest in (("exponent_bits", 2, 8), ("fraction_bits", 1, 23)):
            value = getattr(self, name)
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                raise TypeError(f"floating-point {name} must be an integer, not {value!r}")
            object.__setattr__(self, name, operator.index(value))
            if not lowest <= value <= highest:
                raise ValueError(f"floating-point {name} must be {lowest} to {highest}, not {value!r}")

    @classmethod
    def parse(cls, name: str) -> FloatFormat:
        """The format of a name: ``bfloat16``, or such as ``e5m2``.

        Raises
        ------
        ValueError
            If it is no such name.
        """
        match = _NAME.fullmatch("e8m7" if name == "bfloat16" else name)
        if not match:
            raise ValueError(f"floating-point format must be bfloat16 or written e4m3, not {name!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        name = f"e{self.exponent_bits}m{self.fraction_bits}"
        return "bfloat16" if name == "e8m7" else name

    @property
    def width(self) -> int:
        """Bits of a code."""
        return 1 + self.exponent_bits + self.fraction_bits

    @property
    def has_infinity(self) -> bool:
        """All but e4m3."""
        return (self.exponent_bits, self.fraction_bits) != (4, 3)

    @property
    def bias(self) -> int:
        """What is added to the exponent of a normal number."""
        return (1 << (self.exponent_bits - 1)) - 1

    @property
    def lowest_exponent(self) -> int:
        """Exponent of the smallest normal number and of all subnormals."""
        return 1 - self.bias

    @property
    def highest_code(self) -> int:
        """Code of the largest number; positive codes are in the order of their numbers."""
        first_beyond = ((1 << self.exponent_bits) - 1) << self.fraction_bits
        return first_beyond - 1 if self.has_infinity else first_beyond | ((1 << self.fraction_bits) - 2)

    @property
    def nan_code(self) -> int:
        """The quiet NaN with a positive sign."""
        ones = (1 << (self.width - 1)) - 1
        return ones & ~((1 << (self.fraction_bits - 1)) - 1) if self.has_infinity else ones

    @property
    def highest(self) -> float:
        """The largest number."""
        return float(self.decode(self.highest_code))

    def decode(self, codes: ArrayLike) -> NDArray[np.float64]:
        """The values of codes, exactly, infinities and NaN among them; of the codes' shape.

        Raises
        ------
        ValueError
            If a code has more than ``width`` bits or is negative.
        """
        codes = np.asarray(codes, dtype=np.int64)
        outside = codes >> self.width != 0
        if outside.any():
            raise ValueError(f"{self} code must be 0 to {(1 << self.width) - 1}, not {int(codes[outside][0])}")
        negative = codes >> (self.width - 1)
        magnitude = codes & ((1 << (self.width - 1)) - 1)
        exponent = magnitude >> self.fraction_bits
        subnormal = exponent == 0
        leading_one = np.where(subnormal, 0, 1 << self.fraction_bits)
        significand = leading_one + (magnitude & ((1 << self.fraction_bits) - 1))
        value = np.ldexp(significand.astype(np.float64), exponent + subnormal - self.bias - self.fraction_bits)
        if self.has_infinity:
            value = np.where(magnitude == self.highest_code + 1, np.inf, value)
        value = np.where(magnitude > self.highest_code + self.has_infinity, np.nan, value)
        return np.where(negative, -value, value)

    def encode(
        self,
        values: ArrayLike,
        rounding: Rounding = _NEAREST,
        words: ArrayLike | None = None,
        saturate: bool = True,
    ) -> NDArray[np.int64]:
        """The codes of float64 values, rounded and saturated; of the values' shape.

        Rounding works on the magnitude, as hardware does: stochastic modes go away from zero for the same words in both
        signs, and a naive few-bit scheme drifts towards zero. What lies beyond ``highest``, infinity included, becomes
        ``highest``; NaN stays NaN; zero keeps its sign.

        Parameters
        ----------
        values
            Real values of any shape.
        rounding
            How; at most 60 random bits.
        words
            For a stochastic rounding, as `hwpy.low_precision.rounding.shift_right`'s.
        saturate
            If not, what is rounded beyond ``highest`` becomes infinity, or NaN where there is none, as in IEEE 754.
        """
        values = np.asarray(values, dtype=np.float64)
        negative = np.signbit(values)
        # Twice the highest is beyond the format however it is rounded.
        magnitude = np.minimum(np.nan_to_num(np.abs(values), nan=0.0), self.highest * (1 if saturate else 2))
        exponent = np.where(magnitude == 0, self.lowest_exponent, np.frexp(magnitude)[1] - 1)
        exponent = np.maximum(exponent, self.lowest_exponent)
        signed = np.where(negative & (rounding.mode == "floor"), -magnitude, magnitude)
        significand = np.abs(round_quotient(signed, exponent - self.fraction_bits, rounding, words))
        # The leading one of a significand adds to the exponent field; a carry out of it adds one more.
        code = ((exponent - self.lowest_exponent).astype(np.int64) << self.fraction_bits) + significand
        code = np.minimum(code, self.highest_code + (not saturate))
        code = np.where(np.isnan(values), self.nan_code, code)
        return code | negative.astype(np.int64) << (self.width - 1)
