"""Multiply-accumulate and dot products: every port in every clock, over stalls of input, entropy and output."""

import random

import cocotb

from hwpy.low_precision.mac import Accumulator, MacParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

_WIDE = {"accumulator": "s[5][14]", "output": "s[0][8]"}
CASES: tuple[dict, ...] = (
    {"accumulator": "s[0][8]", "rounding": "nearest", "eager": True},
    {"accumulator": "s[1][8]", "rounding": "stochastic", "random_bits": 3, "eager": True},
    {"rounding": "stochastic", "random_bits": 3, **_WIDE},
    {"rounding": "stochastic-fast", "random_bits": 4, "eager": True, **_WIDE},
    {"rounding": "nearest", "eager": True, **_WIDE},
    {"x": "s[2][3]", "w": "s[0][4]", "accumulator": "s[1][7]"},
)


def make(case):
    """The unit of one case."""
    from rtl.low_precision.mac import Mac

    return Mac(MacParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), entropy_stalls=list(STALLS))
async def every_port_is_golden_every_clock(dut, stalls, entropy_stalls):
    await compare(dut, MacParameters.parse(**bench_parameters()), 1, stalls, entropy_stalls)


async def compare(dut, parameters, lanes, stalls, entropy_stalls):
    """Run a unit of ``lanes`` products a beat against its golden model."""
    levels = (lanes - 1).bit_length()
    model = Accumulator(parameters, 2 + levels)
    numbers = random.Random(f"{stalls} {entropy_stalls}")
    beats = [beat(parameters, lanes, numbers) for _ in range(150)]
    words = [numbers.getrandbits(parameters.word_bits) if parameters.word_bits else 0 for _ in range(300)]
    await start_clock(dut)
    # The pattern of the entropy in another order stalls the input.
    source = Source(dut, "input", beats, pattern(entropy_stalls, seed=5), noise=7)
    entropy = Source(dut, "entropy", words, pattern(entropy_stalls, seed=1), noise=8) if parameters.word_bits else None
    sink = Sink(dut, "output", pattern(stalls, seed=2))
    Monitor(dut, "output")

    def check(cycle):
        assert bool(sink.valid.value) == (model.output is not None), f"clock {cycle}"
        if model.output is not None:
            assert sink.payload.value.to_signed() == model.output, f"clock {cycle}"
        sink_ready = bool(sink.ready.value)
        word = None
        if entropy:
            word = int(entropy.payload.value) if entropy.valid.value else None
            assert bool(entropy.ready.value) == model.entropy_ready(sink_ready), f"clock {cycle}"
        offered = addend_of(parameters, lanes, int(source.payload.value)) if source.valid.value else None
        assert bool(source.ready.value) == model.ready(word, sink_ready), f"clock {cycle}"
        model.step(offered, word, sink_ready)

    await watch(dut, 100, check)
    assert sink.received


def beat(parameters, lanes, numbers):
    """A payload; at times with factors that saturate."""
    extreme = numbers.choice([None, None, True, False])
    x, w = ([numbers.randint(form.lowest, form.highest) for _ in range(lanes)] for form in (parameters.x, parameters.w))
    if extreme is not None:
        w = [parameters.w.lowest] * lanes
        x = [parameters.x.lowest if extreme else parameters.x.highest] * lanes
    payload, place = 0, 0
    for factors, form in ((x, parameters.x), (w, parameters.w)):
        for factor in factors:
            payload |= (factor & (1 << form.width) - 1) << place
            place += form.width
    return payload | (numbers.random() < 0.2) << place


def addend_of(parameters, lanes, payload):
    """The sum of the products of a payload, and whether it is the last."""
    factors = []
    for form in (parameters.x, parameters.w):
        for _ in range(lanes):
            raw = payload & (1 << form.width) - 1
            factors.append(raw - (raw >> form.width - 1 << form.width))
            payload >>= form.width
    return sum(factors[k] * factors[lanes + k] for k in range(lanes)), bool(payload)
