"""Single gates as arithmetic on bitstreams."""

from __future__ import annotations

import operator
from functools import reduce

from amaranth.hdl import Module, Mux, Signal, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.gates import GateParameters

__all__ = ["Gate"]


class Gate(wiring.Component):
    """One gate between streams, as `hwpy.stochastic_computing.gates`. Combinational: valid and ready pass through.

    Parameters
    ----------
    parameters
        Kind and inputs. Only 'divide' has a register: the output bit of the last transfer.

    Attributes
    ----------
    input
        Input stream of all inputs, input 0 lowest.
    stream
        Output stream of 1 bit.
    """

    def __init__(self, parameters: GateParameters):
        self.parameters = parameters
        super().__init__(
            {
                "input": In(stream.Signature(unsigned(parameters.width))),
                "stream": Out(stream.Signature(unsigned(1))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = list(self.input.payload)
        m.d.comb += [
            self.stream.valid.eq(self.input.valid),
            self.input.ready.eq(self.stream.ready),
            self.stream.payload.eq(self._output(m, bits)),
        ]
        return m

    def _output(self, m: Module, bits: list[Value]) -> Value:
        kind = self.parameters.kind
        if kind == "not":
            return ~bits[0]
        if kind == "mux":
            return Mux(bits[2], bits[1], bits[0])
        if kind == "divide":
            last = Signal()
            with m.If(self.input.valid & self.input.ready):
                m.d.sync += last.eq(self.stream.payload)
            return Mux(bits[1], bits[0], last)
        if kind == "xnor":
            return ~(bits[0] ^ bits[1])
        return reduce({"and": operator.and_, "or": operator.or_, "xor": operator.xor}[kind], bits)
