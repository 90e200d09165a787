"""`trijunction sim`: run the cocotb benches, hardware against golden model."""

from __future__ import annotations

import time
from enum import Enum
from typing import Annotated, Any

import typer

from hwpy.formats.errors import quote
from trijunction.commands.options import Json
from trijunction.errors import CommandError

__all__ = ["run"]


class _Simulator(str, Enum):
    auto = "auto"
    icarus = "icarus"
    verilator = "verilator"


def run(
    block: Annotated[
        str | None, typer.Argument(metavar="[ROOM/BLOCK]", help="One block, or all.", show_default=False)
    ] = None,
    simulator: Annotated[
        _Simulator, typer.Option(help="auto: Icarus where installed, else Verilator.")
    ] = _Simulator.auto,
    waves: Annotated[bool, typer.Option("--waves", help="Keep waveforms in the folder waves.")] = False,
    json: Json = False,
) -> None:
    """Simulate a block in cocotb and compare it with its golden model, cycle by cycle."""
    from sim.runner import BenchFailed, SimulatorNotFound, discover, run_bench
    from trijunction.commands.output import stdout_to_stderr, write_json, write_table

    benches = discover()
    if block is not None and block not in benches:
        raise CommandError(f"sim: no bench {quote(block)}: expected one of {', '.join(benches)}")
    results: list[dict[str, Any]] = []
    failures: list[str] = []
    for name in [block] if block is not None else list(benches):
        start = time.perf_counter()
        try:
            with stdout_to_stderr():
                cases = run_bench(name, simulator=simulator.value, waves=waves)
        except SimulatorNotFound as error:
            raise CommandError(f"sim: {error}", status=1) from error
        except BenchFailed as error:
            failures.append(f"{name}: {error}")
            cases = None
        seconds = time.perf_counter() - start
        results.append({"block": name, "passed": cases is not None, "cases": cases, "seconds": seconds})
    if json:
        write_json({"simulator": simulator.value, "passed": not failures, "benches": results})
    else:
        rows = [
            (r["block"], f"passed {r['cases']} cases in {r['seconds']:.1f} s" if r["passed"] else "FAILED")
            for r in results
        ]
        write_table("Simulation against the golden model", rows)
    if failures:
        raise CommandError("sim: failed\n" + "\n".join(failures), status=1)
