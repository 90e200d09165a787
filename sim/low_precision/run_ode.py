"""Differential equations solved by the hardware itself, in a simulator: the `rtl` engine of `trijunction ode`.

The three MACs of `hwpy.low_precision.ode_solver.FixedSolver` stand side by side, and the solver, inside the simulator,
takes its sums from them: each sum's result is in the next one's factors. `HardwareSolve` is called from outside.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.task import bridge, resume
from cocotb.triggers import FallingEdge, ReadOnly
from numpy.typing import NDArray

from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.ode import Ode, Reset
from hwpy.low_precision.ode_solver import FixedSolver, FloatSolver, solve
from hwpy.low_precision.rounding import Rounding
from sim.runner import bench_parameters, simulate
from sim.streams import start_clock

__all__ = ["LARGEST", "HardwareSolve", "make"]

#: Steps, of all runs together.
LARGEST = 100_000
_ARRAYS = ("linear", "quadratic", "constant", "start")


class HardwareSolve:
    """As `hwpy.low_precision.ode_solver.solve`, the sums of a `FixedSolver` made by the hardware.

    Attributes
    ----------
    clocks
        That all calls have taken, a sum's first pair following the last result.
    """

    def __init__(self, simulator: str = "auto"):
        self.clocks = 0
        self._simulator = simulator

    def __call__(
        self, solver: FixedSolver | FloatSolver, steps: int
    ) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
        """The trajectory and the spike times.

        Raises
        ------
        ValueError
            If there are more than `LARGEST` steps.
        """
        if isinstance(solver, FloatSolver):
            return solve(solver, steps)
        if steps * solver.runs > LARGEST:
            raise ValueError(f"the rtl engine takes at most {LARGEST} steps of all runs, not {steps * solver.runs}")
        with tempfile.TemporaryDirectory(prefix="trijunction-") as folder:
            solved = Path(folder) / "solved.npz"
            case = _described(solver) | {"steps": steps, "solved": str(solved)}
            simulate(make(solver.units), "sim.low_precision.run_ode", case, simulator=self._simulator)
            with np.load(solved, allow_pickle=False) as found:
                self.clocks += int(found["clocks"])
                return found["states"], [found[f"spikes_{run}"] for run in range(solver.runs)]


def _described(solver: FixedSolver) -> dict[str, Any]:
    """What `_solver` makes the same solver from, as JSON has it."""
    ode = solver.ode
    return {
        "ode": {
            "names": ode.names,
            **{name: getattr(ode, name).tolist() for name in _ARRAYS},
            "step_log2": ode.step_log2,
            "form": str(ode.form),
            "reset": asdict(ode.reset) if ode.reset else None,
        },
        "rounding": asdict(solver.rounding),
        "solver": {"runs": solver.runs, "seed": solver.seed, "dithered": solver.dithered},
    }


def _solver(case: dict[str, Any]) -> FixedSolver:
    system = case["ode"]
    arrays = {name: np.array(system[name]) for name in _ARRAYS}
    reset = Reset(**system["reset"]) if system["reset"] else None
    ode = Ode(
        tuple(system["names"]),
        step_log2=system["step_log2"],
        form=FixedFormat.parse(system["form"]),
        reset=reset,
        **arrays,
    )
    return FixedSolver(ode, Rounding(**case["rounding"]), **case["solver"])


def make(units: dict[str, MacParameters]) -> Any:
    """The MACs, each with its ports under its name."""
    from amaranth.hdl import Module
    from amaranth.lib.wiring import Component, Out, connect, flipped

    from rtl.low_precision.mac import Mac

    class Units(Component):
        def __init__(self):
            self._macs = {name: Mac(parameters) for name, parameters in units.items()}
            super().__init__({name: Out(mac.signature) for name, mac in self._macs.items()})

        def elaborate(self, platform):
            m = Module()
            for name, mac in self._macs.items():
                m.submodules[name] = mac
                connect(m, flipped(getattr(self, name)), mac)
            return m

    return Units()


class _Port:
    """A MAC of the design, whose sums a solver awaits."""

    def __init__(self, dut: Any, name: str, unit: MacParameters):
        self.clocks = 0
        self._clk = dut.clk
        self._input = [getattr(dut, f"{name}__input__{wire}") for wire in ("valid", "payload", "ready")]
        self._output = [getattr(dut, f"{name}__output__{wire}") for wire in ("valid", "payload")]
        self._entropy = [getattr(dut, f"{name}__entropy__{wire}") for wire in ("payload", "ready") if unit.word_bits]
        self._input[0].value = 0
        getattr(dut, f"{name}__output__ready").value = 1
        if unit.word_bits:
            getattr(dut, f"{name}__entropy__valid").value = 1

    async def sums(
        self, unit: MacParameters, x: NDArray[np.int64], w: NDArray[np.int64], words: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        """A pair a clock, since a word is always offered and each sum is taken at once."""
        payloads = (x & ((1 << unit.x.width) - 1)) | (w & ((1 << unit.w.width) - 1)) << unit.x.width
        payloads[..., -1] |= 1 << (unit.x.width + unit.w.width)
        beats, random = payloads.ravel().tolist(), [] if words is None else words.ravel().tolist()
        valid, payload, ready = self._input
        received: list[int] = []
        clock = word = 0
        while len(received) < payloads[..., 0].size:
            await FallingEdge(self._clk)
            if clock < len(beats):
                valid.value, payload.value = 1, beats[clock]
            elif clock == len(beats):
                valid.value = 0
            if word < len(random):
                self._entropy[0].value = random[word]
            await ReadOnly()
            assert clock >= len(beats) or ready.value, "the MAC stalls"
            if word < len(random) and self._entropy[1].value:
                word += 1
            if self._output[0].value:
                received.append(self._output[1].value.to_signed())
            clock += 1
        self.clocks += clock
        return np.array(received, np.int64).reshape(x.shape[:-1])


@cocotb.test()
async def solve_in_hardware(dut):
    case = bench_parameters()
    solver = _solver(case)
    await start_clock(dut)
    ports = {unit: _Port(dut, name, unit) for name, unit in solver.units.items()}

    def mac(unit, x, w, words):
        return resume(ports[unit].sums)(unit, x, w, words)

    solver.mac = mac
    states, spikes = await bridge(solve)(solver, case["steps"])
    clocks = sum(port.clocks for port in ports.values())
    named = {f"spikes_{run}": times for run, times in enumerate(spikes)}
    np.savez(case["solved"], allow_pickle=False, clocks=clocks, states=states, **named)
