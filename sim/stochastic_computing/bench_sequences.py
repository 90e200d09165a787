"""Shift register, Sobol and counter words: the payload of every clock, over stalls and past a whole period."""

import cocotb

from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing import sequences as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"kind": "lfsr", "width": 5, "seed": 9},
    {"kind": "lfsr", "width": 8, "seed": 77, "form": "galois"},
    {"kind": "sobol", "width": 4, "dimensions": 5},
    {"kind": "sobol", "width": 1},
    {"kind": "ramp", "width": 4},
)


def make(case):
    """The source of one case."""
    from rtl.stochastic_computing import sequences as hardware

    if case["kind"] == "lfsr":
        return hardware.StateLfsr(LfsrParameters(case["width"], form=case.get("form", "fibonacci")), case["seed"])
    if case["kind"] == "sobol":
        return hardware.Sobol(golden.SobolParameters(case["width"], case.get("dimensions", 1)))
    return hardware.Ramp(case["width"])


def _words(case, length):
    if case["kind"] == "lfsr":
        parameters = LfsrParameters(case["width"], form=case.get("form", "fibonacci"))
        return golden.lfsr_words(parameters, case["seed"], length).tolist()
    if case["kind"] == "sobol":
        points = golden.sobol_words(golden.SobolParameters(case["width"], case.get("dimensions", 1)), length)
        return [sum(int(x) << (case["width"] * d) for d, x in enumerate(point)) for point in points.T]
    return golden.counter_words(case["width"], length).tolist()


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def words_are_golden_every_clock(dut, stalls):
    words = _words(bench_parameters(), 300)
    await start_clock(dut)
    sink = Sink(dut, "stream", pattern(stalls, seed=1))
    Monitor(dut, "stream")
    taken = 0

    def check(cycle):
        nonlocal taken
        assert bool(sink.valid.value)
        assert int(sink.payload.value) == words[taken], f"clock {cycle}"
        taken += sink.transfers()

    await watch(dut, 200, check)
    assert taken
