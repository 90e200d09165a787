"""Image filters: every port in every clock over stalls on all streams, and every window."""

import random

import cocotb

from hwpy.stochastic_computing import image_filters as golden
from sim.clocked import clocked
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = ({"kind": "roberts"}, {"kind": "gaussian"}, {"kind": "median"})


def make(case):
    """The filter of one case, in a module with a clock."""
    from rtl.stochastic_computing.image_filters import WindowFilter

    return clocked(WindowFilter(golden.WindowFilterParameters(**case)))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.WindowFilterParameters(**bench_parameters())
    model = golden.WindowFilter(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    pixels = parameters.side**2
    # Every window once, which the case without stalls goes through.
    words = numbers.sample(range(1 << pixels), 1 << pixels)
    source = Source(dut, "input", words, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")
    entropy = None
    if parameters.select_bits:
        selects = [numbers.getrandbits(parameters.select_bits) for _ in words]
        entropy = Source(dut, "random", selects, pattern(stalls, seed=3), noise=4)

    def check(cycle):
        has_random = entropy is None or bool(entropy.valid.value)
        valid = bool(source.valid.value) and has_random
        assert bool(sink.valid.value) == valid, f"clock {cycle}"
        assert source.transfers() == sink.transfers(), f"clock {cycle}"
        assert entropy is None or entropy.transfers() == sink.transfers(), f"clock {cycle}"
        word = int(source.payload.value)
        select = 0 if entropy is None else int(entropy.payload.value)
        window = [word >> k & 1 for k in range(pixels)]
        assert int(sink.payload.value) == int(model.output(window, select)), f"clock {cycle}"

    await watch(dut, 520 if stalls == source_stalls == "never" else 100, check)
    assert sink.received
    assert source.sent == words[: len(source.sent)]
    assert len(source.sent) == len(words) or stalls != "never" or source_stalls != "never"
