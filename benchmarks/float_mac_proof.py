"""The step of the floating-point multiply-accumulate unit, proved for all totals, products and random words.

python -m benchmarks.float_mac_proof          e5m2 into e6m5: to nearest, and stochastic with 4 bits, eager and lazy
python -m benchmarks.float_mac_proof --long   the other modes, 8 bits, and e4m3 too
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import perf_counter

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from benchmarks.float_rounding_proof import rounds_up
from boards.proof import prove
from hwpy.low_precision.float_mac import FloatMacParameters
from hwpy.low_precision.floating import FloatFormat
from rtl.low_precision.float_adder import FloatAdder


class StepClaim(wiring.Component):
    """That the step adds exactly and rounds by the definition, for `boards.proof.prove`.

    As `benchmarks.float_rounding_proof.FloatClaim`, but for the magnitude, which is the sum of total and product, each
    shifted to where the result is. One that is too far to the left has no place, and the result must be the highest
    number. One too far to the right is too small for its size to matter, and is as large as at the limit.

    ``significand`` and ``fields`` are any, not those of products alone. An eager unit is claimed to round with the word
    rotated as the golden model says.
    """

    def __init__(self, parameters: FloatMacParameters):
        self.parameters = p = parameters
        self.adder = FloatAdder(p)
        self._bits = max(p.product_bits, p.accumulator.fraction_bits + 1)
        #: Bits right of the result's last place, and places to the left that there are for an addend.
        self._right = 2 * self._bits + p.word_bits + 2
        self._left = p.accumulator.fraction_bits + 2 + self._bits
        super().__init__(
            {
                "total": In(p.accumulator.width),
                "sign": In(1),
                "fields": In(max(p.x.exponent_bits, p.w.exponent_bits) + 1),
                "significand": In(p.product_bits),
                "word": In(p.word_bits),
                "count": In(p.word_bits + 1),
                "wrong": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """The step, and the claim."""
        m = Module()
        p, adder, form = self.parameters, self.adder, self.parameters.accumulator
        field, significand = adder.scale(m, self.significand, self.fields)
        aligned = adder.align(m, self.total, self.sign, field, significand)
        code, _ = adder.round(m, adder.normalise(m, adder.add(m, aligned, self.word), self.word))
        result = Signal(form.width)
        m.d.comb += result.eq(code)

        magnitude = result[:-1]
        goes_up, lower = Signal(), Signal(len(magnitude))
        exact, number, _, _, _ = self._at(m, "result", magnitude)
        m.d.comb += [goes_up.eq(exact < number), lower.eq(magnitude - goes_up)]
        exact, number, after, far, negative = self._at(m, "lower", lower)
        is_highest = lower == form.highest_code
        rest = Signal(self._right)
        m.d.comb += rest.eq(exact - number)
        word = self._turned(m, self.word, lower, field) if p.eager else self.word
        defined, up = rounds_up(p.rounding, rest, lower[0], Const(0), self.count, word)
        within = (exact >= number) & ((exact < after) & ~far | is_highest)
        agrees = is_highest | ~defined | (goes_up == up)
        # Equal numbers make +0, and zeros have the sign that both have.
        nothing, _, _, too_far, _ = self._at(m, "total", self.total[:-1])
        cancels = (nothing == 0) & ~too_far
        is_zero = result == Cat(Const(0, len(magnitude)), self.total[-1] & self.sign)
        fits = (magnitude <= form.highest_code) & (result[-1] == negative)
        right = Mux(cancels, is_zero, fits & within & agrees)
        # No other fields come to the step, and what it makes of numbers that are not finite is not looked at.
        comes = (self.fields >= 2) & (self.fields <= adder.highest_fields) & (self.total[:-1] <= form.highest_code)
        m.d.comb += self.wrong.eq(comes & ~right)
        return m

    def _at(self, m: Module, name: str, code: Value) -> tuple[Value, Value, Value, Value, Value]:
        """In units of the distance from a code to the next: the exact sum's magnitude, the code's number, the next one.

        And whether an addend is too far to the left, and whether the sum is negative.
        """
        p, form = self.parameters, self.parameters.accumulator
        place = _field(form, code)
        mine = self._addend(m, f"{name}_total", _significand(form, self.total[:-1]), _field(form, self.total), place)
        # The last place of a product has the field of its first less its bits, in the accumulator's counting.
        last = self.fields + self.adder.offset - (p.product_bits - 1) + form.fraction_bits
        other = self._addend(m, f"{name}_product", self.significand, last, place)
        total = Signal(signed(len(mine[0]) + 2), name=f"{name}_exact")
        m.d.comb += total.eq(
            Mux(self.total[-1], -mine[0], mine[0]).as_signed() + Mux(self.sign, -other[0], other[0]).as_signed()
        )
        magnitude = Signal(len(total), name=f"{name}_exact_magnitude")
        m.d.comb += magnitude.eq(abs(total))
        number = _significand(form, code)
        point = Const(0, self._right)
        return magnitude, Cat(point, number), Cat(point, number + 1), mine[1] | other[1], total < 0

    def _addend(self, m: Module, name: str, significand: Value, last: Value, place: Value) -> tuple[Value, Value]:
        """A significand in fixed point, and whether it is too far to the left to be there."""
        left = Signal(signed(self.adder.field_bits + 3), name=f"{name}_left")
        shift = Signal(range(self._right + self._left + 1), name=f"{name}_shift")
        shifted = Signal(self._bits + self._right + self._left, name=name)
        most = self._right + self._left
        m.d.comb += [
            left.eq(last - place + self._right),
            shift.eq(Mux(left < 0, 0, Mux(left > most, most, left))),
            shifted.eq(significand << shift),
        ]
        return shifted, (left > most) & (significand != 0)

    def _turned(self, m: Module, word: Value, lower: Value, field: Value) -> Value:
        """The word rotated, by where the sum is to the larger addend."""
        form = self.parameters.accumulator
        largest, own = Signal(len(field), name="largest"), _field(form, self.total)
        m.d.comb += largest.eq(Mux(own > field, own, field))
        at = _field(form, lower)
        return Mux(at > largest, word.rotate_right(1), Mux(at < largest, word.rotate_left(1), word))


def _field(form: FloatFormat, code: Value) -> Value:
    field = code[form.fraction_bits : form.width - 1]
    return Mux(field == 0, 1, field)


def _significand(form: FloatFormat, code: Value) -> Value:
    return Cat(code[: form.fraction_bits], code[form.fraction_bits : form.width - 1] != 0)


def steps(long: bool) -> Iterator[FloatMacParameters]:
    """What is proved."""
    yield FloatMacParameters.parse()
    for eager in (True, False):
        yield FloatMacParameters.parse(rounding="stochastic", random_bits=4, eager=eager)
    if long:
        yield FloatMacParameters.parse(rounding="zero")
        for mode, bits in (("stochastic-fast", 4), ("stochastic-naive", 4), ("stochastic", 8)):
            for eager in (True, False):
                yield FloatMacParameters.parse(rounding=mode, random_bits=bits, eager=eager)
        yield FloatMacParameters.parse("e4m3", "e4m3")


def main() -> None:
    """Print what is proved; stops with the inputs where something is not."""
    for p in steps("--long" in sys.argv[1:]):
        start = perf_counter()
        prove(StepClaim(p))
        how = f", r = {p.word_bits}, {'eager' if p.eager else 'lazy'}" if p.word_bits else ""
        print(f"{p.x} x {p.w} to {p.accumulator}, {p.rounding.mode}{how}: proved", end=" ")
        print(f"({perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
