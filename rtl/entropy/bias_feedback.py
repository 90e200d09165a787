"""Feedback that holds P(1) of a source of bits at a set point."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from hwpy.entropy.bias_feedback import SET_POINT_BITS, BiasFeedbackParameters
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["BiasFeedback"]


class BiasFeedback(EntropySource):
    """Passes bits on as they come, without registers, and moves ``code`` in the clock after each.

    It sees only the bits that are passed on: where a consumer may stall for longer than the junction drifts, let
    something before it take bits in the meantime, as `rtl.entropy.health.Health` does in an alarm.

    Attributes
    ----------
    input
        Input stream of 1 bit.
    set_point
        Input: P(1) as it should be, times ``2**16``. May change in any clock; that in which a bit is passed on counts.
    code
        Output: the bias, an unsigned word of ``code_bits``, at the ends of its range where the junction cannot follow.
    """

    def __init__(self, parameters: BiasFeedbackParameters):
        self.parameters = parameters
        super().__init__(
            1,
            {
                "input": In(stream.Signature(unsigned(1))),
                "set_point": In(SET_POINT_BITS),
                "code": Out(parameters.code_bits),
            },
        )

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self.parameters.total_bits
        total = Signal(bits, init=1 << bits - 1)
        # A bit more than the total has, for what is below 0 or above its range.
        moved = Signal(signed(bits + 2))
        error = Cat(self.set_point, self.input.payload).as_signed()
        m.d.comb += [
            self.stream.valid.eq(self.input.valid),
            self.stream.payload.eq(self.input.payload),
            self.input.ready.eq(self.stream.ready),
            self.code.eq(total[bits - self.parameters.code_bits :]),
            moved.eq(total + error if self.parameters.rising else total - error),
        ]
        with m.If(self.input.valid & self.stream.ready):
            limit = Mux(moved[-1], Const(0, bits), Const(-1, bits))
            m.d.sync += total.eq(Mux(moved[bits], limit, moved[:bits]))
        return m
