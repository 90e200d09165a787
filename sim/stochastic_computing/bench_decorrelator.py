"""Isolators and shuffle buffers: every port in every clock, over stalls on all streams."""

import random

import cocotb

from hwpy.stochastic_computing import decorrelator as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"depth": 1},
    {"depth": 7},
    {"depth": 2, "kind": "shuffle"},
    {"depth": 8, "kind": "shuffle"},
)


def make(case):
    """The decorrelator of one case."""
    from rtl.stochastic_computing.decorrelator import Decorrelator

    return Decorrelator(golden.DecorrelatorParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.DecorrelatorParameters(**bench_parameters())
    model = golden.Decorrelator(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    source = Source(dut, "input", [numbers.getrandbits(1) for _ in range(150)], pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")
    entropy = None
    if parameters.random_width:
        words = [numbers.getrandbits(parameters.random_width) for _ in range(150)]
        entropy = Source(dut, "random", words, pattern("random", seed=3), noise=4)

    def check(cycle):
        has_random = entropy is None or bool(entropy.valid.value)
        assert bool(sink.valid.value) == (bool(source.valid.value) and has_random), f"clock {cycle}"
        assert source.transfers() == sink.transfers(), f"clock {cycle}"
        assert entropy is None or entropy.transfers() == sink.transfers(), f"clock {cycle}"
        word = 0 if entropy is None else int(entropy.payload.value)
        assert int(sink.payload.value) == model.output(word), f"clock {cycle}"
        if sink.transfers():
            model.step(int(source.payload.value), word)

    await watch(dut, 120, check)
    assert sink.received
