"""Rounding to floating point: numbers of every size, exact ties and all ends, against the golden model."""

import random

import cocotb
from cocotb.triggers import Timer

from hwpy.low_precision.float_rounding import FloatRoundingParameters, round_float
from sim.runner import bench_parameters

CASES: tuple[dict, ...] = (
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "stochastic", "random_bits": 8},
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "nearest", "random_bits": 0},
    {"significand_bits": 14, "exponent_bits": 7, "output": "e6m5", "rounding": "stochastic", "random_bits": 12},
    {"significand_bits": 3, "exponent_bits": 6, "output": "e5m2", "rounding": "stochastic-naive", "random_bits": 2},
    {"significand_bits": 30, "exponent_bits": 6, "output": "e4m3", "rounding": "floor", "random_bits": 0},
)


def make(case):
    """The unit of one case."""
    from rtl.low_precision.float_rounding import FloatRoundingUnit

    return FloatRoundingUnit(FloatRoundingParameters.parse(**case))


@cocotb.test()
async def result_is_golden(dut):
    p = FloatRoundingParameters.parse(**bench_parameters())
    numbers = random.Random(1)
    width, half = p.significand_bits, 1 << (p.exponent_bits - 1)
    for _ in range(3000):
        # Few ones, so that ties and exact numbers are frequent; of any length.
        significand = numbers.getrandbits(width) & (-1 << numbers.randrange(width)) & ((1 << width) - 1)
        significand >>= numbers.randrange(width)
        exponent, sign = numbers.randrange(-half, half), numbers.getrandbits(1)
        word = numbers.getrandbits(p.rounding.random_bits) if p.rounding.is_stochastic else None
        dut.sign.value, dut.significand.value, dut.exponent.value = sign, significand, exponent % (2 * half)
        if word is not None:
            dut.word.value = word
        await Timer(1, "ns")
        expected = int(round_float(p, sign, significand, exponent, word))
        assert int(dut.result.value) == expected, (sign, significand, exponent, word)
