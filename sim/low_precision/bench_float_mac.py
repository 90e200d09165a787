"""Floating-point multiply-accumulate: every port in every clock, over stalls of input, entropy and output."""

import random

import cocotb

from hwpy.low_precision.float_mac import FloatAccumulator, FloatMacParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"rounding": "stochastic", "random_bits": 2},
    {"rounding": "stochastic", "random_bits": 3, "eager": True},
    {"rounding": "stochastic-fast", "random_bits": 3, "eager": True, "sums": 2, "saturate": False},
    {"x": "e4m3", "accumulator": "e4m3", "rounding": "nearest", "sums": 3, "saturate": False},
    {"x": "bfloat16", "w": "bfloat16", "accumulator": "e8m23", "rounding": "stochastic", "random_bits": 8, "sums": 4},
    {"x": "e4m3", "w": "e4m3", "accumulator": "e4m6", "rounding": "nearest"},
    {"accumulator": "e5m4", "rounding": "zero", "saturate": False},
)


def make(case):
    """The unit of one case."""
    from rtl.low_precision.float_mac import FloatMac

    return FloatMac(FloatMacParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), entropy_stalls=list(STALLS))
async def every_port_is_golden_every_clock(dut, stalls, entropy_stalls):
    parameters = FloatMacParameters.parse(**bench_parameters())
    model = FloatAccumulator(parameters)
    numbers = random.Random(f"{stalls} {entropy_stalls}")
    words = [numbers.getrandbits(parameters.word_bits) if parameters.word_bits else 0 for _ in range(130)]
    await start_clock(dut)
    # The pattern of the entropy in another order stalls the input.
    source = Source(dut, "input", beats(parameters, 130, numbers), pattern(entropy_stalls, seed=5))
    entropy = Source(dut, "entropy", words, pattern(entropy_stalls, seed=1)) if parameters.word_bits else None
    sink = Sink(dut, "output", pattern(stalls, seed=2))
    Monitor(dut, "output")

    def check(cycle):
        assert bool(sink.valid.value) == (model.output is not None), f"clock {cycle}"
        if model.output is not None:
            assert int(sink.payload.value) == model.output, f"clock {cycle}"
        sink_ready = bool(sink.ready.value)
        word = None
        if entropy:
            word = int(entropy.payload.value) if entropy.valid.value else None
            assert bool(entropy.ready.value) == model.entropy_ready(sink_ready), f"clock {cycle}"
        offered = None
        if source.valid.value:
            payload, width = int(source.payload.value), parameters.x.width
            w = payload >> width & (1 << parameters.w.width) - 1
            offered = payload & (1 << width) - 1, w, bool(payload >> width + parameters.w.width)
        assert bool(source.ready.value) == model.ready(word, sink_ready), f"clock {cycle}"
        model.step(offered, word, sink_ready)

    await watch(dut, 120, check)
    assert sink.received


def beats(parameters, count, numbers):
    """Payloads, most sums of numbers of a kind: subnormal and the next, about 1 (ties and lost bits), or of any size.

    At times a product comes again with the other sign, so that sums cancel.
    """
    payloads: list[int] = []
    kind = "any"
    for _ in range(count):
        x, w = (code_of(form, kind, numbers) for form in (parameters.x, parameters.w))
        if len(payloads) >= parameters.sums and numbers.random() < 0.2:
            again = payloads[-parameters.sums] ^ 1 << parameters.x.width - 1
            x = again & (1 << parameters.x.width) - 1
            w = (again >> parameters.x.width ^ numbers.getrandbits(1)) & (1 << parameters.w.width) - 1
        last = numbers.random() < 0.2
        if last:
            kind = numbers.choice(["small", "middle", "middle", "any"])
        payloads.append(x | w << parameters.x.width | last << parameters.x.width + parameters.w.width)
    return payloads


def code_of(form, kind, numbers):
    """A code; seldom infinite or NaN, which would end all there is to see."""
    exponent = {
        "small": numbers.randint(0, 1) + form.bias // 2 * numbers.randint(0, 1),
        "middle": max(0, form.bias + numbers.randint(-5, 2)),
        "any": numbers.getrandbits(form.exponent_bits),
    }[kind]
    # Of few ones, for ties.
    fraction = numbers.getrandbits(form.fraction_bits) & -1 << numbers.randrange(form.fraction_bits + 1)
    code = exponent << form.fraction_bits | fraction & (1 << form.fraction_bits) - 1
    if code > form.highest_code and numbers.random() < 0.95:
        code = form.highest_code
    return code | numbers.getrandbits(1) << form.width - 1
