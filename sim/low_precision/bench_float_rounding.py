"""Rounding to floating point between streams: every port in every clock, over stalls of all three.

Numbers are of every size, exact ties and both ends of the format among them.
"""

from functools import partial

import cocotb

from hwpy.low_precision.float_rounding import FloatRoundingParameters, FloatRoundingStream
from sim.low_precision.rounding_streams import compare
from sim.runner import bench_parameters
from sim.streams import STALLS

CASES: tuple[dict, ...] = (
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "stochastic", "random_bits": 8},
    {"significand_bits": 24, "exponent_bits": 9, "output": "bfloat16", "rounding": "nearest", "random_bits": 0},
    {"significand_bits": 14, "exponent_bits": 7, "output": "e6m5", "rounding": "stochastic", "random_bits": 12},
    {"significand_bits": 3, "exponent_bits": 6, "output": "e5m2", "rounding": "stochastic-naive", "random_bits": 2},
    {"significand_bits": 30, "exponent_bits": 6, "output": "e4m3", "rounding": "floor", "random_bits": 0},
)


def make(case):
    """The unit of one case between streams."""
    from rtl.low_precision.float_rounding import FloatRoundingStream

    return FloatRoundingStream(FloatRoundingParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    p = FloatRoundingParameters.parse(**bench_parameters())
    await compare(dut, FloatRoundingStream(p), partial(drawn, p), partial(taken_apart, p), int, stalls, source_stalls)


def taken_apart(p, payload):
    """Sign, significand, exponent."""
    significand, rest = payload & (1 << p.significand_bits) - 1, payload >> p.significand_bits
    exponent = rest & (1 << p.exponent_bits) - 1
    exponent -= exponent >> p.exponent_bits - 1 << p.exponent_bits
    return rest >> p.exponent_bits, significand, exponent


def drawn(p, numbers):
    """A payload. Few ones in the significand, so that ties and exact numbers are frequent; of any length."""
    width = p.significand_bits
    significand = numbers.getrandbits(width) & (-1 << numbers.randrange(width)) & ((1 << width) - 1)
    significand >>= numbers.randrange(width)
    return significand | numbers.getrandbits(p.exponent_bits + 1) << width
