"""Counters: every port in every clock, over stalls on both sides."""

import random

import cocotb

from hwpy.stochastic_computing import counter as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"inputs": 1, "length": 5},
    {"inputs": 1, "length": 1, "encoding": "bipolar"},
    {"inputs": 9, "length": 3, "encoding": "bipolar"},
    {"inputs": 7, "length": 4, "encoding": "two-rail"},
    {"inputs": 16, "length": 3, "approximate": True},
    {"inputs": 6, "length": 2, "encoding": "two-rail", "approximate": True},
)


def make(case):
    """The counter of one case."""
    from rtl.stochastic_computing.counter import Counter

    return Counter(golden.CounterParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def totals_are_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.CounterParameters(**bench_parameters())
    model = golden.Counter(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    width = parameters.rails * parameters.inputs
    # All ones and all zeros too, for both ends of the range.
    words = [numbers.choice((0, (1 << width) - 1, numbers.getrandbits(width))) for _ in range(150)]
    source = Source(dut, "input", words, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(sink.valid.value) == model.valid, f"clock {cycle}"
        if model.valid:
            assert int(sink.payload.value) == model.payload % (1 << parameters.total_bits), f"clock {cycle}"
        sink_ready = bool(sink.ready.value)
        assert bool(source.ready.value) == model.ready(sink_ready), f"clock {cycle}"
        model.step(int(source.payload.value) if source.valid.value else None, sink_ready)

    await watch(dut, 100, check)
    assert sink.received
