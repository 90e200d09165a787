"""What stochastic neurons compete with: a binary multiply-accumulate unit, a product a clock or one bit of it a clock.

The serial unit is Horner's rule over the bits of the inputs: all inputs' highest bits first, each adding its weight;
the sum doubles at the first input of each lower bit. It needs one adder and no multiplier.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

__all__ = ["BinaryMacParameters", "accumulate"]


@dataclass(frozen=True)
class BinaryMacParameters:
    """Widths of a unit.

    Parameters
    ----------
    inputs
        Products that the accumulator holds without overflow.
    input_bits, weight_bits
        Of the unsigned x and of w, 2 to 16.
    serial
        Whether a clock takes a bit of an input instead of the whole.
    signed
        Whether w is signed.
    """

    inputs: int
    input_bits: int = 8
    weight_bits: int = 9
    serial: bool = False
    signed: bool = True

    def __post_init__(self) -> None:
        if operator.index(self.inputs) < 1:
            raise ValueError(f"MAC inputs must be positive, not {self.inputs!r}")
        for name in ("input_bits", "weight_bits"):
            if not 2 <= operator.index(getattr(self, name)) <= 16:
                raise ValueError(f"MAC {name} must be 2 to 16, not {getattr(self, name)!r}")

    @property
    def sum_bits(self) -> int:
        """Bits of the accumulator, signed if the weights are."""
        return self.input_bits + self.weight_bits + (self.inputs - 1).bit_length()

    @property
    def clocks(self) -> int:
        """Clocks of a neuron."""
        return self.inputs * (self.input_bits if self.serial else 1)


def accumulate(total: int, x: int, w: int, clear: bool = False, double: bool = False) -> int:
    """The accumulator after a clock: cleared or doubled before ``x * w`` is added."""
    return (0 if clear else 2 * total if double else total) + x * w
