"""Switching activity: how often the wires of a synthesised iCE40 netlist change, on a real workload.

`boards.simulation` counts with glitches and without. The truth of a routed chip, whose delays differ and whose shortest
pulses die on the way, is expected between the two.

Counted are wires that run through the chip's routing. A carry, which has a path of its own, and the wire from a
look-up table to the register in the same logic cell are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boards.simulation import Bit, Circuit, Element, run
from boards.synthesis import Netlist
from boards.tools import ToolError

__all__ = ["Activity", "simulate"]

_REGISTERS = ("SB_DFF", "SB_DFFE", "SB_DFFSR", "SB_DFFSS", "SB_DFFESR", "SB_DFFESS")
_MAJORITY = 0b1110_1000
#: Next value of a register by data, reset, set, enable and its value now, the first lowest.
_REGISTER = sum(1 << code for code in range(32) if (code & 7 in (1, 4, 5) if code & 8 else code & 16))


@dataclass(frozen=True)
class Activity:
    """Events of one clock, summed over a netlist, the mean over clocks and lanes.

    Attributes
    ----------
    clocked
        Flip-flops whose enable is 1.
    nets, pins
        Changes of routed wires with glitches, and the same with each change counted once for every input it reaches.
    settled_nets, settled_pins
        The same from one settled state to the next, without glitches.
    """

    clocked: float
    nets: float
    pins: float
    settled_nets: float
    settled_pins: float

    def __add__(self, other: Activity) -> Activity:
        return Activity(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Activity) -> Activity:
        return self + other * -1

    def __mul__(self, factor: float) -> Activity:
        return Activity(*(factor * a for a in astuple(self)))


def simulate(
    netlist: Netlist, stimulus: Mapping[str, ArrayLike], skip: int = 1
) -> tuple[Activity, dict[str, NDArray[np.uint8]]]:
    """Run a netlist from power-up, when every register is 0, and count.

    Parameters
    ----------
    netlist
        Of the target 'ice40': look-up tables, carries and flip-flops with synchronous reset or none.
    stimulus, skip
        As in `boards.simulation.run`, and so are the outputs' bits beside the activity.

    Raises
    ------
    ToolError
        For a cell that is not known; and what `boards.simulation.run` raises.
    """
    module = netlist.module()
    cells = [cell for cell in module["cells"].values() if not cell["type"].startswith("$")]
    circuit = Circuit(module["ports"], [_element(cell) for cell in cells])
    counts, seen = run(circuit, stimulus, skip)
    reaches = _reaches(circuit, cells)
    wires = reaches > 0
    enables = [circuit.places[_bit(cell, "E", "1")] for cell in cells if cell["type"] in _REGISTERS]
    sums = [counts.ones[enables].sum(), counts.changes[wires].sum(), counts.changes @ reaches]
    sums += [counts.settled[wires].sum(), counts.settled @ reaches]
    return Activity(*(float(each) / counts.samples for each in sums)), seen


def _bit(cell: Mapping[str, Any], pin: str, default: str = "0") -> Bit:
    return (cell["connections"].get(pin) or [default])[0]


def _element(cell: Mapping[str, Any]) -> Element:
    if cell["type"] == "SB_LUT4":
        inputs = [_bit(cell, pin) for pin in ("I0", "I1", "I2", "I3")]
        return Element(_bit(cell, "O"), inputs, int(cell["parameters"]["LUT_INIT"].replace("x", "0"), 2))
    if cell["type"] == "SB_CARRY":
        return Element(_bit(cell, "CO"), [_bit(cell, pin) for pin in ("I0", "I1", "CI")], _MAJORITY)
    if cell["type"] in _REGISTERS:
        inputs = [_bit(cell, pin) for pin in ("D", "R", "S")]
        inputs += [_bit(cell, "E", "1"), _bit(cell, "Q")]
        return Element(_bit(cell, "Q"), inputs, _REGISTER, is_register=True, delay=0)
    raise ToolError(f"activity: cell {cell['type']} is not a look-up table, carry or simple flip-flop")


def _reaches(circuit: Circuit, cells: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    """Routed inputs that each wire reaches. A carry's inputs are those of the table in its logic cell."""
    reaches = np.zeros(circuit.size, np.int64)
    tables = {_bit(cell, "O") for cell in cells if cell["type"] == "SB_LUT4"}
    carries = {_bit(cell, "CO") for cell in cells if cell["type"] == "SB_CARRY"}
    for cell in cells:
        if cell["type"] in _REGISTERS:
            # The data of a register comes from the table in its logic cell, if from one at all.
            routed = [_bit(cell, pin) for pin in "ERSD"[: 3 if _bit(cell, "D") in tables | carries else 4]]
        else:
            routed = [_bit(cell, f"I{k}") for k in range(4)] if cell["type"] == "SB_LUT4" else []
        for bit in routed:
            reaches[circuit.places[bit]] += 1
    reaches[[circuit.places[bit] for bit in carries]] = 0
    for places in circuit.outputs.values():
        reaches[places] = np.maximum(reaches[places], 1)
    reaches[:2] = 0
    return reaches
