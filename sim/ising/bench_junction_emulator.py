"""Emulated networks of junctions: every port in every clock, over stalls on all streams and loads at any time."""

import random

import cocotb

from hwpy.entropy.escape import RANDOM_BITS
from hwpy.ising import junction_emulator as golden
from sim.entropy.code_table import STALL_MATRIX, ports_are_golden, random_code, random_word
from sim.runner import bench_parameters

CASES: tuple[dict, ...] = (
    {"neighbours": [[1], [0]]},
    {"neighbours": [[1], [0, 2], [1, 3], [2, 4], [3]]},
    # Degrees of 0 to 3, and a junction that the one it depends on does not depend on.
    {"neighbours": [[], [0], [3, 1, 0], [2]]},
)


def parameters(case):
    """The parameters of one case."""
    return golden.JunctionEmulatorParameters(tuple(map(tuple, case["neighbours"])))


def make(case):
    """The emulator of one case."""
    from rtl.ising.junction_emulator import JunctionEmulator

    return JunctionEmulator(parameters(case))


@cocotb.test()
@cocotb.parametrize(stalls=STALL_MATRIX)
async def ports_are_golden_every_clock(dut, stalls):
    p = parameters(bench_parameters())
    numbers = random.Random(f"{p} {stalls}")
    addresses = [address for address, _ in p.program(lambda j, state, neighbours: 0)]
    loads = [(address, random_code(numbers)) for address in addresses]
    loads += [(numbers.choice(addresses), random_code(numbers)) for _ in range(20)]
    clocks = 4 * len(loads) + 100
    words = [sum(random_word(numbers) << RANDOM_BITS * j for j in range(p.count)) for _ in range(clocks)]
    await ports_are_golden(dut, golden.JunctionEmulator(p), loads, words, p.address_bits, stalls)
