"""XNOR layer: every port in every clock, over stalls of rows, inputs and results."""

import random
from typing import Any

import cocotb

from hwpy.low_precision.xnor_popcount import Row, XnorPopcount, XnorPopcountParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict[str, Any], ...] = (
    {"inputs": 15, "neurons": 3},
    {"inputs": 8, "neurons": 2, "output": "count", "ternary": True},
    {"inputs": 1, "neurons": 1, "ternary": True},
)


def make(case):
    """The layer of one case."""
    from rtl.low_precision.xnor_popcount import XnorPopcount as Hardware

    return Hardware(XnorPopcountParameters(**case))


def row_of(parameters, payload):
    """A payload of the load stream as a row."""
    inputs, fields = parameters.inputs, [payload & (1 << parameters.inputs) - 1, 0, 0]
    payload >>= inputs
    if parameters.ternary:
        fields[1] = payload & (1 << inputs) - 1
        payload >>= inputs
    fields[2] = payload
    return Row(*fields)


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def results_are_golden_the_clock_after(dut, stalls, source_stalls):
    parameters = XnorPopcountParameters(**bench_parameters())
    model = XnorPopcount(parameters)
    numbers = random.Random(7)
    await start_clock(dut)
    rows = []
    for _ in range(60):
        row = numbers.getrandbits(parameters.inputs * (1 + parameters.ternary))
        if parameters.output == "sign":
            # Near the middle, where the sign depends on every bit, and now and then at either end.
            most = parameters.inputs + 1
            threshold = numbers.choice([most // 2, most // 2, numbers.randint(0, most)])
            row |= threshold << parameters.inputs * (1 + parameters.ternary)
        rows.append(row)
    load = Source(dut, "load", rows, pattern("random", seed=3))
    source = Source(
        dut, "input", [numbers.getrandbits(parameters.inputs) for _ in range(100)], pattern(source_stalls, seed=1)
    )
    sink = Sink(dut, "output", pattern(stalls, seed=2))
    Monitor(dut, "output")
    due: list[int] = []

    def check(cycle):
        assert bool(dut.output__valid.value) == bool(due), f"clock {cycle}"
        assert bool(dut.load__ready.value), f"clock {cycle}"
        assert bool(dut.input__ready.value) == (not due or bool(dut.output__ready.value)), f"clock {cycle}"
        if due:
            assert int(dut.output__payload.value) == due[0], f"clock {cycle}"
        if sink.transfers():
            due.pop(0)
        if source.transfers():
            due.append(model.results(int(dut.input__payload.value)))
        if load.transfers():
            model.load(row_of(parameters, int(dut.load__payload.value)))

    await watch(dut, 100, check)
    assert sink.received
