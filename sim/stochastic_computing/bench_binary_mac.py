"""Binary multiply-accumulate: the total in every clock, over stall patterns."""

import random
from typing import Any

import cocotb

from hwpy.stochastic_computing.binary_mac import BinaryMacParameters, accumulate
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES = (
    {"inputs": 16},
    {"inputs": 16, "serial": True},
    {"inputs": 5, "input_bits": 3, "weight_bits": 4},
    {"inputs": 4, "weight_bits": 8, "signed": False},
)


def make(case):
    """The unit."""
    from rtl.stochastic_computing.binary_mac import BinaryMac

    return BinaryMac(BinaryMacParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def neurons_are_exact_in_every_clock(dut, stalls):
    shape = BinaryMacParameters(**bench_parameters())
    numbers = random.Random(6)
    moves = pattern(stalls, seed=3)
    await start_clock(dut)
    total = step = 0
    now: Any = None
    neuron: list[tuple[int, int]] = []

    def drive(cycle):
        nonlocal now, neuron
        place, i = divmod(step, shape.inputs)
        if step == 0:
            low = -(1 << shape.weight_bits - 1) if shape.signed else 0
            high = low + (1 << shape.weight_bits) - 1
            # The extremes too, which fill the accumulator.
            weight = numbers.choice([lambda: low, lambda: high, lambda: numbers.randint(low, high)])
            neuron = [(numbers.getrandbits(shape.input_bits), weight()) for _ in range(shape.inputs)]
        x, w = neuron[i]
        bit = x >> shape.input_bits - 1 - place & 1 if shape.serial else x
        now = next(moves), bit, w, step == 0, shape.serial and i == 0
        dut.enable.value, dut.x.value, dut.w.value, dut.clear.value, dut.double.value = map(int, now)

    def check(cycle):
        nonlocal total, step
        seen = dut.total.value.to_signed() if shape.signed else dut.total.value.to_unsigned()
        assert seen == total, f"clock {cycle}"
        enable, x, w, clear, double = now
        if enable:
            total = accumulate(total, x, w, clear, double)
            step = (step + 1) % shape.clocks
            if step == 0:
                assert total == sum(x * w for x, w in neuron)

    await watch(dut, 300, check, drive)
