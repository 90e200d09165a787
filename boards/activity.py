"""Switching activity: how often the wires of a synthesised iCE40 netlist change, on a real workload.

Every cell is a table of up to four inputs, and all cells of all lanes (independent runs) move at once in NumPy. After
a clock edge each cell takes a unit of time to follow its inputs, until nothing changes: that counts glitches. What
changed from one settled state to the next alone is counted too. The truth of a routed chip, whose delays differ and
whose shortest pulses die on the way, is expected between the two.

Counted are wires that run through the chip's routing. A carry, which has a path of its own, and the wire from a
look-up table to the register in the same logic cell are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boards.synthesis import Netlist
from boards.tools import ToolError

__all__ = ["Activity", "simulate"]

_LOGIC = {"SB_LUT4": ("O", "I0", "I1", "I2", "I3"), "SB_CARRY": ("CO", "I0", "I1", "CI", "")}
_REGISTERS = ("SB_DFF", "SB_DFFE", "SB_DFFSR", "SB_DFFSS", "SB_DFFESR", "SB_DFFESS")
_MAJORITY = (0, 0, 0, 1, 0, 1, 1, 1) * 2

_Places = NDArray[np.int64]


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


class _Circuit:
    """A netlist as arrays of places in one array of wires; places 0 and 1 are the constants."""

    def __init__(self, netlist: Netlist):
        module = netlist.module()
        cells = [cell for cell in module["cells"].values() if not cell["type"].startswith("$")]
        for cell in cells:
            if cell["type"] not in (*_LOGIC, *_REGISTERS):
                raise ToolError(f"activity: cell {cell['type']} is not a look-up table, carry or simple flip-flop")
        self._places: dict[int | str, int] = {"0": 0, "1": 1, "x": 0}
        self.ports: dict[str, _Places] = {
            name: np.array([self._place(bit) for bit in port["bits"]]) for name, port in module["ports"].items()
        }
        self.inputs = {name for name, port in module["ports"].items() if port["direction"] == "input"}

        logic = [cell for cell in cells if cell["type"] in _LOGIC]
        is_table = np.array([cell["type"] == "SB_LUT4" for cell in logic], bool)
        rows = [[self._at(cell, pin, "0") for pin in _LOGIC[cell["type"]]] for cell in logic]
        self.output, self.fan_in = np.hsplit(np.array(rows, np.int64).reshape(-1, 5), [1])
        self.output = self.output[:, 0]
        self.tables = np.array([_table(cell) for cell in logic], np.uint8).reshape(-1, 16)
        registers = [cell for cell in cells if cell["type"] in _REGISTERS]
        self.q, self.data, self.to_0, self.to_1, self.enable = (
            np.array([self._at(cell, pin, default) for cell in registers], np.int64)
            for pin, default in (("Q", "0"), ("D", "0"), ("R", "0"), ("S", "0"), ("E", "1"))
        )
        self.size = len(self._places)

        #: Routed inputs that each wire reaches. A carry's inputs are those of the table in its logic cell.
        self.reaches = np.zeros(self.size, np.int64)
        routed = self.data[~np.isin(self.data, self.output)]
        for place in (self.fan_in[is_table], routed, self.enable, self.to_0, self.to_1):
            np.add.at(self.reaches, place.ravel(), 1)
        self.reaches[self.output[~is_table]] = 0
        for name in self.ports.keys() - self.inputs:
            self.reaches[self.ports[name]] = np.maximum(self.reaches[self.ports[name]], 1)
        self.reaches[:2] = 0

    def _place(self, bit: int | str) -> int:
        return self._places.setdefault(bit, len(self._places))

    def _at(self, cell: Mapping, pin: str, default: str) -> int:
        return self._place((cell["connections"].get(pin) or [default])[0])

    def edge(self, value: NDArray[np.uint8]) -> int:
        """Move the registers; gives how many were clocked."""
        is_on = value[self.enable]
        after = np.where(value[self.to_0], 0, np.where(value[self.to_1], 1, value[self.data]))
        value[self.q] = np.where(is_on, after, value[self.q])
        return int(is_on.sum())

    def settle(self, value: NDArray[np.uint8], changes: _Places) -> None:
        """Move the logic until nothing changes, and count its changes."""
        rows, flat = 16 * np.arange(len(self.tables))[:, None], self.tables.ravel()
        for _ in range(len(self.tables) + 1):
            address = sum(value[self.fan_in[:, pin]] << pin for pin in range(4))
            new = flat[rows + address]
            moved = (new != value[self.output]).sum(axis=1)
            if not moved.any():
                return
            changes[self.output] += moved
            value[self.output] = new
        raise ToolError("activity: the netlist does not settle, it has a combinational loop")


def simulate(
    netlist: Netlist, stimulus: Mapping[str, ArrayLike], skip: int = 1
) -> tuple[Activity, dict[str, NDArray[np.uint8]]]:
    """Run a netlist from power-up and count.

    Parameters
    ----------
    netlist
        Of the target 'ice40': look-up tables, carries and flip-flops with synchronous reset or none.
    stimulus
        For each input but the clock its bits, (clocks, lanes, width), 0 or 1, set after the clock's rising edge. All
        must have as many clocks and lanes. Inputs that are left out stay 0, but ``rst`` is 1 in the first clock.
    skip
        Clocks at the start that are not counted, such as those that load weights.

    Returns
    -------
    The activity, and for each output its bits (clocks, lanes, width), settled, before the next edge.

    Raises
    ------
    ValueError
        For an unknown input, or bits of a wrong shape.
    ToolError
        For a cell that is not known, or a loop.
    """
    circuit = _Circuit(netlist)
    bits = {name: np.asarray(value, np.uint8) for name, value in stimulus.items()}
    clocks, lanes = _shape(bits, circuit, skip)
    if "rst" in circuit.inputs and "rst" not in bits:
        bits["rst"] = np.zeros((clocks, lanes, 1), np.uint8)
        bits["rst"][0] = 1
    value = np.zeros((circuit.size, lanes), np.uint8)
    value[1] = 1
    seen: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in circuit.ports.keys() - circuit.inputs}
    changes, settled = np.zeros((2, circuit.size), np.int64)
    clocked = 0
    for clock in range(clocks):
        if clock == skip:
            changes[:] = settled[:] = clocked = 0
        before = value.copy()
        if clock:
            clocked += circuit.edge(value)
        for name, each in bits.items():
            value[circuit.ports[name]] = each[clock].T
        changes += (value != before).sum(axis=1)
        circuit.settle(value, changes)
        settled += (value != before).sum(axis=1)
        for name, states in seen.items():
            states.append(value[circuit.ports[name]].T)
    wires = circuit.reaches > 0
    counts = [clocked, changes[wires].sum(), changes @ circuit.reaches]
    counts += [settled[wires].sum(), settled @ circuit.reaches]
    activity = Activity(*(float(count) / (clocks - skip) / lanes for count in counts))
    return activity, {name: np.array(states) for name, states in seen.items()}


def _shape(bits: Mapping[str, NDArray[np.uint8]], circuit: _Circuit, skip: int) -> tuple[int, int]:
    shapes = set()
    for name, value in bits.items():
        if name not in circuit.inputs:
            raise ValueError(f"stimulus must be for an input of the netlist, not {name!r}")
        width = len(circuit.ports[name])
        if value.ndim != 3 or value.shape[2] != width:
            raise ValueError(f"stimulus of {name} must have shape (clocks, lanes, {width}), not {value.shape!r}")
        shapes.add(value.shape[:2])
    if len(shapes) != 1:
        raise ValueError(f"stimulus must have as many clocks and lanes for every input, not {sorted(shapes)!r}")
    clocks, lanes = shapes.pop()
    if not 1 <= skip < clocks:
        raise ValueError(f"skipped clocks must be 1 to {clocks - 1}, not {skip!r}")
    return clocks, lanes


def _table(cell: Mapping) -> tuple[int, ...]:
    if cell["type"] == "SB_CARRY":
        return _MAJORITY
    truth = int(cell["parameters"]["LUT_INIT"], 2)
    return tuple(truth >> code & 1 for code in range(16))
