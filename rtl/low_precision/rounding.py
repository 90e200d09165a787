"""Rounding of fixed-point numbers to fewer bits, as logic and as a block between streams."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.rounding import Rounding, RoundingUnitParameters

__all__ = ["RoundingStream", "RoundingUnit", "round_up"]


def round_up(rest: Value, odd: Value, rounding: Rounding, word: Value) -> tuple[Value, Value, Value]:
    """What to add at the top of the dropped bits for its carry to be the rounding: two addends and a carry.

    Parameters
    ----------
    rest
        The dropped bits of a number that is not negative, or of one in two's complement: at least one, and at least
        the random bits.
    odd
        The lowest bit kept.
    rounding
        Any mode but 'zero', which needs the sign.
    word
        The random word, if it is stochastic.
    """
    nothing = Const(0, 0)
    if rounding.mode == "floor":
        return nothing, nothing, Const(0)
    if rounding.mode == "nearest":
        return nothing, nothing, rest[-1] & (odd | rest[:-1].any())
    drop = len(rest) - rounding.random_bits
    top, below = rest[drop:], rest[:drop]
    if not drop or rounding.mode == "stochastic-naive":
        return top, word, Const(0)
    if rounding.mode == "stochastic-fast":
        return top, word, below[-1]
    return top, word, below[-1] & (top[0] | below[:-1].any())


class RoundingUnit(wiring.Component):
    """Rounds and saturates, as `hwpy.low_precision.rounding.round_raw`. Combinational.

    One adder: of the kept bits, and for a stochastic rounding of ``random_bits`` more to their right, where the word
    is added and whose carry rounds. What differs between the modes is the carry into it.

    Parameters
    ----------
    parameters
        Formats and rounding.

    Attributes
    ----------
    value
        Input, the raw number.
    word
        Input of ``random_bits``, uniform; only if the rounding is stochastic.
    result
        Output, the raw number in the output's format.
    saturated
        Output: whether it is beyond the format.
    """

    def __init__(self, parameters: RoundingUnitParameters):
        self.parameters = parameters
        bits = parameters.rounding.random_bits
        super().__init__(
            {
                "value": In(signed(parameters.input.width)),
                **({"word": In(bits)} if bits else {}),
                "result": Out(signed(parameters.output.width)),
                "saturated": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.parameters
        kept = self.value[p.shift :].as_signed()
        rounded = Signal(signed(len(kept) + 1))
        if not p.shift:
            m.d.comb += rounded.eq(kept)
        else:
            rest = self.value[: p.shift]
            if p.rounding.mode == "zero":
                top, word, carry = Const(0, 0), Const(0, 0), self.value[-1] & rest.any()
            else:
                top, word, carry = round_up(rest, kept[0], p.rounding, getattr(self, "word", Const(0, 0)))
            # A lowest place of 1 and the carry in makes it one adder, where `+ carry` would be another.
            total = Cat(Const(1, 1), top, kept).as_signed() + Cat(carry, word).as_unsigned()
            m.d.comb += rounded.eq(total[1 + len(top) :].as_signed())
        width = p.output.width
        if width >= len(rounded):
            m.d.comb += self.result.eq(rounded)
        else:
            sign = rounded[-1]
            m.d.comb += [
                self.saturated.eq(Cat(bit != sign for bit in rounded[width - 1 : -1]).any()),
                self.result.eq(Mux(self.saturated, Cat((~sign).replicate(width - 1), sign), rounded)),
            ]
        return m


class RoundingStream(wiring.Component):
    """A `RoundingUnit` with a register behind it. Latency 1 clock, a number a clock.

    Every number takes a word of its own: while ``random`` is not valid nothing is taken from ``input``.

    Parameters
    ----------
    parameters
        Formats and rounding.

    Attributes
    ----------
    input
        Input stream of raw numbers.
    random
        Input stream of ``random_bits``; only if the rounding is stochastic.
    stream
        Output stream of ``result`` and ``saturated``.
    """

    def __init__(self, parameters: RoundingUnitParameters):
        self.parameters = parameters
        bits = parameters.rounding.random_bits
        payload = data.StructLayout({"result": signed(parameters.output.width), "saturated": 1})
        super().__init__(
            {
                "input": In(stream.Signature(signed(parameters.input.width))),
                **({"random": In(stream.Signature(unsigned(bits)))} if bits else {}),
                "stream": Out(stream.Signature(payload)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = RoundingUnit(self.parameters)
        free = ~self.stream.valid | self.stream.ready
        m.d.comb += unit.value.eq(self.input.payload)
        if self.parameters.rounding.is_stochastic:
            m.d.comb += [
                unit.word.eq(self.random.payload),
                self.input.ready.eq(free & self.random.valid),
                self.random.ready.eq(free & self.input.valid),
            ]
        else:
            m.d.comb += self.input.ready.eq(free)
        with m.If(free):
            m.d.sync += self.stream.valid.eq(self.input.valid & self.input.ready)
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [
                self.stream.payload.result.eq(unit.result),
                self.stream.payload.saturated.eq(unit.saturated),
            ]
        return m
