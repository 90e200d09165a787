"""Whitening of a source whose bits are biased or correlated, such as a junction."""

from __future__ import annotations

import operator
from functools import reduce

from amaranth.hdl import Cat, Module, Signal, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In

from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["VonNeumann", "XorStreams"]


class XorStreams(EntropySource):
    """Exclusive or of ``count`` streams. Without registers: valid when all inputs are, and then takes from all.

    Attributes
    ----------
    inputs
        Array of ``count`` input streams of ``width`` bits.
    """

    def __init__(self, width: int, count: int):
        if count < 1:
            raise ValueError(f"count of streams must be positive, not {count!r}")
        self.count = count
        super().__init__(width, {"inputs": In(stream.Signature(unsigned(width))).array(count)})

    @property
    def properties(self) -> SourceProperties:
        """Of the inputs together it gives one bit for ``count``."""
        return SourceProperties(bits_per_clock=self.width)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [
            self.stream.valid.eq(Cat(source.valid for source in self.inputs).all()),
            self.stream.payload.eq(reduce(operator.xor, (source.payload for source in self.inputs))),
        ]
        for source in self.inputs:
            m.d.comb += source.ready.eq(self.stream.ready & self.stream.valid)
        return m


class VonNeumann(EntropySource):
    """Pairs of bits to at most one bit: 01 gives 0, 10 gives 1, 00 and 11 give nothing.

    A bit is offered the clock after the second of its pair was taken; ``valid`` drops when a pair gives none. Takes a
    bit a clock unless the consumer stalls, and gives at most one for two.

    Attributes
    ----------
    input
        Input stream of 1 bit.
    """

    def __init__(self) -> None:
        super().__init__(1, {"input": In(stream.Signature(unsigned(1)))})

    @property
    def properties(self) -> SourceProperties:
        """Of fair independent bits; it takes four for one."""
        return SourceProperties(bits_per_clock=0.25)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        first = Signal()
        have_first = Signal()
        valid = Signal()
        bit = Signal()
        m.d.comb += [
            self.stream.valid.eq(valid),
            self.stream.payload.eq(bit),
            self.input.ready.eq(~valid | self.stream.ready),
        ]
        with m.If(self.input.ready):
            m.d.sync += valid.eq(0)
            with m.If(self.input.valid):
                m.d.sync += [first.eq(self.input.payload), have_first.eq(~have_first)]
                with m.If(have_first):
                    m.d.sync += [bit.eq(first), valid.eq(first ^ self.input.payload)]
        return m
