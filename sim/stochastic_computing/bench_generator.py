"""Generators: every port in every clock, over stalls on both sides and changing codes."""

import random

import cocotb

from hwpy.stochastic_computing import generator as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"width": 4, "count": 3, "rotations": [0, 1, 2], "delays": [0, 0, 3]},
    {"width": 5, "count": 2, "method": "weighted", "rotations": [0, 2]},
    {"width": 8, "count": 4, "fresh": True},
    {"width": 3, "count": 2, "method": "weighted", "fresh": True, "delays": [1, 0]},
)


def make(case):
    """The bank of one case."""
    from rtl.stochastic_computing.generator import Generator

    return Generator(golden.GeneratorParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def bits_are_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.GeneratorParameters(**bench_parameters())
    model = golden.Generator(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    words = [numbers.getrandbits(parameters.random_width) for _ in range(150)]
    source = Source(dut, "random", words, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")
    codes = 0

    def drive(cycle):
        nonlocal codes
        codes = numbers.getrandbits(parameters.width * parameters.count)
        dut.codes.value = codes

    def check(cycle):
        assert bool(sink.valid.value) == model.valid, f"clock {cycle}"
        if model.valid:
            assert int(sink.payload.value) == model.payload, f"clock {cycle}"
        sink_ready = bool(sink.ready.value)
        assert bool(source.ready.value) == model.ready(sink_ready), f"clock {cycle}"
        model.step(int(source.payload.value) if source.valid.value else None, codes, sink_ready)

    await watch(dut, 100, check, drive)
    assert sink.received
