"""Streaming image filters by single gates on correlated bitstreams."""

from __future__ import annotations

from amaranth.hdl import Array, Module, Mux, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.image_filters import GAUSSIAN, WindowFilterParameters

__all__ = ["WindowFilter"]

# The median of nine in 19 exchanges (J. L. Smith, 1996); what the middle does not need, synthesis takes out.
_MEDIAN = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)


class WindowFilter(wiring.Component):
    """A window of pixels' bits to the bit of a pixel, as `hwpy.stochastic_computing.image_filters`. Combinational.

    Parameters
    ----------
    parameters
        The kind.

    Attributes
    ----------
    input
        Input stream of ``side**2`` bits, all generated from one word: the window row by row, first pixel lowest.
    random
        Of 'roberts' and 'gaussian': input stream of ``select_bits`` bits, one payload a transfer.
    stream
        Output stream of 1 bit; valid when the inputs are.
    """

    def __init__(self, parameters: WindowFilterParameters):
        self.parameters = parameters
        ports = {
            "input": In(stream.Signature(unsigned(parameters.side**2))),
            "stream": Out(stream.Signature(unsigned(1))),
        }
        if parameters.select_bits:
            ports["random"] = In(stream.Signature(unsigned(parameters.select_bits)))
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        valid: Value = self.input.valid
        ready: Value = self.stream.ready
        if self.parameters.select_bits:
            m.d.comb += self.random.ready.eq(self.stream.ready & self.input.valid)
            valid, ready = valid & self.random.valid, ready & self.random.valid
        m.d.comb += [
            self.stream.valid.eq(valid),
            self.input.ready.eq(ready),
            self.stream.payload.eq(self._output(list(self.input.payload))),
        ]
        return m

    def _output(self, bits: list[Value]) -> Value:
        if self.parameters.kind == "roberts":
            return Mux(self.random.payload, bits[1] ^ bits[2], bits[0] ^ bits[3])
        if self.parameters.kind == "gaussian":
            return Array(bits[pixel] for pixel in GAUSSIAN)[self.random.payload]
        for low, high in _MEDIAN:
            bits[low], bits[high] = bits[low] & bits[high], bits[low] | bits[high]
        return bits[4]
