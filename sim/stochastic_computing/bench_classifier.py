"""Whole classifier: image and result in every clock, over stall patterns on both."""

import random

import cocotb

from hwpy.stochastic_computing.classifier import Classifier
from sim.runner import bench_parameters
from sim.stochastic_computing.bench_network import network
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = (
    {"sizes": [6, 5, 3], "weight_bits": 8, "checkpoints": [[8, 4], [16, 3], [32, 0]], "lanes": 2, "seed": 1},
    {"sizes": [4, 4, 3, 2], "weight_bits": 4, "checkpoints": [[20, 0]], "input_bits": 3, "isolation": 2, "seed": 2},
)


def make(case):
    """The classifier."""
    from rtl.stochastic_computing.classifier import Classifier as Hardware

    golden = network(case)
    return Hardware(golden.parameters, [layer.weights for layer in golden.layers])


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS))
async def it_is_golden_in_every_clock(dut, stalls):
    case = bench_parameters()
    shape = network(case).parameters
    golden = Classifier(network(case))
    numbers = random.Random(case["seed"])
    await start_clock(dut)
    payloads = [numbers.getrandbits(shape.lanes * shape.input_bits) for _ in range(200)]
    image = Source(dut, "image", payloads, pattern(stalls, seed=1))
    sink = Sink(dut, "result", pattern(stalls, seed=3))
    Monitor(dut, "result")
    field = (shape.classes - 1).bit_length()

    def check(cycle):
        assert bool(dut.image__ready.value) == golden.image_ready, f"clock {cycle}"
        assert bool(dut.result__valid.value) == (golden.result is not None), f"clock {cycle}"
        if golden.result is not None:
            expected = int(golden.result.winner) | int(golden.result.length) << field
            assert int(dut.result__payload.value) == expected, f"clock {cycle}"
        golden.step(int(dut.image__payload.value) if bool(image.valid.value) else None, bool(sink.ready.value))

    await watch(dut, 600, check)
    assert len(sink.received) > 3
