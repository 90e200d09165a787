"""Layer of OR neurons whose weights are loaded: every clock, over stall patterns, and after a second load."""

import random
from typing import Any

import cocotb
import numpy as np

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters, words_of
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES = (
    {"shape": {"inputs": 16, "neurons": 3}, "seed": 1},
    {"shape": {"inputs": 5, "neurons": 2, "weight_bits": 3}, "seed": 2},
)


def make(case):
    """The layer."""
    from rtl.stochastic_computing.or_neuron import LoadedOrLayer

    return LoadedOrLayer(OrLayerParameters(**case["shape"]))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def loaded_weights_give_the_bits_of_constant_ones(dut, stalls):
    case = bench_parameters()
    shape = OrLayerParameters(**case["shape"])
    numbers = random.Random(case["seed"])
    moves = pattern(stalls, seed=3)
    await start_clock(dut)
    stages: list[Any] = [0, 0, 0]
    array = np.zeros((shape.neurons, shape.inputs), int)
    now: Any = None

    def drive(cycle):
        nonlocal now
        x = numbers.choice([1 << numbers.randrange(shape.inputs), numbers.getrandbits(shape.inputs)])
        load = cycle % 100 < shape.inputs
        column = [numbers.randrange(1 << shape.weight_bits) for _ in range(shape.neurons)]
        now = next(moves), x, numbers.getrandbits(shape.random_bits), load, column
        dut.enable.value, dut.x.value, dut.random.value, dut.load.value = now[:4]
        dut.weights.value = sum(weight << shape.weight_bits * j for j, weight in enumerate(column))

    def check(cycle):
        nonlocal array
        assert int(dut.y.value) == stages[2], f"clock {cycle}"
        enable, x, word, load, column = now
        if enable:
            # The selects of the clock before meet the weights of this one.
            stages[1:] = [stages[0](array) if stages[0] else 0, stages[1]]
            bits = [word >> k & 1 for k in range(shape.random_bits)]
            words = words_of(bits, shape.words_shape, shape.weight_bits)

            def rail(weights, x=x, words=words):
                plus, _ = OrLayer(shape, weights).run([x >> i & 1 for i in range(shape.inputs)], words)
                return sum(int(bit) << j for j, bit in enumerate(plus))

            stages[0] = rail
        if load:
            array = np.column_stack([column, array[:, :-1]])

    await watch(dut, 300, check, drive)
