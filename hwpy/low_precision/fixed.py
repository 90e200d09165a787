"""Fixed-point formats ``s[i][f]``: one sign bit, i integer bits, f fraction bits, in two's complement.

A number is a raw integer of ``1 + i + f`` bits and stands for ``raw * 2**-f``. Gupta et al. (ICML 2015) write the same
format <IL, FL> with the sign counted in IL: <16 - f, f> is ``s[15 - f][f]``.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FixedFormat"]

_NAME = re.compile(r"s\[(\d{1,2})\]\[(\d{1,2})\]")
_WIDEST = 53


@dataclass(frozen=True)
class FixedFormat:
    """Two's complement of ``width = 1 + integer_bits + fraction_bits``.

    Parameters
    ----------
    integer_bits, fraction_bits
        Not negative; width 2 to 53, so that float64 holds every value exactly.
    """

    integer_bits: int
    fraction_bits: int

    def __post_init__(self) -> None:
        for name in ("integer_bits", "fraction_bits"):
            value = getattr(self, name)
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                raise TypeError(f"fixed-point {name} must be an integer, not {value!r}")
            object.__setattr__(self, name, operator.index(value))
            if operator.index(value) < 0:
                raise ValueError(f"fixed-point {name} must not be negative, not {value!r}")
        if not 2 <= self.width <= _WIDEST:
            raise ValueError(f"fixed-point width must be 2 to {_WIDEST} bits, not {self.width!r} in {self}")

    @classmethod
    def parse(cls, name: str) -> FixedFormat:
        """The format of a name such as ``s[3][12]``.

        Raises
        ------
        ValueError
            If it is no such name.
        """
        match = _NAME.fullmatch(name)
        if not match:
            raise ValueError(f"fixed-point format must be written s[integer bits][fraction bits], not {name!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"s[{self.integer_bits}][{self.fraction_bits}]"

    @property
    def width(self) -> int:
        """Bits of the raw integer."""
        return 1 + self.integer_bits + self.fraction_bits

    @property
    def lowest(self) -> int:
        """The smallest raw integer."""
        return -(1 << (self.width - 1))

    @property
    def highest(self) -> int:
        """The largest raw integer."""
        return (1 << (self.width - 1)) - 1

    @property
    def lsb(self) -> float:
        """The value of raw 1, the distance of neighbours."""
        return 2.0**-self.fraction_bits

    def saturate(self, raw: ArrayLike) -> NDArray[np.int64]:
        """Raw integers of any size clipped to ``lowest`` and ``highest``; of raw's shape."""
        return np.clip(np.asarray(raw, dtype=np.int64), self.lowest, self.highest)

    def to_raw(self, values: ArrayLike) -> NDArray[np.int64]:
        """The raw integers nearest to real values (ties to even), saturated; of the values' shape.

        Other roundings than to nearest are `hwpy.low_precision.quantize`'s.

        Raises
        ------
        ValueError
            If a value is not a number.
        """
        scaled = np.rint(np.ldexp(np.asarray(values, dtype=np.float64), self.fraction_bits))
        if np.isnan(scaled).any():
            raise ValueError(f"a value to be written as {self} is not a number")
        return np.clip(scaled, self.lowest, self.highest).astype(np.int64)

    def from_raw(self, raw: ArrayLike) -> NDArray[np.float64]:
        """The values of raw integers, exactly; of raw's shape.

        Raises
        ------
        ValueError
            If a raw integer is not one of the format's.
        """
        raw = np.asarray(raw, dtype=np.int64)
        outside = (raw < self.lowest) | (raw > self.highest)
        if outside.any():
            raise ValueError(f"raw {self} must be {self.lowest} to {self.highest}, not {int(raw[outside][0])}")
        return np.ldexp(raw.astype(np.float64), -self.fraction_bits)
