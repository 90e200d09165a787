"""Rounding between streams: every port in every clock, over stalls of all three, at both ends of the output format."""

import random

import cocotb

from hwpy.low_precision.rounding import RoundingStream, RoundingUnitParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"input": "s[7][24]", "output": "s[3][12]", "rounding": "stochastic", "random_bits": 4},
    {"input": "s[3][9]", "output": "s[1][3]", "rounding": "stochastic", "random_bits": 6},
    {"input": "s[3][9]", "output": "s[3][3]", "rounding": "stochastic-naive", "random_bits": 2},
    {"input": "s[3][9]", "output": "s[2][8]", "rounding": "nearest", "random_bits": 0},
    {"input": "s[3][4]", "output": "s[5][4]", "rounding": "floor", "random_bits": 0},
)


def make(case):
    """The unit of one case between streams."""
    from rtl.low_precision.rounding import RoundingStream

    return RoundingStream(RoundingUnitParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = RoundingUnitParameters.parse(**bench_parameters())
    model = RoundingStream(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    form, bits = parameters.input, parameters.rounding.random_bits
    mask = (1 << form.width) - 1
    # The ends of both formats, and what lies about them, among uniform ones.
    ends = [form.lowest, form.highest, 0, -1]
    ends += [
        (e << parameters.shift) + d for e in (parameters.output.lowest, parameters.output.highest) for d in (-1, 1)
    ]
    ends = [end for end in ends if form.lowest <= end <= form.highest]
    inputs = [numbers.choice([*ends, numbers.randint(form.lowest, form.highest)]) & mask for _ in range(150)]
    source = Source(dut, "input", inputs, pattern(source_stalls, seed=1))
    random_words = [numbers.getrandbits(bits) for _ in range(150)] if bits else []
    entropy = Source(dut, "random", random_words, pattern("random", seed=3)) if bits else None
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        raw = word = None
        if source.valid.value:
            raw = (int(source.payload.value) ^ 1 << (form.width - 1)) - (1 << (form.width - 1))
        if entropy is not None and entropy.valid.value:
            word = int(entropy.payload.value)
        ready = bool(sink.ready.value)
        takes = model.takes(raw, word, ready)
        assert source.transfers() == takes, f"clock {cycle}"
        if entropy is not None:
            assert entropy.transfers() == takes, f"clock {cycle}"
        assert bool(sink.valid.value) == model.valid, f"clock {cycle}"
        if model.valid:
            result, saturated = model.payload
            payload = result & ((1 << parameters.output.width) - 1) | saturated << parameters.output.width
            assert int(sink.payload.value) == payload, f"clock {cycle}"
        model.step(raw, word, ready)

    await watch(dut, 120, check)
    assert sink.received
