"""The rounding of a wide sum or product to a floating-point format: parameters and golden model of the hardware."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.reals import REAL_BITS
from hwpy.low_precision.rounding import Rounding, RoundingStream

__all__ = ["FloatRoundingParameters", "FloatRoundingStream", "round_float"]


@dataclass(frozen=True)
class FloatRoundingParameters:
    """A unit that rounds ``(-1)**sign * significand * 2**exponent`` to a floating-point format and saturates.

    Parameters
    ----------
    significand_bits
        Of an unsigned integer, not normalised: 2 to 53.
    exponent_bits
        Of an integer in two's complement: 2 to 10.
    output
        Format.
    rounding
        How; at most 60 random bits. They are the most significant of the dropped ones, of which there are more the
        deeper a result is subnormal.
    """

    significand_bits: int
    exponent_bits: int
    output: FloatFormat
    rounding: Rounding

    def __post_init__(self) -> None:
        for name, low, high in (("significand_bits", 2, 53), ("exponent_bits", 2, 10)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"float rounding unit's {name} must be {low} to {high}, not {value!r}")
        if self.rounding.random_bits > REAL_BITS:
            raise ValueError(
                f"float rounding unit takes at most {REAL_BITS} random bits, not {self.rounding.random_bits!r}"
            )

    @classmethod
    def parse(
        cls, significand_bits: int, exponent_bits: int, output: str, rounding: str = "nearest", random_bits: int = 0
    ) -> FloatRoundingParameters:
        """The same from the names of the format and of the mode."""
        return cls(significand_bits, exponent_bits, FloatFormat.parse(output), Rounding(rounding, random_bits))


def round_float(
    parameters: FloatRoundingParameters,
    sign: ArrayLike,
    significand: ArrayLike,
    exponent: ArrayLike,
    words: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """Golden model: codes of the rounded numbers, of their shape; zero has the sign given."""
    magnitude = np.ldexp(np.asarray(significand, dtype=np.float64), exponent)
    values = np.where(np.asarray(sign, dtype=bool), -magnitude, magnitude)
    return parameters.output.encode(values, parameters.rounding, words)


class FloatRoundingStream(RoundingStream):
    """The same between streams: numbers are (sign, significand, exponent), ``payload`` is the code."""

    def __init__(self, parameters: FloatRoundingParameters):
        super().__init__(parameters)  # type: ignore[arg-type]

    def rounded(self, number: tuple[int, int, int], word: int | None) -> int:
        """The code that a number becomes."""
        return int(round_float(self.parameters, *number, word))
