"""Rounding of a wide significand to a floating-point format."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.float_rounding import FloatRoundingParameters
from rtl.low_precision.rounding import round_up

__all__ = ["FloatRoundingUnit"]


class FloatRoundingUnit(wiring.Component):
    """Normalises, denormalises, rounds and saturates: `hwpy.low_precision.float_rounding.round_float`. Combinational.

    The word is added after normalisation ('lazy'). The exponent stands above the fraction in one adder, so that a carry
    out of the significand is in the exponent at once.

    Parameters
    ----------
    parameters
        Widths, format and rounding.

    Attributes
    ----------
    sign, significand, exponent
        Inputs: the number is ``(-1)**sign * significand * 2**exponent``.
    word
        Input of ``random_bits``, uniform; only if the rounding is stochastic.
    result
        Output: code of the format.
    """

    def __init__(self, parameters: FloatRoundingParameters):
        self.parameters = parameters
        bits = parameters.rounding.random_bits
        super().__init__(
            {
                "sign": In(1),
                "significand": In(parameters.significand_bits),
                "exponent": In(signed(parameters.exponent_bits)),
                **({"word": In(bits)} if bits else {}),
                "result": Out(parameters.output.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, form = self.parameters, self.parameters.output
        fraction = form.fraction_bits
        # Of the dropped bits the last is sticky; the random word ends above one more, which is the tie's.
        dropped = max(p.significand_bits - 1 - fraction, p.rounding.random_bits + 1) + 1
        normal, zeros = _normalise(m, self.significand)
        biased = Signal(signed(max(p.exponent_bits, form.exponent_bits, (p.significand_bits + 1).bit_length()) + 3))
        m.d.comb += biased.eq(self.exponent - zeros + (p.significand_bits - 1 + form.bias))

        padding = fraction + dropped - p.significand_bits
        significand = _shift_right_sticky(m, Cat(Const(0, padding), normal), Mux(biased < 1, 1 - biased, 0))
        rest, kept = significand[:dropped], significand[dropped:]
        if p.rounding.mode == "zero":
            top, word, carry = Const(0, 0), Const(0, 0), Const(0)
        elif p.rounding.mode == "floor":
            top, word, carry = Const(0, 0), Const(0, 0), self.sign & rest.any()
        else:
            top, word, carry = round_up(rest, kept[0], p.rounding, getattr(self, "word", Const(0, 0)))
        field = Mux(kept[-1], biased.as_unsigned(), 0)
        # A lowest place of 1 and the carry in makes it one adder, where `+ carry` would be another.
        total = Cat(Const(1, 1), top, kept[:-1], field) + Cat(carry, word)
        magnitude = total[1 + len(top) :]
        saturated = Mux(magnitude > form.highest_code, form.highest_code, magnitude)
        m.d.comb += self.result.eq(Cat(saturated[: form.width - 1], self.sign))
        return m


def _normalise(m: Module, significand: Value) -> tuple[Value, Value]:
    """The significand shifted to the left until its highest bit is 1 (if any is), and by how many places."""
    places: list[Signal] = []
    for stage in reversed(range((len(significand) - 1).bit_length())):
        step = 1 << stage
        empty, shifted = Signal(name=f"empty_{step}"), Signal(len(significand), name=f"normal_{step}")
        m.d.comb += [
            empty.eq(~significand[len(significand) - step :].any()),
            shifted.eq(Mux(empty, significand << step, significand)),
        ]
        significand = shifted
        places.insert(0, empty)
    return significand, Cat(places)


def _shift_right_sticky(m: Module, value: Value, places: Value) -> Value:
    """The value shifted to the right, and below it a bit more: whether a 1 was shifted out."""
    width = len(value)
    count = Signal(range(width + 1))
    m.d.comb += count.eq(Mux(places > width, width, places))
    value = Cat(Const(0, 1), value)
    for stage in range(len(count)):
        step = 1 << stage
        shifted = Signal(width + 1, name=f"denormal_{step}")
        lost = value[: step + 1].any()
        m.d.comb += shifted.eq(Mux(count[stage], Cat(lost, value[step + 1 :]), value))
        value = shifted
    return value
