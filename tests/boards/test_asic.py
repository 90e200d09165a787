"""Netlists of standard cells: what they compute, and how often their nets change."""

import json
import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from boards.asic import FAN_OUT, FLOWS, CellNetlist, simulate, synthesise
from boards.liberty import read_library
from boards.synthesis import component_rtlil
from boards.tools import ToolError
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from rtl.stochastic_computing.binary_mac import BinaryMac

ROUND = Path(__file__).with_name("round.lib")
#: Clocks after which every register of the multiply-accumulate is known.
SKIP = 4
IDLE = {"clk": np.zeros((257, 2, 1))}
#: What a simulator that knows nothing of this project takes the cells for.
MODELS = """
module INV(input A, output Y); assign Y = !A; endmodule
module BUF(input A, output Y); assign Y = A; endmodule
module NAND(input A, B, output Y); assign Y = !(A & B); endmodule
module NOR(input A, B, output Y); assign Y = !(A | B); endmodule
module AOI(input A, B, C, output Y); assign Y = !(A & B | C); endmodule
module MUX(input A, B, S, output Y); assign Y = S ? A : B; endmodule
module ADD(input A, B, C, output CO, S); assign {CO, S} = A + B + C; endmodule
module FLOP(input C, D, output reg Q); always @(posedge C) Q <= D; endmodule
"""


def cells(folder: Path, *lines: str, **ports) -> CellNetlist:
    """A netlist of one-bit ports `name=(direction, net)` and cells such as "INV A=3 Y=4"."""
    found = {}
    for number, line in enumerate(lines):
        kind, *connections = line.split()
        pairs = (each.split("=") for each in connections)
        found[str(number)] = {"type": kind, "connections": {pin: [int(bit)] for pin, bit in pairs}}
    module = {
        "cells": found,
        "ports": {name: {"direction": side, "bits": [bit]} for name, (side, bit) in ports.items()},
    }
    (folder / "top.json").write_text(json.dumps({"modules": {"top": module}}))
    return CellNetlist(folder / "top.json", folder / "top.v", "top", read_library(ROUND), 0, {}, 0, "area")


def mac(folder: Path, flow: str = "area") -> CellNetlist:
    component = BinaryMac(BinaryMacParameters(40, weight_bits=8, signed=False))
    return synthesise(component_rtlil(component), "top", read_library(ROUND), folder, flow=flow)


def mac_work():
    x, w = np.random.default_rng(1).integers(0, 256, (2, 40, 3))
    bits = {name: value[..., None] >> np.arange(8) & 1 for name, value in (("x", x), ("w", w))}
    first = np.zeros((40, 3, 1), np.uint8)
    first[:2] = 1
    return x, w, {**bits, "enable": np.ones((40, 3, 1)), "clear": first}


@pytest.mark.parametrize("flow", FLOWS)
def test_a_multiply_accumulate_computes(tmp_path, flow):
    x, w, stimulus = mac_work()
    netlist = mac(tmp_path, flow)
    activity, seen = simulate(netlist, stimulus)
    total = (seen["total"].astype(np.int64) << np.arange(seen["total"].shape[-1])).sum(axis=-1)
    assert (total[2:] == np.cumsum(x * w, axis=0)[1:-1] - (x * w)[0]).all()
    assert sum(activity.toggles.values()) > sum(activity.settled.values())
    assert netlist.area == sum(netlist.library.cells[kind].area * count for kind, count in netlist.cells.items())
    assert netlist.registers == netlist.cells["FLOP"]


def test_a_counter_over_its_period_changes_as_theory_says(tmp_path):
    source = """module top(input clk, input rst, output [7:0] q); reg [7:0] q = 5;
        always @(posedge clk) q <= rst ? 0 : q + 1; endmodule"""
    netlist = synthesise(source, "top", read_library(ROUND), tmp_path)
    activity, seen = simulate(netlist, IDLE)
    # The reset, not the stated power-up value, starts it; bit k then changes every 2**k clocks and is 1 half the time.
    assert (seen["q"][1:10, 0] @ (1 << np.arange(8))).tolist() == list(range(9))
    bits = netlist.module()["ports"]["q"]["bits"]
    assert [activity.settled[bit] for bit in bits] == pytest.approx([2.0**-k for k in range(8)], abs=1 / 256)
    assert [activity.duty[bit] for bit in bits] == pytest.approx([0.5] * 8, abs=1 / 256)


def test_a_register_without_reset_powers_up_at_random(tmp_path):
    held = cells(tmp_path, "FLOP C=2 D=3 Q=3", clk=("input", 2), q=("output", 3))
    _, seen = simulate(held, {"clk": np.zeros((3, 500, 1))})
    assert 200 < seen["q"][0].sum() < 300
    assert (seen["q"] == seen["q"][0]).all()


HAZARD = ("INV A=2 Y=3", "INV A=3 Y=4", "NAND A=2 B=4 Y=5", "INV A=2 Y=6", "NAND A=6 B=4 Y=7")


def test_glitches_are_those_of_the_delays(tmp_path):
    # a NAND (a, two inverters later) has no pulse, and (not a) NAND (a, later) has one of 0 when a falls.
    top = cells(tmp_path, *HAZARD, a=("input", 2), clk=("input", 9), y=("output", 5), z=("output", 7))
    a = (np.arange(9) % 2)[:, None, None]
    activity, seen = simulate(top, {"a": a})
    assert (activity.toggles[5], activity.toggles[7]) == (1, 1)
    assert (activity.settled[5], activity.settled[7]) == (1, 0)
    assert seen["z"].all()
    # The pulse is one inverter long and dies in a slower gate; a slower inverter lets it live.
    fast = dict.fromkeys((3, 4, 5, 6, 7), 50e-12)
    assert simulate(top, {"a": a}, delays=fast)[0].toggles[7] == 1
    assert simulate(top, {"a": a}, delays=fast | {7: 60e-12})[0].toggles[7] == 0
    assert simulate(top, {"a": a}, delays=fast | {7: 60e-12, 4: 100e-12})[0].toggles[7] == 1


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_settled_changes_are_those_of_icarus_net_by_net(tmp_path):
    _, _, stimulus = mac_work()
    one = {name: np.asarray(value)[:, :1] for name, value in stimulus.items()}
    netlist = mac(tmp_path)
    ours = simulate(netlist, one, skip=SKIP)[0].settled
    theirs = icarus_changes(netlist, one)
    assert len(theirs) > 500
    assert {bit: ours[bit] for bit in theirs} == pytest.approx(theirs)


def icarus_changes(netlist: CellNetlist, stimulus) -> dict[int, float]:
    """Changes of each net in the clocks from SKIP on, from a VCD of the netlist's Verilog without delays."""
    folder = netlist.path.parent
    ports = netlist.module()["ports"]
    names = [name for name in stimulus if name != "clk"]
    rows = np.concatenate([np.asarray(stimulus[name])[:, 0] for name in names], axis=1).astype(int)
    (folder / "rows.txt").write_text("\n".join("".join(map(str, row[::-1])) for row in rows))
    inputs = "".join(f"wire [{len(ports[name]['bits']) - 1}:0] {name};\n" for name in names)
    (folder / "bench.v").write_text(
        f"""`timescale 1ns/1ps
        module bench; reg clk = 0, rst = 1; reg [{rows.shape[1] - 1}:0] row, rows [0:{len(rows) - 1}]; integer i;
        {inputs} assign {{{", ".join(reversed(names))}}} = row;
        top dut(.clk(clk), .rst(rst), {", ".join(f".{name}({name})" for name in names)});
        initial begin $readmemb("rows.txt", rows); $dumpfile("dump.vcd"); $dumpvars(1, dut); row = rows[0]; #10;
          for (i = 1; i < {len(rows)}; i = i + 1) begin
            clk = 1; #1 rst = 0; row = rows[i]; #4 clk = 0; #5; end
          $finish; end endmodule"""
        + MODELS
    )
    subprocess.run(["iverilog", "-o", "bench", "bench.v", "top.v"], cwd=folder, check=True)
    subprocess.run(["vvp", "-n", "bench"], cwd=folder, check=True, capture_output=True)
    return _changes(folder / "dump.vcd", len(rows))


def _changes(path: Path, clocks: int) -> dict[int, float]:
    nets: dict[str, list[int]] = {}
    states: dict[str, dict[int, str]] = {}  # Of each net the last in each clock that changes it.
    clock = 0
    for line in path.read_text().splitlines():
        if line.startswith("$var"):
            code, name = line.split()[3:5]
            if name[0] == "n" and name[1:].isdigit():
                nets.setdefault(code, []).append(int(name[1:]))
        elif line.startswith("#"):
            clock = int(line[1:]) // 10_000
        elif line[0] in "01xz":
            states.setdefault(line[1:], {})[max(clock, SKIP - 1)] = line[0]
    found: dict[int, float] = {}
    for code, bits in nets.items():
        values = list(states[code].values())
        changes = sum(a != b for a, b in pairwise(values))
        found |= dict.fromkeys(bits, changes / (clocks - SKIP))
    return found


def test_no_net_but_the_clock_has_many_loads(tmp_path):
    source = """module top(input clk, input [299:0] d, input on, output [299:0] q); reg [299:0] q; reg go;
        always @(posedge clk) begin go <= on; if (go) q <= d; end endmodule"""
    netlist = synthesise(source, "top", read_library(ROUND), tmp_path)
    clock = netlist.module()["ports"]["clk"]["bits"]
    loads = Counter(
        bit
        for cell in netlist.module()["cells"].values()
        for pin in netlist.library.cells[cell["type"]].inputs
        for bit in cell["connections"][pin]
    )
    assert max(count for bit, count in loads.items() if [bit] != clock) <= FAN_OUT
    assert netlist.cells["BUF"] >= 300 // FAN_OUT
    d = np.random.default_rng(1).integers(0, 2, (9, 2, 300))
    on = np.array([1, 1, 1, 0, 0, 1, 1, 1, 1])[:, None, None] * np.ones((9, 2, 1))
    q = simulate(netlist, {"d": d, "on": on})[1]["q"]
    assert (q[3:5] == d[2:4]).all()
    assert (q[5:7] == d[3]).all()
    assert (q[7:] == d[6:8]).all()


def test_what_cannot_be_built_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one of area, delay, not 'fast'"):
        synthesise("", "top", read_library(ROUND), tmp_path, flow="fast")
    latch = "module top(input a, b, output reg y); always @* if (a) y = b; endmodule"
    with pytest.raises(ToolError, match="asic: top needs cell"):
        synthesise(latch, "top", read_library(ROUND), tmp_path)
    other = cells(tmp_path, "FLOP C=4 D=3 Q=3", clk=("input", 2), q=("output", 3), gate=("input", 4))
    with pytest.raises(ToolError, match="a register FLOP whose clock is not the port clk"):
        simulate(other, IDLE)
