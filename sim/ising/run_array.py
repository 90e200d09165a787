"""Anneals on the hardware itself, in a simulator: the `rtl` engine of `solve`.

`rtl_run` is called from outside; the cocotb test below drives the array inside the simulator.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge, Timer

from hwpy.ising.array import PBitArrayParameters, Target, packed_result
from hwpy.ising.model import IsingModel
from sim.runner import bench_parameters, simulate
from sim.streams import Sink, Source, pattern, start_clock

_MODEL = ("nodes", "row", "col", "coupling", "field", "scale", "offset")
_OPTIONS = ("fresh_bits", "dither_bits", "step_bits", "spread", "steps", "track_best", "split")


def rtl_run(array: PBitArrayParameters, betas, sweeps, entropy, seed, replica):
    """One replica on the simulated hardware: last energy, best energy (both in LSB) and best state."""
    from rtl.ising.array import PBitArray

    with tempfile.TemporaryDirectory(prefix="trijunction-") as folder:
        model, output = Path(folder) / "model.npz", Path(folder) / "words.json"
        np.savez(model, **{name: getattr(array.model, name) for name in _MODEL})
        parameters = {
            "model": str(model),
            "options": {name: getattr(array, name) for name in _OPTIONS},
            "betas": list(betas),
            "sweeps": sweeps,
            "entropy": entropy,
            "seed": seed,
            "replica": replica,
            "output": str(output),
        }
        simulate(PBitArray(array), "sim.ising.run_array", parameters)
        result = packed_result(array, json.loads(output.read_text()))
    return int(array.model.integer_energy(result["state"])), result["best_energy"], result["best_state"]


@cocotb.test()
async def anneal(dut):
    from hwpy.ising.solver import entropy_stream

    case = bench_parameters()
    with np.load(case["model"]) as saved:
        numbers = {name: saved[name].item() for name in ("nodes", "scale", "offset")}
        model = IsingModel(**numbers, **{name: saved[name] for name in _MODEL if name not in numbers})
    p = PBitArrayParameters(model, **case["options"])
    stream = entropy_stream(p, case["entropy"], case["seed"], case["replica"])

    def word(bits):
        return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")

    program = [*p.program(case["betas"], case["sweeps"]), (Target.START, 0, 0)]
    dut.entropy__valid.value = 0
    await start_clock(dut)
    Source(dut, "load", [int(t) | a << 3 | d << 19 for t, a, d in program], pattern("never"))
    results = Sink(dut, "result", pattern("never"))
    dut.entropy__valid.value = 1
    dut.entropy__payload.value = word(next(stream))
    while len(results.received) < len(p.result_words()):
        await FallingEdge(dut.clk)
        await ReadOnly()
        if dut.entropy__ready.value:
            following = word(next(stream))
            # The rising edge takes the present word; the next is offered after it.
            await RisingEdge(dut.clk)
            await Timer(1, "ns")
            dut.entropy__payload.value = following
    Path(case["output"]).write_text(json.dumps(results.received))
