"""Rounding of a wide significand to a floating-point format."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.float_rounding import FloatRoundingParameters
from rtl.low_precision.rounding import between_streams, round_up

__all__ = ["FloatRoundingStream", "FloatRoundingUnit", "normalise", "shift_right_sticky"]


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
        normal, zeros = normalise(m, self.significand)
        biased = Signal(signed(max(p.exponent_bits, form.exponent_bits, (p.significand_bits + 1).bit_length()) + 3))
        m.d.comb += biased.eq(self.exponent - zeros + (p.significand_bits - 1 + form.bias))

        padding = fraction + dropped - p.significand_bits
        significand = shift_right_sticky(m, Cat(Const(0, padding), normal), Mux(biased < 1, 1 - biased, 0))
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


class FloatRoundingStream(wiring.Component):
    """A `FloatRoundingUnit` with a register behind it. Latency 1 clock, a number a clock.

    Every number takes a word of its own: while ``random`` is not valid nothing is taken from ``input``.

    Parameters
    ----------
    parameters
        Widths, format and rounding.

    Attributes
    ----------
    input
        Input stream of ``significand``, ``exponent`` and ``sign``.
    random
        Input stream of ``random_bits``; only if the rounding is stochastic.
    stream
        Output stream of codes.
    """

    def __init__(self, parameters: FloatRoundingParameters):
        self.parameters = p = parameters
        bits = p.rounding.random_bits
        layout = data.StructLayout({"significand": p.significand_bits, "exponent": signed(p.exponent_bits), "sign": 1})
        super().__init__(
            {
                "input": In(stream.Signature(layout)),
                **({"random": In(stream.Signature(unsigned(bits)))} if bits else {}),
                "stream": Out(stream.Signature(unsigned(p.output.width))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = FloatRoundingUnit(self.parameters)
        number = self.input.payload
        m.d.comb += [
            unit.sign.eq(number.sign),
            unit.significand.eq(number.significand),
            unit.exponent.eq(number.exponent),
        ]
        between_streams(m, self, unit, unit.result)
        return m


def normalise(m: Module, significand: Value, limit: Value | None = None) -> tuple[Value, Value]:
    """The significand shifted to the left until its highest bit is 1 (if any is), and by how many places.

    It is shifted by no more than ``limit`` places, if that is given.
    """
    places: list[Signal] = []
    # Whether a longer shift was open and not made: then the limit is out of the way of all shorter ones.
    free: Value = Const(1)
    stages = (len(significand) - 1).bit_length()
    if limit is not None:
        free = limit[stages:].any()
    for stage in reversed(range(stages)):
        step = 1 << stage
        moves, shifted = Signal(name=f"moves_{step}"), Signal(len(significand), name=f"normal_{step}")
        empty = ~significand[len(significand) - step :].any()
        allowed = Const(1) if limit is None else free | limit[stage : stage + 1].any()
        m.d.comb += [moves.eq(empty & allowed), shifted.eq(Mux(moves, significand << step, significand))]
        significand, free = shifted, allowed & (free | ~moves)
        places.insert(0, moves)
    return significand, Cat(places)


def shift_right_sticky(m: Module, value: Value, places: Value) -> Value:
    """The value shifted to the right, and below it a bit more: whether a 1 was shifted out."""
    stages = len(value).bit_length()
    outside = Signal()
    m.d.comb += outside.eq(places[stages:].any())
    anything = value.any()
    value = Cat(Const(0, 1), value)
    for stage, moves in enumerate(places[:stages]):
        step = 1 << stage
        shifted = Signal(len(value), name=f"denormal_{step}")
        lost = value[: step + 1].any()
        m.d.comb += shifted.eq(Mux(moves, Cat(lost, value[step + 1 :]), value))
        value = shifted
    return Mux(outside, anything, value)
