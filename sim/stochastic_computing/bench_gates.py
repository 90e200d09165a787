"""Gates: every port in every clock, over stalls on both sides."""

import random

import cocotb

from hwpy.stochastic_computing import gates as golden
from sim.clocked import clocked
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"kind": "not"},
    {"kind": "and", "inputs": 5},
    {"kind": "or", "inputs": 4},
    {"kind": "xor"},
    {"kind": "xnor"},
    {"kind": "mux"},
    {"kind": "divide"},
)


def make(case):
    """The gate of one case, in a module with a clock."""
    from rtl.stochastic_computing.gates import Gate

    return clocked(Gate(golden.GateParameters(**case)))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def output_is_golden_every_clock(dut, stalls, source_stalls):
    parameters = golden.GateParameters(**bench_parameters())
    model = golden.Gate(parameters)
    numbers = random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    words = [numbers.getrandbits(parameters.width) for _ in range(150)]
    source = Source(dut, "input", words, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "stream", pattern(stalls, seed=2))
    Monitor(dut, "stream")

    def check(cycle):
        assert bool(sink.valid.value) == bool(source.valid.value), f"clock {cycle}"
        assert bool(source.ready.value) == bool(sink.ready.value), f"clock {cycle}"
        word = int(source.payload.value)
        assert int(sink.payload.value) == model.output(word), f"clock {cycle}"
        if sink.transfers():
            model.step(word)

    await watch(dut, 100, check)
    assert sink.received
