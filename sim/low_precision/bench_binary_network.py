"""Binary network: every port in every clock, over stalls of transfers and of results."""

import random

import cocotb
import numpy as np

from hwpy.low_precision.binary_network import BinaryNetwork, BinaryNetworkParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES: tuple[dict, ...] = (
    {"sizes": [12, 5, 3], "levels": [1, 2, 5], "pixel_bits": 3, "lanes": 2},
    {"sizes": [9, 6, 7, 5], "zeros": 0.6, "lanes": 9},
    {"sizes": [2, 2], "zeros": 0.9},
)


def parameters_of(case):
    """Random weights, and thresholds near the middle."""
    numbers = np.random.default_rng(case.get("seed", 1))
    zeros = case.get("zeros", 0)
    shapes = list(zip(case["sizes"], case["sizes"][1:], strict=False))
    weights = tuple(
        numbers.choice([-1, 0, 1], shape, p=[(1 - zeros) / 2, zeros, (1 - zeros) / 2]).astype(np.int8)
        for shape in shapes
    )
    thresholds = [numbers.integers(0, shape[0] // 2 + 2, shape[1]) for shape in shapes]
    pixels = {"levels": tuple(case.get("levels", [1])), "pixel_bits": case.get("pixel_bits", 1)}
    return BinaryNetworkParameters(weights, tuple(thresholds), lanes=case.get("lanes", 1), **pixels)


def make(case):
    """The network of one case."""
    from rtl.low_precision.binary_network import BinaryNetwork as Hardware

    return Hardware(parameters_of(case))


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), source_stalls=list(STALLS))
async def every_port_is_golden_every_clock(dut, stalls, source_stalls):
    p = parameters_of(bench_parameters())
    model, numbers = BinaryNetwork(p), random.Random(f"{stalls} {source_stalls}")
    await start_clock(dut)
    transfers = [numbers.getrandbits(p.lanes * p.pixel_bits) for _ in range(300)]
    source = Source(dut, "image", transfers, pattern(source_stalls, seed=1), noise=4)
    sink = Sink(dut, "result", pattern(stalls, seed=2))
    Monitor(dut, "result")

    def check(cycle):
        result, sink_ready = model.stages[-1], bool(sink.ready.value)
        assert bool(sink.valid.value) == (result is not None), f"clock {cycle}"
        assert bool(source.ready.value) == model.ready(sink_ready), f"clock {cycle}"
        if result is not None:
            assert int(sink.payload.value) == result[0] | result[1] << p.winner_width, f"clock {cycle}"
        payload = int(source.payload.value)
        pixels = [payload >> k * p.pixel_bits & p.most_pixel - 1 for k in range(p.lanes)]
        model.step(pixels if source.valid.value else None, sink_ready)

    await watch(dut, 200, check)
    assert sink.received
