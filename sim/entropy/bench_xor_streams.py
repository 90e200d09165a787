"""Exclusive or of streams: every clock, over stall patterns on all sides."""

import random

import cocotb

from hwpy.entropy import whitening as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = ({"width": 4, "count": 3, "seed": 1},)


def make(case):
    """The whitener of one case, in a module with a clock, since it has no register of its own."""
    from amaranth.hdl import Module, Signal
    from amaranth.lib.wiring import Component, connect, flipped

    from rtl.entropy.whitening import XorStreams

    inner = XorStreams(case["width"], case["count"])

    class Clocked(Component):
        def __init__(self):
            super().__init__(inner.signature)

        def elaborate(self, platform):
            m = Module()
            m.submodules.inner = inner
            for outer, port in zip(self.inputs, inner.inputs, strict=True):
                connect(m, flipped(outer), port)
            connect(m, flipped(self.stream), inner.stream)
            beat = Signal()
            m.d.sync += beat.eq(~beat)
            return m

    return Clocked()


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def each_word_is_the_xor_of_one_word_of_each_stream(dut, stalls, source_stalls):
    case = bench_parameters()
    numbers = random.Random(case["seed"])
    await start_clock(dut)
    words = [[numbers.getrandbits(case["width"]) for _ in range(300)] for _ in range(case["count"])]
    sources = [
        Source(dut, f"inputs__{i}", words[i], pattern(source_stalls if i else "random", seed=i))
        for i in range(case["count"])
    ]
    sink = Sink(dut, "stream", pattern(stalls, seed=9))
    Monitor(dut, "stream")
    expected = golden.xor_streams(words)
    taken = 0

    def check(cycle):
        nonlocal taken
        valid = all(bool(source.valid.value) for source in sources)
        assert bool(dut.stream__valid.value) == valid, f"clock {cycle}"
        if valid:
            assert int(dut.stream__payload.value) == expected[taken], f"clock {cycle}"
        assert all(source.transfers() == sink.transfers() for source in sources)
        taken += sink.transfers()

    await watch(dut, 150, check)
    assert sink.received
