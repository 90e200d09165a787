"""Noise: signs and outcomes of every clock, with the enable stalled and the thresholds changing."""

import random

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly

from hwpy.ising import noise as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, pattern, start_clock

CASES = (
    {"units": 5, "levels": [2, 4], "fresh_bits": 4, "dither_bits": 12},
    {"units": 70, "levels": [1, 2, 3], "fresh_bits": 8, "dither_bits": 8},
    {"units": 3, "levels": [1, 5], "fresh_bits": 9, "dither_bits": 0, "spread": "direct"},
    {"units": 90, "levels": [4], "fresh_bits": 1, "dither_bits": 3, "dither_delays": 1},
    {"units": 80, "levels": [2, 4, 6], "fresh_bits": 4, "dither_bits": 8, "step_bits": 2},
    {"units": 9, "levels": [2, 4], "fresh_bits": 3, "dither_bits": 5, "step_bits": 0, "share": 4},
    {"units": 5, "levels": [2, 4, 6], "fresh_bits": 2, "dither_bits": 8, "step_bits": 0},
)


def _parameters(case):
    return golden.NoiseParameters(**{**case, "levels": tuple(case["levels"])})


def make(case):
    """The noise of one case."""
    from rtl.ising.noise import Noise

    return Noise(_parameters(case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def outcomes_are_golden_every_clock(dut, stalls):
    p = _parameters(bench_parameters())
    model = golden.Noise(p)
    generator = random.Random(3)
    enables = pattern(stalls, seed=1)
    dut.enable.value = 0
    await start_clock(dut)
    expected = np.zeros((p.units, len(p.levels)), bool)
    for clock in range(150):
        await FallingEdge(dut.clk)
        if clock % 40 == 0:
            beta = generator.uniform(0, 1)
            for j, threshold in enumerate(p.thresholds(beta)):
                getattr(dut, f"thresholds__{j}").value = threshold
        word = generator.getrandbits(p.entropy_width)
        enable = next(enables)
        dut.enable.value = enable
        dut.entropy.value = word
        await ReadOnly()
        for j in range(len(p.levels)):
            want = sum(int(b) << u for u, b in enumerate(expected[:, j]))
            assert int(getattr(dut, f"outcomes__{j}").value) == want, f"level {j}, clock {clock}"
        if enable:
            bits = np.array([word >> i & 1 for i in range(p.entropy_width)], np.uint8)
            signs, expected = model.step(bits, p.thresholds(beta))
            assert int(dut.signs.value) == sum(int(b) << u for u, b in enumerate(signs)), f"clock {clock}"
