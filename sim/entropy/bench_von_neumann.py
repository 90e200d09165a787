"""Von Neumann's pairs: every clock, over stall patterns on both sides."""

import random

import cocotb

from hwpy.entropy import whitening as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = ({"seed": 2},)


def make(case):
    """The whitener."""
    from rtl.entropy.whitening import VonNeumann

    return VonNeumann()


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def each_unequal_pair_gives_its_bit_in_the_clock_after(dut, stalls, source_stalls):
    numbers = random.Random(bench_parameters()["seed"])
    await start_clock(dut)
    bits = [numbers.getrandbits(1) for _ in range(300)]
    source = Source(dut, "input", bits, pattern(source_stalls, seed=1))
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")
    accepted: list[int] = []
    given = 0

    def check(cycle):
        nonlocal given
        due = golden.von_neumann(accepted)
        assert bool(dut.stream__valid.value) == (len(due) > given), f"clock {cycle}"
        if len(due) > given:
            assert int(dut.stream__payload.value) == due[given], f"clock {cycle}"
        if source.transfers():
            accepted.append(int(dut.input__payload.value))
        given += sink.transfers()

    await watch(dut, 200, check)
    assert sink.received
