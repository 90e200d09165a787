"""Images through the hardware itself, in a simulator: the `rtl` engine of `trijunction infer`.

`simulated` is called from outside; the cocotb test below drives the network inside the simulator.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge, Timer

from hwpy.stochastic_computing.network import Network, Outcome
from sim.runner import bench_parameters, simulate
from sim.streams import Sink, Source, pattern, start_clock

#: More synapses than that make a netlist that simulators compile for minutes.
LARGEST = 20_000


def simulated(network: Network):
    """An engine of `hwpy.stochastic_computing.inference`; its outcomes have no scores, which stay inside the hardware.

    Raises
    ------
    ValueError
        If the network is too large.
    """
    from rtl.stochastic_computing.network import Network as Hardware

    weights = [layer.weights for layer in network.layers]
    synapses = sum(int(np.count_nonzero(array)) for array in weights)
    if synapses > LARGEST:
        raise ValueError(f"the rtl engine takes at most {LARGEST} synapses, not {synapses}")
    shape = network.parameters
    winner_bits = (max(shape.classes, 2) - 1).bit_length()

    def run(numbers, random):
        with tempfile.TemporaryDirectory(prefix="trijunction-") as folder:
            stimulus, output = Path(folder) / "stimulus.npz", Path(folder) / "results.npy"
            lanes = numbers.reshape(len(numbers), -1, shape.lanes) << shape.input_bits * np.arange(shape.lanes)
            np.savez(stimulus, images=lanes.sum(-1), random=np.packbits(random, axis=1, bitorder="little"))
            simulate(
                Hardware(shape, weights),
                "sim.stochastic_computing.run_network",
                {"stimulus": str(stimulus), "output": str(output)},
            )
            results = np.load(output, allow_pickle=False)
        winner, length = results & (1 << winner_bits) - 1, results >> winner_bits
        return Outcome(winner, length, np.zeros((len(numbers), 0), np.int64))

    return run


@cocotb.test()
async def classify(dut):
    case = bench_parameters()
    with np.load(case["stimulus"], allow_pickle=False) as saved:
        images, words = saved["images"], [int.from_bytes(row.tobytes(), "little") for row in saved["random"]]
    dut.entropy__valid.value = 0
    await start_clock(dut)
    Source(dut, "image", images.ravel().tolist(), pattern("never"))
    results = Sink(dut, "result", pattern("never"))
    place = 0
    dut.entropy__valid.value = 1
    dut.entropy__payload.value = words[0]
    while len(results.received) < len(images):
        await FallingEdge(dut.clk)
        await ReadOnly()
        if dut.entropy__ready.value or (place and dut.image__ready.value):
            # The rising edge takes the present word; the next is offered after it, the first with the next image.
            place = (place + 1) % len(words) if dut.entropy__ready.value else 0
            await RisingEdge(dut.clk)
            await Timer(1, "ns")
            dut.entropy__payload.value = words[place]
    np.save(case["output"], np.array(results.received, np.int64))
