"""A synthesised netlist as Verilog that simulates 64 copies of the circuit at once, one in each bit of a machine word.

A net is a word of 64 bits and a cell a few operations on whole words: a look-up table becomes ANDs, ORs and XORs, a
register takes its next value from its data, enable and reset. The copies have nothing but the clock in common. What a
cell does is what Yosys' simulation models of it say (ice40/cells_sim.v, ecp5/cells_sim.v).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from boards.synthesis import Netlist
from boards.tools import ToolError

__all__ = ["COPIES", "netlist_verilog"]

#: Circuits that are simulated at once.
COPIES = 64

_CLOCK = "clk"
_ZERO, _ONE = "'0", "'1"


def netlist_verilog(netlist: Netlist) -> str:
    """The netlist as one SystemVerilog module ``top``.

    Its clock ``clk`` is one bit; any other port of w bits is an array of w words, ``[63:0] name [w]``, bit k of each
    belonging to copy k.

    Raises :class:`boards.tools.ToolError` for a cell, or a register's setting, that is not known here.
    """
    module = netlist.module()
    ports = {name: port for name, port in module["ports"].items() if name != _CLOCK}
    clock = module["ports"].get(_CLOCK, {"bits": []})["bits"]
    cells = [_Cell(cell) for cell in module["cells"].values() if not cell["type"].startswith("$")]
    word = f"[{COPIES - 1}:0]"
    header = [f"{port['direction']} {word} {name} [{len(port['bits'])}]" for name, port in ports.items()]
    wires: list[tuple[str, str]] = []
    outputs: list[tuple[str, str]] = []
    registers: list[_Register] = []
    for name, port in ports.items():
        for index, bit in enumerate(port["bits"]):
            outside = f"{name}[{index}]"
            if port["direction"] == "input":
                wires.append((_net(bit), outside))
            else:
                outputs.append((outside, _net(bit)))
    for cell in cells:
        if cell.is_register:
            if cell.bits["CLK" if "CLK" in cell.bits else "C"] != clock:
                raise ToolError(f"netlist: a register {cell.kind} whose clock is not the port {_CLOCK}")
            registers.append(_register(cell))
        else:
            wires += [(cell.net(port), value) for port, value in _logic(cell) if cell.net(port)]
    return "\n".join(
        [
            f"module top({', '.join([f'input {_CLOCK}', *header])});",
            *(f"wire {word} {net};" for net, _ in wires),
            *(f"reg {word} {register.output} = {register.start};" for register in registers),
            *(f"assign {net} = {value};" for net, value in wires + outputs),
            f"always @(posedge {_CLOCK}) begin",
            *(f"{register.output} <= {register.next};" for register in registers),
            "end",
            "endmodule",
            "",
        ]
    )


class _Cell:
    """A cell of Yosys' JSON: its type, its connections as words, and its parameters."""

    def __init__(self, cell: dict):
        self.kind: str = cell["type"]
        self.bits: dict[str, list[int | str]] = cell["connections"]
        # Yosys puts a space behind a string of digits.
        self.parameters = {name: value.rstrip(" ") for name, value in cell["parameters"].items()}
        self.is_register = self.kind.startswith("SB_DFF") or self.kind == "TRELLIS_FF"

    def net(self, port: str) -> str:
        """The word on a port of one bit: a net or a constant; of an output without a net, nothing."""
        bits = self.bits.get(port)
        return _net(bits[0]) if bits else ""

    def table(self, name: str) -> int:
        """Contents of a look-up table."""
        return int(self.parameters[name].replace("x", "0"), 2)


@dataclass(frozen=True)
class _Register:
    output: str
    start: str
    next: str


def _net(bit: int | str) -> str:
    if isinstance(bit, int):
        return f"n{bit}"
    return _ONE if bit == "1" else _ZERO


def _logic(cell: _Cell) -> Iterator[tuple[str, str]]:
    """Outputs of a cell without a register, and what each is."""
    if cell.kind == "SB_LUT4":
        yield "O", lookup(cell.table("LUT_INIT"), [cell.net(f"I{k}") for k in range(4)])
    elif cell.kind == "SB_CARRY":
        yield "CO", lookup(0b11101000, [cell.net(port) for port in ("I0", "I1", "CI")])
    elif cell.kind == "LUT4":
        yield "Z", lookup(cell.table("INIT"), [cell.net(port) for port in "ABCD"])
    elif cell.kind == "CCU2C":
        yield from _carry_pair(cell)
    else:
        raise ToolError(f"netlist: no simulation of cell {cell.kind}")


def _carry_pair(cell: _Cell) -> Iterator[tuple[str, str]]:
    """Two bits of a carry chain: each a table that says 'propagate', and its quarter of A and B, 'generate'."""
    carry = cell.net("CIN")
    for half in "01":
        if cell.parameters[f"INJECT1_{half}"] != "NO":
            raise ToolError(f"netlist: no simulation of CCU2C with INJECT1_{half}")
        table = cell.table(f"INIT{half}")
        inputs = [cell.net(f"{port}{half}") for port in "ABCD"]
        propagate, generate = lookup(table, inputs), lookup(table & 15, inputs[:2])
        yield f"S{half}", lookup(0b0110, [propagate, carry])
        carry = lookup(0b11001010, [generate, carry, propagate])
    yield "COUT", carry


def lookup(table: int, inputs: list[str]) -> str:
    """The expression of a truth table, bit k of which is for the inputs that spell k, the first lowest (Shannon)."""
    if not inputs:
        return _ONE if table & 1 else _ZERO
    *rest, last = inputs
    size = 1 << len(rest)
    ones = (1 << size) - 1
    low, high = table & ones, table >> size & ones
    if low == high or last == _ZERO:
        return lookup(low, rest)
    if last == _ONE:
        return lookup(high, rest)
    if low ^ high == ones:
        return _xor(last, lookup(low, rest))
    return _choose(last, lookup(high, rest), lookup(low, rest))


def _xor(a: str, b: str) -> str:
    if b in (_ZERO, _ONE):
        return a if b == _ZERO else f"~{a}"
    return f"({a} ^ {b})"


def _choose(which: str, high: str, low: str) -> str:
    """``high`` in the copies where ``which`` is 1, ``low`` in the others."""
    if high == low or which == _ZERO:
        return low
    if which == _ONE:
        return high
    if high in (_ZERO, _ONE):
        return f"(~{which} & {low})" if high == _ZERO else f"({which} | {low})"
    if low in (_ZERO, _ONE):
        return f"({which} & {high})" if low == _ZERO else f"(~{which} | {high})"
    return f"({which} & {high} | ~{which} & {low})"


def _register(cell: _Cell) -> _Register:
    if cell.kind == "TRELLIS_FF":
        return _trellis_register(cell)
    kind = re.fullmatch("SB_DFF(E?)(S[SR])?", cell.kind)
    if kind is None:
        raise ToolError(f"netlist: no simulation of cell {cell.kind}")
    output, value = cell.net("Q"), cell.net("D")
    if kind[2]:
        value = _choose(cell.net("S" if kind[2] == "SS" else "R"), _ONE if kind[2] == "SS" else _ZERO, value)
    # The enable is that of the reset too, and all power up as 0.
    return _Register(output, _ZERO, _choose(cell.net("E"), value, output) if kind[1] else value)


def _trellis_register(cell: _Cell) -> _Register:
    settings = {"CLKMUX": "CLK", "SRMODE": "LSR_OVER_CE", "LSRMODE": "LSR", "LSRMUX": "LSR"}
    for name, only in settings.items():
        if cell.parameters.get(name, only) != only:
            raise ToolError(f"netlist: no simulation of TRELLIS_FF with {name} {cell.parameters[name]}")
    output, value, enable = cell.net("Q"), cell.net("DI"), cell.net("CE")
    enabled = {
        "1": value,
        "0": output,
        "CE": _choose(enable, value, output),
        "INV": _choose(enable, output, value),
    }[cell.parameters["CEMUX"]]
    start = _ONE if cell.parameters["REGSET"] == "SET" else _ZERO
    # The reset acts without the enable.
    return _Register(output, start, _choose(cell.net("LSR") or _ZERO, start, enabled))
