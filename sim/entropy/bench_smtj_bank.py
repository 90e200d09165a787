"""Bank of emulated junctions: every port in every clock, over stalls on all streams and loads at any time."""

import random

import cocotb

from hwpy.entropy import smtj_bank as golden
from sim.entropy.code_table import STALL_MATRIX, ports_are_golden, random_code, random_word
from sim.runner import bench_parameters

CASES = ({"count": 2, "seed": 1}, {"count": 5, "seed": 2}, {"count": 64, "seed": 3})


def make(case):
    """The bank of one case."""
    from rtl.entropy.smtj_bank import SmtjBank

    return SmtjBank(golden.SmtjBankParameters(case["count"]))


@cocotb.test()
@cocotb.parametrize(stalls=STALL_MATRIX)
async def ports_are_golden_every_clock(dut, stalls):
    case = bench_parameters()
    numbers = random.Random(f"{case['seed']} {stalls}")
    parameters = golden.SmtjBankParameters(case["count"])
    entries = 2 * case["count"]
    loads = [(address, random_code(numbers)) for address in range(entries)]
    loads += [(numbers.randrange(entries), random_code(numbers)) for _ in range(20)]
    words = [random_word(numbers) for _ in range(4 * len(loads) + 4 * case["count"])]
    await ports_are_golden(dut, golden.SmtjBank(parameters), loads, words, parameters.address_bits, stalls)
