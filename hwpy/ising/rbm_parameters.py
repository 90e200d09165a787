"""A restricted Boltzmann machine's parameters, and the host's side of its load and result streams."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.rounding import Rounding

__all__ = ["PBIT_BITS", "ROW_BITS", "STEPS_BITS", "TREE_RADIX", "RbmParameters", "Target"]

#: Random bits of a draw: the noise's sign, and its magnitude.
PBIT_BITS = 16
MAGNITUDE_BITS = PBIT_BITS - 1
#: Bits of a word of units, and of the data of a load word.
ROW_BITS = 16
#: Fields beyond this are never outweighed: 2 / (1 + exp(16)) is below half of 2^-15.
FIELD_RANGE = 16
LARGEST_FIELD_FRACTION = 6
STEPS_BITS = 8
#: Addends of one stage of the adder tree.
TREE_RADIX = 4
_WEIGHT = FixedFormat(2, 5)
_ROUNDING = Rounding("stochastic", 8)


class Target(IntEnum):
    """What a word on the load stream asks for."""

    VISIBLE = 0  # address = word; data = units 16 * word and on
    WEIGHT = 1  # address = row and column, see `RbmParameters.address`; data = raw weight
    TRAIN = 2  # see `RbmParameters.train`
    SAMPLE = 3  # see `RbmParameters.sample`; then sends the visible units
    READ = 4  # sends the weights, row by row
    JUNCTION = (
        5  # address = junction and state, data = code: of a machine with its bank, see `SmtjBankParameters.program`
    )


@dataclass(frozen=True)
class RbmParameters:
    """A machine of ``visible`` x ``hidden`` units.

    Parameters
    ----------
    visible, hidden
        Units: 2 to 1023, and 2 to 255, without those that are always 1.
    weight
        Format of weights and biases, of at most 16 bits.
    rate_fraction
        The least learning rate is ``2**-rate_fraction``: 1 to 17, and no fewer than the weight's fraction bits.
    rounding
        Of the update.
    lanes
        Weights updated in a clock.
    """

    visible: int
    hidden: int
    weight: FixedFormat = _WEIGHT
    rate_fraction: int = 13
    rounding: Rounding = _ROUNDING
    lanes: int = 2

    def __post_init__(self) -> None:
        for name, least, most in (("visible", 2, 1023), ("hidden", 2, 255), ("rate_fraction", 1, 17), ("lanes", 1, 64)):
            value = operator.index(getattr(self, name))
            object.__setattr__(self, name, value)
            if not least <= value <= most:
                raise ValueError(f"RBM {name} must be {least} to {most}, not {value!r}")
        if self.weight.width > ROW_BITS:
            raise ValueError(f"RBM weight must be of at most {ROW_BITS} bits, not {self.weight}")
        _ = self.mac  # refuses what the MAC does

    @classmethod
    def parse(
        cls,
        visible: int,
        hidden: int,
        weight: str = str(_WEIGHT),
        rate_fraction: int = 13,
        rounding: str = "stochastic",
        random_bits: int = 8,
        lanes: int = 2,
    ) -> RbmParameters:
        """The same from the names of the format and of the rounding's mode."""
        form = FixedFormat.parse(weight)
        return cls(visible, hidden, form, rate_fraction, Rounding(rounding, random_bits), lanes)

    @cached_property
    def mac(self) -> MacParameters:
        """The unit that updates a weight: of -1, 0 or 1, times the learning rate."""
        rate = FixedFormat(0, self.rate_fraction)
        return MacParameters(FixedFormat(1, 0), rate, self.weight, self.weight, self.rounding, eager=True)

    @property
    def rows(self) -> int:
        """Visible units with the one that is always 1."""
        return self.visible + 1

    @property
    def columns(self) -> int:
        """Hidden units with the one that is always 1."""
        return self.hidden + 1

    @property
    def groups(self) -> int:
        """Clocks to update a row: group g is columns ``g * lanes`` and on."""
        return -(-self.columns // self.lanes)

    @property
    def row_bits(self) -> int:
        """Bits of a row's number."""
        return (self.rows - 1).bit_length()

    @property
    def column_bits(self) -> int:
        """Bits of a column's number."""
        return (self.columns - 1).bit_length()

    @property
    def address_bits(self) -> int:
        """Bits of the load stream's address: of a weight, and of a code of a bank with a junction for each bit."""
        return max(self.row_bits + self.column_bits, SmtjBankParameters(self.entropy_width).address_bits)

    @property
    def words(self) -> int:
        """Words of 16 visible units, without the one that is always 1."""
        return -(-self.visible // ROW_BITS)

    @property
    def entropy_width(self) -> int:
        """Of the entropy stream: a draw, or the update of one group, takes one word."""
        return max(PBIT_BITS, self.lanes * self.mac.word_bits)

    @property
    def tree_stages(self) -> int:
        """Registers of the adder tree over a row."""
        stages, left = 0, self.columns
        while left > 1:
            stages, left = stages + 1, -(-left // TREE_RADIX)
        return stages

    @property
    def field_shift(self) -> int:
        """Fraction bits of a field that the table of the noise does not have."""
        return max(self.weight.fraction_bits - LARGEST_FIELD_FRACTION, 0)

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """P(|noise| > |I|) = 2 / (1 + exp(|I|)) in units of 2^-15, by |I| in units of the weights' LSB, or of 2^-6."""
        fraction = self.weight.fraction_bits - self.field_shift
        one = 1 << MAGNITUDE_BITS
        return tuple(round(2 * one / (1 + math.exp(i / (1 << fraction)))) for i in range(FIELD_RANGE << fraction))

    def address(self, row: int, column: int) -> int:
        """The load stream's address of a weight."""
        return row << self.column_bits | column

    def load_visible(self, units: ArrayLike) -> list[tuple[Target, int, int]]:
        """The load-stream words (target, address, data) that set the visible units."""
        bits = np.zeros(self.words * ROW_BITS, np.int64)
        bits[: self.visible] = np.asarray(units, bool)
        words = (bits.reshape(self.words, ROW_BITS) << np.arange(ROW_BITS)).sum(1)
        return [(Target.VISIBLE, place, word) for place, word in enumerate(words.tolist())]

    def load_weights(self, raw: ArrayLike) -> list[tuple[Target, int, int]]:
        """The load-stream words that set all weights: raw, (rows, columns)."""
        raw = np.asarray(raw, np.int64)
        if raw.shape != (self.rows, self.columns) or (raw != self.weight.saturate(raw)).any():
            raise ValueError(f"RBM weights must be raw {self.weight} of shape {self.rows, self.columns}")
        mask = (1 << self.weight.width) - 1
        return [(Target.WEIGHT, self.address(i, j), int(w) & mask) for (i, j), w in np.ndenumerate(raw)]

    def train(self, rate_shift: int, steps: int = 1, persistent: bool = False) -> tuple[Target, int, int]:
        """The load-stream word that learns from the visible units, at the rate ``2**(rate_shift - rate_fraction)``."""
        if not 0 <= rate_shift < self.rate_fraction:
            raise ValueError(f"RBM rate_shift must be 0 to {self.rate_fraction - 1}, not {rate_shift!r}")
        return Target.TRAIN, 0, _steps(steps) | rate_shift << STEPS_BITS | int(persistent) << ROW_BITS - 1

    def sample(self, steps: int, held: int = 0, others: bool = False) -> tuple[Target, int, int]:
        """The load-stream word for Gibbs steps from the visible units.

        The first ``held`` of these stay, or all the ``others``.
        """
        if not 0 <= held <= self.visible:
            raise ValueError(f"RBM units held must be 0 to {self.visible}, not {held!r}")
        return Target.SAMPLE, held, _steps(steps) | int(others) << ROW_BITS - 1

    def unpack(self, words: ArrayLike) -> NDArray[np.bool_]:
        """The visible units that the result stream has sent."""
        return (np.asarray(words)[:, None] >> np.arange(ROW_BITS) & 1).astype(bool).ravel()[: self.visible]


def _steps(steps: int) -> int:
    if not 1 <= steps < 1 << STEPS_BITS:
        raise ValueError(f"RBM steps must be 1 to {(1 << STEPS_BITS) - 1}, not {steps!r}")
    return steps
