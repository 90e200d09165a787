"""Dot products: every port in every clock, over stalls of input, entropy and output."""

import cocotb

from hwpy.low_precision.dot import DotParameters
from hwpy.low_precision.mac import MacParameters
from sim.low_precision.bench_mac import compare
from sim.runner import bench_parameters
from sim.streams import STALLS

CASES: tuple[dict, ...] = (
    {"lanes": 4, "accumulator": "s[2][8]", "rounding": "stochastic", "random_bits": 6, "eager": True},
    {"lanes": 5, "accumulator": "s[4][14]", "output": "s[3][8]", "rounding": "stochastic-naive", "random_bits": 4},
)


def parameters_of(case):
    """The parameters of one case."""
    return DotParameters(MacParameters.parse(**{k: v for k, v in case.items() if k != "lanes"}), case["lanes"])


def make(case):
    """The unit of one case."""
    from rtl.low_precision.dot import Dot

    return Dot(parameters_of(case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), entropy_stalls=list(STALLS))
async def every_port_is_golden_every_clock(dut, stalls, entropy_stalls):
    parameters = parameters_of(bench_parameters())
    await compare(dut, parameters.mac, parameters.lanes, stalls, entropy_stalls)
