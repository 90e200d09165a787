"""Dot products through the hardware itself, in a simulator: the `rtl` engine of `trijunction dot`.

`simulated` is called from outside; the cocotb test below drives the unit inside the simulator.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge
from numpy.typing import NDArray

from hwpy.low_precision.dot import DotParameters
from sim.runner import bench_parameters, simulate
from sim.streams import Sink, Source, pattern, start_clock

__all__ = ["LARGEST", "simulated"]

#: Steps, of all sums together.
LARGEST = 200_000


def simulated(
    parameters: DotParameters, x: NDArray[np.int64], w: NDArray[np.int64], words: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """As `hwpy.low_precision.dot.dot` of ``x`` and ``w`` of shape (sums, terms).

    Raises
    ------
    ValueError
        If there are more than `LARGEST` steps.
    """
    from rtl.low_precision.dot import Dot

    steps = len(x) * parameters.steps(x.shape[1])
    if steps > LARGEST:
        raise ValueError(f"the rtl engine takes at most {LARGEST} steps, not {steps}")
    given = {
        "payloads": [payload for pair in zip(x, w, strict=True) for payload in _payloads(parameters, *pair)],
        "words": [] if words is None else words.ravel().tolist(),
        "sums": len(x),
    }
    with tempfile.TemporaryDirectory(prefix="trijunction-") as folder:
        stimulus, output = Path(folder) / "stimulus.json", Path(folder) / "sums.json"
        stimulus.write_text(json.dumps(given))
        case = {"stimulus": str(stimulus), "output": str(output)}
        simulate(Dot(parameters), "sim.low_precision.run_dot", case)
        return np.array(json.loads(output.read_text()), dtype=np.int64)


def _payloads(parameters: DotParameters, x: NDArray[np.int64], w: NDArray[np.int64]) -> list[int]:
    """The beats of one sum: x, w, and at the top whether it is the last."""
    lanes, mac = parameters.lanes, parameters.mac
    beats = []
    for at in range(0, len(x), lanes):
        beat, place = 0, 0
        for numbers, width in ((x, mac.x.width), (w, mac.w.width)):
            for k, number in enumerate(numbers[at : at + lanes].tolist()):
                beat |= (number & ((1 << width) - 1)) << (place + k * width)
            place += lanes * width
        beats.append(beat)
    beats[-1] |= 1 << (lanes * (mac.x.width + mac.w.width))
    return beats


@cocotb.test()
async def run_through(dut):
    case = bench_parameters()
    given = json.loads(Path(case["stimulus"]).read_text())
    await start_clock(dut)
    Source(dut, "input", given["payloads"], pattern("never"))
    if given["words"]:
        Source(dut, "entropy", given["words"], pattern("never"))
    sums = Sink(dut, "output", pattern("never"))
    while len(sums.received) < given["sums"]:
        await FallingEdge(dut.clk)
    width = len(dut.output__payload)
    signed = [raw - (raw >> (width - 1) << width) for raw in sums.received]
    Path(case["output"]).write_text(json.dumps(signed))
