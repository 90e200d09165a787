"""Trains a restricted Boltzmann machine on the hardware itself, with its bank of junctions, in a simulator.

`rtl_train` is called from outside; the cocotb test below drives the machine inside the simulator.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge
from cocotb.utils import get_sim_time
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm_parameters import RbmParameters, Target
from hwpy.ising.rbm_words import GENERATOR
from sim.runner import bench_parameters, simulate
from sim.streams import start_clock

__all__ = ["rtl_train"]


def rtl_train(
    parameters: RbmParameters,
    images: ArrayLike,
    rate_shift: int,
    probabilities: Sequence[tuple[float, float]],
    *,
    weights: ArrayLike | None = None,
    steps: int = 1,
    persistent: bool = False,
    seed: int = 1,
    simulator: str = "auto",
) -> tuple[NDArray[np.int64], int, float]:
    """Learns from images (count, visible), one after the other, as `hwpy.ising.rbm_fast.FastRbm` on `BankWords`.

    Parameters
    ----------
    probabilities, seed
        Of the bank, see `hwpy.ising.rbm_words.BankWords`.
    weights
        Raw, (rows, columns); default 0.

    Returns
    -------
    The weights, raw; and the clocks and the seconds from the first load word to the end of learning.
    """
    from rtl.entropy.lfsr import Lfsr
    from rtl.ising.rbm_bank import RbmOnBank

    p = parameters
    words = [
        (Target.JUNCTION, *code) for code in SmtjBankParameters(p.entropy_width).program(probabilities)
    ] + p.load_weights(np.zeros((p.rows, p.columns), np.int64) if weights is None else weights)
    for image in np.asarray(images):
        words += [*p.load_visible(image), p.train(rate_shift, steps, persistent)]
    codes = [int(target) | address << 3 | data << 3 + p.address_bits for target, address, data in words]
    with tempfile.TemporaryDirectory(prefix="trijunction-") as folder:
        stimulus, output = Path(folder) / "words.npy", Path(folder) / "result.json"
        np.save(stimulus, np.array(codes, np.int64))
        case = {"words": str(stimulus), "weights": p.rows * p.columns, "output": str(output)}
        simulate(RbmOnBank(p, Lfsr(GENERATOR, seed)), "sim.ising.run_rbm", case, simulator=simulator)
        result = json.loads(output.read_text())
    raw = np.array(result["weights"], np.uint16).astype(np.int16).astype(np.int64)
    return raw.reshape(p.rows, p.columns), result["clocks"], result["seconds"]


@cocotb.test()
async def learn(dut):
    case = bench_parameters()
    words = np.load(case["words"]).tolist()
    dut.load__valid.value = 0
    dut.load__payload.value = 0
    dut.result__ready.value = 1
    await start_clock(dut)
    await FallingEdge(dut.clk)
    begin, started = get_sim_time("ns"), perf_counter()
    for word in words:
        await _send(dut, word)
    clocks, seconds = (get_sim_time("ns") - begin) / 10, perf_counter() - started
    dut.load__payload.value = int(Target.READ)
    dut.load__valid.value = 1
    weights: list[int] = []
    while len(weights) < case["weights"]:
        await FallingEdge(dut.clk)
        dut.load__valid.value = 0
        await ReadOnly()
        if dut.result__valid.value:
            weights.append(int(dut.result__payload.value))
    result = {"weights": weights, "clocks": int(clocks), "seconds": seconds}
    Path(case["output"]).write_text(json.dumps(result))


async def _send(dut, word):
    """From a falling edge at which the machine is ready to the next: no Python runs while it works."""
    dut.load__payload.value = word
    dut.load__valid.value = 1
    await FallingEdge(dut.clk)
    dut.load__valid.value = 0
    await ReadOnly()
    if not dut.load__ready.value:
        await RisingEdge(dut.load__ready)
    await FallingEdge(dut.clk)
