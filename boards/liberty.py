"""Cells of a Liberty library: area, truth tables, flip-flops and pin capacitances.

Yosys reads the file, so that synthesis and simulation agree on what a cell does: its `read_liberty` writes each cell as
a module of simple gates, and here these become truth tables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory

from boards import tools
from boards.tools import ToolError

__all__ = ["Cell", "Library", "find_library", "read_library"]

_VARIABLE = "TRIJUNCTION_LIBERTY"
_DEBIAN = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")

_GATES: dict[str, Callable[..., int]] = {
    "$_NOT_": lambda a: ~a,
    "$_AND_": lambda a, b: a & b,
    "$_NAND_": lambda a, b: ~(a & b),
    "$_OR_": lambda a, b: a | b,
    "$_NOR_": lambda a, b: ~(a | b),
    "$_XOR_": lambda a, b: a ^ b,
    "$_XNOR_": lambda a, b: ~(a ^ b),
    "$_ANDNOT_": lambda a, b: a & ~b,
    "$_ORNOT_": lambda a, b: a | ~b,
}
_REGISTER = "$_DFF_P_"
#: Inputs of the largest cell, its own state among them: a table fits in 64 bits.
_WIDEST = 6


@dataclass(frozen=True)
class Cell:
    """A cell with a truth table for each output.

    Attributes
    ----------
    inputs
        Pins without the clock; input i is bit i of a table's index.
    tables
        For each output bit k of its table is its value for the inputs that spell k. For a register it is the next
        value, and the table's highest input is the output's value now.
    clock
        The pin whose rising edge moves a register; of logic None.
    capacitance
        Of each input pin, the clock's too, in F.
    area
        In the library's unit, um2 as a rule.
    """

    name: str
    inputs: tuple[str, ...]
    tables: Mapping[str, int]
    clock: str | None
    capacitance: Mapping[str, float]
    area: float


@dataclass(frozen=True)
class Library:
    """A Liberty file: the logic and registers in it whose behaviour is known, and its nominal voltage."""

    path: Path
    name: str
    voltage: float
    cells: Mapping[str, Cell]


def find_library(path: str | Path | None = None) -> Path:
    """The Liberty file given, else that of the environment's TRIJUNCTION_LIBERTY, else Debian's OSU 180 nm cells.

    Raises :class:`boards.tools.ToolError`, in one line that says how to get one, if there is none.
    """
    given = path or os.environ.get(_VARIABLE)
    found = Path(given) if given else _DEBIAN
    if found.is_file():
        return found
    if given:
        raise ToolError(f"no Liberty file {found}")
    raise ToolError(f"no Liberty file: give one, set {_VARIABLE}, or on Debian: apt install qflow-tech-osu018")


def read_library(path: str | Path | None = None) -> Library:
    """The library that :func:`find_library` finds.

    Latches, three-state cells and registers with an asynchronous set or clear are left out of its ``cells``.
    """
    found = find_library(path).resolve()
    return _read(found, found.stat().st_mtime_ns)


@cache
def _read(path: Path, _changed: int) -> Library:
    text = path.read_text()
    name = re.search(r"\blibrary\s*\(\s*\"?([^\s\")]+)", text)
    voltage = re.search(r"\bnom_voltage\s*:\s*\"?([\d.eE+-]+)", text)
    farad = re.search(r"\bcapacitive_load_unit\s*\(\s*([\d.eE+-]+)\s*,\s*\"?([fp])f", text, re.IGNORECASE)
    if not (name and voltage and farad):
        raise ToolError(f"{path}: not a Liberty library with a nom_voltage and a capacitive_load_unit in pF or fF")
    unit = float(farad[1]) * {"p": 1e-12, "f": 1e-15}[farad[2].lower()]
    with TemporaryDirectory(prefix="trijunction-") as folder:
        Path(folder, "cells.lib").write_text(text)
        arguments = ["-q", "-l", "log", "-p", "read_liberty -ignore_miss_func cells.lib; write_json cells.json"]
        tools.run("yosys", arguments, Path(folder), ["cells.json"], "log")
        modules = loads(Path(folder, "cells.json").read_text())["modules"]
    cells = {each: _cell(each, module, unit) for each, module in modules.items()}
    return Library(path, name[1], float(voltage[1]), {each: cell for each, cell in cells.items() if cell})


def _cell(name: str, module: Mapping, farad: float) -> Cell | None:
    """The cell of one module; None if it is neither logic nor a simple register."""
    gates = {cell["connections"]["Y"][0]: cell for cell in module["cells"].values() if cell["type"] in _GATES}
    registers = [cell["connections"] for cell in module["cells"].values() if cell["type"] == _REGISTER]
    if len(gates) + len(registers) != len(module["cells"]):
        return None
    pins = {each: port["bits"] for each, port in module["ports"].items()}
    if any(len(bits) != 1 for bits in pins.values()):
        return None
    clocks = {each["C"][0] for each in registers}
    inputs = {each: pins[each][0] for each, port in module["ports"].items() if port["direction"] == "input"}
    clock = next((each for each, bit in inputs.items() if bit in clocks), None)
    data = tuple(each for each in inputs if each != clock)
    if len(data) + len(registers[:1]) > _WIDEST or len(clocks) > 1 or (clocks and clock is None):
        return None

    # All registers of a cell hold the same state or, behind an inverter, its complement (Liberty's IQ and IQN).
    width = len(data) + len(registers[:1])
    ones = (1 << (1 << width)) - 1
    columns = [sum(1 << k for k in range(1 << width) if k >> i & 1) for i in range(width)]
    known: dict[int | str, int] = {inputs[each]: columns[i] for i, each in enumerate(data)} | {"0": 0, "1": ones}
    known |= {each["Q"][0]: columns[-1] for each in registers}

    def value(bit: int | str) -> int:
        if bit not in known:
            gate = gates[bit]
            operands = [value(gate["connections"][pin][0]) for pin in "AB" if pin in gate["connections"]]
            known[bit] = _GATES[gate["type"]](*operands) & ones
        return known[bit]

    try:
        tables = {each: value(bits[0]) for each, bits in pins.items() if each not in inputs}
        if registers:
            tables = {each: _next(table, value(registers[0]["D"][0]), columns[-1]) for each, table in tables.items()}
    except (KeyError, ValueError):  # An output without a function, or one of clock and state.
        return None
    nets = module["netnames"]
    load = {each: float(nets[each]["attributes"].get("capacitance", 0)) * farad for each in inputs}
    area = float(module["attributes"].get("area", 0))
    return Cell(name, data, tables, clock, load, area) if tables else None


def _next(output: int, state: int, now: int) -> int:
    """Next value of a register's output in terms of its value now, from the next state in terms of the state."""
    width = now.bit_length()
    ones = (1 << width) - 1
    if output == now:
        return state
    if output != ~now & ones:
        raise ValueError("an output that is not the state or its complement")
    half = width // 2
    low, high = state & ((1 << half) - 1), state >> half
    return ~(low << half | high) & ones
