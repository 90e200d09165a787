"""Bias feedback: every clock, over stalls on both sides, changing set points and both ends of the range."""

import random

import cocotb

from hwpy.entropy import bias_feedback as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"code_bits": 3, "gain": 2},
    {"code_bits": 4, "gain": 0, "rising": False},
    {"code_bits": 12, "gain": 4},
)


def make(case):
    """The loop of one case."""
    from rtl.entropy.bias_feedback import BiasFeedback

    return BiasFeedback(golden.BiasFeedbackParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def the_code_is_golden_every_clock(dut, stalls, source_stalls):
    model = golden.BiasFeedback(golden.BiasFeedbackParameters(**bench_parameters()))
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    # Long runs of equal bits, which take a small code to both ends of its range.
    bits = [bit for _ in range(20) for bit in [numbers.getrandbits(1)] * numbers.choice((1, 2, 60))]
    source = Source(dut, "input", bits, pattern(source_stalls, seed=1))
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")
    set_point = 0

    def drive(cycle):
        nonlocal set_point
        if cycle % 50 == 0:
            set_point = numbers.choice((0, 1, 0x7FFF, 0x8000, 0xFFFF, numbers.getrandbits(16)))
        dut.set_point.value = set_point

    def check(cycle):
        assert int(dut.code.value) == model.code, f"clock {cycle}"
        assert bool(sink.valid.value) == bool(source.valid.value), f"clock {cycle}"
        assert int(sink.payload.value) == int(source.payload.value), f"clock {cycle}"
        assert bool(source.ready.value) == bool(sink.ready.value), f"clock {cycle}"
        if source.transfers():
            model.step(int(source.payload.value), set_point)

    await watch(dut, 400, check, drive)
    assert sink.received
