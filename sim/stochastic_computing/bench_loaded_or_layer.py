"""Layer of OR neurons whose weights are loaded: every clock, over stall patterns, and after a second load."""

import random
from typing import Any

import cocotb
import numpy as np

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters, words_of
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES: tuple[dict[str, Any], ...] = (
    {"shape": {"inputs": 16, "neurons": 3}, "seed": 1},
    {"shape": {"inputs": 5, "neurons": 2, "weight_bits": 3}, "seed": 2},
    {"shape": {"inputs": 16, "neurons": 2}, "signed": True, "seed": 3},
    {"shape": {"inputs": 3, "neurons": 2, "weight_bits": 5}, "signed": True, "seed": 4},
)


def make(case):
    """The layer."""
    from rtl.stochastic_computing.or_neuron import LoadedOrLayer

    return LoadedOrLayer(OrLayerParameters(**case["shape"]), case.get("signed", False))


def _packed(bits, width=1):
    return sum(int(bit) << width * place for place, bit in enumerate(bits))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def loaded_weights_give_the_bits_of_constant_ones(dut, stalls):
    case = bench_parameters()
    shape, signed = OrLayerParameters(**case["shape"]), case.get("signed", False)
    bits = shape.weight_bits
    outputs = [dut.plus, dut.minus] if signed else [dut.y]
    numbers = random.Random(case["seed"])
    moves = pattern(stalls, seed=3)
    await start_clock(dut)
    # Of the three registers the first keeps what the selects make of any weights, the others the bits of the rails.
    stages: list[Any] = [lambda weights: (0, 0), (0, 0), (0, 0)]
    array = np.zeros((shape.neurons, shape.inputs), int)
    now: Any = None

    def drive(cycle):
        nonlocal now
        # Few inputs, and loads of few, so that the OR is not always 1.
        x = numbers.choice([1 << numbers.randrange(shape.inputs), numbers.getrandbits(shape.inputs)])
        load = cycle % 100 < shape.inputs
        column = [numbers.randrange(1 << bits) * numbers.choice((1, -1 if signed else 1)) for _ in range(shape.neurons)]
        now = next(moves), x, numbers.getrandbits(shape.random_bits), load, column
        dut.enable.value, dut.x.value, dut.random.value, dut.load.value = now[:4]
        dut.weights.value = _packed((abs(weight) | (weight < 0) << bits for weight in column), bits + signed)

    def check(cycle):
        nonlocal array
        found = [int(output.value) for output in outputs]
        assert found == list(stages[2][: len(found)]), f"clock {cycle}"
        enable, x, word, load, column = now
        if enable:
            # The selects of the clock before meet the weights of this one.
            stages[1:] = [stages[0](array), stages[1]]
            words = words_of([word >> k & 1 for k in range(shape.random_bits)], shape.words_shape, bits)

            def rails(weights, x=x, words=words):
                plus, minus = OrLayer(shape, weights).run([x >> i & 1 for i in range(shape.inputs)], words)
                return _packed(plus), _packed(minus)

            stages[0] = rails
        if load:
            array = np.column_stack([column, array[:, :-1]])

    await watch(dut, 300, check, drive)
