"""Rounding between streams: every port in every clock, over stalls of all three, at both ends of the output format."""

import cocotb

from hwpy.low_precision.rounding import RoundingStream, RoundingUnitParameters
from sim.low_precision.rounding_streams import compare
from sim.runner import bench_parameters
from sim.streams import STALLS

CASES: tuple[dict, ...] = (
    {"input": "s[7][24]", "output": "s[3][12]", "rounding": "stochastic", "random_bits": 4},
    {"input": "s[3][9]", "output": "s[1][3]", "rounding": "stochastic", "random_bits": 6},
    {"input": "s[3][9]", "output": "s[3][3]", "rounding": "stochastic-naive", "random_bits": 2},
    {"input": "s[3][9]", "output": "s[2][8]", "rounding": "nearest", "random_bits": 0},
    {"input": "s[3][4]", "output": "s[5][4]", "rounding": "floor", "random_bits": 0},
)


def make(case):
    """The unit of one case between streams."""
    from rtl.low_precision.rounding import RoundingStream

    return RoundingStream(RoundingUnitParameters.parse(**case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = RoundingUnitParameters.parse(**bench_parameters())
    form, output = parameters.input, parameters.output
    # The ends of both formats, and what lies about them, among uniform ones.
    ends = [form.lowest, form.highest, 0, -1]
    ends += [(e << parameters.shift) + d for e in (output.lowest, output.highest) for d in (-1, 1)]
    ends = [end for end in ends if form.lowest <= end <= form.highest]

    def payload(numbers):
        return numbers.choice([*ends, numbers.randint(form.lowest, form.highest)]) & ((1 << form.width) - 1)

    def number(payload):
        return (payload ^ 1 << (form.width - 1)) - (1 << (form.width - 1))

    def code(golden):
        result, saturated = golden
        return result & ((1 << output.width) - 1) | saturated << output.width

    await compare(dut, RoundingStream(parameters), payload, number, code, stalls, source_stalls)
