"""Switching activity of netlists whose changes are known without a tool, and the energy made of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from boards.activity import Activity, simulate
from boards.energy import ICE40UP5K, MEASURES, calibrate
from boards.synthesis import Area, Netlist, component_rtlil, synthesise
from boards.tools import ToolError
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from rtl.stochastic_computing.binary_mac import BinaryMac

IDLE = {"clk": np.zeros((257, 1, 1))}


def cell(kind, parameters=None, **connections):
    """A cell as a Yosys JSON netlist has it."""
    return {
        "type": kind,
        "parameters": parameters or {},
        "connections": {port: [bit] for port, bit in connections.items()},
    }


def netlist(folder: Path, cells, **ports) -> Netlist:
    """One of cells, with ports of one bit: `name=(direction, bit)`."""
    module = {
        "ports": {name: {"direction": direction, "bits": [bit]} for name, (direction, bit) in ports.items()},
        "cells": {str(number): each for number, each in enumerate(cells)},
    }
    path = folder / "top.json"
    path.write_text(json.dumps({"modules": {"top": module}}))
    return Netlist(path, "top", "ice40", Area(), {}, "area")


def lut(truth, **connections):
    """A look-up table; unconnected inputs are 0."""
    return cell("SB_LUT4", {"LUT_INIT": f"{truth:016b}"}, **connections)


def test_a_toggling_register_changes_one_routed_wire_a_clock(tmp_path):
    # The wire from the inverter to the register stays within their logic cell.
    top = netlist(tmp_path, [lut(0x5555, I0=3, O=4), cell("SB_DFF", C=2, D=4, Q=3)], clk=("input", 2))
    assert simulate(top, IDLE)[0] == Activity(1, 1, 1, 1, 1)


def test_a_hazard_is_counted_with_glitches_only(tmp_path):
    # y = a XOR (a, two tables later): two units of 1 for each change of a, settled always 0.
    chain = [lut(0xAAAA, I0=2, O=3), lut(0xAAAA, I0=3, O=4), lut(0x6666, I0=2, I1=4, O=5)]
    top = netlist(tmp_path, chain, a=("input", 2), y=("output", 5))
    a = (np.arange(9) % 2)[:, None, None]
    activity, seen = simulate(top, {"a": a})
    # The wires a, 3 and 4 change once, y twice; a reaches two inputs.
    assert activity == Activity(0, 5, 6, 3, 4)
    assert not seen["y"].any()
    # What changes before the clocks that count is left out.
    assert simulate(top, {"a": a * (np.arange(9) < 4)[:, None, None]}, skip=5)[0] == Activity(0, 0, 0, 0, 0)


def test_an_enable_gates_clock_and_data(tmp_path):
    top = netlist(
        tmp_path,
        [cell("SB_DFFE", C=2, D=4, E=3, Q=5)],
        clk=("input", 2),
        e=("input", 3),
        d=("input", 4),
        q=("output", 5),
    )
    clock = np.arange(41)[:, None, None]
    activity, seen = simulate(top, {"e": clock // 2 % 2, "d": clock % 2})
    assert activity.clocked == 0.5
    assert seen["q"][:8].ravel().tolist() == [0, 0, 0, 0, 1, 1, 1, 0]


def test_a_counter_over_its_period_changes_as_theory_says(tmp_path):
    source = "module top(input clk, output [7:0] q); reg [7:0] q = 0; always @(posedge clk) q <= q + 1; endmodule"
    activity, _ = simulate(synthesise(source, "top", "ice40", tmp_path), IDLE)
    # Bit k changes every 2**k clocks.
    assert activity.clocked == 8
    assert activity.settled_nets == sum(2.0**-k for k in range(8))


def test_a_synthesised_multiply_accumulate_computes(tmp_path):
    numbers = np.random.default_rng(1)
    x, w = numbers.integers(0, 256, (2, 40, 3))
    top = synthesise(
        component_rtlil(BinaryMac(BinaryMacParameters(40, weight_bits=8, signed=False)), "top", "ice40"),
        "top",
        "ice40",
        tmp_path,
    )
    bits = {name: value[..., None] >> np.arange(8) & 1 for name, value in (("x", x), ("w", w))}
    first = np.zeros((40, 3, 1), np.uint8)
    first[:2] = 1
    activity, seen = simulate(top, {**bits, "enable": np.ones((40, 3, 1)), "clear": first})
    total = (seen["total"].astype(np.int64) << np.arange(seen["total"].shape[-1])).sum(axis=-1)
    assert (total[2:] == np.cumsum(x * w, axis=0)[1:-1] - (x * w)[0]).all()
    assert activity.nets > activity.settled_nets


def test_what_cannot_be_simulated_is_refused(tmp_path):
    ring = netlist(tmp_path, [lut(0x5555, I0=2, O=2)], a=("input", 3))
    with pytest.raises(ToolError, match="combinational loop"):
        simulate(ring, {"a": np.zeros((3, 1, 1))})
    with pytest.raises(ValueError, match="not 'b'"):
        simulate(ring, {"b": np.zeros((3, 1, 1))})
    with pytest.raises(ValueError, match=r"\(clocks, lanes, 1\), not \(3, 1, 2\)"):
        simulate(ring, {"a": np.zeros((3, 1, 2))})
    with pytest.raises(ValueError, match="1 to 2, not 3"):
        simulate(ring, {"a": np.zeros((3, 1, 1))}, skip=3)
    memory = netlist(tmp_path, [cell("SB_RAM40_4K", RDATA=3)], a=("input", 2))
    with pytest.raises(ToolError, match="SB_RAM40_4K is not a look-up table"):
        simulate(memory, {"a": np.zeros((3, 1, 1))})


def test_the_coefficients_are_those_of_the_published_currents():
    found = calibrate()
    assert found.clocked == pytest.approx((641.3e-6 - 613.5e-6) * 1.219 / 12e6 / 196)
    for name in MEASURES:
        assert found.change[name] == pytest.approx(ICE40UP5K.change[name], rel=0.02), name
    assert (found.clocked, found.dsp) == pytest.approx((ICE40UP5K.clocked, ICE40UP5K.dsp), rel=0.02)


def test_energy_is_that_of_each_measure():
    energy = ICE40UP5K.energy(Activity(10, 1, 2, 0, 0))
    change = ICE40UP5K.change
    assert energy == pytest.approx(np.add(10 * ICE40UP5K.clocked, [change["nets"], 2 * change["pins"], 0, 0]))
