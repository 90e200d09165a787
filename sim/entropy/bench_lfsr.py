"""LFSR: the payload of every clock, over stall patterns on the consumer's side."""

import cocotb

from hwpy.entropy import lfsr as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, pattern, start_clock, watch

_WIDE = {"width": 607, "leap": 200, "seed": (1 << 606) | 12345}
CASES = (
    {"width": 8, "form": "fibonacci", "leap": 1, "seed": 1},
    {"width": 8, "form": "galois", "leap": 8, "seed": 0xA5},
    {"width": 32, "form": "fibonacci", "leap": 17, "seed": 0xDEADBEEF},
    {"width": 37, "form": "galois", "leap": 16, "seed": 0x1234567},
    {**_WIDE, "form": "fibonacci"},
)


def _parameters(case):
    return golden.LfsrParameters(case["width"], form=case["form"], leap=case["leap"])


def make(case):
    """The register of one case."""
    from rtl.entropy.lfsr import Lfsr

    return Lfsr(_parameters(case), seed=case["seed"])


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def payload_is_golden_every_clock(dut, stalls):
    case = bench_parameters()
    model = golden.Lfsr(_parameters(case), case["seed"])
    await start_clock(dut)
    sink = Sink(dut, "stream", pattern(stalls, seed=1))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(dut.stream__valid.value)
        assert int(dut.stream__payload.value) == model.payload, f"clock {cycle}"
        if sink.transfers():
            model.step()

    await watch(dut, 100, check)
    assert sink.received
