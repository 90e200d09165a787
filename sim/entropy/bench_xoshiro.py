"""xoshiro128++: the word of every clock, over stall patterns on the consumer's side."""

import cocotb

from hwpy.entropy import xoshiro as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, pattern, start_clock, watch

CASES = ({"state": [1, 2, 3, 4]}, {"state": list(golden.seed_state(2026))})


def make(case):
    """The generator of one case."""
    from rtl.entropy.xoshiro import Xoshiro

    return Xoshiro(tuple(case["state"]))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def word_is_golden_every_clock(dut, stalls):
    model = golden.Xoshiro(tuple(bench_parameters()["state"]))
    await start_clock(dut)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(dut.stream__valid.value) == (cycle > 0)
        if cycle > 0:
            assert int(dut.stream__payload.value) == model.payload, f"clock {cycle}"
        if sink.transfers():
            model.step()

    await watch(dut, 100, check)
    assert sink.received
