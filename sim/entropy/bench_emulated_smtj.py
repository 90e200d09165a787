"""Emulated junctions with their own LFSR, as a consumer sees them: every clock, over stall patterns."""

import cocotb

from hwpy.entropy import lfsr, smtj
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, pattern, start_clock, watch

CASES = ({"count": 4, "width": 127, "seed": 2026, "escape_from_0": 20000, "escape_from_1": 30000},)


def _register(case):
    return lfsr.LfsrParameters(case["width"], leap=16 * case["count"])


def make(case):
    """The source of one case."""
    from rtl.entropy.lfsr import Lfsr
    from rtl.entropy.smtj import EmulatedSmtj

    return EmulatedSmtj(case["count"], Lfsr(_register(case), case["seed"]))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def states_are_golden_every_clock(dut, stalls):
    case = bench_parameters()
    inner = lfsr.Lfsr(_register(case), case["seed"])
    model = smtj.Smtj(case["count"])
    chain = smtj.SmtjChain(case["escape_from_0"], case["escape_from_1"])
    dut.escape_from_0.value = chain.escape_from_0
    dut.escape_from_1.value = chain.escape_from_1
    await start_clock(dut)
    sink = Sink(dut, "stream", pattern(stalls, seed=6))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(dut.stream__valid.value) == (cycle > 0)
        if cycle > 0:
            assert int(dut.stream__payload.value) == model.state, f"clock {cycle}"
        if cycle == 0 or sink.transfers():
            model.step(inner.payload, chain)
            inner.step()

    await watch(dut, 100, check)
    assert sink.received
