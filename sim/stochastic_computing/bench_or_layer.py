"""Layer of OR neurons with constant weights: both rails in every clock, over stall patterns."""

import random
from typing import Any

import cocotb
import numpy as np

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters, words_of
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES = (
    {"shape": {"inputs": 16, "neurons": 3}, "seed": 1},
    {"shape": {"inputs": 5, "neurons": 3, "weight_bits": 4, "entropy": "own"}, "seed": 2},
)


def weights(case):
    """Signed weights of all magnitudes, 0 and the 1 of ``2**weight_bits`` among them."""
    shape = OrLayerParameters(**case["shape"])
    numbers = np.random.default_rng(case["seed"])
    limit = 1 << shape.weight_bits
    array = numbers.integers(-limit, limit, (shape.neurons, shape.inputs), endpoint=True)
    array[0, :3] = limit, -limit, 0
    return shape, array


def make(case):
    """The layer."""
    from rtl.stochastic_computing.or_layer import OrLayer as Hardware

    return Hardware(*weights(case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def both_rails_come_two_enabled_clocks_after_their_bits(dut, stalls):
    case = bench_parameters()
    shape, array = weights(case)
    layer = OrLayer(shape, array)
    numbers = random.Random(case["seed"])
    moves = pattern(stalls, seed=3)
    await start_clock(dut)
    stages: Any = [(0, 0), (0, 0)]
    now: Any = None

    def drive(cycle):
        nonlocal now
        # One input at a time as often as none or many: large weights would saturate the OR.
        x = numbers.choice([1 << numbers.randrange(shape.inputs), numbers.getrandbits(shape.inputs), 0])
        now = next(moves), x, numbers.getrandbits(shape.random_bits)
        dut.enable.value, dut.x.value, dut.random.value = now

    def check(cycle):
        assert (int(dut.plus.value), int(dut.minus.value)) == stages[1], f"clock {cycle}"
        enable, x, word = now
        if enable:
            bits = [word >> k & 1 for k in range(shape.random_bits)]
            rails = layer.run(
                [x >> i & 1 for i in range(shape.inputs)], words_of(bits, shape.words_shape, shape.weight_bits)
            )
            stages[:] = [tuple(sum(int(bit) << j for j, bit in enumerate(rail)) for rail in rails), stages[0]]

    await watch(dut, 300, check, drive)
