"""Rounding of fixed-point numbers to fewer bits, as logic and as a block between streams."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.rounding import Rounding, RoundingUnitParameters

__all__ = ["RoundingStream", "RoundingUnit", "carrying", "round_up", "whole_sum"]


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


def carrying(rest: Value, rounding: Rounding, word: Value) -> tuple[Value, Value, Value]:
    """The same as two addends alone, left of which is the adder of what is kept, and whether it then is made even.

    To nearest, half is added at once, for which the lowest bit kept is not waited for; a tie has then become the next
    number, even or odd, and where the last of the three is 1 that bit is to be cleared.
    """
    if rounding.mode == "nearest":
        return rest[-1:], Const(1, 1), rest[-1] & ~rest[:-1].any()
    top, word, carry = round_up(rest, Const(0), rounding, word)
    if len(rest) == len(top) or rounding.mode in ("floor", "stochastic-naive"):
        return top, word, Const(0)
    if rounding.mode == "stochastic-fast":
        return Cat(carry, top), Cat(Const(1, 1), word), Const(0)
    # Its table takes in the lowest place of the sum too, and what leaves that is brought in by a place of 1.
    carry = (top[0] & word[0]) | (carry & (top[0] | word[0]))
    return Cat(carry, top[1:]), Cat(Const(1, 1), word[1:]), Const(0)


def whole_sum(a: Value, b: Value) -> Value:
    """The sum of two signed numbers, which has a place more than they.

    ECP5 has two places in a cell. Of an odd number the last would have one to itself: instead it is made from the
    signs, and from the place before it where they differ.
    """
    total = a + b
    if len(total) % 2 == 0:
        return total
    below = total[:-1]
    return Cat(below, Mux(a[-1] == b[-1], a[-1], below[-1])).as_signed()


class RoundingUnit(wiring.Component):
    """Rounds and saturates, as `hwpy.low_precision.rounding.round_raw`. Combinational.

    One adder: of the kept bits, and to their right of those whose carry rounds. For a stochastic rounding these are
    ``random_bits``, where the word is added; to nearest it is the highest of those dropped, to which half is added.

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
                # A lowest place of 1 and the carry in makes it one adder, where `+ carry` would be another.
                first, second, even = Const(1, 1), self.value[-1] & rest.any(), Const(0)
            else:
                first, second, even = carrying(rest, p.rounding, getattr(self, "word", Const(0, 0)))
            total = (Cat(first, kept) + second)[len(first) : len(first) + len(kept)]
            # Nothing below zero is added: only a positive number changes its sign.
            m.d.comb += rounded.eq(Cat(total[0] & ~even, total[1:], kept[-1] & total[-1]).as_signed())
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
        m.d.comb += unit.value.eq(self.input.payload)
        between_streams(m, self, unit, Cat(unit.result, unit.saturated))
        return m


def between_streams(m: Module, outer: wiring.Component, unit: wiring.Component, payload: Value) -> None:
    """Offer what a rounding unit makes of ``outer.input`` on ``outer.stream`` a clock later, each with its own word."""
    free = ~outer.stream.valid | outer.stream.ready
    takes = outer.input.valid & outer.input.ready
    if unit.parameters.rounding.is_stochastic:
        m.d.comb += [
            unit.word.eq(outer.random.payload),
            outer.input.ready.eq(free & outer.random.valid),
            outer.random.ready.eq(free & outer.input.valid),
        ]
    else:
        m.d.comb += outer.input.ready.eq(free)
    with m.If(free):
        m.d.sync += outer.stream.valid.eq(takes)
    with m.If(takes):
        m.d.sync += Value.cast(outer.stream.payload).eq(payload)
