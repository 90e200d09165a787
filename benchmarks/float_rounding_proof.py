"""The floating-point rounding unit, proved by SAT for all numbers and all random words.

python -m benchmarks.float_rounding_proof          FP8, and with it every product of two FP8 numbers
python -m benchmarks.float_rounding_proof --long   e6m5 too, some minutes
"""

from __future__ import annotations

import sys
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

    All is compared in fixed point, wide enough for every number: nothing is normalised. ``code`` and ``count`` are
    free: where ``code`` is the number of the format below the magnitude, and ``count`` the rounded number of words that
    go up from there, the unit's result follows from them.
    """

    def __init__(self, parameters: FloatRoundingParameters):
        self.parameters = parameters
        bits = parameters.rounding.random_bits
        super().__init__(
            {
                "sign": In(1),
                "significand": In(parameters.significand_bits),
                "exponent": In(signed(parameters.exponent_bits)),
                "word": In(bits),
                "code": In(parameters.output.width - 1),
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

        # The unit of the fixed point: the smaller of the lowest places of input and format.
        lowest = -(1 << (p.exponent_bits - 1))
        place = form.lowest_exponent - form.fraction_bits
        origin = min(lowest, place)
        power = Signal(p.exponent_bits)
        magnitude = Signal(p.significand_bits + (1 << p.exponent_bits) + lowest - origin)
        m.d.comb += [
            power.eq(self.exponent - lowest),
            magnitude.eq((self.significand << power) << (lowest - origin)),
        ]
        field = self.code[form.fraction_bits :]
        scale = Signal(form.exponent_bits)
        gap = Signal(place - origin + (1 << form.exponent_bits))
        below = Signal(len(gap) + form.fraction_bits)
        m.d.comb += [
            scale.eq(Mux(field == 0, 0, field - 1)),
            gap.eq((Const(1, 1) << scale) << (place - origin)),
            below.eq((Cat(self.code[: form.fraction_bits], field != 0) << scale) << (place - origin)),
        ]
        rest = Signal(len(gap))
        beyond = Signal()
        m.d.comb += [rest.eq(magnitude - below), beyond.eq(magnitude >= below + gap)]
        is_highest = self.code == form.highest_code
        is_below = (self.code <= form.highest_code) & (magnitude >= below) & (~beyond | is_highest)
        defined, up = self._up(rest, gap, scale, place - origin)
        rounded = Mux(is_highest, form.highest_code, self.code + up)
        expected = Cat(rounded[: form.width - 1], self.sign)
        m.d.comb += self.wrong.eq(is_below & (defined | beyond) & (unit.result != expected))
        return m

    def _up(self, rest: Value, gap: Value, scale: Value, shift: int) -> tuple[Value, Value]:
        """Whether ``count`` is what it is by definition, and whether the result goes up."""
        mode, bits = self.parameters.rounding.mode, self.parameters.rounding.random_bits
        if mode == "zero":
            return Const(1), Const(0)
        if mode == "floor":
            return Const(1), self.sign & rest.any()
        if mode == "nearest":
            return Const(1), (2 * rest > gap) | ((2 * rest == gap) & self.code[0])
        # The wanted count is rest * 2**bits / gap; the error is in units of gap / 2.
        error = 2 * (((self.count << scale) << shift) - (rest << bits))
        defined = {
            "stochastic": (error <= gap)
            & (error + gap >= 0)
            & (((error != gap) & (error + gap != 0)) | ~self.count[0]),
            "stochastic-fast": (error <= gap) & (error + gap > 0),
            "stochastic-naive": (error <= 0) & (error + 2 * gap > 0),
        }
        return defined[mode], self.word + self.count >= 1 << bits


def units(long: bool) -> Iterator[FloatRoundingParameters]:
    """Units whose inputs have every product of two numbers of FP8."""
    for name, significand in (("e4m3", 8), ("e5m2", 6)):
        for mode in MODES:
            bits = 4 if mode.startswith("stochastic") else 0
            yield FloatRoundingParameters(significand, 6, FloatFormat.parse(name), Rounding(mode, bits))
    if long:
        for rounding in (Rounding("nearest"), Rounding("stochastic", 4)):
            yield FloatRoundingParameters(14, 7, FloatFormat.parse("e6m5"), rounding)


def main() -> None:
    """Print what is proved; stops with the inputs where something is not."""
    for p in units("--long" in sys.argv[1:]):
        start = perf_counter()
        prove(FloatClaim(p))
        name = f"{p.rounding.mode}" + (f", r = {p.rounding.random_bits}" if p.rounding.is_stochastic else "")
        number = f"{p.significand_bits} bits times 2**e, e of {p.exponent_bits} bits"
        print(f"{number}, to {p.output}, {name}: proved ({perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
