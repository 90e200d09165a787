"""Junctions on pins: every clock, over stall patterns and sampling intervals."""

import random

import cocotb

from hwpy.entropy import smtj as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, pattern, start_clock, watch

CASES = ({"count": 3, "seed": 3},)
_CLOCKS = 150


def make(case):
    """The pins of one case."""
    from rtl.entropy.smtj import SmtjPins

    return SmtjPins(case["count"])


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), interval=[0, 1, 2, 5])
async def samples_are_golden_every_clock_and_none_comes_early(dut, stalls, interval):
    case = bench_parameters()
    numbers = random.Random(case["seed"])
    model = golden.SmtjPins()
    pins = 0
    dut.pins.value = 0
    dut.interval.value = interval
    await start_clock(dut)
    sink = Sink(dut, "stream", pattern(stalls, seed=5))
    Monitor(dut, "stream")

    def drive(cycle):
        nonlocal pins
        pins = numbers.getrandbits(case["count"])
        dut.pins.value = pins

    def check(cycle):
        assert bool(dut.stream__valid.value) == model.valid, f"clock {cycle}"
        if model.valid:
            assert int(dut.stream__payload.value) == model.payload, f"clock {cycle}"
        model.step(pins, bool(dut.stream__ready.value), interval)

    await watch(dut, _CLOCKS, check, drive)
    assert 0 < len(sink.received) <= 1 + _CLOCKS // max(interval, 1)
