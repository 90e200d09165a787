"""Feedback elements: every port in every clock, over stalls on all three streams, to both ends of the code."""

import random

import cocotb

from hwpy.stochastic_computing import feedback as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"width": 2, "kind": "divide"},
    {"width": 2, "kind": "square root"},
    {"width": 8, "kind": "divide"},
    {"width": 5, "kind": "square root"},
)


def make(case):
    """The element of one case."""
    from rtl.stochastic_computing.feedback import Feedback

    return Feedback(golden.FeedbackParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.FeedbackParameters(**bench_parameters())
    model = golden.Feedback(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    tops = (1 << parameters.inputs) - 1
    inputs = [word for _ in range(60) for word in [numbers.randint(0, tops)] * numbers.choice((1, 2, 8))]
    words = [numbers.getrandbits(parameters.width) for _ in range(200)]
    source = Source(dut, "input", inputs, pattern(source_stalls, seed=1), noise=4)
    entropy = Source(dut, "random", words, pattern("random", seed=3), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        both = bool(source.valid.value) and bool(entropy.valid.value)
        assert bool(sink.valid.value) == both, f"clock {cycle}"
        assert source.transfers() == entropy.transfers() == sink.transfers(), f"clock {cycle}"
        word = int(entropy.payload.value)
        assert int(sink.payload.value) == model.output(word), f"clock {cycle}"
        if sink.transfers():
            model.step(int(source.payload.value), word)

    await watch(dut, 200, check)
    assert sink.received
