"""The whole way once, with LFSR and with SMTJ entropy: solve, simulate, place and route; `make demo` runs this."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

__all__ = ["main", "run"]

PROBLEM = "planted:40x20:1"
SHAPE = (40, 20)
#: A torus whose random bits all have a pin on the board, each colour in two parts.
CHIP = "torus:10x8:1"
SPLIT = 2
BOARD = "ice40-hx8k-breakout"
SOURCES = ("lfsr", "smtj")
#: As in the routed array: the emulation samples what the hardware would.
FRESH_BITS = 4
SWEEPS = 10_000
REPLICAS = 256
TRACED = 64


def _say(text: str) -> None:
    print(text, flush=True)


def solve_both(model: Any, seed: int, sweeps: int = SWEEPS, replicas: int = REPLICAS) -> dict[str, dict[str, Any]]:
    """Anneals the model with each source: the solver's record, how many replicas got there, and a trace."""
    from hwpy.ising.solver import solve

    results = {}
    for source in SOURCES:
        # Compiled first, so that the rate is that of the emulator and not of the compiler.
        solve(model, entropy=source, sweeps=1, replicas=replicas, fresh_bits=FRESH_BITS)
        result = solve(model, entropy=source, sweeps=sweeps, replicas=replicas, fresh_bits=FRESH_BITS, seed=seed)
        energies = result["energies"]
        result["ground_fraction"] = sum(energy <= model.ground_energy for energy in energies) / len(energies)
        result["mean_energy"] = sum(energies) / len(energies)
        result["trace"] = trace(model, source, result, min(TRACED, replicas))
        results[source] = result
        _say(
            f"  {source}: energy {result['energy']:g}, ground state {model.ground_energy:g}; "
            f"{100 * result['ground_fraction']:.1f} % of the replicas end there; "
            f"{result['flips_per_second'] / 1e9:.2f} G flips/s"
        )
    return results


def trace(model: Any, source: str, result: dict[str, Any], replicas: int) -> dict[str, list[float]]:
    """Energies against sweeps of the first replicas of a run of `solve`: mean, and where the middle 80 % lie."""
    import numpy as np

    from hwpy.ising import schedule
    from hwpy.ising.fast import FastArray
    from hwpy.ising.solver import array_for, entropy_planes

    array = array_for(model, source, fresh_bits=FRESH_BITS, dither_bits=16 - FRESH_BITS)
    steps, each = schedule.split_sweeps(result["sweeps"], array.steps)
    betas = schedule.betas(result["beta_start"], result["beta_end"], steps, result["schedule"])
    fast = FastArray(array, entropy_planes(array, source, result["seed"], range(replicas)))
    points: dict[str, list[float]] = {"sweeps": [], "mean": [], "low": [], "high": []}
    done = 0

    def keep() -> None:
        energies = fast.energy[:replicas] * array.model.scale + array.model.offset
        low, high = np.quantile(energies, (0.1, 0.9))
        for name, value in (("sweeps", done), ("mean", energies.mean()), ("low", low), ("high", high)):
            points[name].append(round(float(value), 3))

    def on_sweep() -> None:
        # The energies are those at the sweep's start.
        nonlocal done
        if done % each == 0:
            keep()
        done += 1

    fast.anneal([beta * array.model.scale for beta in betas], each, on_sweep=on_sweep)
    keep()
    return points


def simulate_small() -> dict[str, Any]:
    """A small array in cocotb, every port in every clock against the golden model. Raises BenchFailed."""
    from sim.ising import bench_array
    from sim.runner import choose_simulator, simulate

    simulator = choose_simulator()
    case = bench_array.CASES[0]
    start = time.perf_counter()
    simulate(bench_array.make(case), "sim.ising.bench_array", case, simulator=simulator)
    seconds = round(time.perf_counter() - start, 1)
    _say(f"  equal in every clock, on {simulator}, in {seconds} s")
    return {"block": "ising/array", "case": case, "simulator": simulator, "passed": True, "seconds": seconds}


def route_both(folder: Path) -> dict[str, Any]:
    """The same array with each source, placed and routed side by side."""
    from boards.array import build_array
    from hwpy.ising.instances import load

    model = load(CHIP)

    def one(source: str) -> dict[str, Any]:
        return build_array(model, BOARD, source, folder / source, fresh_bits=FRESH_BITS, split=SPLIT)

    with ThreadPoolExecutor(len(SOURCES)) as pool:
        records = dict(zip(SOURCES, pool.map(one, SOURCES), strict=True))
    for source, record in records.items():
        _say(
            f"  {source}: {record['lut4']} LUT4, {record['cells']} logic cells, {record['fmax_mhz']['max']:.1f} MHz, "
            f"{record['flips_per_second'] / 1e9:.2f} G flips/s; {record['bitstream']}"
        )
    return {"instance": CHIP, **records}


def versions() -> dict[str, str]:
    """What the numbers depend on: this project, Python, and the tools."""
    import platform
    from importlib.metadata import version

    from boards import tools

    packages = ("trijunction", "numpy", "numba", "cocotb")
    return {**{name: version(name) for name in packages}, "python": platform.python_version(), **tools.versions()}


def revision() -> str | None:
    """The git revision of this checkout, with '-dirty' if it was changed; None if it is not one."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():  # an installed package may lie within somebody else's checkout
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None


def run(folder: Path, seed: int = 1) -> dict[str, Any]:
    """All steps; returns the record that the page is drawn from."""
    from hwpy.ising.instances import load

    seconds: dict[str, float] = {}
    start = time.perf_counter()

    def done(step: str) -> None:
        nonlocal start
        now = time.perf_counter()
        seconds[step], start = round(now - start, 1), now

    _say(f"1/3 Solving {PROBLEM}: {SWEEPS} sweeps in {REPLICAS} replicas; about 15 s")
    model = load(PROBLEM)
    solved = solve_both(model, seed)
    done("solve")
    _say("2/3 Simulating ising/array in cocotb against its golden model")
    _say("    (the first time ever compiles Yosys, about 40 s, and without Icarus a simulator, about 30 s)")
    simulated = simulate_small()
    done("simulate")
    _say(f"3/3 Placing and routing {CHIP} for {BOARD}, once for each source, about 20 s")
    routed = route_both(folder)
    done("place and route")
    couplings = zip(model.row.tolist(), model.col.tolist(), model.coupling.tolist(), strict=True)
    shared = solved["lfsr"]
    return {
        "seed": seed,
        "git": revision(),
        "versions": versions(),
        "parameters": {
            "sweeps": shared["sweeps"],
            "replicas": shared["replicas"],
            "traced_replicas": min(TRACED, shared["replicas"]),
            "beta_start": shared["beta_start"],
            "beta_end": shared["beta_end"],
            "schedule": shared["schedule"],
            "fresh_bits": FRESH_BITS,
        },
        "problem": {
            "instance": PROBLEM,
            "shape": list(SHAPE),
            "nodes": model.nodes,
            "edges": model.edges,
            "ground_energy": model.ground_energy,
            "couplings": [list(edge) for edge in couplings],
        },
        "solve": solved,
        "simulation": simulated,
        "hardware": routed,
        "seconds": seconds,
    }


def show(record: dict[str, Any]) -> None:
    """The result as one table."""
    from rich.console import Console
    from rich.table import Table

    from trijunction.demo_page import LABELS, table

    shown = Table(title="LFSR against SMTJ")
    shown.add_column("")
    for label in LABELS.values():
        shown.add_column(label, justify="right", no_wrap=True)
    for group, rows in table(record):
        shown.add_row(f"[bold]{group}[/bold]")
        for row in rows:
            shown.add_row(*row)
        shown.add_section()
    Console().print(shown)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo. Returns the exit status: 1 if a tool or a check failed."""
    parser = argparse.ArgumentParser(prog="python -m trijunction.demo", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/demo"), help="folder of the page (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random bits (%(default)s)")
    options = parser.parse_args(arguments)

    from boards.tools import ToolError
    from sim.runner import BenchFailed, SimulatorNotFound
    from trijunction.demo_page import write

    try:
        record = run(options.output, options.seed)
    except (BenchFailed, SimulatorNotFound, ToolError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    files = write(record, options.output)
    show(record)
    _say(f"In {sum(record['seconds'].values()):.0f} s. Page and record: {', '.join(map(str, files))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
