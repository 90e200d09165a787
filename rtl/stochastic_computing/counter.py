"""Bitstreams back to binary: parallel counters that add up."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, Value, signed, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.counter import CounterParameters
from rtl.lut import lut4

__all__ = ["Counter", "approximate_layer", "popcount"]


class Counter(wiring.Component):
    """Adds up the ones of ``length`` transfers, as `hwpy.stochastic_computing.counter`, and offers the total.

    The total is offered in the clock after the last transfer, while the next ones are already being counted: one
    transfer a clock, unless a total is still waiting when the next is complete.

    Parameters
    ----------
    parameters
        Inputs, length, encoding, exact or approximate.

    Attributes
    ----------
    input
        Input stream of ``inputs`` bits, or ``2 * inputs`` with the positive rail lowest.
    stream
        Output stream of totals, ``total_bits`` wide; signed unless unipolar.
    """

    def __init__(self, parameters: CounterParameters):
        self.parameters = parameters
        self._shape = (signed if parameters.signed else unsigned)(parameters.total_bits)
        super().__init__(
            {
                "input": In(stream.Signature(unsigned(parameters.rails * parameters.inputs))),
                "stream": Out(stream.Signature(self._shape)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parameters, inputs = self.parameters, self.parameters.inputs
        counts: list[Value] = []
        for rail in range(parameters.rails):
            bits = list(self.input.payload.word_select(rail, inputs))
            name = f"count_{rail}"
            if parameters.approximate:
                half = popcount(m, platform, name, approximate_layer(bits))
                counts.append(Cat(0, half))
            else:
                counts.append(popcount(m, platform, name, bits))
        if parameters.encoding == "two-rail":
            increment = counts[0] - counts[1]
        elif parameters.encoding == "bipolar":
            increment = Cat(0, counts[0]) - inputs
        else:
            increment = counts[0]

        total, running = Signal(self._shape), Signal(self._shape)
        valid, is_last = Signal(), Signal()
        m.d.comb += [
            self.stream.valid.eq(valid),
            self.stream.payload.eq(total),
            self.input.ready.eq(~is_last | ~valid | self.stream.ready),
        ]
        with m.If(self.stream.ready):
            m.d.sync += valid.eq(0)
        taken = Signal(range(parameters.length))
        m.d.comb += is_last.eq(taken == parameters.length - 1)
        with m.If(self.input.valid & self.input.ready):
            with m.If(is_last):
                m.d.sync += [total.eq(running + increment), valid.eq(1), running.eq(0), taken.eq(0)]
            with m.Else():
                m.d.sync += [running.eq(running + increment), taken.eq(taken + 1)]
        return m


def approximate_layer(bits: list[Value]) -> list[Value]:
    """OR and AND by turns over pairs: half as many bits, each of weight 2."""
    pairs = list(zip(bits[::2], bits[1::2], strict=True))
    return [first & second if k % 2 else first | second for k, (first, second) in enumerate(pairs)]


def popcount(m: Module, platform: object, name: str, bits: list[Value]) -> Value:
    """The number of ones, by full adders of two look-up tables each, column by column (a Wallace tree).

    A sum of one-bit numbers through carry chains takes nearly twice as many cells.
    """
    columns: list[list[Value]] = [list(bits)]
    result = []
    adders = 0
    while columns:
        column = columns.pop(0)
        carries: list[Value] = columns[0] if columns else []
        while len(column) > 1:
            three, column = column[:3], column[3:]
            ends = f"{name}_{adders}"
            column.append(lut4(m, platform, f"{ends}_sum", lambda *x: sum(x) & 1, three))
            carries.append(lut4(m, platform, f"{ends}_carry", lambda *x: sum(x) >> 1, three))
            adders += 1
        if carries and not columns:
            columns.append(carries)
        result.append(column[0])
    return Cat(result)
