"""Emulated junctions: every clock, over stall patterns on both sides and changing escape probabilities."""

import random

import cocotb

from hwpy.entropy import smtj as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = (
    {"count": 1, "initial": 1, "seed": 1},
    {"count": 5, "initial": 0b01101, "seed": 2},
)


def make(case):
    """The emulator of one case."""
    from rtl.entropy.smtj import SmtjEmulator

    return SmtjEmulator(case["count"], case["initial"])


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def states_are_golden_every_clock(dut, stalls, source_stalls):
    case = bench_parameters()
    numbers = random.Random(case["seed"])
    model = golden.Smtj(case["count"], case["initial"])
    chain = golden.SmtjChain(0, 0)
    offered = False
    await start_clock(dut)
    # Few values, so that a random number often equals the escape probability or is next to it.
    values = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF]
    words = [sum(numbers.choice(values) << 16 * j for j in range(case["count"])) for _ in range(200)]
    source = Source(dut, "random", words, pattern(source_stalls, seed=3))
    sink = Sink(dut, "stream", pattern(stalls, seed=4))
    Monitor(dut, "stream")

    def drive(cycle):
        nonlocal chain
        if cycle % 5 == 0:
            chain = golden.SmtjChain(numbers.choice(values), numbers.choice(values))
        dut.escape_from_0.value = chain.escape_from_0
        dut.escape_from_1.value = chain.escape_from_1

    def check(cycle):
        nonlocal offered
        assert bool(dut.stream__valid.value) == offered, f"clock {cycle}"
        assert int(dut.stream__payload.value) == model.state, f"clock {cycle}"
        assert bool(dut.random__ready.value) == (not offered or bool(dut.stream__ready.value))
        if source.transfers():
            model.step(int(dut.random__payload.value), chain)
            offered = True
        elif sink.transfers():
            offered = False

    await watch(dut, 150, check, drive)
    assert sink.received
