"""Systolic array: every port in every clock, over stalls of weights, samples, entropy and output."""

import random

import cocotb
import numpy as np

from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.systolic import Systolic, SystolicParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"rows": 3, "columns": 4, "accumulator": "s[1][8]", "rounding": "stochastic", "random_bits": 6, "eager": True},
    {"rows": 1, "columns": 2, "x": "s[1][2]", "w": "s[0][4]", "accumulator": "s[0][6]"},
)


def parameters_of(case):
    """The parameters of one case."""
    mac = {name: value for name, value in case.items() if name not in ("rows", "columns")}
    return SystolicParameters(case["rows"], case["columns"], MacParameters.parse(**mac))


def make(case):
    """The array of one case."""
    from rtl.low_precision.systolic import Systolic

    return Systolic(parameters_of(case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), entropy_stalls=list(STALLS))
async def every_port_is_golden_every_clock(dut, stalls, entropy_stalls):
    parameters = parameters_of(bench_parameters())
    mac, rows, columns = parameters.mac, parameters.rows, parameters.columns
    model = Systolic(parameters)
    numbers = random.Random(f"{stalls} {entropy_stalls}")

    def vectors(form, length, count):
        # The ends of the range as well, whose sums saturate.
        ends = (form.lowest, form.highest)
        return [
            [numbers.choice(ends) if numbers.random() < 0.4 else numbers.randint(*ends) for _ in range(length)]
            for _ in range(count)
        ]

    weights = vectors(mac.w, columns, 40)
    samples = vectors(mac.x, rows, 200)
    words = [[numbers.getrandbits(mac.word_bits) for _ in range(rows)] for _ in range(200)]
    await start_clock(dut)
    # Weights come in bursts of one matrix, with time for some samples between.
    burst = (1,) * (rows + 2) + (0,) * (parameters.latency + 9)
    loader = Source(dut, "weights", packed(weights, mac.w.width), iter(burst * 20))
    source = Source(dut, "input", packed(samples, mac.x.width), pattern(entropy_stalls, seed=5))
    entropy = None
    if mac.word_bits:
        entropy = Source(dut, "entropy", packed(words, mac.word_bits), pattern(entropy_stalls, seed=1))
    sink = Sink(dut, "output", pattern(stalls, seed=2))
    Monitor(dut, "output")

    def check(cycle):
        sink_ready = bool(sink.ready.value)
        assert bool(sink.valid.value) == (model.output is not None), f"clock {cycle}"
        if model.output is not None:
            width = mac.accumulator.width
            assert int(sink.payload.value) == packed([model.output.tolist()], width)[0], f"clock {cycle}"
        offered_weights, offered = unpacked(loader, mac.w.width), unpacked(source, mac.x.width)
        word = unpacked(entropy, mac.word_bits, signed=False) if entropy else None
        model_ready = model.ready(offered_weights is not None)
        assert bool(loader.ready.value) == model.weights_ready(), f"clock {cycle}"
        assert bool(source.ready.value) == (model_ready and (word is not None or not entropy)), f"clock {cycle}"
        if entropy:
            assert bool(entropy.ready.value) == (model_ready and offered is not None), f"clock {cycle}"
        model.step(offered_weights, offered, word, sink_ready)

    await watch(dut, 160, check)
    assert sink.received
    assert len(loader.sent) >= 2 * rows


def packed(rows, width):
    """Rows of numbers as payloads, the first lowest."""
    mask = (1 << width) - 1
    return [sum((number & mask) << (width * place) for place, number in enumerate(row)) for row in rows]


def unpacked(port, width, signed=True):
    """The numbers that a port offers, or None."""
    if not port.valid.value:
        return None
    bits = str(port.payload.value)
    numbers = np.array([int(bits[i : i + width], 2) for i in range(0, len(bits), width)][::-1])
    return np.where(numbers >> width - 1, numbers - (1 << width), numbers) if signed else numbers
