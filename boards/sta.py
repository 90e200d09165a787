"""Timing and power of a standard-cell netlist by OpenSTA; its scripts and reports are kept.

Activity goes to every pin by hand: OpenSTA 2.0's own `set_power_activity -pins` ends in an error. No clock tree is made
and no wire is laid: `boards.power_report` says what of the clock is in the figures, `wire_capacitance` adds wires.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boards.asic import CellNetlist, PinActivity, net_name, pins, structure
from boards.liberty import Library
from boards.power_report import Power, PowerReport
from boards.simulation import Bit
from boards.sta_library import CHECK, mended
from boards.tools import ToolError

__all__ = ["Power", "PowerReport", "delays", "power", "version"]

#: Transition time of the clock at the registers and of every input, in s: that of a buffer with a few loads at 180 nm.
TRANSITION = 0.1e-9
#: OpenSTA warns, and goes on, where the netlist lacks what the script names.
_ABSENT = re.compile(r"\b(?:pin|port|net|clock|instance|cell|library cell) '?\S+'? not found")
#: OpenSTA's own activity of an input.
_DEFAULT = 0.1
_DONE = "trijunction: done"
_ROW = re.compile(r"^(Sequential|Combinational)\s+(\S+)\s+(\S+)\s+(\S+)\s", re.MULTILINE)
#: Output, and the shortest and longest of one delay or of rise and fall.
_PATH = re.compile(r"\(IOPATH (?:\([^)]*\)|\S+) (\w+) ((?:\([\d.:-]+\) ?)+)\)")
_DELAY = re.compile(r"-?[\d.]+")
_INSTANCE = re.compile(r"^\s*(\d\S+)\s+(\S+)\s+(\S+)\s+\S+\s+c\d+$", re.MULTILINE)
_SLACK = re.compile(r"^\s*(-?[\d.]+)\s+slack", re.MULTILINE)


def _program() -> str:
    found = shutil.which("sta")
    if found is None:
        raise ToolError("no OpenSTA: the program sta is not on PATH; on Debian: apt install opensta")
    return found


@cache
def version() -> str:
    """OpenSTA's version; raises ToolError, in one line with how to get it, if ``sta`` is not on PATH."""
    return subprocess.run([_program(), "-version"], capture_output=True, text=True, check=True).stdout.strip()


def power(
    netlist: CellNetlist,
    folder: Path,
    *,
    frequency: float,
    activity: PinActivity | None = None,
    wire_capacitance: float = 0.0,
    name: str = "power",
) -> PowerReport:
    """Power at ``frequency`` Hz with that activity on every pin, or with OpenSTA's default activity.

    Parameters
    ----------
    folder
        Where the scripts and reports are left, their names beginning with ``name``.
    wire_capacitance
        Added to every net, in F for each pin that the net reaches (0: pins alone).

    Raises
    ------
    ToolError
        If ``sta`` is absent or fails, or gives another power than a netlist that is computed by hand has.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    module = netlist.module()
    if not module["ports"].get("clk"):
        raise ToolError(f"power: {netlist.top} has no input clk")
    pin_loads = _loads(module, netlist.library)
    inputs = [bit for _, bit in _inputs(module)]
    sources = _register_inputs(module, netlist.library) if activity else []
    library = f"{name}.lib"
    text = netlist.library.path.read_text()
    (folder / library).write_text(mended(text) if _needs_mending() else text)
    (folder / f"{name}.v").write_text(structure(module, netlist.top))
    reports = {
        each: f"{name}.{each}.txt"
        for each in ("power", "clock", "timing", *(("inputs", "inputs_at_rest") if sources else ()))
    }
    period = 1e9 / frequency

    def of_sources(report: str) -> list[str]:
        chosen = f"-instances [get_cells {{{' '.join(sources)}}}]"
        return [f"report_power -digits 9 {chosen} > {reports[report]}"] if sources else []

    script = [
        f"read_liberty {library}",
        f"read_verilog {name}.v",
        f"link_design {netlist.top}",
        f"create_clock -name clk -period {period:.9g} [get_ports clk]",
        *_ports(module),
        *(
            [
                f"set_load {wire_capacitance * len(loads) * 1e12:.9g} [get_nets {net_name(bit)}]"
                for bit, loads in pin_loads.items()
            ]
            if wire_capacitance
            else []
        ),
        *(_annotation(module, activity) if activity else []),
        f"report_power -digits 9 > {reports['power']}",
        *of_sources("inputs"),
        f"report_checks -path_delay max -digits 6 -fields {{capacitance slew}} > {reports['timing']}",
        *_annotation(module, None),
        f"report_power -digits 9 > {reports['clock']}",
        *of_sources("inputs_at_rest"),
    ]
    _run(script, folder, f"{name}.tcl")
    sequential, combinational = _groups(folder / reports["power"])
    at_rest, _ = _groups(folder / reports["clock"])
    if sources:
        sequential -= _instances(folder / reports["inputs"])
        at_rest -= _instances(folder / reports["inputs_at_rest"])
    voltage = netlist.library.voltage
    charges = {bit: sum(loads) + wire_capacitance * len(loads) for bit, loads in pin_loads.items()}
    clock_net = sum(charges.get(bit, 0) for bit in module["ports"]["clk"]["bits"]) * voltage**2 * frequency
    toggles = [(bit, activity.toggles.get(bit, 0.0) if activity else _DEFAULT) for bit in inputs]
    charging = sum(charges.get(bit, 0.0) * count for bit, count in toggles) * voltage**2 / 2 * frequency
    return PowerReport(
        frequency,
        sequential,
        combinational,
        Power(at_rest.internal, clock_net),
        Power(switching=charging),
        _period(folder / reports["timing"], period) * 1e-9,
        (f"{name}.tcl", library, f"{name}.v", *reports.values()),
    )


def delays(netlist: CellNetlist, folder: Path, *, name: str = "delays") -> dict[Bit, float]:
    """Of each net the delay of the cell that drives it, in s: the mean over its inputs, of rise and fall.

    Leaves OpenSTA's delays in the folder as NAME.sdf.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.lib").write_bytes(netlist.library.path.read_bytes())
    shutil.copyfile(netlist.verilog, folder / f"{name}.v")
    module = netlist.module()
    script = [
        f"read_liberty {name}.lib",
        f"read_verilog {name}.v",
        f"link_design {netlist.top}",
        "create_clock -name clk -period 100 [get_ports clk]",
        *_ports(module),
        f"write_sdf -digits 6 {name}.sdf",
    ]
    _run(script, folder, f"{name}.tcl")
    drivers = {
        f"{cell}/{pin}": bits[0] for cell, each in pins(module) for pin, bits in each["connections"].items() if bits
    }
    found: dict[Bit, list[float]] = {}
    for block in (folder / f"{name}.sdf").read_text().split("(INSTANCE ")[1:]:
        instance = block[: block.index(")")]
        for pin, triples in _PATH.findall(block):
            found.setdefault(drivers[f"{instance}/{pin}"], []).extend(
                float(each) * 1e-9 for each in _DELAY.findall(triples)
            )
    return {bit: sum(each) / len(each) for bit, each in found.items()}


def _inputs(module: Mapping[str, Any]) -> Iterator[tuple[str, Bit]]:
    """Each bit of the data inputs: its name in Tcl, and its net."""
    for port, each in module["ports"].items():
        if each["direction"] == "input" and port != "clk":
            yield from _bits(port, each)


def _bits(port: str, each: Mapping[str, Any]) -> Iterator[tuple[str, Bit]]:
    wide = len(each["bits"]) > 1
    for index, bit in enumerate(each["bits"]):
        yield f"{{{port}[{index}]}}" if wide else port, bit


def _ports(module: Mapping[str, Any]) -> list[str]:
    """All inputs come from, and all outputs go to, registers of the same clock, without delay."""
    lines = [f"set_input_transition {TRANSITION * 1e9:g} [all_inputs]"]
    lines += [f"set_input_delay 0 -clock clk [get_ports {name}]" for name, _ in _inputs(module)]
    for port, each in module["ports"].items():
        if each["direction"] == "output":
            lines += [f"set_output_delay 0 -clock clk [get_ports {name}]" for name, _ in _bits(port, each)]
    return lines


def _annotation(module: Mapping[str, Any], activity: PinActivity | None) -> list[str]:
    """Activity of every port and pin; without one, all at rest."""

    def of(bit: Bit) -> str:
        if activity is None or not isinstance(bit, int):
            return "0 0.5"
        return f"{activity.toggles[bit]:.9g} {activity.duty[bit]:.9g}"

    lines = ["set_power_activity -input -activity 0"]
    for name, bit in _inputs(module):
        lines.append(f"sta::set_power_input_port_activity [sta::get_ports_error port {name}] {of(bit)}")
    clock = module["ports"]["clk"]["bits"]
    for name, cell in pins(module):
        for pin, bits in cell["connections"].items():
            if bits and bits != clock and isinstance(bits[0], int):
                lines.append(f"sta::set_power_pin_activity [get_pins {name}/{pin}] {of(bits[0])}")
    return lines


def _loads(module: Mapping[str, Any], library: Library) -> dict[Bit, list[float]]:
    """Of each net the capacitances of the pins that it reaches."""
    loads: dict[Bit, list[float]] = {}
    for _, cell in pins(module):
        for pin, farad in library.cells[cell["type"]].capacitance.items():
            loads.setdefault(cell["connections"][pin][0], []).append(farad)
    return {bit: each for bit, each in loads.items() if isinstance(bit, int)}


def _run(script: list[str], folder: Path, name: str) -> None:
    """Run a script, which is kept; OpenSTA goes on after an error and ends with status 0."""
    (folder / name).write_text("\n".join([*script, f'puts "{_DONE}"', "exit", ""]))
    with TemporaryDirectory(prefix="trijunction-") as home:
        done = subprocess.run(
            [_program(), "-no_splash", "-no_init", "-exit", name], cwd=folder, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, env={**os.environ, "HOME": home},
        )  # fmt: skip
    said = (done.stdout + done.stderr).splitlines()
    wrong = [line for line in said if line.startswith("Error") or _ABSENT.search(line)]
    if done.returncode or wrong or _DONE not in said:
        raise ToolError(f"sta: {wrong[0] if wrong else (said or ['no output'])[-1]} (script {folder / name})")


def _register_inputs(module: dict[str, Any], library: Library) -> list[str]:
    """Drive every net of a data input by a register in the place of the port; gives the registers' Verilog names.

    OpenSTA 2.0 takes the activity of ports through the logic behind them and over what its pins are given.
    """
    plain = (cell for cell in library.cells.values() if cell.clock and list(cell.tables.values()) == [0b1010])
    register = min(plain, key=lambda cell: (cell.area, cell.name), default=None)
    if register is None:
        raise ToolError(f"power: {library.name} has no plain register")
    (data,), (output,) = register.inputs, register.tables
    nets = {bit for _, bit in _inputs(module)}
    module["ports"] = {
        name: port for name, port in module["ports"].items() if port["direction"] == "output" or name == "clk"
    }
    before = sum(1 for _ in pins(module))
    for bit in sorted(bit for bit in nets if isinstance(bit, int)):
        connections = {register.clock: module["ports"]["clk"]["bits"], data: [bit], output: [bit]}
        module["cells"][f"input_{bit}"] = {"type": register.name, "connections": connections}
    return [name for name, _ in pins(module)][before:]


def _instances(report: Path) -> Power:
    """The sum of a report of instances."""
    rows = [Power(*(float(each) for each in row.groups())) for row in _INSTANCE.finditer(report.read_text())]
    return sum(rows, Power())


def _groups(report: Path) -> tuple[Power, Power]:
    rows = {row[1]: Power(*(float(row[k]) for k in (2, 3, 4))) for row in _ROW.finditer(report.read_text())}
    if len(rows) != 2:
        raise ToolError(f"sta: {report} is no power report")
    return rows["Sequential"], rows["Combinational"]


def _period(report: Path, period: float) -> float:
    slack = _SLACK.search(report.read_text())
    if slack is None:
        raise ToolError(f"sta: no path in {report}")
    return period - float(slack[1])


@cache
def _needs_mending() -> bool:
    """Whether this OpenSTA counts internal power right only with the library `mended`; ToolError if not even then."""
    found = []
    for text in (CHECK.library, mended(CHECK.library)):
        with TemporaryDirectory(prefix="trijunction-") as folder:
            Path(folder, "check.lib").write_text(text)
            Path(folder, "check.v").write_text(CHECK.verilog)
            _run([*CHECK.script, "report_power -digits 9 > check.txt"], Path(folder), "check.tcl")
            found.append([each.internal for each in _groups(Path(folder, "check.txt"))])
        if all(abs(got - want) < 0.001 * want for got, want in zip(found[-1], CHECK.internal, strict=True)):
            return text is not CHECK.library
    raise ToolError(f"sta: OpenSTA {version()} gives internal powers {found} W where {CHECK.internal} is right")
