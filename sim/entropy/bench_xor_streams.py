"""Exclusive or of streams: every clock, over stall patterns on all sides."""

import random

import cocotb

from hwpy.entropy import whitening as golden
from sim.clocked import clocked
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = ({"width": 4, "count": 3, "seed": 1},)


def make(case):
    """The whitener of one case, in a module with a clock."""
    from rtl.entropy.whitening import XorStreams

    return clocked(XorStreams(case["width"], case["count"]))


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
