"""Cells of circuits whose size is known without a tool, and what the cells compute."""

import json
from pathlib import Path

import pytest

from boards.synthesis import FLOWS, TARGETS, Area, Netlist, synthesise

SINGLE_FLOWS = [flow for flow in FLOWS if flow != "smallest"]


def verilog(ports: str, body: str) -> str:
    """One module named top."""
    return f"module top({ports}); {body} endmodule"


@pytest.mark.parametrize("target", TARGETS)
def test_a_register_is_flip_flops_only(tmp_path: Path, target: str):
    source = verilog("input clk, input [12:0] d, output reg [12:0] q", "always @(posedge clk) q <= d;")
    assert synthesise(source, "top", target, tmp_path).area == Area(ff=13)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("flow", SINGLE_FLOWS)
def test_xor_of_four_is_one_lut(tmp_path: Path, target: str, flow: str):
    source = verilog("input [3:0] a, output y", "assign y = ^a;")
    assert synthesise(source, "top", target, tmp_path, flow=flow).area == Area(lut4=1)


def test_xor_of_sixteen_is_a_tree_of_five_luts(tmp_path: Path):
    source = verilog("input [15:0] a, output y", "assign y = ^a;")
    assert synthesise(source, "top", "ice40", tmp_path).area == Area(lut4=5)


@pytest.mark.parametrize("target", TARGETS)
def test_a_counter_has_a_register_and_a_carry_a_bit(tmp_path: Path, target: str):
    source = verilog("input clk, output reg [15:0] q", "initial q = 0; always @(posedge clk) q <= q + 1;")
    area = synthesise(source, "top", target, tmp_path).area
    assert (area.ff, area.bram, area.dsp) == (16, 0, 0)
    # iCE40: one SB_CARRY between neighbours except at the ends. ECP5: one CCU2C for two bits.
    assert 14 <= area.carry <= 16 if target == "ice40" else area.carry == 8


@pytest.mark.parametrize("target", TARGETS)
def test_a_memory_of_256_by_16_is_one_block_ram(tmp_path: Path, target: str):
    source = verilog(
        "input clk, input we, input [7:0] a, input [7:0] b, input [15:0] d, output reg [15:0] q",
        "reg [15:0] m [0:255]; always @(posedge clk) begin if (we) m[a] <= d; q <= m[b]; end",
    )
    area = synthesise(source, "top", target, tmp_path, options=["-no-rw-check"]).area
    # iCE40's write mask is active low: one LUT4 may invert "we" for it.
    assert area.lut4 <= (1 if target == "ice40" else 0)
    assert (area.ff, area.bram) == (0, 1)


def test_small_things_of_ecp5(tmp_path: Path):
    multiply = verilog("input signed [15:0] a, b, output signed [31:0] y", "assign y = a * b;")
    assert synthesise(multiply, "top", "ecp5", tmp_path).area == Area(dsp=1)
    ram = verilog(
        "input clk, input we, input [3:0] a, input [3:0] b, input [3:0] d, output [3:0] q",
        "reg [3:0] m [0:15]; always @(posedge clk) if (we) m[a] <= d; assign q = m[b];",
    )
    assert synthesise(ram, "top", "ecp5", tmp_path).area == Area(lut_ram=1)


@pytest.mark.parametrize("flow", SINGLE_FLOWS)
def test_the_netlist_computes_what_was_written(tmp_path: Path, flow: str):
    """Every flow, over the whole truth table of a count of ones and a comparison, by reading its LUTs."""
    source = verilog("input [7:0] a, output [3:0] y", "assign y[3] = a[7:4] < a[3:0]; assign y[2:0] = count;"
                     "wire [2:0] count = a[0] + a[2] + a[3] + a[5] + a[6] + a[7];")  # fmt: skip
    netlist = synthesise(source, "top", "ice40", tmp_path, flow=flow, options=["-nocarry"])
    assert netlist.area.carry == 0
    for a in range(256):
        bit = [a >> index & 1 for index in range(8)]
        count = bit[0] + bit[2] + bit[3] + bit[5] + bit[6] + bit[7]
        assert evaluate(netlist, a) == (a >> 4 < a & 15) << 3 | count


def evaluate(netlist: Netlist, a: int) -> int:
    """Output y of a netlist of SB_LUT4 cells for input a, cell by cell."""
    module = json.loads(netlist.path.read_text())["modules"]["top"]
    values = {"0": 0, "1": 1, "x": 0}
    values |= {net: a >> index & 1 for index, net in enumerate(module["ports"]["a"]["bits"])}
    waiting = list(module["cells"].values())
    while waiting:
        cell = waiting.pop(0)
        assert cell["type"] == "SB_LUT4"
        inputs = [cell["connections"][f"I{index}"][0] for index in range(4)]
        if not all(net in values for net in inputs):
            waiting.append(cell)
            continue
        address = sum(values[net] << index for index, net in enumerate(inputs))
        table = int(cell["parameters"]["LUT_INIT"], 2)
        values[cell["connections"]["O"][0]] = table >> address & 1
    return sum(values[net] << index for index, net in enumerate(module["ports"]["y"]["bits"]))


def test_the_smallest_flow_is_no_larger_than_any_other(tmp_path: Path):
    source = verilog("input [11:0] a, output [3:0] y", "assign y = (a[3:0] ^ a[7:4]) + (a[11:8] < a[3:0]);")
    sizes = {flow: synthesise(source, "top", "ice40", tmp_path, flow=flow).area.lut4 for flow in FLOWS}
    assert sizes["smallest"] == min(sizes.values())


@pytest.mark.parametrize(("target", "flow"), [("xc7", "area"), ("ice40", "best")])
def test_unknown_names_are_quoted(tmp_path: Path, target: str, flow: str):
    with pytest.raises(ValueError, match=r"'xc7'|'best'"):
        synthesise(verilog("input a, output y", "assign y = a;"), "top", target, tmp_path, flow=flow)
