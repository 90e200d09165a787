"""XNOR layer: every port in every clock, over stalls of rows, inputs and results."""

import itertools
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
async def every_port_is_golden_every_clock(dut, stalls, source_stalls):
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
    # Few rows, each after inputs that it must wait for.
    load = Source(dut, "load", rows[:30], itertools.cycle([0] * 12 + [1]))
    source = Source(
        dut, "input", [numbers.getrandbits(parameters.inputs) for _ in range(500)], pattern(source_stalls, seed=1)
    )
    sink = Sink(dut, "output", pattern(stalls, seed=2))
    Monitor(dut, "output")

    def check(cycle):
        result, sink_ready, loads = model.stages[-1], bool(sink.ready.value), bool(load.valid.value)
        assert bool(sink.valid.value) == (result is not None), f"clock {cycle}"
        assert bool(load.ready.value) == model.load_ready, f"clock {cycle}"
        assert bool(source.ready.value) == model.ready(sink_ready, loads), f"clock {cycle}"
        if result is not None:
            assert int(sink.payload.value) == result, f"clock {cycle}"
        x = int(source.payload.value) if source.valid.value else None
        model.step(x, row_of(parameters, int(load.payload.value)) if loads else None, sink_ready)

    await watch(dut, 300, check)
    assert sink.received
    assert load.sent
