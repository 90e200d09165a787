"""Saturating counters: every port in every clock, over stalls on both sides, to both ends of the states."""

import random

import cocotb

from hwpy.stochastic_computing import fsm as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"states": 2, "kind": "tanh"},
    {"states": 8, "kind": "tanh"},
    {"states": 2, "kind": "relu"},
    {"states": 10, "kind": "relu"},
)


def make(case):
    """The counter of one case."""
    from rtl.stochastic_computing.fsm import Fsm

    return Fsm(golden.FsmParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    model = golden.Fsm(golden.FsmParameters(**bench_parameters()))
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    bits = [bit for _ in range(60) for bit in [numbers.getrandbits(1)] * numbers.choice((1, 2, 8))]
    source = Source(dut, "input", bits, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(sink.valid.value) == bool(source.valid.value), f"clock {cycle}"
        assert bool(source.ready.value) == bool(sink.ready.value), f"clock {cycle}"
        bit = int(source.payload.value)
        assert int(sink.payload.value) == model.output(bit), f"clock {cycle}"
        if sink.transfers():
            model.step(bit)

    await watch(dut, 150, check)
    assert sink.received
