"""Streams made less correlated: isolators and shuffle buffers."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.decorrelator import DecorrelatorParameters

__all__ = ["Decorrelator"]


class Decorrelator(wiring.Component):
    """A stream of bits through ``depth`` registers, as `hwpy.stochastic_computing.decorrelator`.

    An output bit for each input bit, in the same clock: valid and ready pass through.

    Parameters
    ----------
    parameters
        Depth and kind.

    Attributes
    ----------
    input, stream
        Streams of 1 bit, in and out.
    random
        Of 'shuffle' only: input stream of log2(``depth``) bits, one payload a transfer.
    """

    def __init__(self, parameters: DecorrelatorParameters):
        self.parameters = parameters
        ports = {"input": In(stream.Signature(unsigned(1))), "stream": Out(stream.Signature(unsigned(1)))}
        if parameters.random_width:
            ports["random"] = In(stream.Signature(unsigned(parameters.random_width)))
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        kept = Signal(self.parameters.depth, init=self.parameters.initial)
        if self.parameters.kind == "isolator":
            m.d.comb += [
                self.stream.valid.eq(self.input.valid),
                self.input.ready.eq(self.stream.ready),
                self.stream.payload.eq(kept[-1]),
            ]
            after = Cat(self.input.payload, kept[:-1])
        else:
            place = self.random.payload
            m.d.comb += [
                self.stream.valid.eq(self.input.valid & self.random.valid),
                self.input.ready.eq(self.stream.ready & self.random.valid),
                self.random.ready.eq(self.stream.ready & self.input.valid),
                self.stream.payload.eq(kept.bit_select(place, 1)),
            ]
            after = Signal.like(kept)
            m.d.comb += after.eq(kept)
            m.d.comb += after.bit_select(place, 1).eq(self.input.payload)
        with m.If(self.stream.valid & self.stream.ready):
            m.d.sync += kept.eq(after)
        return m
