"""Simulation of a netlist of truth tables, many runs at once, that counts how often each wire changes.

At a clock edge the inputs change, and registers and tables follow after their delays, until nothing changes: that
counts glitches. A table looks at its inputs when its delay is over, so pulses that are shorter die. What changed from
one settled state to the next alone is counted too.

A wire is a row of 64-bit words, one bit for each run (lane), and only tables whose inputs changed are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boards.event_wheel import run_clocks
from boards.tools import ToolError

__all__ = ["Circuit", "Counts", "Element", "run"]

Bit = int | str
_Places = NDArray[np.int64]
_Words = NDArray[np.uint64]
_WORD = 64


@dataclass(frozen=True)
class Element:
    """A table of up to six inputs, bit k of ``table`` for the inputs that spell k, the first lowest.

    A register takes the table's value at the clock's edge; its own output may be among its inputs. The output follows
    the inputs or the edge after ``delay`` units of time, at least one for logic.
    """

    output: Bit
    inputs: Sequence[Bit]
    table: int
    is_register: bool = False
    delay: int = 1


class Circuit:
    """Elements as arrays of places in one array of wires; places 0 and 1 are the constants.

    Attributes
    ----------
    places
        Of each wire (bit of the netlist) its place.
    inputs, outputs
        Of each port its places.
    """

    def __init__(self, ports: Mapping[str, Mapping[str, Any]], elements: Iterable[Element]):
        self.places: dict[Bit, int] = {"0": 0, "1": 1, "x": 0}
        groups = {
            side: {
                name: np.array([self._place(bit) for bit in port["bits"]])
                for name, port in ports.items()
                if port["direction"] == side
            }
            for side in ("input", "output")
        }
        self.inputs, self.outputs = groups["input"], groups["output"]
        all_elements = list(elements)
        self.logic = self._tables([each for each in all_elements if not each.is_register])
        self.registers = self._tables([each for each in all_elements if each.is_register])
        self.size = max(self.places.values()) + 1
        #: Tables that each wire reaches: those of wire w are ``users[first[w] : first[w + 1]]``.
        wires, users = self.logic.fan_in.ravel(), np.repeat(np.arange(len(self.logic.output)), 6)
        keep = wires > 1
        order = np.argsort(wires[keep], kind="stable")
        self.users = users[keep][order]
        self.first = np.searchsorted(wires[keep][order], np.arange(self.size + 1))

    def _place(self, bit: Bit) -> int:
        # "x" shares the place of "0", so places are counted, not names.
        return self.places.setdefault(bit, len(self.places) - 1)

    def _tables(self, elements: Sequence[Element]) -> _Tables:
        fan_in = np.zeros((len(elements), 6), np.int64)
        for row, each in zip(fan_in, elements, strict=True):
            row[: len(each.inputs)] = [self._place(bit) for bit in each.inputs]
        return _Tables(
            np.array([self._place(each.output) for each in elements], np.int64),
            fan_in,
            np.array([len(each.inputs) for each in elements], np.int64),
            np.array([each.table for each in elements], np.uint64),
            np.array([each.delay for each in elements], np.int64),
        )


@dataclass(frozen=True)
class _Tables:
    """Output place, six input places, used inputs, table and delay of each element."""

    output: _Places
    fan_in: _Places
    width: _Places
    table: _Words
    delay: _Places


@dataclass(frozen=True)
class Counts:
    """Of each wire, summed over the counted clocks and all lanes.

    ``changes`` counts glitches, ``settled`` what changed from one settled state to the next, and ``ones`` the settled
    states at 1 just before a clock's edge; ``samples`` is clocks times lanes.
    """

    changes: _Places
    settled: _Places
    ones: _Places
    samples: int


def run(
    circuit: Circuit, stimulus: Mapping[str, ArrayLike], skip: int = 1, power_up: int | None = None
) -> tuple[Counts, dict[str, NDArray[np.uint8]]]:
    """Run a circuit from power-up and count.

    Parameters
    ----------
    stimulus
        For each input but the clock its bits, (clocks, lanes, width), 0 or 1, set after the clock's rising edge. All
        must have as many clocks and lanes. Inputs that are left out stay 0, but ``rst`` is 1 in the first clock.
    skip
        Clocks at the start that are not counted, such as those that load weights.
    power_up
        Registers power up as 0, or as the random bits of this seed, other ones in each lane.

    Returns
    -------
    The counts, and for each output its bits (clocks, lanes, width), settled, before the next edge.

    Raises
    ------
    ValueError
        For an unknown input, or bits of a wrong shape.
    ToolError
        For a combinational loop.
    """
    bits = {name: np.asarray(value, np.uint8) for name, value in stimulus.items()}
    clocks, lanes = _shape(bits, circuit, skip)
    if "rst" in circuit.inputs and "rst" not in bits:
        bits["rst"] = np.zeros((clocks, lanes, 1), np.uint8)
        bits["rst"][0] = 1
    names = list(bits)
    places = np.concatenate([circuit.inputs[name] for name in names])
    given = np.stack([_pack(each) for name in names for each in np.moveaxis(bits[name], 2, 0)], axis=1)
    wanted = [place for each in circuit.outputs.values() for place in each]

    words = -(-lanes // _WORD)
    value = np.zeros((circuit.size, words), np.uint64)
    value[1] = ~np.uint64(0)
    if power_up is not None:
        shape = (len(circuit.registers.output), words)
        value[circuit.registers.output] = np.random.default_rng(power_up).integers(0, 1 << 64, shape, np.uint64)
    counts = np.zeros((3, circuit.size), np.int64)
    seen = np.zeros((clocks, len(wanted), words), np.uint64)
    logic, registers = circuit.logic, circuit.registers
    mask = _pack(np.ones((1, lanes), np.uint8))[0]
    settles = run_clocks(
        value, given, places, np.array(wanted, np.int64), seen, counts, skip, mask, circuit.users, circuit.first,
        (logic.output, logic.fan_in, logic.width, logic.table, logic.delay),
        (registers.output, registers.fan_in, registers.width, registers.table, registers.delay),
    )  # fmt: skip
    if not settles:
        raise ToolError("activity: the netlist does not settle, it has a combinational loop")
    outputs = np.moveaxis(_unpack(seen, lanes), 1, 2)
    ends = np.cumsum([len(each) for each in circuit.outputs.values()])[:-1]
    by_name = dict(zip(circuit.outputs, np.split(outputs, ends, axis=2), strict=True)) if wanted else {}
    return Counts(counts[0], counts[1], counts[2], (clocks - skip) * lanes), by_name


def _shape(bits: Mapping[str, NDArray[np.uint8]], circuit: Circuit, skip: int) -> tuple[int, int]:
    shapes = set()
    for name, value in bits.items():
        if name not in circuit.inputs:
            raise ValueError(f"stimulus must be for an input of the netlist, not {name!r}")
        width = len(circuit.inputs[name])
        if value.ndim != 3 or value.shape[2] != width:
            raise ValueError(f"stimulus of {name} must have shape (clocks, lanes, {width}), not {value.shape!r}")
        shapes.add(value.shape[:2])
    if len(shapes) != 1:
        raise ValueError(f"stimulus must have as many clocks and lanes for every input, not {sorted(shapes)!r}")
    clocks, lanes = shapes.pop()
    if not 1 <= skip < clocks:
        raise ValueError(f"skipped clocks must be 1 to {clocks - 1}, not {skip!r}")
    return clocks, lanes


def _pack(bits: NDArray[np.uint8]) -> _Words:
    """Bits (..., lanes) as words (..., words), lane 0 the lowest bit."""
    lanes = bits.shape[-1]
    padded = np.zeros((*bits.shape[:-1], -(-lanes // _WORD) * _WORD), np.uint8)
    padded[..., :lanes] = bits
    return np.packbits(padded, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


def _unpack(words: _Words, lanes: int) -> NDArray[np.uint8]:
    raw = np.ascontiguousarray(words.astype("<u8")).view(np.uint8)
    return np.unpackbits(raw, axis=-1, bitorder="little")[..., :lanes]
