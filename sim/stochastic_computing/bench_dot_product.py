"""Dot product a bit plane a clock: the total in every clock, over stall patterns."""

import random
from typing import Any

import cocotb

from hwpy.stochastic_computing.dot_product import DotProduct, DotProductParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES = (
    {"inputs": 8, "input_bits": 4, "weights": (255, 255, 255, 255, 0, 129, 77, 3)},
    {"inputs": 5, "weight_bits": 3, "weights": (7, 0, 5, 2, 7)},
    {"inputs": 6, "input_bits": 4, "weight_bits": 4},
)


def make(case):
    """The unit."""
    from rtl.stochastic_computing.dot_product import DotProduct as Hardware

    return Hardware(DotProductParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def sums_are_exact_in_every_clock(dut, stalls):
    shape = DotProductParameters(**bench_parameters())
    numbers = random.Random(6)
    moves = pattern(stalls, seed=3)
    weights = shape.weights or [numbers.getrandbits(shape.weight_bits) for _ in range(shape.inputs)]
    model = DotProduct(shape, weights)
    loads = [] if shape.weights else list(weights)
    await start_clock(dut)
    step = 0
    now: Any = None
    x = [0] * shape.inputs
    wanted: dict[int, int] = {}

    def drive(cycle):
        nonlocal now, x
        if shape.weights is None:
            dut.load.value = bool(loads)
            dut.weights.value = loads.pop() if loads else numbers.getrandbits(shape.weight_bits)
        # Until the weights are there only zeros go in.
        place = step % shape.input_bits
        if place == 0:
            full = numbers.choice([True, False, False])
            x = [
                0
                if cycle <= shape.inputs
                else (1 << shape.input_bits) - 1
                if full
                else numbers.getrandbits(shape.input_bits)
                for _ in weights
            ]
            wanted[step + shape.input_bits + shape.latency] = sum(a * w for a, w in zip(x, weights, strict=True))
        now = next(moves), [value >> shape.input_bits - 1 - place & 1 for value in x], place == 0
        dut.enable.value, dut.clear.value = now[0], now[2]
        dut.x.value = sum(bit << i for i, bit in enumerate(now[1]))

    def check(cycle):
        nonlocal step
        assert int(dut.total.value) == model.total, f"clock {cycle}"
        if step in wanted:
            assert model.total == wanted[step]
        enable, bits, clear = now
        if enable:
            model.step(bits, clear)
            step += 1

    await watch(dut, 300, check, drive)
