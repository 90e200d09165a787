"""A layer of binary or ternary neurons."""

from __future__ import annotations

from amaranth.hdl import Cat, EnableInserter, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.xnor_popcount import XnorPopcountParameters, count_levels
from rtl.low_precision.popcount import count_fours, count_tree, register
from rtl.lut import lut4

__all__ = ["XnorPopcount"]


class XnorPopcount(wiring.Component):
    """All neurons at once, as `hwpy.low_precision.xnor_popcount`: an input a clock, results ``latency`` clocks later.

    All stages wait while results are offered and not taken.

    Attributes
    ----------
    load
        Input stream of rows: ``weights``, with ternary weights ``mask``, and for signs ``threshold``. A row goes to the
        last neuron, and each other neuron takes that of the one after it; after ``neurons`` transfers the first row is
        the first neuron's. A row waits until no input is under way, and inputs wait for it.
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
        valid = Signal(p.latency)
        moves = Signal()
        m.d.comb += [
            self.output.valid.eq(valid[-1]),
            moves.eq(~self.output.valid | self.output.ready),
            self.load.ready.eq(~valid.any()),
            self.input.ready.eq(moves & ~self.load.valid),
        ]
        with m.If(self.load.valid & self.load.ready):
            for row, after in zip(rows, [*rows[1:], self.load.payload], strict=True):
                m.d.sync += row.eq(after)
        pipe = Module()
        m.submodules.pipe = EnableInserter(moves)(pipe)
        pipe.d.sync += valid.eq(Cat(self.input.valid & self.input.ready, valid))
        for n, row in enumerate(rows):
            agree = []
            for k in range(p.inputs):
                bits = [self.input.payload[k], row.weights[k], *([row.mask[k]] if p.ternary else [])]
                agree.append(lut4(pipe, platform, f"agree_{n}_{k}", lambda x, w, mask=1: mask & (x == w), bits))
            fours = count_fours(pipe, platform, f"four_{n}", agree)
            count = count_tree(pipe, f"sum_{n}", fours, p.inputs, count_levels(p.inputs))
            result = self.output.payload.word_select(n, p.result_width)
            if p.output == "count":
                m.d.comb += result.eq(count)
            else:
                m.d.comb += result.eq(register(pipe, f"sign_{n}", count >= row.threshold))
        return m
