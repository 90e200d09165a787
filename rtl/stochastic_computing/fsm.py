"""Saturating counters as functions of a bitstream."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.fsm import FsmParameters

__all__ = ["Fsm"]


class Fsm(wiring.Component):
    """tanh or ReLU of a bipolar stream, as `hwpy.stochastic_computing.fsm`.

    An output bit for each input bit, in the same clock: valid and ready pass through. The output of 'tanh' hangs on
    the register only.

    Parameters
    ----------
    parameters
        States and kind.

    Attributes
    ----------
    input, stream
        Streams of 1 bit, in and out.
    """

    def __init__(self, parameters: FsmParameters):
        self.parameters = parameters
        super().__init__(
            {"input": In(stream.Signature(unsigned(1))), "stream": Out(stream.Signature(unsigned(1)))},
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        states = self.parameters.states
        state = Signal(range(states), init=states // 2)
        is_upper, toggle = Signal(), Signal()
        bit = self.input.payload
        m.d.comb += [
            is_upper.eq(state >= states // 2),
            self.stream.payload.eq(is_upper if self.parameters.kind == "tanh" else Mux(is_upper, bit, toggle)),
            self.stream.valid.eq(self.input.valid),
            self.input.ready.eq(self.stream.ready),
        ]
        with m.If(self.input.valid & self.stream.ready):
            if self.parameters.kind == "relu":
                m.d.sync += toggle.eq(toggle ^ ~is_upper)
            with m.If(bit & (state != states - 1)):
                m.d.sync += state.eq(state + 1)
            with m.If(~bit & (state != 0)):
                m.d.sync += state.eq(state - 1)
        return m
