"""The OR neuron's gates alone: every input of a small one, random ones of a large."""

import random

import cocotb
from cocotb.triggers import Timer

from sim.runner import bench_parameters

CASES = ({"inputs": 3}, {"inputs": 17})


def make(case):
    """The gates."""
    from rtl.stochastic_computing.or_neuron import OrNeuron

    return OrNeuron(case["inputs"])


@cocotb.test()
async def it_is_1_where_an_input_meets_its_weight(dut):
    inputs = bench_parameters()["inputs"]
    numbers = random.Random(4)
    pairs = [(x, w) for x in range(1 << inputs) for w in range(1 << inputs)] if inputs < 5 else []
    # Few ones, so that the OR is not always 1.
    pairs += [(1 << numbers.randrange(inputs), numbers.getrandbits(inputs)) for _ in range(300)]
    for x, w in pairs:
        dut.x.value, dut.w.value = x, w
        await Timer(1, unit="ns")
        assert int(dut.y.value) == int(x & w != 0), (x, w)
