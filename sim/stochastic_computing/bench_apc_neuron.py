"""APC neuron: its output in every clock, over stall patterns."""

import random
from typing import Any

import cocotb

from hwpy.stochastic_computing.apc_neuron import ApcNeuron, ApcNeuronParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock, watch

CASES = ({"inputs": 16}, {"inputs": 5, "states": 10, "approximate": False})


def make(case):
    """The neuron."""
    from rtl.stochastic_computing.apc_neuron import ApcNeuron as Hardware

    return Hardware(ApcNeuronParameters(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def its_output_is_golden(dut, stalls):
    shape = ApcNeuronParameters(**bench_parameters())
    model = ApcNeuron(shape)
    numbers = random.Random(6)
    moves = pattern(stalls, seed=3)
    await start_clock(dut)
    now: Any = None

    def drive(cycle):
        nonlocal now
        now = next(moves), numbers.getrandbits(shape.inputs), numbers.getrandbits(shape.inputs)
        dut.enable.value, dut.x.value, dut.w.value = now

    def check(cycle):
        assert int(dut.y.value) == model.y, f"clock {cycle}"
        enable, x, w = now
        if enable:
            model.step(*([word >> i & 1 for i in range(shape.inputs)] for word in (x, w)))

    await watch(dut, 300, check, drive)
