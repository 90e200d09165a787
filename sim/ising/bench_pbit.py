"""p-bit: its next state over every combination of neighbours, sign and outcomes."""

import itertools

import cocotb
from cocotb.triggers import Timer

from hwpy.ising.pbit import PBitParameters, decide
from sim.runner import bench_parameters

CASES = (
    {"weights": [1, -1, 1, -1], "bias": 0},
    {"weights": [-1, -1, -1, 1], "bias": 0, "levels": [1, 2, 3, 4]},
    {"weights": [1, 1, -1], "bias": 0},
    {"weights": [3, -2, 5], "bias": -1},
    {"weights": [1, 1, 1, 1, -1, -1], "bias": 2},
    {"weights": [-7], "bias": 0},
    {"weights": [], "bias": 4},
)


def _parameters(case):
    levels = case.get("levels")
    return PBitParameters(tuple(case["weights"]), case["bias"], tuple(levels) if levels else None)  # type: ignore[arg-type]


def make(case):
    """The p-bit of one case."""
    from rtl.ising.pbit import PBit

    return PBit(_parameters(case))


@cocotb.test()
async def state_is_golden_for_every_input(dut):
    p = _parameters(bench_parameters())
    count = len(p.levels)
    for neighbours in itertools.product((0, 1), repeat=p.degree):
        field = sum((1 if s else -1) * w for s, w in zip(neighbours, p.weights, strict=True)) + p.bias
        # Every set of outcomes where they are few, else those of a noise that comes in order.
        sets = range(1 << count) if count <= 5 else [(1 << k) - 1 for k in range(count + 1)]
        for sign, outcomes in itertools.product((0, 1), sets):
            if p.degree:
                dut.neighbours.value = sum(s << k for k, s in enumerate(neighbours))
            dut.sign.value = sign
            dut.outcomes.value = outcomes
            await Timer(1, "ns")
            expected = decide(field, sign, {v: bool(outcomes >> k & 1) for k, v in enumerate(p.levels)})
            assert int(dut.state.value) == expected, (neighbours, sign, outcomes)
