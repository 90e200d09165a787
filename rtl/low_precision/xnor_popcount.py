"""A layer of binary or ternary neurons."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.xnor_popcount import XnorPopcountParameters
from rtl.lut import lut4
from rtl.stochastic_computing.counter import popcount

__all__ = ["XnorPopcount"]


class XnorPopcount(wiring.Component):
    """All neurons in one clock, as `hwpy.low_precision.xnor_popcount`; results the clock after, an input a clock.

    Attributes
    ----------
    load
        Input stream of rows, always ready: ``weights``, with ternary weights ``mask``, and for signs ``threshold``. A
        row goes to the last neuron, and each other neuron takes that of the one after it; after ``neurons`` transfers
        the first row is the first neuron's. An input taken in the same clock sees the rows before.
    input
        Input stream of ``inputs`` bits.
    output
        Output stream of the neurons' signs or counts, the first neuron's lowest.
    """

    def __init__(self, parameters: XnorPopcountParameters):
        p = self.parameters = parameters
        fields = {"weights": p.inputs}
        if p.ternary:
            fields["mask"] = p.inputs
        if p.output == "sign":
            fields["threshold"] = p.threshold_width
        super().__init__(
            {
                "load": In(stream.Signature(data.StructLayout(fields))),
                "input": In(stream.Signature(p.inputs)),
                "output": Out(stream.Signature(p.neurons * p.result_width)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.parameters
        rows = [Signal(self.load.payload.shape(), name=f"row_{n}") for n in range(p.neurons)]
        m.d.comb += self.load.ready.eq(1)
        with m.If(self.load.valid):
            for row, after in zip(rows, [*rows[1:], self.load.payload], strict=True):
                m.d.sync += row.eq(after)

        m.d.comb += self.input.ready.eq(~self.output.valid | self.output.ready)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        for n, row in enumerate(rows):
            agree = []
            for k in range(p.inputs):
                bits = [self.input.payload[k], row.weights[k], *([row.mask[k]] if p.ternary else [])]
                agree.append(lut4(m, platform, f"agree_{n}_{k}", lambda x, w, mask=1: mask & (x == w), bits))
            count = popcount(m, platform, f"count_{n}", agree)
            result = count >= row.threshold if p.output == "sign" else count
            with m.If(self.input.ready):
                m.d.sync += self.output.payload.word_select(n, p.result_width).eq(result)
        return m
