"""Rounding to floating point between streams: every port in every clock, over stalls of all three.

Numbers are of every size, exact ties and both ends of the format among them.
"""

import random

import cocotb

from hwpy.low_precision.float_rounding import FloatRoundingParameters, FloatRoundingStream
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "stochastic", "random_bits": 8},
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "nearest", "random_bits": 0},
    {"significand_bits": 14, "exponent_bits": 7, "output": "e6m5", "rounding": "stochastic", "random_bits": 12},
    {"significand_bits": 3, "exponent_bits": 6, "output": "e5m2", "rounding": "stochastic-naive", "random_bits": 2},
    {"significand_bits": 30, "exponent_bits": 6, "output": "e4m3", "rounding": "floor", "random_bits": 0},
)


def make(case):
    """The unit of one case between streams."""
    from rtl.low_precision.float_rounding import FloatRoundingStream

    return FloatRoundingStream(FloatRoundingParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    p = FloatRoundingParameters.parse(**bench_parameters())
    model = FloatRoundingStream(p)
    numbers = random.Random(f"{stalls} {source_stalls}")
    width, bits = p.significand_bits, p.rounding.random_bits
    await start_clock(dut)
    source = Source(dut, "input", [number(p, numbers) for _ in range(150)], pattern(source_stalls, seed=1))
    words = [numbers.getrandbits(bits) for _ in range(150)] if bits else []
    entropy = Source(dut, "random", words, pattern("random", seed=3)) if bits else None
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        offered = word = None
        if source.valid.value:
            payload = int(source.payload.value)
            exponent = payload >> width & (1 << p.exponent_bits) - 1
            exponent -= exponent >> p.exponent_bits - 1 << p.exponent_bits
            offered = payload >> width + p.exponent_bits, payload & (1 << width) - 1, exponent
        if entropy is not None and entropy.valid.value:
            word = int(entropy.payload.value)
        ready = bool(sink.ready.value)
        takes = model.takes(offered, word, ready)
        assert source.transfers() == takes, f"clock {cycle}"
        if entropy is not None:
            assert entropy.transfers() == takes, f"clock {cycle}"
        assert bool(sink.valid.value) == (model.payload is not None), f"clock {cycle}"
        if model.payload is not None:
            assert int(sink.payload.value) == model.payload, f"clock {cycle}"
        model.step(offered, word, ready)

    await watch(dut, 150, check)
    assert sink.received


def number(p, numbers):
    """A payload. Few ones in the significand, so that ties and exact numbers are frequent; of any length."""
    width = p.significand_bits
    significand = numbers.getrandbits(width) & (-1 << numbers.randrange(width)) & ((1 << width) - 1)
    significand >>= numbers.randrange(width)
    return significand | numbers.getrandbits(p.exponent_bits + 1) << width
