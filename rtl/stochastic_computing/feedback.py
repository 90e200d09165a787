"""Division and square root of bitstreams by feedback."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.feedback import FeedbackParameters

__all__ = ["Feedback"]


class Feedback(wiring.Component):
    """Counter, comparator and AND, as `hwpy.stochastic_computing.feedback`.

    An output bit for each input and random word, in the same clock; valid when both are.

    Parameters
    ----------
    parameters
        Width and kind.

    Attributes
    ----------
    input
        Input stream: the radicand, or the dividend (bit 0) and the divisor.
    random
        Input stream of ``width`` bits, uniform.
    stream
        Output stream of 1 bit.
    """

    def __init__(self, parameters: FeedbackParameters):
        self.parameters = parameters
        super().__init__(
            {
                "input": In(stream.Signature(unsigned(parameters.inputs))),
                "random": In(stream.Signature(unsigned(parameters.width))),
                "stream": Out(stream.Signature(unsigned(1))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width = self.parameters.width
        code = Signal(width, init=1 << (width - 1))
        y, takes_back = Signal(), Signal()
        x = self.input.payload[0]
        m.d.comb += [
            y.eq(self.random.payload < code),
            self.stream.payload.eq(y),
            self.stream.valid.eq(self.input.valid & self.random.valid),
            self.input.ready.eq(self.stream.ready & self.random.valid),
            self.random.ready.eq(self.stream.ready & self.input.valid),
        ]
        transfers = self.stream.valid & self.stream.ready
        if self.parameters.kind == "divide":
            m.d.comb += takes_back.eq(y & self.input.payload[1])
        else:
            last = Signal()
            m.d.comb += takes_back.eq(y & last)
            with m.If(transfers):
                m.d.sync += last.eq(y)
        with m.If(transfers):
            with m.If(x & ~takes_back & ~code.all()):
                m.d.sync += code.eq(code + 1)
            with m.If(~x & takes_back & code.any()):
                m.d.sync += code.eq(code - 1)
        return m
