"""Streaming network: image, entropy and result in every clock, over stall patterns on all three."""

import random

import cocotb
import numpy as np

from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_clock import NetworkClock
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock, watch

CASES = (
    {"sizes": [6, 5, 3], "weight_bits": 8, "checkpoints": [[8, 6], [16, 8], [32, 0]], "lanes": 2, "seed": 1},
    {"sizes": [4, 4, 3, 2], "weight_bits": 4, "checkpoints": [[20, 0]], "input_bits": 3, "isolation": 2, "seed": 2},
    # Scores and margins that keep their first values.
    {
        "sizes": [2, 2],
        "weight_bits": 1,
        "checkpoints": [[1, 1], [9, 0]],
        "input_bits": 1,
        "lanes": 1,
        "isolation": None,
        "seed": 1,
    },
)


def network(case):
    """The golden network, with random weights."""
    bits = case["weight_bits"]
    pairs = zip(case["sizes"], case["sizes"][1:], strict=False)
    layers = tuple(OrLayerParameters(inputs, neurons, bits) for inputs, neurons in pairs)
    options = {name: case[name] for name in ("input_bits", "lanes", "isolation") if name in case}
    numbers = np.random.default_rng(case["seed"])
    weights = [numbers.integers(-(1 << bits), (1 << bits) + 1, (layer.neurons, layer.inputs)) for layer in layers]
    return Network(NetworkParameters(layers, tuple(map(tuple, case["checkpoints"])), **options), weights)


def make(case):
    """The network."""
    from rtl.stochastic_computing.network import Network as Hardware

    golden = network(case)
    return Hardware(golden.parameters, [layer.weights for layer in golden.layers])


@cocotb.test()
@cocotb.parametrize(stalls=list(STALLS), entropy_stalls=["never", "random"])
async def it_is_golden_in_every_clock(dut, stalls, entropy_stalls):
    case = bench_parameters()
    golden = network(case)
    shape = golden.parameters
    clock = NetworkClock(golden)
    numbers = random.Random(case["seed"])
    await start_clock(dut)
    width = shape.lanes * shape.input_bits
    image = Source(dut, "image", [numbers.getrandbits(width) for _ in range(200)], pattern(stalls, seed=1))
    words = [numbers.getrandbits(shape.random_bits) for _ in range(900)]
    entropy = Source(dut, "entropy", words, pattern(entropy_stalls, seed=2))
    sink = Sink(dut, "result", pattern(stalls, seed=3))
    Monitor(dut, "result")
    field = (shape.classes - 1).bit_length()

    def check(cycle):
        assert bool(dut.image__ready.value) == clock.image_ready, f"clock {cycle}"
        assert bool(dut.entropy__ready.value) == clock.entropy_ready, f"clock {cycle}"
        assert bool(dut.result__valid.value) == (clock.result is not None), f"clock {cycle}"
        if clock.result is not None:
            expected = int(clock.result.winner) | int(clock.result.length) << field
            assert int(dut.result__payload.value) == expected, f"clock {cycle}"
        clock.step(
            int(dut.image__payload.value) if bool(image.valid.value) else None,
            int(dut.entropy__payload.value) if bool(entropy.valid.value) else None,
            bool(sink.ready.value),
        )

    await watch(dut, 800, check)
    assert len(sink.received) > 3
