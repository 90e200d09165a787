"""Synthesis of a design to standard cells: area, a netlist of the library's cells, and its activity on a workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boards import tools
from boards.liberty import Library
from boards.simulation import Bit, Circuit, Element, run
from boards.synthesis import JOIN, write_source
from boards.tools import ToolError

__all__ = ["FLOWS", "CellNetlist", "PinActivity", "simulate", "synthesise"]

#: Scripts of ABC: its area mapper, and its delay mapper. With Yosys 0.70 and the OSU 180 nm cells a rounded
#: multiply-accumulate array takes 204,042 um2 by the first, 236,202 um2 by the second, 231,619 um2 by Yosys' own script
#: (`map`, which crashes with the tests' library), before the buffers of `FAN_OUT`.
_ABC = {
    "area": "strash; ifraig; scorr; dc2; dch -f; amap",
    "delay": "strash; &get -n; &fraig -x; &put; scorr; dc2; dch -f; &get -n; &nf; &put",
}

FLOWS = tuple(_ABC)

#: Loads that a net may have; nets of more, but for the clock, get trees of buffers. ABC buffers no net that starts at a
#: register or input: one of 2,000 loads then takes 28 ns, and its slow edges cost 15 times the energy of the circuit.
FAN_OUT = 16

#: Delays are rounded to this, in s.
TIME_UNIT = 10e-12


@dataclass(frozen=True)
class CellNetlist:
    """A design mapped to a Liberty library, one flat module.

    Attributes
    ----------
    path, verilog
        The netlist as Yosys' JSON, and as Verilog whose nets are named by `net_name` and whose cells by `cell_names`.
    area
        Sum of the cells' areas, in the library's unit (um2 as a rule).
    cells
        Number of cells by type.
    registers
        Flip-flops among them.
    """

    path: Path
    verilog: Path
    top: str
    library: Library
    area: float
    cells: Mapping[str, int]
    registers: int
    flow: str

    def module(self) -> dict[str, Any]:
        """The top module as Yosys writes it: ``ports`` and ``cells`` by name, wires as numbers."""
        return loads(self.path.read_text())["modules"][self.top]


@dataclass(frozen=True)
class PinActivity:
    """What the nets do in a clock, the mean over clocks and lanes; nets are those of Yosys' JSON.

    Attributes
    ----------
    toggles
        Changes with glitches.
    settled
        Changes from one settled state to the next.
    duty
        Share of the clocks that end with the net at 1.
    """

    toggles: Mapping[Bit, float]
    settled: Mapping[Bit, float]
    duty: Mapping[Bit, float]


def synthesise(text: str, top: str, library: Library, folder: Path, *, flow: str = "area") -> CellNetlist:
    """Map RTLIL (boards.synthesis.component_rtlil) or Verilog to the cells of ``library``; writes TOP.json and TOP.v.

    Registers have no power-up value in an ASIC: stated ones are dropped, ``rst`` alone sets them.

    Raises ValueError for an unknown flow and :class:`boards.tools.ToolError` if Yosys fails.
    """
    if flow not in FLOWS:
        raise ValueError(f"Synthesis flow must be one of {', '.join(FLOWS)}, not {flow!r}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    read = write_source(text, f"{top}.rtl", folder)
    # The tools' sandbox sees the build folder alone.
    (folder / "cells.lib").write_bytes(library.path.read_bytes())
    (folder / "abc.script").write_text(_ABC[flow].replace("; ", "\n") + "\n")
    steps = [
        read,
        f"hierarchy -top {top}; proc; flatten; setattr -unset init w:*",
        f"synth -top {top} -run coarse:check",
        "setattr -unset init w:*",
        "dfflibmap -liberty cells.lib; opt_clean -purge",
        "abc -liberty cells.lib -script abc.script",
        "setundef -zero; opt_clean -purge",
        JOIN,
        f"tee -q -o {top}.stat.json stat -json -liberty cells.lib",
        f"write_json {top}.json",
    ]
    (folder / f"{top}.ys").write_text("\n".join(steps) + "\n")
    log = f"{top}.yosys.log"
    outputs = [f"{top}.json", f"{top}.stat.json"]
    tools.run("yosys", ["-q", "-l", log, f"{top}.ys"], folder, outputs, log)
    design = loads((folder / outputs[0]).read_text())
    module = design["modules"][top]
    _buffer(module, library)
    (folder / outputs[0]).write_text(dumps(design))
    counts: dict[str, int] = {}
    for cell in _cells(module):
        counts[cell["type"]] = counts.get(cell["type"], 0) + 1
    for kind in counts:
        if kind not in library.cells:
            raise ToolError(f"asic: {top} needs cell {kind}, which is no simple cell of {library.name}")
    path = folder / f"{top}.v"
    path.write_text(structure(module, top))
    area = sum(library.cells[kind].area * count for kind, count in counts.items())
    registers = sum(count for kind, count in counts.items() if library.cells[kind].clock)
    return CellNetlist(folder / outputs[0], path, top, library, area, counts, registers, flow)


def _buffer(module: dict[str, Any], library: Library) -> None:
    """Give every net but the clock's a tree of the library's smallest buffer, so that none has over `FAN_OUT` loads."""
    buffers = [cell for cell in library.cells.values() if cell.clock is None and list(cell.tables.values()) == [0b10]]
    if not buffers:
        raise ToolError(f"asic: {library.name} has no buffer")
    buffer = min(buffers, key=lambda cell: (cell.area, cell.name))
    (pin,), (output,) = buffer.inputs, buffer.tables
    loads: dict[Bit, list[tuple[dict[str, list[Bit]], str]]] = {}
    for cell in module["cells"].values():
        for each in library.cells[cell["type"]].inputs if cell["type"] in library.cells else ():
            loads.setdefault(cell["connections"][each][0], []).append((cell["connections"], each))
    free = max((bit for net in module["netnames"].values() for bit in net["bits"] if isinstance(bit, int)), default=1)
    for bit, reached in loads.items():
        while isinstance(bit, int) and len(reached) > FAN_OUT:
            groups = [reached[start : start + FAN_OUT] for start in range(0, len(reached), FAN_OUT)]
            reached = []
            for group in groups:
                free += 1
                for connections, each in group:
                    connections[each] = [free]
                tree: dict[str, list[Bit]] = {pin: [bit], output: [free]}
                module["cells"][f"fan_out_{free}"] = {"type": buffer.name, "connections": tree}
                reached.append((tree, pin))


def _cells(module: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [cell for cell in module["cells"].values() if not cell["type"].startswith("$scopeinfo")]


def net_name(bit: Bit) -> str:
    """The Verilog name of a net, or a constant."""
    return f"n{bit}" if isinstance(bit, int) else f"1'b{'1' if bit == '1' else '0'}"


def pins(module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The cells with their Verilog names, c0, c1 and so on."""
    return ((f"c{number}", cell) for number, cell in enumerate(_cells(module)))


def structure(module: Mapping[str, Any], top: str) -> str:
    """A netlist in the plainest Verilog: names without escapes, which old readers stumble over."""
    ports = module["ports"]
    lines = [f"module {top}({', '.join(ports)});"]
    wires = {bit for cell in _cells(module) for bits in cell["connections"].values() for bit in bits}
    wires |= {bit for port in ports.values() for bit in port["bits"]}
    for name, port in ports.items():
        width = f"[{len(port['bits']) - 1}:0] " if len(port["bits"]) > 1 else ""
        lines.append(f"  {port['direction']} {width}{name};")
    lines += [f"  wire {net_name(bit)};" for bit in sorted(bit for bit in wires if isinstance(bit, int))]
    for name, port in ports.items():
        for index, bit in enumerate(port["bits"]):
            outside = f"{name}[{index}]" if len(port["bits"]) > 1 else name
            sides = (net_name(bit), outside) if port["direction"] == "input" else (outside, net_name(bit))
            lines.append(f"  assign {sides[0]} = {sides[1]};")
    for name, cell in pins(module):
        connections = ", ".join(f".{pin}({net_name(bits[0])})" for pin, bits in cell["connections"].items() if bits)
        lines.append(f"  {cell['type']} {name} ({connections});")
    return "\n".join([*lines, "endmodule", ""])


def simulate(
    netlist: CellNetlist,
    stimulus: Mapping[str, ArrayLike],
    skip: int = 1,
    *,
    delays: Mapping[Bit, float] | None = None,
    power_up: int = 1,
) -> tuple[PinActivity, dict[str, NDArray[np.uint8]]]:
    """Run the netlist and count every net: stimulus, skipped clocks and outputs as in `boards.simulation.run`.

    ``delays`` are those of the cell that drives each net, in s (`boards.sta.delays`); without them every cell has the
    same. Registers power up as random bits of the seed ``power_up``, other ones in each lane.
    """
    module = netlist.module()
    circuit = Circuit(module["ports"], _elements(module, netlist.library, delays))
    counts, seen = run(circuit, stimulus, skip, power_up)
    each: list[dict[Bit, float]] = [
        {bit: float(values[place]) / counts.samples for bit, place in circuit.places.items() if isinstance(bit, int)}
        for values in (counts.changes, counts.settled, counts.ones)
    ]
    return PinActivity(*each), seen


def _elements(module: Mapping[str, Any], library: Library, delays: Mapping[Bit, float] | None) -> Iterator[Element]:
    clock = module["ports"].get("clk", {"bits": []})["bits"]
    for cell in _cells(module):
        kind, connections = library.cells[cell["type"]], cell["connections"]
        if kind.clock and connections[kind.clock] != clock:
            raise ToolError(f"activity: a register {kind.name} whose clock is not the port clk")
        inputs = [connections[pin][0] for pin in kind.inputs]
        for pin, table in kind.tables.items():
            output = connections.get(pin)
            if output:
                least = 0 if kind.clock else 1
                delay = max(least, round(delays.get(output[0], 0.0) / TIME_UNIT)) if delays else least
                yield Element(output[0], [*inputs, *output] if kind.clock else inputs, table, bool(kind.clock), delay)
