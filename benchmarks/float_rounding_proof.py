"""The floating-point rounding unit, proved by SAT for all numbers and all random words: FP8, e6m5 and bfloat16."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.proof import prove
from hwpy.low_precision.float_rounding import FloatRoundingParameters
from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.rounding import MODES, Rounding
from rtl.low_precision.float_rounding import FloatRoundingUnit


class FloatClaim(wiring.Component):
    """That a unit rounds by the definition, for `boards.proof.prove`.

    The unit's result is looked at where it is: in fixed point whose unit is the distance to the next number of the
    format, 1. Below the result, or one less if the result is beyond the magnitude, lies ``lower``, a whole number; the
    magnitude must be less than 1 from it, or the result the highest number, and the rest says whether the result is to
    be ``lower`` or one more. ``count`` is free: where it is the rounded number of words that go up, this follows.

    The magnitude is ``significand`` shifted by the difference of two exponents, within limits: further to the left
    every magnitude but 0 is beyond the number, and further to the right too small for any word to go up, as there.
    """

    def __init__(self, parameters: FloatRoundingParameters, claimed: Rounding | None = None):
        self.parameters = parameters
        self.claimed = claimed or parameters.rounding
        bits = parameters.rounding.random_bits
        #: Bits right of the point: the significand's, the word's, and two for the tie and what is less.
        self._right = parameters.significand_bits + bits + 2
        super().__init__(
            {
                "sign": In(1),
                "significand": In(parameters.significand_bits),
                "exponent": In(signed(parameters.exponent_bits)),
                "word": In(bits),
                "count": In(bits + 1),
                "wrong": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """The unit and the claim."""
        m = Module()
        p, form = self.parameters, self.parameters.output
        m.submodules.unit = unit = FloatRoundingUnit(p)
        m.d.comb += [
            unit.sign.eq(self.sign),
            unit.significand.eq(self.significand),
            unit.exponent.eq(self.exponent),
        ]
        if p.rounding.is_stochastic:
            m.d.comb += unit.word.eq(self.word)

        result = unit.result[:-1]
        magnitude, number, after = self._at(m, "result", result)
        goes_up = Signal()
        m.d.comb += goes_up.eq(magnitude < number)
        lower = Signal(len(result))
        m.d.comb += lower.eq(result - goes_up)
        magnitude, number, after = self._at(m, "lower", lower)
        is_highest = lower == form.highest_code
        rest = Signal(self._right)
        m.d.comb += rest.eq(magnitude - number)
        defined, up = rounds_up(self.claimed, rest, lower[0], self.sign, self.count, self.word)
        within = (magnitude >= number) & ((magnitude < after) | is_highest)
        agrees = is_highest | ~defined | (goes_up == up)
        fits = (result <= form.highest_code) & (unit.result[-1] == self.sign)
        m.d.comb += self.wrong.eq(~(fits & within & agrees))
        return m

    def _at(self, m: Module, name: str, code: Value) -> tuple[Value, Value, Value]:
        """The magnitude, the number of a code and the next one, in units of the distance between these two."""
        p, form = self.parameters, self.parameters.output
        field = code[form.fraction_bits :]
        place = Mux(field == 0, 1, field) - (form.bias + form.fraction_bits)
        reach = form.fraction_bits + 2
        left = Signal(signed(max(p.exponent_bits, form.exponent_bits + 1, 6) + 2), name=f"{name}_left")
        shift = Signal(range(self._right + reach + 1), name=f"{name}_shift")
        magnitude = Signal(p.significand_bits + self._right + reach, name=f"{name}_magnitude")
        m.d.comb += [
            left.eq(self.exponent - place + self._right),
            shift.eq(Mux(left < 0, 0, Mux(left > self._right + reach, self._right + reach, left))),
            magnitude.eq(self.significand << shift),
        ]
        number = Cat(code[: form.fraction_bits], field != 0)
        return magnitude, Cat(Const(0, self._right), number), Cat(Const(0, self._right), number + 1)


def rounds_up(
    rounding: Rounding, rest: Value, odd: Value, negative: Value, count: Value, word: Value
) -> tuple[Value, Value]:
    """Whether ``count`` is what it is by definition, and whether a number is rounded up, away from zero.

    ``rest`` is what is left of it beyond a neighbour, which may be odd, and of its distance to the next one, which is 1
    left of all of ``rest``.
    """
    mode, bits, whole = rounding.mode, rounding.random_bits, 1 << len(rest)
    if mode == "zero":
        return Const(1), Const(0)
    if mode == "floor":
        return Const(1), negative & rest.any()
    if mode == "nearest":
        return Const(1), (2 * rest > whole) | ((2 * rest == whole) & odd)
    # The wanted count is rest * 2**bits; the error is in units of half a word's step.
    error = 2 * ((count << len(rest)) - (rest << bits))
    is_tie = (error == whole) | (error == -whole)
    defined = {
        "stochastic": (error <= whole) & (error >= -whole) & ~(is_tie & count[0]),
        "stochastic-fast": (error <= whole) & (error > -whole),
        "stochastic-naive": (error <= 0) & (error > -2 * whole),
    }
    return defined[mode], word + count >= 1 << bits


def units() -> Iterator[FloatRoundingParameters]:
    """FP8 from inputs that have every product of two of its numbers, in every mode; then sums of products."""
    for name, significand in (("e4m3", 8), ("e5m2", 6)):
        for mode in MODES:
            bits = 4 if mode.startswith("stochastic") else 0
            yield FloatRoundingParameters(significand, 6, FloatFormat.parse(name), Rounding(mode, bits))
    for name, significand, exponent in (("e6m5", 14, 7), ("bfloat16", 24, 9)):
        for rounding in (Rounding("nearest"), Rounding("stochastic", 4), Rounding("stochastic", 8)):
            yield FloatRoundingParameters(significand, exponent, FloatFormat.parse(name), rounding)


def main() -> None:
    """Print what is proved; stops with the inputs where something is not."""
    for p in units():
        start = perf_counter()
        prove(FloatClaim(p))
        name = f"{p.rounding.mode}" + (f", r = {p.rounding.random_bits}" if p.rounding.is_stochastic else "")
        number = f"{p.significand_bits} bits times 2**e, e of {p.exponent_bits} bits"
        print(f"{number}, to {p.output}, {name}: proved ({perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
