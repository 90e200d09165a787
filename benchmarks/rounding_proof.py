"""What is proved of rounding: bias by enumeration, and the hardware by SAT for all numbers and all random words.

The claims of the hardware are circuits (`Claim`), and say what a mode means by inequalities, not by how it is computed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from boards.proof import Refuted, prove
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import Rounding, RoundingUnitParameters, shift_right
from rtl.low_precision.rounding import RoundingUnit

WIDTH = 12
#: Every number of 12 bits. Narrower ones are among them.
RAW = np.arange(-(1 << (WIDTH - 1)), 1 << (WIDTH - 1))
STOCHASTIC = ("stochastic", "stochastic-fast", "stochastic-naive")
#: The last is of stochastic rounding alone.
CLAIMS = ("the definition, saturated", "within one unit, exact numbers kept", "mirrored numbers go opposite ways")


@functools.cache
def words_that_go_up(mode: str, shift: int, bits: int) -> NDArray[np.int64]:
    """For each of `RAW`, how many of all random words it goes up for, by trying each with the golden model."""
    counts = []
    # Blocks that fit the cache of a processor.
    for raw in np.split(RAW, max(1, len(RAW) << bits >> 15)):
        numbers, words = np.broadcast_arrays(raw[:, None], np.arange(1 << bits))
        up = shift_right(numbers, shift, Rounding(mode, bits), words) - (raw >> shift)[:, None]
        if up.min() < 0 or up.max() > 1:
            raise AssertionError(f"{mode}: a result is not one of the two neighbours")
        counts.append(up.sum(axis=1))
    return np.concatenate(counts)


def biases(mode: str, shift: int, bits: int) -> NDArray[np.float64]:
    """For each of `RAW`, the mean result less the number, in units of the result; exact, being multiples of 2**-24."""
    return words_that_go_up(mode, shift, bits) * 2.0**-bits - (RAW & ((1 << shift) - 1)) * 2.0**-shift


class Claim(wiring.Component):
    """Some of `CLAIMS` about the rounding unit of some parameters, for `boards.proof.prove`.

    ``value`` and ``word`` go to the unit. ``quotient`` and ``count`` are free: where they are what the definition says,
    the unit's result follows from them.
    """

    def __init__(self, parameters: RoundingUnitParameters, *claims: str):
        self.parameters, self.claims = parameters, claims
        bits = parameters.rounding.random_bits
        super().__init__(
            {
                "value": In(signed(parameters.input.width)),
                "word": In(bits),
                "count": In(bits + 1),
                "quotient": In(signed(parameters.input.width + 1)),
                "wrong": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """The unit, or two, and the claims."""
        m = Module()
        m.submodules.unit = unit = self._unit(m, self.value, self.word)
        broken = {CLAIMS[0]: self._not_defined, CLAIMS[1]: self._not_near, CLAIMS[2]: self._not_mirrored}
        m.d.comb += self.wrong.eq(Cat(broken[claim](m, unit) for claim in self.claims).any())
        return m

    def _not_defined(self, m: Module, unit: RoundingUnit) -> Value:
        form = self.parameters.output
        limited = Mux(self.quotient > form.highest, form.highest, self.quotient)
        limited = Mux(self.quotient < form.lowest, form.lowest, limited)
        agrees = (unit.result == limited) & (unit.saturated == (self.quotient != limited))
        return self._is_rounded() & ~agrees

    def _not_near(self, m: Module, unit: RoundingUnit) -> Value:
        error = (unit.result << self.parameters.shift) - self.value
        step = 1 << self.parameters.shift
        near = (error > -step) & (error < step) & (self.value[: self.parameters.shift].any() | (error == 0))
        return ~unit.saturated & ~near

    def _not_mirrored(self, m: Module, unit: RoundingUnit) -> Value:
        """Of two numbers as far from either end of a unit, and complementary words, one goes up and one down.

        So their counts add up to all words, and their biases to zero.
        """
        p = self.parameters
        mirror, word = Signal(signed(p.input.width)), Signal(p.rounding.random_bits)
        kept = self.value >> p.shift
        m.d.comb += [mirror.eq(((2 * kept + 1) << p.shift) - self.value), word.eq(~self.word)]
        m.submodules.other = other = self._unit(m, mirror, word)
        inexact = self.value[: p.shift].any() & ~unit.saturated & ~other.saturated
        return inexact & (unit.result + other.result != 2 * kept + 1)

    def _unit(self, m: Module, value: Signal, word: Signal) -> RoundingUnit:
        unit = RoundingUnit(self.parameters)
        m.d.comb += unit.value.eq(value)
        if self.parameters.rounding.is_stochastic:
            m.d.comb += unit.word.eq(word)
        return unit

    def _is_rounded(self) -> Value:
        """Whether ``quotient`` (with ``count``, if stochastic) is by definition the rounding of value / 2**shift."""
        p = self.parameters
        step, bits = 1 << p.shift, p.rounding.random_bits
        over = (self.quotient << p.shift) - self.value
        if p.rounding.mode == "floor":
            return (over <= 0) & (over > -step)
        if p.rounding.mode == "zero":
            return Mux(self.value < 0, (over >= 0) & (over < step), (over <= 0) & (over > -step))
        if p.rounding.mode == "nearest":
            return _nearest(2 * over, step, self.quotient)
        # d = rest * 2**(bits - shift) is the wanted count of words: all is in units of 2**(bits - shift) here.
        unit = 1 << (p.shift - bits)
        error = 2 * ((self.count << (p.shift - bits)) - self.value[: p.shift])
        counts = {
            "stochastic": _nearest(error, unit, self.count),
            "stochastic-fast": (error <= unit) & (error > -unit),
            "stochastic-naive": (error <= 0) & (error > -2 * unit),
        }[p.rounding.mode]
        up = self.word + self.count >= 1 << bits
        return counts & (self.quotient == (self.value >> p.shift) + up)


def _nearest(twice_error: Value, unit: int, result: Value) -> Value:
    """Twice the error is at most a unit, and if it is one the result is even."""
    tie = (twice_error == unit) | (twice_error == -unit)
    return (twice_error <= unit) & (twice_error >= -unit) & (~tie | ~result[0])


def units() -> Iterator[RoundingUnitParameters]:
    """Those whose proofs are printed: 32 bits to 16, 16 or 8 of them dropped."""
    wide, short = FixedFormat(7, 24), FixedFormat(7, 8)
    for mode in ("nearest", "zero", "floor"):
        yield RoundingUnitParameters(wide, short, Rounding(mode))
    for mode in STOCHASTIC:
        for bits in (4, 8, 16):
            yield RoundingUnitParameters(wide, short, Rounding(mode, bits))
    for bits in (4, 8):
        yield RoundingUnitParameters(FixedFormat(15, 16), short, Rounding("stochastic", bits))


def main() -> None:
    """Print the enumerated biases and the proofs."""
    print("Bias of stochastic rounding that drops 8 bits, in units of the result, from every number of 12 bits")
    print("and every random word: largest in magnitude, and mean; as fractions of 2**-9.")
    print(f"{'r':>3} " + " ".join(f"{mode:>22}" for mode in STOCHASTIC))
    for bits in range(1, 9):
        found = [biases(mode, 8, bits) * 512 for mode in STOCHASTIC]
        print(f"{bits:3} " + " ".join(f"{max(one, key=abs):12g} {one.mean():9g}" for one in found))
    print()
    print("The rounding unit, for all numbers and all random words (Yosys' SAT solver):")
    for parameters in units():
        rounding = parameters.rounding
        name = f"{parameters.input} to {parameters.output}, {rounding.mode}"
        name += f", r = {rounding.random_bits}" if rounding.is_stochastic else ""
        for claim in CLAIMS if rounding.is_stochastic else CLAIMS[:2]:
            try:
                prove(Claim(parameters, claim))
                verdict = "proved"
            except Refuted as error:
                verdict = str(error)
            print(f"  {name}: {claim}: {verdict}", flush=True)


if __name__ == "__main__":
    main()
